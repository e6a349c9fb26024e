package nntest

import (
	"errors"
	"sync/atomic"

	"breakeven/nn"
)

var errStopped = errors.New("nntest: stopped")

// stops checks that every pass asks whether to stop, that no pass does anything after the
// first error, and that a plan which was stopped anywhere computes the same bits afterwards.
func (tr *trial) stops() {
	p := tr.ready()
	want := tr.passes(p)
	for what, pass := range tr.stoppable(p) {
		asked := tr.stopAfter(p, what, pass, 1<<40)
		if asked == 0 {
			tr.Errorf("%s does not ask whether to stop", what)
		}
		for _, n := range []int64{0, 1, asked / 2, asked - 1} {
			tr.stopAfter(p, what, pass, min(n, asked-1))
		}
		p.SetStop(nil)
		p.SetParams(tr.theta)
		p.SetTangent(tr.v)
		tr.gradient(p)
		tr.samePasses("after "+what+" was stopped", tr.passes(p), want)
	}
}

// stopAfter runs a pass that is stopped after it has asked n times, if it asks that often, and
// returns how often it asked.
func (tr *trial) stopAfter(p *nn.Plan, what string, pass func(dst []float32), n int64) int64 {
	var asked atomic.Int64
	p.SetStop(nil)
	tr.gradient(p)
	p.SetStop(func() error {
		if asked.Add(1) > n {
			return errStopped
		}
		return nil
	})
	dst := make([]float32, tr.net.Dim())
	pass(dst)
	switch {
	case n > asked.Load():
		if err := p.Err(); err != nil {
			tr.Errorf("%s: %v, and nobody has said so", what, err)
		}
	case p.Err() != errStopped:
		tr.Errorf("%s, stopped at question %d: %v", what, n+1, p.Err())
	case n == 0:
		tr.same(what+" that is stopped before it begins", dst, make([]float32, len(dst)))
	}
	total := asked.Load()
	if n < total {
		pass(dst)
		clear(dst)
		p.Gradient(dst, tr.scale, false)
		tr.same("gradient after "+what+" was stopped", dst, make([]float32, len(dst)))
		if asked.Load() != total {
			tr.Errorf("%s: asks again after it was told to stop", what)
		}
	}
	return total
}

// stoppable are the passes that can be stopped.
func (tr *trial) stoppable(p *nn.Plan) map[string]func(dst []float32) {
	outputs := 0
	for _, o := range tr.net.Outputs() {
		outputs += tr.n * o.Shape.Size()
	}
	passes := map[string]func(dst []float32){
		"Forward":        func([]float32) { p.Forward(tr.batch) },
		"Gradient":       func(dst []float32) { p.Gradient(dst, tr.scale, false) },
		"Adjoints":       func(dst []float32) { p.Adjoints(dst, tr.scale, false) },
		"JacVec":         func([]float32) { p.JacVec() },
		"JacTVec":        func(dst []float32) { p.JacTVec(dst, tr.u, false) },
		"HessVec":        func(dst []float32) { p.HessVec(dst, tr.scale, false) },
		"GaussNewtonVec": func(dst []float32) { p.GaussNewtonVec(dst, tr.scale, false) },
	}
	if p.PerExample() {
		passes["ExampleSlopes"] = func([]float32) { p.ExampleSlopes(make([]float64, tr.n), tr.scale) }
		passes["ExampleCurvatures"] = func([]float32) { p.ExampleCurvatures(make([]float64, tr.n), tr.scale) }
		passes["ExampleGram"] = func([]float32) { p.ExampleGram(make([]float64, tr.n*tr.n)) }
		passes["OutputGram"] = func([]float32) { p.OutputGram(make([]float64, outputs*outputs)) }
		passes["WeightedGradient"] = func(dst []float32) { p.WeightedGradient(dst, make([]float64, tr.n)) }
	}
	return passes
}
