package nntest

import (
	"fmt"
	"runtime"
	"slices"

	"breakeven/internal/processors"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// passes computes everything that a plan can compute, one vector for each pass.
// The plan's current tape must hold the batch.
func (tr *trial) passes(p *nn.Plan) map[string][]float32 {
	vector := func(f func(dst []float32)) []float32 {
		dst := make([]float32, tr.net.Dim())
		f(dst)
		return dst
	}
	r := map[string][]float32{
		"outputs": tr.outputs(p),
		"losses":  narrow(p.Losses()),
		"Jv":      tr.jacVec(p),
		"Gv":      vector(func(dst []float32) { p.GaussNewtonVec(dst, tr.scale, false) }),
		"Hv":      vector(func(dst []float32) { p.HessVec(dst, tr.scale, false) }),
	}
	if p.PerExample() {
		curvatures := make([]float64, tr.n)
		p.ExampleCurvatures(curvatures, tr.scale)
		r["curvatures"] = narrow(curvatures)
		if tr.settings.Adjoints {
			r["gram"] = tr.exampleGram(p)
		}
	}
	r["gradient"] = vector(func(dst []float32) { p.Gradient(dst, tr.scale, false) })
	r["Jᵀu"] = vector(func(dst []float32) { p.JacTVec(dst, tr.u, false) })
	return r
}

func (tr *trial) exampleGram(p *nn.Plan) []float32 {
	gram := make([]float64, tr.n*tr.n)
	p.ExampleGram(gram)
	return narrow(gram)
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

func (tr *trial) samePasses(when string, got, want map[string][]float32) {
	tr.Helper()
	for what := range want {
		tr.same(what+" "+when, got[what], want[what])
	}
}

// accumulation checks that acc adds to the destination.
func (tr *trial) accumulation() {
	p, start := tr.ready(), unit(rng.New(1, "nntest/acc"), tr.net.Dim())
	for what, f := range map[string]func(dst []float32, acc bool){
		"Gradient":       func(dst []float32, acc bool) { p.Gradient(dst, tr.scale, acc) },
		"Adjoints":       func(dst []float32, acc bool) { p.Adjoints(dst, tr.scale, acc) },
		"HessVec":        func(dst []float32, acc bool) { p.HessVec(dst, tr.scale, acc) },
		"GaussNewtonVec": func(dst []float32, acc bool) { p.GaussNewtonVec(dst, tr.scale, acc) },
		"JacTVec":        func(dst []float32, acc bool) { p.JacTVec(dst, tr.u, acc) },
	} {
		want, got := slices.Clone(start), slices.Clone(start)
		f(want, false) // overwrites
		again := make([]float32, len(want))
		f(again, false)
		tr.same(what+" twice", again, want)
		tensor.Add(want, start)
		f(got, true)
		tr.nearVec(what+" with acc", got, want, 1e-6)
	}
}

// tapes checks that two batches on two tapes do not disturb each other.
func (tr *trial) tapes() {
	want := tr.passes(tr.ready())
	s := tr.settings
	s.Tapes = 2
	p := tr.net.Compile(s)
	copy(p.State(), tr.state)
	p.SetMasks(maskSeed, maskStep)
	p.SetParams(tr.theta)
	p.SetTangent(tr.v)
	tr.gradient(p)
	p.Use(1)
	other := *tr
	other.n = max(1, tr.n-1)
	other.draw(rng.New(2, "nntest/tapes"))
	other.gradient(p)
	other.hessVec(p, tr.v)
	p.Use(0)
	tr.samePasses("on the first of two tapes", tr.passes(p), want)
}

// capacity checks that a batch gives the same bits on a plan for larger batches, and on
// plans that keep less, for the passes that these have.
func (tr *trial) capacity() {
	ready := tr.ready()
	want := tr.passes(ready)
	large := tr.plan(2*tr.n + 5)
	tr.gradient(large)
	tr.samePasses("on a larger plan", tr.passes(large), want)

	plain := *tr
	plain.settings.Tangents, plain.settings.Adjoints = false, false
	p := plain.plan(tr.n)
	tr.same("gradient on a plan without tangents", plain.gradient(p), want["gradient"])
	if p.Bytes() >= ready.Bytes() {
		tr.Errorf("plan without tangents takes %d bytes, not less than %d", p.Bytes(), ready.Bytes())
	}
	if gram, ok := want["gram"]; ok {
		plain.settings.Adjoints = true
		tr.nearVec("gram on a plan without tangents", plain.exampleGram(plain.ready()), gram, 1e-6)
		delete(want, "gram")
	}
	blind := *tr
	blind.settings.Tangents, blind.settings.Adjoints, blind.settings.Evaluate = false, false, true
	p = blind.plan(tr.n)
	p.Forward(tr.batch)
	tr.same("outputs on a plan for evaluation", tr.outputs(p), want["outputs"])
	tr.same("losses on a plan for evaluation", narrow(p.Losses()), want["losses"])
	lean := *tr
	lean.settings.Adjoints = false
	tr.samePasses("without the adjoints of single examples", lean.passes(lean.ready()), want)
}

// history checks that a plan's results do not depend on what it has computed
// before: other parameters, another tangent, a larger batch.
func (tr *trial) history() {
	want := tr.passes(tr.ready())
	r := rng.New(3, "nntest/history")
	p := tr.plan(tr.n + 20)
	other := *tr
	other.n = tr.n + 20
	other.draw(r)
	p.SetParams(parameters(tr.net, r))
	other.gradient(p)
	other.hessVec(p, tr.w)
	p.SetParams(tr.theta)
	p.SetTangent(tr.v)
	tr.gradient(p)
	tr.samePasses("on a used plan", tr.passes(p), want)
}

// cores checks that the number of cores changes no bit, neither when the plan is compiled nor
// when it runs.
func (tr *trial) cores() {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	first := tr.ready()
	want := tr.passes(first)
	for _, cores := range []int{2, 8} {
		runtime.GOMAXPROCS(cores)
		tr.samePasses(fmt.Sprintf("of a plan compiled on %d cores", cores), tr.passes(tr.ready()), want)
		tr.gradient(first)
		tr.samePasses(fmt.Sprintf("of a plan moved to %d cores", cores), tr.passes(first), want)
	}
}

// flips checks that no pass asks twice for the number of cores.
func (tr *trial) flips() {
	want := tr.passes(tr.ready())
	defer processors.Alternate()()
	p := tr.ready()
	tr.samePasses("while the number of cores changes", tr.passes(p), want)
}

// allocations checks that the passes allocate nothing, on one core and on two.
func (tr *trial) allocations() {
	p, dst := tr.ready(), make([]float32, tr.net.Dim())
	elsewhere := func() { p.Forward(tr.batch) }
	for _, pass := range []struct {
		what string
		run  func()
	}{
		{"JacVec", func() { p.JacVec() }},
		{"HessVec", func() { p.HessVec(dst, tr.scale, false) }},
		{"GaussNewtonVec", func() { p.GaussNewtonVec(dst, tr.scale, false) }},
		{"Adjoints", func() { p.Adjoints(dst, tr.scale, false) }},
		{"JacTVec", func() { p.JacTVec(dst, tr.u, false) }},
		{"Gradient", func() { p.Gradient(dst, tr.scale, false) }},
		{"Forward", func() { p.Forward(tr.batch) }},
		{"With", func() { p.With(tr.theta, elsewhere) }},
		{"SetTangent", func() { p.SetTangent(tr.v) }},
		{"SetParams", func() { p.SetParams(tr.theta) }},
	} {
		for _, cores := range []int{1, 2} {
			if n := allocationsOn(cores, pass.run); n != 0 {
				tr.Errorf("%s allocates %v times with GOMAXPROCS at %d", pass.what, n, cores)
			}
		}
	}
}

// allocationsOn counts the allocations of f. It takes the least of several attempts, since
// the runtime allocates too, but not in all of them.
func allocationsOn(cores int, f func()) uint64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	f()
	least := ^uint64(0)
	for range 20 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.Mallocs-before.Mallocs); least == 0 {
			break
		}
	}
	return least
}
