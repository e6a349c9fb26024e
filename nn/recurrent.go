package nn

import (
	"fmt"
)

// A stack is what recurrent operations share: layers on a sequence, in one or both directions.
type stack struct {
	name       string
	hidden     int
	layers     int
	directions int // how many layers read the same sequence
	gates      int // numbers of a step of each layer, of Hidden
	biases     int // 0, 1 or 2
	apart      int // how many gates, the last ones, have recurrent products with something else than h
}

// runs returns the layers of all directions.
func (s stack) runs() int { return s.layers * s.directions }

// tensors returns how many parameter tensors a layer has.
func (s stack) tensors() int { return 2 + s.biases }

// params returns weights and biases, layer by layer.
func (s stack) params(inputs int) []Param {
	var ps []Param
	gates := s.gates * s.hidden
	for k := range s.layers {
		for _, end := range []string{"", "_reverse"}[:s.directions] {
			ps = append(ps,
				Param{Name: fmt.Sprintf("weight_ih_l%d%s", k, end), Shape: []int{gates, inputs}, FanIn: inputs, FanOut: gates},
				Param{Name: fmt.Sprintf("weight_hh_l%d%s", k, end), Shape: []int{gates, s.hidden}, FanIn: s.hidden, FanOut: gates})
			for _, bias := range []string{"bias_ih", "bias_hh"}[:s.biases] {
				ps = append(ps, Param{Name: fmt.Sprintf("%s_l%d%s", bias, k, end), Shape: []int{gates}})
			}
		}
		inputs = s.directions * s.hidden
	}
	return ps
}

// parts returns the shapes of three activations of each layer in each direction: a further one of so many numbers,
// the gates and h, but not the h that is the main output; and of the sequences that the next layers of two
// directions read.
func (s stack) parts(steps, further int) []Shape {
	var all []Shape
	for range s.runs() {
		all = append(all, Seq(steps, further), Seq(steps, s.gates*s.hidden), Seq(steps, s.hidden))
	}
	if s.directions == 1 {
		return all[:len(all)-1]
	}
	for range s.layers - 1 {
		all = append(all, Seq(steps, 2*s.hidden))
	}
	return all
}

// state returns the sequence of h of a layer, for the node of the operation.
func (s stack) state(y Node, layer int) Node {
	if layer < 0 || layer >= s.runs() {
		panic(fmt.Sprintf("nn: %s: layer %d of %d", s.name, layer, s.runs()))
	}
	if s.directions == 1 && layer == s.layers-1 {
		return y
	}
	return y.Output(3 + 3*layer)
}

// A recurrentLayer is a compiled layer in one direction, with its rules for examples that go through the
// steps together.
type recurrentLayer interface {
	core() *recurrence
	forward(lo, hi, worker int)
	tangent(lo, hi, worker int)
	adjoint(l lane, lo, hi, worker int)
	secondOrder(lo, hi, worker int)
	along(lo, hi, worker int)
}

// compile makes the rules. Layers are made by a function of their core.
func (s stack) compile(b *binding, layer func(*recurrence) recurrentLayer) rules {
	layers, joints := make([]recurrentLayer, s.runs()), []joint(nil)
	both := s.directions == 2
	x, acc := b.in(0), b.accumulates(0)
	var r rules
	for n := range layers {
		h := b.out()
		if both || n < len(layers)-1 {
			h = b.part(3*n + 2)
		}
		back := both && n%2 == 1
		layers[n] = layer(newRecurrence(b, s, n, x, acc || both && !back, h))
		k := layers[n].core()
		k.back = back
		k.add(b, &r, layers[n])
		r.factors = append(r.factors, k.factors(b)...)
		switch {
		case !both:
			x, acc = h, b.seeded(h)
			k.seedH = b.seeded(h) || n < len(layers)-1 // the layer above reads h
		case back:
			j := s.joint(b, layers[n-1].core(), k)
			r.forward = append(r.forward, j.join(b, values))
			if b.plan.settings.Tangents {
				r.tangent = append(r.tangent, j.join(b, tangents))
			}
			joints, x, acc = append(joints, j), j.y, b.seeded(j.y)
		}
	}
	r.keeps = func(l lane) []arg {
		var args []arg
		if l != adjoints {
			for n := range b.node.in {
				args = append(args, b.in(n))
			}
		}
		for _, layer := range layers {
			k := layer.core()
			args = append(args, k.h, k.further, k.gates)
		}
		for _, j := range joints[:max(0, len(joints)-1)] {
			args = append(args, j.y)
		}
		return args
	}
	var example recurrentExample
	for _, layer := range layers {
		k := layer.core()
		r.reads = append(r.reads, k.gates)
		if k.recurrent.id != k.gates.id {
			r.reads = append(r.reads, k.recurrent)
		}
		example = append(example, k)
	}
	r.example = example
	// over goes through the layers from the last to the first.
	over := func(l lane, rule func(k recurrentLayer) phase) (ps []phase) {
		for n := len(layers) - 1; n >= 0; n-- {
			if layers[n].core().back {
				ps = append(ps, joints[n/2].split(b, l)...)
			}
			ps = append(ps, rule(layers[n]))
		}
		return ps
	}
	r.adjoint = func(l lane) []phase {
		return over(l, func(k recurrentLayer) phase {
			return k.core().over(func(lo, hi, worker int) { k.adjoint(l, lo, hi, worker) })
		})
	}
	if b.plan.settings.Tangents {
		r.fusedSecond = over(cotangents, func(k recurrentLayer) phase { return k.core().over(k.secondOrder) })
	}
	r.gradient = func(lane, bool) []phase {
		var ps []phase
		for _, k := range layers {
			ps = append(ps, k.core().finish())
		}
		return ps
	}
	return r
}

// joint returns the joint of a layer and the one beside it, the last of them that of the main
// output. Both get their adjoints of h from it.
func (s stack) joint(b *binding, forward, back *recurrence) joint {
	j := joint{y: b.out(), h: [2]arg{forward.h, back.h}, seeded: [2]bool{b.seeded(forward.h), b.seeded(back.h)}}
	j.read = b.seeded(j.y)
	if n := back.layer / 2; n < s.layers-1 {
		j.y, j.read = b.part(3*s.runs()+n), true
	}
	for d, k := range []*recurrence{forward, back} {
		k.seedH = j.read || j.seeded[d]
	}
	return j
}
