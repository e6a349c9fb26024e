package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Conv2D is a two-dimensional convolution (cross-correlation, as in PyTorch), applied to
// each step of a sequence: weight [Filters, C, K, K], bias [Filters].
type Conv2D struct {
	Filters int
	K       int // window
	Stride  int // 0 means 1
	Pad     int // zeros on each side
	NoBias  bool
}

func (c Conv2D) geometry(in Shape) tensor.ConvShape {
	return tensor.ConvShape{H: in.H, W: in.W, C: in.C, O: c.Filters, K: c.K, Stride: max(1, c.Stride), Pad: c.Pad}
}

// Out returns Filters×H'×W'.
func (c Conv2D) Out(in ...Shape) Shape {
	one("conv2d", in)
	g := c.geometry(in[0])
	if c.Filters < 1 || c.K < 1 || c.Stride < 0 || c.Pad < 0 || g.OH() < 1 || g.OW() < 1 {
		panic(fmt.Sprintf("nn: conv2d: %+v does not fit %v", c, in[0]))
	}
	return Shape{C: c.Filters, H: g.OH(), W: g.OW(), T: in[0].T}
}

// Params returns weight and bias.
func (c Conv2D) Params(in ...Shape) []Param {
	area := c.K * c.K
	ps := []Param{{Name: "weight", Shape: []int{c.Filters, in[0].C, c.K, c.K}, FanIn: in[0].C * area, FanOut: c.Filters * area}}
	if !c.NoBias {
		ps = append(ps, Param{Name: "bias", Shape: []int{c.Filters}})
	}
	return ps
}

func (Conv2D) effects(Settings) effects {
	return effects{releases: true, fusesReLU: true, masksInput: true}
}

// one panics unless there is exactly one input.
func one(op string, in []Shape) {
	if len(in) != 1 {
		panic(fmt.Sprintf("nn: %s takes one input, not %d", op, len(in)))
	}
}

// convolution is what all ways to compute a Conv2D have in common.
type convolution struct {
	fusion
	plan         *Plan
	shape        tensor.ConvShape
	x, y         arg
	images       int  // of an example
	acc          bool // a later node has already written x̄
	weight, bias span
	hasBias      bool
}

func newConvolution(b *binding, s tensor.ConvShape, images int, hasBias bool) convolution {
	k := convolution{
		fusion: b.fusion(), plan: b.plan, shape: s, images: images,
		x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0), hasBias: hasBias,
	}
	if hasBias {
		k.bias = b.param(1)
	}
	return k
}

// conv is a compiled Conv2D, or a compiled Linear on a sequence, that goes over strips of examples.
type conv struct {
	convolution
	geo      *tensor.Conv
	w, v     convPanels
	partial  []float32 // by shard: see tensor.Conv.Weight
	partialB []float64 // shard, filter
}

// convPanels are weights packed for the forward and for the data products.
type convPanels struct{ forward, data *tensor.Panels }

func (c Conv2D) compile(b *binding) rules {
	s, images := c.geometry(b.in(0).shape), b.in(0).shape.Steps()
	if wideConv(s, images) {
		if taps := tensor.PlanTaps(s); taps.Cheaper() {
			return newWide(b, taps, images, !c.NoBias)
		}
	}
	return newConv(b, s, images, !c.NoBias)
}

