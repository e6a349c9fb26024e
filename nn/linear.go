package nn

import (
	"fmt"
	"slices"

	"breakeven/tensor"
)

// Linear is a dense layer y = W x + b: weight [Units, inputs], bias [Units]. On a sequence
// it is applied to each step. Its input may be sparse.
type Linear struct {
	Units  int
	NoBias bool
	Pixels bool // of an image: it is applied to each
}

// Out returns a vector of Units numbers, or a sequence or an image of them; the input must be a
// vector or a sequence of vectors, unless Pixels is set.
func (l Linear) Out(in ...Shape) Shape {
	one("linear", in)
	if l.Units < 1 || !in[0].vector() && !l.Pixels {
		panic(fmt.Sprintf("nn: linear: %d units on %v (flatten first)", l.Units, in[0]))
	}
	out := in[0]
	out.C = l.Units
	return out
}

// Params returns weight and bias.
func (l Linear) Params(in ...Shape) []Param {
	ps := []Param{{Name: "weight", Shape: []int{l.Units, in[0].C}, FanIn: in[0].C, FanOut: l.Units}}
	if !l.NoBias {
		ps = append(ps, Param{Name: "bias", Shape: []int{l.Units}})
	}
	return ps
}

func (Linear) readsSparse() {}

func (Linear) effects(Settings) effects { return effects{releases: true} }

// linear is a compiled Linear on vectors, or on the steps of sequences that are small beside
// its weights. Its products run over the whole batch, since its weights are larger than the
// activations of a shard. They read the weights unpacked.
type linear struct {
	units
	plan  *Plan
	x     arg
	steps int  // of an example
	acc   bool // a later node has already written x̄
}

// largeWeights is the least number of weights of a layer whose sums over a sequence are made
// for the whole batch. A layer with fewer has partial sums by shard. Tests change it, to reach such layers
// with few weights.
var largeWeights = 1 << 15

// wide reports whether the weights of a layer on a sequence are larger than the activations of
// an example.
func (l Linear) wide(s Shape) bool {
	weights := l.Units * s.C
	return weights >= largeWeights && weights > s.T*(l.Units+s.C)
}

// units are the parameters of a dense layer with its outputs y, whatever holds its inputs: one
// unit in a row of the weight.
type units struct {
	y            arg
	in, out      int
	weight, bias span
	hasBias      bool
}

// units returns those of a layer.
func (l Linear) units(b *binding) units {
	u := units{y: b.out(), in: b.in(0).shape.C, weight: b.param(0), hasBias: !l.NoBias}
	if u.out = u.y.shape.C; u.hasBias {
		u.bias = b.param(1)
	}
	return u
}

func (u *units) finishBias(l lane) {
	if u.hasBias {
		u.bias.sumRows(u.y, l)
	}
}

// blocks returns one block for each unit and one for the bias.
func (u *units) blocks() []int {
	sizes := slices.Repeat([]int{u.in}, u.out)
	if u.hasBias {
		sizes = append(sizes, u.out)
	}
	return sizes
}

func (u *units) places(dst []int, block int) {
	if block == u.out {
		u.bias.places(dst, 0)
		return
	}
	u.weight.places(dst, block*u.in)
}

func (l Linear) compile(b *binding) rules {
	if b.plan.net.nodes[b.node.in[0]].sparse {
		return l.compileSparse(b)
	}
	s := b.in(0).shape
	// A convolution with a window of one pixel; a sequence is an image of T×1.
	window := tensor.ConvShape{H: s.H, W: s.W, C: s.C, O: l.Units, K: 1, Stride: 1}
	switch {
	case !s.vector():
		return newConv(b, window, s.Steps(), !l.NoBias)
	case s.T > 0 && !l.wide(s):
		window.H = s.T
		return newConv(b, window, 1, !l.NoBias)
	}
	k := &linear{units: l.units(b), plan: b.plan, x: b.in(0), steps: s.Steps(), acc: b.accumulates(0)}
	r := rules{
		forward:  []phase{{tasks: k.tasksY, run: k.forward}},
		gradient: k.finish,
		rereads:  true,
		keeps: func(l lane) []arg {
			switch {
			case l == values || l == tangents:
				return []arg{k.x}
			case k.x.active:
				return []arg{k.y}
			}
			return nil
		},
		example: k,
		adjoint: k.adjoint,
		factors: k.factors(b),
	}
	if s.T > 0 {
		r.example = sequenceUnits{layer: k}
	}
	if b.plan.settings.Tangents {
		r.tangent = []phase{{tasks: k.tasksY, run: k.tangent}}
		if k.x.active {
			r.second = []phase{{tasks: k.tasksX, run: func(task, _ int) {
				k.toX(task, cotangents, adjoints, b.plan.v, true)
			}}}
			r.along = []phase{{tasks: k.tasksY, run: func(task, _ int) {
				k.toY(task, cotangents, tangents, b.plan.v, false)
			}}, b.local(func(lo, hi, _, _ int) { b.plan.addSecond(k.y, 2, k.y.rows(cotangents, lo, hi), lo, hi) })}
		}
	}
	return r
}

