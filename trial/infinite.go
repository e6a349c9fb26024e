package trial

import (
	"context"
	"fmt"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/run"

	"gonum.org/v1/gonum/mat"
)

// An Infinite is the network of a spec of the model wide at infinite width, and its data.
type Infinite struct {
	*setting
	kernel *ntk.Kernel
}

// OpenInfinite reads the data of a spec and compiles its kernel.
func OpenInfinite(s run.Spec, dataDir string) (*Infinite, error) {
	if err := needsWide(s); err != nil {
		return nil, err
	}
	t := &Infinite{setting: &setting{spec: s}}
	if err := t.open(dataDir); err != nil {
		return nil, err
	}
	n, err := model.Wide(s, t.net.Input, t.net.Output().Size())
	if err != nil {
		return nil, err
	}
	t.kernel, err = n.Kernel(&ntk.Settings{Memory: infiniteMemory + t.results()})
	return t, err
}

// results is the memory of whole kernels.
func (t *Infinite) results() int64 {
	n, v := int64(t.task.Train.Len()), int64(t.task.Valid.Len())
	return 16 * (n*n + n*v + v*v)
}

// Examples returns the numbers of examples for training and for validation, and of outputs.
func (t *Infinite) Examples() (train, valid, outputs int) {
	return t.task.Train.Len(), t.task.Valid.Len(), t.net.Output().Size()
}

// Spec returns the spec, with the digest of its data, and what to bear in mind with them.
func (t *Infinite) Spec() (s run.Spec, warnings []string) { return t.spec, t.warnings }

// Memory lists what Regression takes.
func (t *Infinite) Memory() []Memory {
	n := int64(t.task.Train.Len())
	return []Memory{
		{"data", t.task.Bytes + 3*t.task.Each*(n+int64(t.task.Valid.Len()))},
		{"kernels", 2*t.results() + 64*n*n},
	}
}

// Kernels computes the kernels of the training examples with each other, and calls f for
// rows of both, in order and of so many examples at a time as fit in memory.
func (t *Infinite) Kernels(ctx context.Context, f func(nngp, theta *mat.Dense) error) error {
	_, x, err := t.read(ctx, t.task.Train.Len(), t.task.Train.Read)
	if err != nil {
		return err
	}
	n, size := x.Dims()
	rows := max(1, min(n, infiniteMemory/(32*n)))
	for first := 0; first < n; first += rows {
		some := x.Slice(first, min(n, first+rows), 0, size).(*mat.Dense)
		nngp, theta, err := t.kernel.Cross(some, x)
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = f(nngp, theta)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A Side is examples, their targets and their kernels.
type Side struct {
	Prefix  string        // of the keys of records: "" for the training examples, "valid_"
	Targets *mat.Dense    // n×outputs; 1 and 0 of a label
	Labels  []int32       // nil for real targets
	Theta   *mat.Dense    // tangent kernel with the training examples
	NNGP    *mat.Dense    // covariance of outputs before training with those of the training examples
	Own     *mat.SymDense // covariance of outputs with each other
}

// read returns all examples of a part of the data, in both precisions.
func (t *Infinite) read(ctx context.Context, n int, from func([]int, func() error) (nn.Batch, error)) (nn.Batch, *mat.Dense, error) {
	batch, err := from(identity(n), ctx.Err)
	if err != nil {
		return batch, nil, err
	}
	return batch, float64Rows(batch), nil
}

// Regression computes the kernels and decomposes that of the training examples. The loss is
// the mean of squares over examples and outputs.
func (t *Infinite) Regression(ctx context.Context) (*ntk.Regression, []Side, error) {
	train, x, err := t.read(ctx, t.task.Train.Len(), t.task.Train.Read)
	if err != nil {
		return nil, nil, err
	}
	nngp, theta, err := t.kernel.Symmetric(x)
	if err != nil {
		return nil, nil, err
	}
	outputs := t.net.Output().Size()
	sides := []Side{{"", targets(train, outputs), train.Target[0].Labels, mat.DenseCopyOf(theta), mat.DenseCopyOf(nngp), nngp}}
	if n := t.task.Valid.Len(); n > 0 {
		valid, test, err := t.read(ctx, n, t.task.Valid.Read)
		if err != nil {
			return nil, nil, err
		}
		s := Side{Prefix: "valid_", Targets: targets(valid, outputs), Labels: valid.Target[0].Labels}
		if s.NNGP, s.Theta, err = t.kernel.Cross(test, x); err != nil {
			return nil, nil, err
		}
		if s.Own, _, err = t.kernel.Symmetric(test); err != nil {
			return nil, nil, err
		}
		sides = append(sides, s)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	r, err := ntk.NewRegression(theta, nngp, sides[0].Targets, &ntk.Loss{Scale: 2 / float64(train.N*outputs)})
	if err != nil {
		return nil, nil, fmt.Errorf("kernel of the %d training examples: %w", train.N, err)
	}
	return r, sides, nil
}

// targets returns the numbers that outputs are compared with: of a label, 1 and 0.
func targets(b nn.Batch, outputs int) *mat.Dense {
	y := mat.NewDense(b.N, outputs, nil)
	for i := range b.N {
		if labels := b.Target[0].Labels; len(labels) > 0 {
			y.Set(i, int(labels[i]), 1)
			continue
		}
		for c := range outputs {
			y.Set(i, c, float64(b.Target[0].Vector[i*outputs+c]))
		}
	}
	return y
}
