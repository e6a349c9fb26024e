package nn

import (
	"fmt"

	"breakeven/tensor"
)

// Conv2D is a two-dimensional convolution (cross-correlation, as in PyTorch):
// weight [Filters, C, K, K], bias [Filters].
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
	return Shape{c.Filters, g.OH(), g.OW()}
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

// one panics unless there is exactly one input.
func one(op string, in []Shape) {
	if len(in) != 1 {
		panic(fmt.Sprintf("nn: %s takes one input, not %d", op, len(in)))
	}
}

// conv is a compiled Conv2D.
type conv struct {
	plan     *Plan
	geo      *tensor.Conv
	x, y     arg
	acc      bool // a later node has written x̄ before
	weight   span
	bias     span
	hasBias  bool
	w, v     convPanels
	partial  []float32 // shard, tap, input channel, filter
	partialB []float64 // shard, filter
}

// convPanels are weights in the orders of the forward and the data products.
type convPanels struct{ forward, data *tensor.Panels }

func (c Conv2D) compile(b *binding) rules {
	k := &conv{plan: b.plan, geo: tensor.NewConv(c.geometry(b.in(0).shape)), x: b.in(0), y: b.out(), acc: b.accumulates(0), weight: b.param(0), hasBias: !c.NoBias}
	if k.hasBias {
		k.bias = b.param(1)
	}
	k.w = k.panels(b)
	b.owns(k.geo.Bytes())
	weights, biases := b.plan.maxShards()*k.weightSize(), b.plan.maxShards()*c.Filters
	b.owns(4*int64(weights) + 8*int64(biases))
	b.later(func() { k.partial, k.partialB = make([]float32, weights), make([]float64, biases) })
	r := rules{
		pack:    k.pack(b, &k.w, func() []float32 { return b.plan.theta }),
		value:   []phase{b.local(k.value)},
		adjoint: func(l lane) []phase { return []phase{b.local(k.adjoint(l))} },
		finish:  func(l lane, _ bool) []phase { return []phase{b.global(k.geo.Taps()+1, k.finish)} },
		example: k,
	}
	if b.plan.settings.Tangents {
		k.v = k.panels(b)
		r.packTangent = k.pack(b, &k.v, func() []float32 { return b.plan.v })
		r.tangent = []phase{b.local(k.tangent)}
		r.bend = []phase{b.local(k.bend)}
	}
	return r
}

func (k *conv) weightSize() int { return k.weight.hi - k.weight.lo }

func (k *conv) panels(b *binding) convPanels {
	p := convPanels{forward: k.geo.ForwardPanels()}
	b.owns(p.forward.Bytes())
	if k.x.active {
		p.data = k.geo.DataPanels()
		b.owns(p.data.Bytes())
	}
	return p
}

func (k *conv) pack(b *binding, p *convPanels, from func() []float32) []phase {
	ps := []phase{b.global(p.forward.Count(), func(task, _ int) { k.geo.PackForward(p.forward, task, k.weight.of(from())) })}
	if p.data != nil {
		ps = append(ps, b.global(p.data.Count(), func(task, _ int) { k.geo.PackData(p.data, task, k.weight.of(from())) }))
	}
	return ps
}

func (k *conv) value(lo, hi, _, _ int) {
	for i := lo; i < hi; i++ {
		k.geo.Forward(k.y.example(values, i), k.x.example(values, i), k.w.forward, false)
	}
	k.addBias(values, k.plan.theta, lo, hi)
}

func (k *conv) addBias(l lane, from []float32, lo, hi int) {
	if k.hasBias {
		y := k.y.rows(l, lo, hi)
		tensor.AddRow(y, len(y)/k.geo.O, k.geo.O, k.bias.of(from))
	}
}

func (k *conv) tangent(lo, hi, _, _ int) {
	for i := lo; i < hi; i++ {
		y := k.y.example(tangents, i)
		k.geo.Forward(y, k.x.example(values, i), k.v.forward, false)
		if k.x.active {
			k.geo.Forward(y, k.x.example(tangents, i), k.w.forward, true)
		}
	}
	k.addBias(tangents, k.plan.v, lo, hi)
}

func (k *conv) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, _ int) {
		dw, db := k.shardPartial(shard)
		clear(dw)
		clear(db)
		for i := lo; i < hi; i++ {
			dy := k.y.example(l, i)
			if k.x.active {
				k.geo.Data(k.x.example(l, i), dy, k.w.data, k.acc)
			}
			k.geo.Weight(dw, k.x.example(values, i), dy)
		}
		if k.hasBias {
			dy := k.y.rows(l, lo, hi)
			tensor.ColSum(db, dy, len(dy)/k.geo.O, k.geo.O)
		}
	}
}

func (k *conv) bend(lo, hi, shard, _ int) {
	dw, _ := k.shardPartial(shard)
	if !k.x.active {
		return
	}
	for i := lo; i < hi; i++ {
		dy := k.y.example(adjoints, i)
		k.geo.Data(k.x.example(curves, i), dy, k.v.data, true)
		k.geo.Weight(dw, k.x.example(tangents, i), dy)
	}
}

func (k *conv) shardPartial(shard int) ([]float32, []float64) {
	n, o := k.weightSize(), k.geo.O
	return k.partial[shard*n : (shard+1)*n], k.partialB[shard*o : (shard+1)*o]
}

// finish sums the partial gradients of the shards, in order, for one tap, or for
// the bias, and writes them in PyTorch's layout.
func (k *conv) finish(task, _ int) {
	p := k.plan
	if task == k.geo.Taps() {
		if k.hasBias {
			sumShards(k.bias.of(p.dst), k.partialB, p.shards(), p.acc)
		}
		return
	}
	block := k.geo.C * k.geo.O
	sum := k.partial[task*block : (task+1)*block]
	for s := 1; s < p.shards(); s++ {
		dw, _ := k.shardPartial(s)
		tensor.Add(sum, dw[task*block:(task+1)*block])
	}
	dst := k.weight.of(p.dst)
	for i := range k.geo.C {
		for o, v := range sum[i*k.geo.O : (i+1)*k.geo.O] {
			at := (o*k.geo.C+i)*k.geo.Taps() + task
			if p.acc {
				v += dst[at]
			}
			dst[at] = v
		}
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

// blocks returns one block for each tap and one for the bias.
func (k *conv) blocks() (count, size int) {
	count = k.geo.Taps()
	if k.hasBias {
		count++
	}
	return count, k.geo.C * k.geo.O
}

func (k *conv) exampleGrad(dst []float32, i, block int, x, y lane) {
	dy := k.y.example(y, i)
	if block < k.geo.Taps() {
		if x == values || k.x.active {
			k.geo.WeightTap(dst, k.x.example(x, i), dy, block)
		}
		return
	}
	if x == values {
		addColumns(dst[:k.geo.O], dy)
	}
}

// addColumns adds the column sums of rows of length len(dst), in float64.
func addColumns(dst []float32, rows []float32) {
	for j := range dst {
		sum := float64(dst[j])
		for r := j; r < len(rows); r += len(dst) {
			sum += float64(rows[r])
		}
		dst[j] = float32(sum)
	}
}

func (k *conv) block(dst, theta []float32, block int) {
	if block == k.geo.Taps() {
		copy(dst, k.bias.of(theta))
		return
	}
	w := k.weight.of(theta)
	for i := range k.geo.C {
		for o := range k.geo.O {
			dst[i*k.geo.O+o] = w[(o*k.geo.C+i)*k.geo.Taps()+block]
		}
	}
}