// rows returns how many rows the batch has: one for each example, or for each step.
func (k *linear) rows() int { return k.plan.cur.n * k.steps }

// The products that make y, x̄ and w̄, split into tasks for the workers of the pass.
func (k *linear) productY() tensor.Cut {
	return tensor.Product{M: k.rows(), K: k.in, N: k.out}.Cut(k.plan.workers)
}

func (k *linear) productX() tensor.Cut {
	return tensor.Product{M: k.rows(), K: k.out, N: k.in}.Cut(k.plan.workers)
}

func (k *linear) productW() tensor.Cut {
	return tensor.Product{M: k.out, K: k.rows(), N: k.in}.Cut(k.plan.workers)
}

func (k *linear) tasksY() int { return k.productY().Tasks() }

func (k *linear) tasksX() int { return k.productX().Tasks() }

// weights returns w of a flat vector, one unit in a row.
func (k *linear) weights(theta vector) tensor.Matrix {
	return tensor.Rows(k.weight.of(theta), k.in)
}

// rowsX and rowsY are the batch's inputs and outputs, one example or step in a row.
func (k *linear) rowsX(l lane) tensor.Matrix { return tensor.Rows(k.x.all(l), k.in) }

func (k *linear) rowsY(l lane) tensor.Matrix { return tensor.Rows(k.y.all(l), k.out) }

// toY is a task of y = x·wᵀ, toX one of x = y·w, for the given lanes and flat parameter
// vector; with acc they add.
func (k *linear) toY(task int, y, x lane, theta vector, acc bool) {
	k.productY().Run(task, k.y.all(y), k.out, k.rowsX(x), k.weights(theta).T(), acc)
}

func (k *linear) toX(task int, x, y lane, theta vector, acc bool) {
	k.productX().Run(task, k.x.all(x), k.in, k.rowsY(y), k.weights(theta), acc)
}

func (k *linear) forward(task, _ int) {
	k.toY(task, values, values, k.plan.theta, false)
	k.addBias(task, values, k.plan.theta)
}

func (k *linear) tangent(task, _ int) {
	k.toY(task, tangents, values, k.plan.v, false)
	if k.x.active {
		k.toY(task, tangents, tangents, k.plan.theta, true)
	}
	k.addBias(task, tangents, k.plan.v)
}

// addBias adds the bias to the result of a task of toY.
func (k *linear) addBias(task int, l lane, theta vector) {
	if !k.hasBias {
		return
	}
	row, end, col, colEnd := k.productY().Block(task)
	b, y := k.bias.of(theta)[col:colEnd], k.y.all(l)
	for i := row; i < end; i++ {
		tensor.Add(y[i*k.out+col:i*k.out+colEnd], b)
	}
}

func (k *linear) adjoint(l lane) []phase {
	if !k.x.active {
		return nil
	}
	return []phase{{tasks: k.tasksX, run: func(task, _ int) { k.toX(task, l, l, k.plan.theta, k.acc) }}}
}

// finish computes w̄ = ȳᵀx and, in one more task, the gradient of the bias. For the second
// order it adds ȳᵀẋ with the first-order ȳ.
func (k *linear) finish(l lane, second bool) []phase {
	return []phase{{
		tasks: func() int { return k.productW().Tasks() + 1 },
		run: func(task, _ int) {
			p, w := k.plan, k.productW()
			if task == w.Tasks() {
				k.finishBias(l)
				return
			}
			dst := k.weight.of(p.dst)
			w.Run(task, dst, k.in, k.rowsY(l).T(), k.rowsX(values), k.weight.acc())
			if second && k.x.active {
				w.Run(task, dst, k.in, k.rowsY(adjoints).T(), k.rowsX(tangents), true)
			}
		},
	}}
}

func (k *linear) exampleGrad(dst []float32, i, block, _ int) {
	dy := k.y.example(adjoints, i)
	if block < k.out {
		tensor.Axpy(dst[:k.in], dy[block], k.x.example(values, i))
		return
	}
	tensor.Add(dst[:k.out], dy)
}
