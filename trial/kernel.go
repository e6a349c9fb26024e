package trial

import (
	"context"
	"fmt"
	"slices"
	"time"

	"breakeven/internal/digits"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/rng"
	"breakeven/run"

	"gonum.org/v1/gonum/mat"
)

// The fields of the kind kernel.
var (
	networks = run.Field{Name: "nets", Default: 8, Unit: "networks", Check: run.Between(1, 1<<20),
		Doc: "networks that kind kernel draws, one for each record"}
	kernelExamples = run.Field{Name: "kernel_examples", Default: 20, Unit: "examples", Check: run.Between(1, 4096),
		Doc: "examples of the kernels of kind kernel"}
	normalInputs = run.Field{Name: "normal_inputs", Default: 0, Unit: "numbers", Check: run.Between(0, 1<<20),
		Doc: "kind kernel: inputs of so many normal numbers, in place of those of the data; 0: those of the data"}
)

var kernelFields = []run.Field{networks, kernelExamples, normalInputs}

// kernels is a trial that draws networks of finite width and compares their kernels before
// training with those of infinite width: kind "kernel". Record i is that of network i.
type kernels struct {
	spec     run.Spec
	base     *setting // of the data; nil for normal inputs
	input    nn.Shape
	infinite *ntk.Kernel
	tangent  *ntk.Finite // with one output
	wide     *ntk.Finite // with as many outputs as a hidden layer has units
}

// infiniteMemory bounds the memory of kernels at infinite width.
const infiniteMemory = 1 << 30

func openKernels(_ context.Context, s run.Spec, env Env) (Job, error) {
	if err := s.Check(kernelFields); err != nil {
		return nil, err
	}
	if err := needsWide(s); err != nil {
		return nil, err
	}
	t := &kernels{spec: s, input: nn.Vec(normalInputs.Int(s))}
	if normalInputs.Int(s) == 0 {
		base := &setting{spec: s}
		if err := base.open(env.DataDir); err != nil {
			return nil, err
		}
		if have := base.task.Train.Len(); kernelExamples.Int(s) > have {
			return nil, fmt.Errorf("kernel_examples: %d examples, but the training split has only %d: use fewer", kernelExamples.Int(s), have)
		}
		t.base, t.spec, t.input = base, base.spec, base.net.Input
	}
	one, err := model.Wide(s, t.input, 1)
	if err != nil {
		return nil, err
	}
	if t.infinite, err = one.Kernel(&ntk.Settings{Memory: infiniteMemory}); err != nil {
		return nil, err
	}
	if t.tangent, err = one.Finite(); err != nil {
		return nil, err
	}
	many, err := model.Wide(s, t.input, model.WidthOf(s))
	if err != nil {
		return nil, err
	}
	t.wide, err = many.Finite()
	return t, err
}

// needsWide returns an error for a model whose kernels at infinite width are not known.
func needsWide(s run.Spec) error {
	if s.Model != model.WideName {
		return fmt.Errorf("kind %s: of model %s no kernel at infinite width is known: use model %s and say the layers in network", s.Kind, s.Model, model.WideName)
	}
	return nil
}

// Plan returns what the trial will do.
func (t *kernels) Plan() Plan {
	p := Plan{Spec: t.spec, Steps: networks.Int(t.spec), Params: t.tangent.Net.Dim()}
	from := fmt.Sprintf("%d normal inputs of %s numbers", kernelExamples.Int(t.spec), digits.Thousands(t.input.Size()))
	if t.base != nil {
		p.Train, p.Valid, p.Warnings = t.base.task.Train.Len(), t.base.task.Valid.Len(), t.base.warnings
		from = fmt.Sprintf("%d examples of %s", kernelExamples.Int(t.spec), t.spec.Data)
	}
	p.About = []Line{
		{"network", fmt.Sprintf("%s, %s parameters", t.spec.Model, digits.Thousands(p.Params))},
		{"data", from},
		{"measures", fmt.Sprintf("kernels of %d networks before training, beside those of infinite width", p.Steps)},
	}
	return p
}

// rows is the number of examples.
func (t *kernels) rows() int { return kernelExamples.Int(t.spec) }

func (t *kernels) settings() (tangent, wide nn.Settings) {
	return nn.Settings{Batch: t.rows(), Adjoints: true}, nn.Settings{Batch: t.rows(), Evaluate: true}
}

// Memory lists what Run takes.
func (t *kernels) Memory() []Memory {
	n := t.rows()
	tangent, wide := t.settings()
	data := int64(0)
	if t.base != nil {
		data = t.base.task.Bytes + t.base.task.Each*int64(n)
	}
	params := int64(t.tangent.Net.Dim() + t.wide.Net.Dim())
	return []Memory{
		{"data", data + 12*int64(n*t.input.Size())},
		{"parameters", 4*params + 16*int64(largest(t.wide.Net))},
		{"networks", t.tangent.Net.Memory(tangent) + t.wide.Net.Memory(wide)},
		{"tangent kernel", t.tangent.Net.OutputGramMemory(n) + 16*8*int64(n)*int64(n)},
	}
}

// largest returns the size of the largest parameter.
func largest(net *nn.Network) (size int) {
	for _, p := range net.Params() {
		size = max(size, p.Size())
	}
	return size
}

// inputs returns the examples in float32, and the same numbers in float64.
func (t *kernels) inputs(ctx context.Context) (nn.Batch, *mat.Dense, error) {
	n := t.rows()
	var batch nn.Batch
	if t.base != nil {
		var err error
		if batch, err = t.base.sample(ctx, "kernel", n); err != nil {
			return batch, nil, err
		}
		batch.Target = nil
	} else {
		x, s := make([]float32, n*t.input.Size()), rng.New(t.spec.Seed, "kernel/inputs")
		for i := range x {
			x[i] = float32(s.NormFloat64())
		}
		batch = nn.Batch{N: n, In: []nn.Values{{F: x}}}
	}
	return batch, float64Rows(batch), nil
}

// float64Rows returns the numbers of a batch, an example in a row.
func float64Rows(b nn.Batch) *mat.Dense {
	x := make([]float64, len(b.In[0].F))
	for i, v := range b.In[0].F {
		x[i] = float64(v)
	}
	return mat.NewDense(b.N, len(x)/b.N, x)
}

// Run draws networks and compares.
func (t *kernels) Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error) {
	c, err := t.start(ctx, from)
	if ended(ctx, err) {
		return c.stopped(), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	begin, first, total := time.Now(), c.done, networks.Int(t.spec)
	for c.done < total {
		if ctx.Err() != nil || until > 0 && c.done >= until {
			return c.stopped(), nil
		}
		sink.Progress(Progress{Step: c.done, Steps: total, Doing: "network", Part: float64(c.done) / float64(total), Elapsed: time.Since(begin)})
		record, err := c.next(ctx)
		if ended(ctx, err) {
			return c.stopped(), nil
		}
		if err != nil {
			return Outcome{}, err
		}
		state := slices.Concat(c.nngp.tensors(), c.ntk.tensors())
		if err := sink.Save(&record, &run.Checkpoint{Step: c.done, State: state, Meta: map[string]string{metaMeasured: "true", "model": t.spec.Model}}); err != nil {
			return Outcome{}, err
		}
	}
	sink.Progress(Progress{Step: total, Steps: total, Doing: "finished", Part: 1, Elapsed: time.Since(begin)})
	return Outcome{run.Finished, fmt.Sprintf("all %d networks are compared, %d of them now", total, total-first)}, nil
}