// newConv compiles a convolution with the given number of images in an example.
func newConv(b *binding, s tensor.ConvShape, images int, hasBias bool) rules {
	k := &conv{convolution: newConvolution(b, s, images, hasBias), geo: tensor.PlanConv(s)}
	b.owns(k.geo.Bytes())
	b.later(k.geo.Build)
	k.panels(b, &k.w)
	b.scratch(k.geo.Scratch())
	if !b.plan.settings.Evaluate {
		weights, biases := b.plan.maxShards()*k.geo.WeightSize(), b.plan.maxShards()*s.O
		b.owns(4*int64(weights) + 8*int64(biases))
		b.later(func() { k.partial, k.partialB = make([]float32, weights), make([]float64, biases) })
	}
	r := rules{
		pack:     k.pack(&k.w, func() vector { return b.plan.theta }),
		forward:  []phase{b.local(k.forward)},
		adjoint:  func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		gradient: func(l lane, _ bool) []phase { return []phase{b.global(k.geo.C+1, k.finish)} },
		example:  k,
		keeps:    k.keeps,
		factors:  k.factors(b),
	}
	if b.plan.settings.Tangents {
		k.panels(b, &k.v)
		r.packTangent = k.pack(&k.v, func() vector { return b.plan.v })
		r.tangent = []phase{b.local(k.tangent)}
		r.fusedSecond = []phase{b.local(k.secondOrder)}
		if k.x.active {
			r.along = []phase{b.local(k.along)}
		}
	}
	return r
}

// keeps returns what the weights' gradient, the masks and the second-order rule read.
func (k *convolution) keeps(l lane) []arg {
	switch {
	case l == values && k.relu && k.plan.readsOutput(k.y.id):
		return []arg{k.x, k.y}
	case l == values || l == tangents:
		return []arg{k.x}
	case k.x.active:
		return []arg{k.y}
	}
	return nil
}

// panels asks for the memory of packed weights.
func (k *conv) panels(b *binding, p *convPanels) {
	forward, data := k.geo.PanelsBytes()
	b.owns(forward)
	b.later(func() { p.forward = k.geo.ForwardPanels() })
	if k.makesInputAdjoint() {
		b.owns(data)
		b.later(func() { p.data = k.geo.DataPanels() })
	}
}

// makesInputAdjoint reports whether x̄ is ever computed.
func (k *convolution) makesInputAdjoint() bool { return k.x.active && !k.plan.settings.Evaluate }

func (k *conv) pack(p *convPanels, from func() vector) []phase {
	ps := []phase{{
		tasks: func() int { return p.forward.Count() },
		run:   func(task, _ int) { k.geo.PackForward(p.forward, task, k.weight.of(from())) },
	}}
	if k.makesInputAdjoint() {
		ps = append(ps, phase{
			tasks: func() int { return p.data.Count() },
			run:   func(task, _ int) { k.geo.PackData(p.data, task, k.weight.of(from())) },
		})
	}
	return ps
}

// epilogue returns the epilogue that adds the bias of theta.
func (k *convolution) epilogue(theta vector) (e tensor.Epilogue) {
	if k.hasBias {
		e.Bias = k.bias.of(theta)
	}
	return e
}

func (k *conv) forward(lo, hi, _, worker int) {
	k.geo.Forward(k.y.rows(values, lo, hi), k.images*(hi-lo), k.valueEpilogue(), k.plan.scratch[worker], tensor.Term{X: k.x.rows(values, lo, hi), W: k.w.forward})
}

func (k *conv) tangent(lo, hi, _, worker int) {
	e := k.tangentEpilogue(lo, hi)
	y, scratch := k.y.rows(tangents, lo, hi), k.plan.scratch[worker]
	ofWeights := tensor.Term{X: k.x.rows(values, lo, hi), W: k.v.forward}
	if k.x.active {
		k.geo.Forward(y, k.images*(hi-lo), e, scratch, ofWeights, tensor.Term{X: k.x.rows(tangents, lo, hi), W: k.w.forward})
	} else {
		k.geo.Forward(y, k.images*(hi-lo), e, scratch, ofWeights)
	}
}

func (k *conv) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, worker int) {
		dy := k.masked(l, lo, hi)
		k.data(l, lo, hi, worker, tensor.Term{X: dy, W: k.w.data})
		if k.plan.dst.own != nil {
			k.sum(dy, lo, hi, shard, worker)
		}
	}
}

