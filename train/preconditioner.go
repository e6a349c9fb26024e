package train

import (
	"errors"
	"math"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/spectrum"
)

// A preconditioner is the state of a Natural for one network.
type preconditioner struct {
	Natural
	blocks    []nn.Block
	sums      *curvature.FactorSums
	fresh     *curvature.Factors // of the present step
	average   *curvature.Factors // nil: there is none
	inverse   *curvature.Factors // nil if Eigen
	corrected *curvature.Corrected
	moments   *curvature.Moments
	inverter  *curvature.Inverter
	signs     rng.Field

	// made is 1 if the factors are those of the step that comes next: whoever asks first, Next
	// or Step, makes them. A step that is stopped makes all of them anew.
	made []float32
	// Inputs that are the same at each step are not kept, nor is what is made of them. Their A is
	// Σ a aᵀ times a scale: the present one, and that for which it was inverted.
	fixed       []bool
	have        []bool // what is made of fixed inputs
	scale, used []float32
}

func newPreconditioner(net *nn.Network, n Natural) *preconditioner {
	c := &preconditioner{Natural: n, blocks: net.Blocks(), fresh: curvature.NewFactors(net), signs: curvature.SignsOf(n.Factors.Seed)}
	c.sums = curvature.NewFactorSums(c.blocks)
	c.sums.Sharing, c.sums.Reached = n.Factors.Sharing, net.OnGraph() && !n.Released
	largest := 0
	for _, b := range c.blocks {
		c.fixed = append(c.fixed, n.fixedInputs(net, b))
		largest = max(largest, b.Inputs, b.Out)
	}
	if n.Average < 1 {
		c.average = curvature.NewFactors(net)
	}
	if n.Eigen {
		c.corrected, c.moments = curvature.NewCorrected(net), curvature.NewMoments(c.blocks)
		c.corrected.Rest = 1
	} else {
		c.inverse, c.inverter = curvature.NewFactors(net), curvature.NewInverter(largest)
		c.inverse.Rest = 1
	}
	c.made, c.have = make([]float32, 1), make([]bool, len(c.blocks))
	c.scale, c.used = make([]float32, len(c.blocks)), make([]float32, len(c.blocks))
	return c
}

// memory returns what a checkpoint needs.
func (c *preconditioner) memory() []Vector {
	list := []Vector{{NaturalPrefix + "made", c.made}, {NaturalPrefix + "scale", c.scale}, {NaturalPrefix + "used", c.used}}
	for k, b := range c.blocks {
		add := func(what string, v []float32) { list = append(list, Vector{NaturalPrefix + b.Name + "." + what, v}) }
		pair := func(what string, a, s []float32) {
			if !c.fixed[k] {
				add("inputs."+what, a)
			}
			add("adjoints."+what, s)
		}
		if c.average != nil {
			pair("average", c.average.A[k], c.average.S[k])
		}
		if c.Eigen {
			pair("basis", c.corrected.UA[k], c.corrected.US[k])
			add("moments", c.corrected.M[k])
		} else {
			pair("inverse", c.inverse.A[k], c.inverse.S[k])
		}
	}
	return list
}

// NaturalPrefix begins the names of the vectors of a loop that preconditions.
const NaturalPrefix = "natural."

// done ends a step: the next one makes its own factors.
func (c *preconditioner) done() { clear(c.made) }

// An instant is a step with its batch on the tape of the plan.
type instant struct {
	plan       *nn.Plan
	step, n    int     // n: examples of the batch
	weight     float64 // of those with labels
	unlabelled *Unlabelled
}

// weights returns λ, and the weight of all examples together.
func (at instant) weights() (lambda, all float64) {
	if at.unlabelled == nil {
		return 0, at.weight
	}
	lambda = at.unlabelled.Weight(at.step)
	return lambda, at.weight + lambda*float64(len(at.unlabelled.Nodes))
}

// gradient sets grad to the gradient of the mean loss, preconditioned.
func (c *preconditioner) gradient(grad []float32, at instant) error {
	inverting := at.step%c.Every == 0
	due := (inverting || c.Average < 1) && c.made[0] == 0
	if due && c.Released {
		at.plan.Adjoints(grad, 1/at.weight, false)
	} else {
		at.plan.Gradient(grad, 1/at.weight, false)
	}
	err := at.plan.Err()
	if !c.Eigen {
		c.inverter.Stop = at.plan.Stopped
	}
	if err == nil {
		err = c.restoreFixed(at)
	}
	if err == nil && due {
		err = c.update(at, inverting)
	}
	switch {
	case errors.Is(err, spectrum.ErrNotFinite): // the next loss will say so: divergence is a result
		grad[0] = float32(math.NaN())
		return nil
	case err != nil:
		return err
	case c.Eigen:
		return c.corrected.MulVecTo(grad, grad)
	}
	return c.inverse.MulVecTo(grad, grad)
}

// update makes the factors of the step and, at some steps, what gradients are multiplied by.
func (c *preconditioner) update(at instant, inverting bool) error {
	_, all := at.weights()
	again := make([]bool, len(c.blocks)) // what is made of the inputs
	for k := range c.blocks {
		again[k] = !c.fixed[k]
		if c.fixed[k] {
			scale := c.mean(c.scale[k], float32(1/all), at.step)
			again[k] = inverting && (!c.have[k] || !c.Eigen && scale != c.used[k])
		}
	}
	if err := c.add(at, again); err != nil {
		return err
	}
	for k := range c.blocks {
		c.put(k, all, at.step)
	}
	if inverting {
		if err := c.invert(at, again, all); err != nil {
			return err
		}
	}
	for k := range c.blocks {
		if c.fixed[k] {
			c.scale[k] = c.mean(c.scale[k], float32(1/all), at.step)
		}
		if c.average != nil {
			copy(c.average.A[k], c.fresh.A[k])
			copy(c.average.S[k], c.fresh.S[k])
		}
	}
	c.made[0] = 1
	return nil
}

