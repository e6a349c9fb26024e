package trial

import (
	"context"
	"fmt"
	"time"

	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/rng"
	"breakeven/run"

	"gonum.org/v1/gonum/mat"
)

// A comparison is a trial of kind kernel under way.
type comparison struct {
	*kernels
	done          int // networks
	batch         nn.Batch
	tangent, wide *nn.Plan
	nngp, ntk     *tally
}

func (c *comparison) stopped() Outcome {
	return Outcome{run.Stopped, fmt.Sprintf("stopped after %d of %d networks", c.done, networks.Int(c.spec))}
}

// start computes the kernels at infinite width and restores the sums of a checkpoint.
func (t *kernels) start(ctx context.Context, from *run.Checkpoint) (*comparison, error) {
	c := &comparison{kernels: t}
	if from != nil {
		c.done = from.Step
	}
	batch, x, err := t.inputs(ctx)
	if err != nil {
		return c, err
	}
	n := t.rows()
	nngp, theta := mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)
	err = t.infinite.Each(x, nil, func(b ntk.Block) error {
		rows, cols := b.NTK.Dims()
		for i := range rows {
			for j := range cols {
				nngp.SetSym(b.Row+i, b.Col+j, b.NNGP.At(i, j))
				theta.SetSym(b.Row+i, b.Col+j, b.NTK.At(i, j))
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return c, err
	}
	fill(nngp)
	fill(theta)
	c.batch, c.nngp, c.ntk = batch, newTally("nngp", nngp.RawSymmetric().Data), newTally("ntk", theta.RawSymmetric().Data)
	tangent, wide := t.settings()
	c.tangent, c.wide = t.tangent.Net.Compile(tangent), t.wide.Net.Compile(wide)
	c.tangent.SetStop(ctx.Err)
	c.wide.SetStop(ctx.Err)
	if from == nil {
		return c, nil
	}
	if err := c.nngp.restore(from.State, from.Step); err != nil {
		return c, err
	}
	return c, c.ntk.restore(from.State, from.Step)
}

// fill copies the upper triangle of a symmetric matrix to the lower one.
func fill(k *mat.SymDense) {
	raw := k.RawSymmetric()
	for i := range raw.N {
		for j := range i {
			raw.Data[i*raw.Stride+j] = raw.Data[j*raw.Stride+i]
		}
	}
}

// next draws a network and compares its kernels.
func (c *comparison) next(ctx context.Context) (run.Record, error) {
	begin := time.Now()
	seed := rng.New(c.spec.Seed, fmt.Sprintf("kernel/network/%d", c.done)).Uint64()
	if err := c.covariance(seed); err != nil {
		return run.Record{}, err
	}
	if err := c.theta(seed); err != nil {
		return run.Record{}, err
	}
	c.done++
	values := append(append(c.nngp.values(), c.ntk.values()...), run.Value{Key: "ntk_diagonal", Value: c.diagonal()})
	for i := range values {
		values[i].Unit = "1"
		values[i].How = run.How{Probe: "kernel", Examples: c.rows(), N: c.done, Seed: seed, Seconds: time.Since(begin).Seconds(), Method: "network " + fmt.Sprint(c.done)}
	}
	return run.Record{Step: c.done, Time: time.Now().UTC(), Values: values}, ctx.Err()
}

// covariance adds the mean of f(x)f(x′) over the outputs of the wide network.
func (c *comparison) covariance(seed uint64) error {
	c.wide.SetParams(c.kernels.wide.Initial(seed))
	c.wide.Forward(c.batch)
	f, n := c.wide.Outputs(), c.rows()
	outputs := len(f) / n
	k := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			sum := 0.0
			for o := range outputs {
				sum += float64(f[i*outputs+o]) * float64(f[j*outputs+o])
			}
			k[i*n+j], k[j*n+i] = sum/float64(outputs), sum/float64(outputs)
		}
	}
	c.nngp.add(k)
	return c.wide.Err()
}

// theta adds the tangent kernel of the network with one output.
func (c *comparison) theta(seed uint64) error {
	c.tangent.SetParams(c.kernels.tangent.Initial(seed))
	c.tangent.Forward(c.batch)
	k := make([]float64, c.rows()*c.rows())
	c.tangent.OutputGram(k)
	c.ntk.add(k)
	return c.tangent.Err()
}

// diagonal returns the mean of Θ(x, x)/Θ∞(x, x) of the last network.
func (c *comparison) diagonal() float64 {
	n, sum := c.rows(), 0.0
	for i := range n {
		sum += c.ntk.last[i*n+i] / c.ntk.limit[i*n+i]
	}
	return sum / float64(n)
}