// secondOrder is the tangent of the adjoint rule. The two products that make x̄̇ are
// summed before they are written.
func (k *conv) secondOrder(lo, hi, shard, worker int) {
	ddy, dy := k.masked(cotangents, lo, hi), k.y.rows(adjoints, lo, hi)
	k.data(cotangents, lo, hi, worker, tensor.Term{X: ddy, W: k.w.data}, tensor.Term{X: dy, W: k.v.data})
	k.sum(ddy, lo, hi, shard, worker)
	if k.x.active {
		dw, _ := k.shardPartial(shard)
		k.geo.Weight(dw, k.x.rows(tangents, lo, hi), dy, k.images*(hi-lo), true, k.plan.scratch[worker])
	}
}

// along adds 2⟨ȳ, ẇ⋆ẋ⟩. It uses the cotangents lane for the product.
func (k *conv) along(lo, hi, _, worker int) {
	y := k.y.rows(cotangents, lo, hi)
	k.geo.Forward(y, k.images*(hi-lo), tensor.Epilogue{}, k.plan.scratch[worker], tensor.Term{X: k.x.rows(tangents, lo, hi), W: k.v.forward})
	k.plan.addSecond(k.y, 2, y, lo, hi)
}

// masked returns ȳ. It applies the mask of a fused ReLU if that is this operation's part.
func (k *convolution) masked(l lane, lo, hi int) []float32 {
	dy := k.y.rows(l, lo, hi)
	if k.relu && k.masksAdjoints {
		tensor.Mask(dy, k.y.rows(values, lo, hi), dy)
	}
	return dy
}

// data computes x̄ in lane l.
func (k *conv) data(l lane, lo, hi, worker int, terms ...tensor.Term) {
	if k.x.active {
		k.geo.Data(k.x.rows(l, lo, hi), k.images*(hi-lo), k.inputEpilogue(lo, hi), k.plan.scratch[worker], terms...)
	}
}

// inputEpilogue returns the epilogue of the products that make x̄ of some examples.
func (k *convolution) inputEpilogue(lo, hi int) tensor.Epilogue {
	e := tensor.Epilogue{Acc: k.acc}
	if k.masksInput {
		e.Mask = k.x.rows(values, lo, hi)
	}
	return e
}

// valueEpilogue and tangentEpilogue return those of the products that make y and ẏ.
func (k *convolution) valueEpilogue() tensor.Epilogue {
	e := k.epilogue(k.plan.theta)
	e.ReLU = k.relu
	return e
}

func (k *convolution) tangentEpilogue(lo, hi int) tensor.Epilogue {
	e := k.epilogue(k.plan.v)
	if k.relu && k.masksTangents {
		e.Mask = k.y.rows(values, lo, hi)
	}
	return e
}

// sum adds the gradients of weights and bias of a strip to the sums of its shard.
func (k *conv) sum(dy []float32, lo, hi, shard, worker int) {
	dw, db := k.shardPartial(shard)
	first := k.plan.first(lo)
	k.geo.Weight(dw, k.x.rows(values, lo, hi), dy, k.images*(hi-lo), !first, k.plan.scratch[worker])
	if k.hasBias {
		if first {
			clear(db)
		}
		tensor.ColSum(db, dy, len(dy)/k.geo.O, k.geo.O)
	}
}

func (k *conv) shardPartial(shard int) ([]float32, []float64) {
	n, o := k.geo.WeightSize(), k.geo.O
	return k.partial[shard*n : (shard+1)*n], k.partialB[shard*o : (shard+1)*o]
}

// finish sums the partial gradients of the shards, in order, for one input
// channel, or for the bias.
func (k *conv) finish(task, _ int) {
	p := k.plan
	if task < k.geo.C {
		k.geo.FinishWeight(k.weight.of(p.dst), k.partial, p.shards(), task, k.weight.acc())
	} else if k.hasBias {
		sumShards(k.bias.of(p.dst), k.partialB, p.shards(), k.bias.acc())
	}
}

// sumShards sums rows of float64 partial sums, in order, into dst.
func sumShards(dst []float32, partial []float64, shards int, acc bool) {
	n := len(dst)
	for j := range dst {
		sum := 0.0
		for s := range shards {
			sum += partial[s*n+j]
		}
		if acc {
			sum += float64(dst[j])
		}
		dst[j] = float32(sum)
	}
}
