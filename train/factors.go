package train

import "breakeven/curvature"

// How a preconditioner makes factors of the batch on the tape, and what gradients are multiplied
// by of these.

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
