package nn

// Elementwise is y = f(x) for a function of one number, computed in float64.
type Elementwise struct {
	// Value, Slope and Curve are f, f′ and f″.
	Value, Slope, Curve func(x float64) float64
}

// Out returns the input's shape.
func (Elementwise) Out(in ...Shape) Shape { one("elementwise", in); return in[0] }

// Params returns nil.
func (Elementwise) Params(...Shape) []Param { return nil }

func (e Elementwise) compile(b *binding) rules {
	apply := func(f func(float64) float64) func(d, x []float32) {
		return func(d, x []float32) {
			for i, v := range x {
				d[i] = float32(f(float64(v)))
			}
		}
	}
	first, second := apply(e.Slope), apply(e.Curve)
	return elementwise(b, apply(e.Value), func(d, x, _ []float32) { first(d, x) },
		func(d, x, _ []float32) { second(d, x) }, b.in(0), b.out())
}

// Scaled is y = Scale·x + BiasScale·b with a bias for each channel: bias [C]. After a
// Linear or Conv2D without bias it makes the NTK parameterisation, in which weights and
// biases of variance 1 are multiplied by constants.
type Scaled struct {
	Scale, BiasScale float32
	NoBias           bool
}

// Out returns the input's shape.
func (Scaled) Out(in ...Shape) Shape { one("scaled", in); return in[0] }

// Params returns the bias.
func (s Scaled) Params(in ...Shape) []Param {
	if s.NoBias {
		return nil
	}
	return []Param{{Name: "bias", Shape: []int{in[0].C}}}
}

func (Scaled) effects(Settings) effects { return effects{releases: true} }

// scaling is a compiled Scaled.
type scaling struct {
	Scaled
	plan *Plan
	x, y arg
	c    int
	acc  bool
	bias span
	sums []float32 // of ȳ over the pixels of the batch
}

func (s Scaled) compile(b *binding) rules {
	k := &scaling{Scaled: s, plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0)}
	k.c = k.x.shape.C
	r := rules{forward: []phase{b.local(func(lo, hi, _, _ int) {
		k.affine(k.y.rows(values, lo, hi), k.x.rows(values, lo, hi), k.plan.theta)
	})}}
	if k.y.active {
		r.tangent = []phase{b.local(k.tangent)}
	}
	if k.y.active {
		r.adjoint = func(l lane) []phase {
			if !k.x.active {
				return nil
			}
			return []phase{b.local(k.adjoint(l))}
		}
	}
	if !k.NoBias {
		k.bias = b.param(0)
		b.owns(4 * int64(k.c))
		b.later(func() { k.sums = make([]float32, k.c) })
		r.gradient = func(l lane, _ bool) []phase { return []phase{b.global(1, func(_, _ int) { k.finish(l) })} }
		r.rereads = true
		r.keeps = func(l lane) []arg {
			if l == adjoints || l == cotangents {
				return []arg{k.y}
			}
			return nil
		}
		r.example = k
	}
	return r
}

// affine is y = Scale·x + BiasScale·b of the bias in a flat vector; a nil x is 0.
func (k *scaling) affine(y, x []float32, theta vector) {
	for i, v := range x {
		y[i] = k.Scale * v
	}
	if x == nil {
		clear(y)
	}
	if k.NoBias {
		return
	}
	b := k.bias.of(theta)
	for at := 0; at < len(y); at += k.c {
		for j, v := range b {
			y[at+j] += k.BiasScale * v
		}
	}
}

func (k *scaling) tangent(lo, hi, _, _ int) {
	var x []float32
	if k.x.active {
		x = k.x.rows(tangents, lo, hi)
	}
	k.affine(k.y.rows(tangents, lo, hi), x, k.plan.v)
}

func (k *scaling) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		dx, dy := k.x.rows(l, lo, hi), k.y.rows(l, lo, hi)
		for i, v := range dy {
			if k.acc {
				dx[i] += k.Scale * v
			} else {
				dx[i] = k.Scale * v
			}
		}
	}
}

// finish computes the gradient of the bias.
func (k *scaling) finish(l lane) {
	clear(k.sums)
	addColumns(k.sums, k.y.all(l))
	db := k.bias.of(k.plan.dst)
	for j, v := range k.sums {
		if k.bias.acc() {
			db[j] += k.BiasScale * v
		} else {
			db[j] = k.BiasScale * v
		}
	}
}

func (k *scaling) blocks() []int { return []int{k.c} }

func (k *scaling) exampleGrad(dst []float32, i, _, _ int) {
	for r, v := range k.y.example(adjoints, i) {
		dst[r%k.c] += k.BiasScale * v
	}
}

func (k *scaling) places(dst []int, _ int) { k.bias.places(dst, 0) }
