package nntest

import (
	"breakeven/nn"
	"breakeven/tensor"
)

// frozen checks that a network with frozen parameters computes what the whole one does in the others, along a direction in
// which nothing frozen moves.
func (tr *trial) frozen() {
	params := tr.net.Params()
	for name, frozen := range map[string]func(k int) bool{
		"the first half":    func(k int) bool { return k < len(params)/2 },
		"every second":      func(k int) bool { return k%2 == 1 },
		"all but the first": func(k int) bool { return k > 0 },
	} {
		if len(params) > 1 {
			tr.freeze("with "+name+" frozen", frozen)
		}
	}
}

func (tr *trial) freeze(when string, frozen func(k int) bool) {
	tr.Helper()
	params := map[string]bool{}
	var kept []nn.Param // of the whole network
	for k, p := range tr.net.Params() {
		params[p.Name] = frozen(k)
		if !frozen(k) {
			kept = append(kept, p)
		}
	}
	part := *tr
	part.graph = &graph{net: tr.net.Freeze(func(name string) bool { return params[name] })}
	part.theta, part.v, part.w = taken(tr.theta, kept), taken(tr.v, kept), taken(tr.w, kept)
	part.state = part.net.InitialState()
	copy(part.state, tr.state)
	for _, b := range part.net.Buffers() {
		for _, p := range tr.net.Params() {
			if b.Frozen && b.Name == p.Name {
				copy(part.state[b.Offset:], tr.theta[p.Offset:p.Offset+p.Size()])
			}
		}
	}
	part.net.SetFrozen(part.state)

	whole := *tr
	whole.v = make([]float32, tr.net.Dim())
	for _, p := range kept {
		copy(whole.v[p.Offset:], tr.v[p.Offset:p.Offset+p.Size()])
	}
	plan, full := part.ready(), whole.ready()
	got, want := part.passes(plan), whole.passes(full)
	delete(want, "gram")
	for what, x := range want {
		switch what {
		case "gradient", "Hv", "Gv", "Jᵀu":
			x = taken(x, kept)
		}
		tr.nearVec(what+" "+when, got[what], x, 1e-5)
	}
	if !plan.PerExample() {
		return
	}
	part.gradient(plan)
	whole.gradient(full)
	gram, gradients := part.exampleGram(plan), make([][]float32, tr.n)
	for i := range gradients {
		gradients[i] = make([]float32, part.net.Dim())
		plan.ExampleGradient(gradients[i], i)
		x := make([]float32, tr.net.Dim())
		full.ExampleGradient(x, i)
		tr.nearVec("gradient of an example "+when, gradients[i], taken(x, kept), 1e-5)
		for j := range i + 1 {
			tr.near("inner product "+when, float64(gram[i*tr.n+j]), tensor.Dot(gradients[i], gradients[j]), tensor.Norm(gradients[i])*tensor.Norm(gradients[j])+1e-12, 1e-5)
		}
	}
}

// taken returns the numbers of some parameters, one after the other.
func taken(x []float32, params []nn.Param) []float32 {
	y := []float32{}
	for _, p := range params {
		y = append(y, x[p.Offset:p.Offset+p.Size()]...)
	}
	return y
}