// mean returns the moving average of an old number and a new one.
func (c *preconditioner) mean(old, new float32, step int) float32 {
	if c.average == nil || step == 0 {
		return new
	}
	return float32(1-c.Average)*old + float32(c.Average)*new
}

// passes calls f with the adjoints of each pass on the tape.
func (c *preconditioner) passes(at instant, f func(pass int) error) error {
	if c.Released { // they are there
		return f(0)
	}
	lambda, all := at.weights()
	if at.unlabelled != nil {
		at.unlabelled.retarget(at.plan, lambda)
	}
	for pass := range at.plan.FisherPasses(c.Factors.Fisher) {
		at.plan.FisherAdjoints(c.Factors.Fisher, pass, 1/all, c.signs, at.step)
		if err := f(pass); err != nil {
			return err
		}
	}
	return at.plan.Err()
}

// add adds up the adjoints of all blocks, and the inputs of some.
func (c *preconditioner) add(at instant, inputs []bool) error {
	c.sums.Reset()
	return c.passes(at, func(pass int) error {
		for k := range c.blocks {
			if inputs[k] && pass == 0 {
				if err := c.sums.AddInputs(at.plan, k, at.n); err != nil {
					return err
				}
			}
			if err := c.sums.AddAdjoints(at.plan, k, at.n); err != nil {
				return err
			}
		}
		return nil
	})
}

// scales returns what the sums of a block, and of its moments, are multiplied by.
func (c *preconditioner) scales(k int, all float64) (a, s float64) {
	if !c.Released {
		return 1 / max(1, c.sums.Rows[k]), 1
	}
	out := float64(c.blocks[k].Out)
	return 1 / all, out * out / all
}

// put makes fresh factors of the sums.
func (c *preconditioner) put(k int, all float64, step int) {
	a, s := c.scales(k, all)
	if c.fixed[k] {
		a = float64(c.mean(c.scale[k], float32(1/all), step))
	}
	c.sums.Put(c.fresh, k, a, s)
	if c.average == nil || step == 0 {
		return
	}
	blend := func(fresh, old []float32) {
		for i, v := range old {
			fresh[i] = c.mean(v, fresh[i], step)
		}
	}
	if !c.fixed[k] {
		blend(c.fresh.A[k], c.average.A[k])
	}
	blend(c.fresh.S[k], c.average.S[k])
}

// invert makes what gradients are multiplied by.
func (c *preconditioner) invert(at instant, inputs []bool, all float64) error {
	for k := range c.blocks {
		if inputs[k] {
			if err := c.invertInputs(k); err != nil {
				return err
			}
			if c.fixed[k] {
				c.have[k], c.used[k] = true, c.mean(c.scale[k], float32(1/all), at.step)
			}
		}
		if err := c.invertAdjoints(k); err != nil {
			return err
		}
		if err := at.plan.Stopped(); err != nil {
			return err
		}
	}
	if !c.Eigen {
		return nil
	}
	for k := range c.blocks {
		c.moments.Reset(k)
	}
	err := c.passes(at, func(int) error {
		for k := range c.blocks {
			if err := c.moments.Add(at.plan, c.corrected, k, at.n); err != nil {
				return err
			}
		}
		return nil
	})
	for k := range c.blocks {
		_, s := c.scales(k, all)
		c.moments.Put(c.corrected, k, s)
		curvature.InvertMoments(c.corrected.M[k], c.corrected.M[k], c.Damping.Epsilon)
	}
	return err
}

func (c *preconditioner) invertInputs(k int) error {
	if c.Eigen {
		return curvature.Eigenvectors(c.corrected.UA[k], c.fresh.A[k], c.blocks[k].Inputs)
	}
	err := c.fresh.InvertInputs(c.inverse, k, c.Damping, c.inverter)
	if c.StepsOnly {
		levelDiagonal(c.inverse.A[k], c.blocks[k].Inputs, c.blocks[k].Columns())
	}
	return err
}

func (c *preconditioner) invertAdjoints(k int) error {
	if c.Eigen {
		return curvature.Eigenvectors(c.corrected.US[k], c.fresh.S[k], c.blocks[k].Out)
	}
	err := c.fresh.InvertAdjoints(c.inverse, k, c.Damping, c.inverter)
	if c.StepsOnly {
		levelDiagonal(c.inverse.S[k], c.blocks[k].Out, c.blocks[k].Out)
	}
	return err
}

// levelDiagonal replaces the first of the n diagonal elements by their mean, and sets what lies
// outside of the diagonal to 0.
func levelDiagonal(x []float32, n, first int) {
	mean := 0.0
	for i := range first {
		mean += float64(x[i*n+i]) / float64(first)
	}
	for i := range n {
		own := x[i*n+i]
		clear(x[i*n : (i+1)*n])
		if x[i*n+i] = own; i < first {
			x[i*n+i] = float32(mean)
		}
	}
}

// restoreFixed makes what a checkpoint leaves out: what is made of fixed inputs.
func (c *preconditioner) restoreFixed(at instant) error {
	for k := range c.blocks {
		if !c.fixed[k] || c.have[k] || c.used[k] == 0 {
			continue
		}
		clear(c.sums.A[k])
		if err := c.sums.AddInputs(at.plan, k, at.n); err != nil {
			return err
		}
		c.sums.Put(c.fresh, k, float64(c.used[k]), 0)
		if err := c.invertInputs(k); err != nil {
			return err
		}
		c.have[k] = true
	}
	return nil
}
