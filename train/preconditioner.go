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
	}
	return c.rooted().MulVecTo(grad, grad)
}

// rooted returns what gradients are multiplied by.
func (c *preconditioner) rooted() curvature.Rooted {
	if c.Eigen {
		return c.corrected
	}
	return c.inverse
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
