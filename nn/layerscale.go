package nn

import (
	"slices"

	"breakeven/tensor"
)

// LayerScale multiplies each channel by a weight, y = γ∘x: what scales the branches of ConvNeXt and of deep
// transformers on images (Touvron et al. 2021, CaiT).
type LayerScale struct{}

// Out returns the input's shape.
func (LayerScale) Out(in ...Shape) Shape {
	one("layerscale", in)
	return in[0]
}

// Params returns weight (γ).
func (LayerScale) Params(in ...Shape) []Param {
	return []Param{{Name: "weight", Shape: []int{in[0].C}, Fill: 1}}
}

// layerScale is a compiled LayerScale. With the sums over pixels and steps,
//
//	ẏ = γ̇∘x + γ∘ẋ        x̄ = γ∘ȳ        γ̄ = Σȳ∘x
//
// and the second-order rule adds γ̇∘ȳ to x̄̇, and Σȳ∘ẋ to γ̄̇.
type layerScale struct {
	affine
	x, y arg
	acc  bool
}

func (LayerScale) compile(b *binding) rules {
	k := &layerScale{affine: b.scaleOnly(b.in(0).shape.C), x: b.in(0), y: b.out(), acc: b.accumulates(0)}
	return k.rules(b, k, k.x, k.y)
}

func (k *layerScale) forward(lo, hi, _, _ int) {
	k.each(k.y.rows(values, lo, hi), k.x.rows(values, lo, hi), k.gamma.of(k.plan.theta), tensor.Mul)
}

// each calls f with the channels of each pixel of y and x, and c.
func (k *layerScale) each(y, x, c []float32, f func(y, x, c []float32)) {
	for at := 0; at < len(x); at += k.c {
		f(y[at:at+k.c], x[at:at+k.c], c)
	}
}

func (k *layerScale) tangent(lo, hi, _, _ int) {
	y, p := k.y.rows(tangents, lo, hi), k.plan
	k.each(y, k.x.rows(values, lo, hi), k.gamma.of(p.v), tensor.Mul)
	if k.x.active {
		k.each(y, k.x.rows(tangents, lo, hi), k.gamma.of(p.theta), tensor.MulAdd)
	}
}

func (k *layerScale) adjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, shard, _ int) {
		k.begin(shard, lo)
		y := k.y.rows(l, lo, hi)
		k.sum(shard, y, k.x.rows(values, lo, hi))
		if !k.x.active {
			return
		}
		mul := tensor.Mul
		if k.acc {
			mul = tensor.MulAdd
		}
		k.each(k.x.rows(l, lo, hi), y, k.gamma.of(k.plan.theta), mul)
	}
}

// sum adds Σy∘x to the sums of a shard.
func (k *layerScale) sum(shard int, y, x []float32) {
	dg, _ := k.partials(shard)
	for row := range slices.Chunk(y, k.c) {
		for j, v := range row {
			dg[j] += float64(v) * float64(x[j])
		}
		x = x[k.c:]
	}
}

func (k *layerScale) second(lo, hi, shard, _ int) {
	y := k.y.rows(adjoints, lo, hi)
	k.sum(shard, y, k.x.rows(tangents, lo, hi))
	k.each(k.x.rows(cotangents, lo, hi), y, k.gamma.of(k.plan.v), tensor.MulAdd)
}

// along adds ⟨ȳ, 2γ̇∘ẋ⟩.
func (k *layerScale) along(lo, hi, _, _ int) {
	slope := k.gamma.of(k.plan.v)
	for i := lo; i < hi; i++ {
		sum := 0.0
		k.each(k.y.example(adjoints, i), k.x.example(tangents, i), slope, func(y, x, c []float32) {
			for j, v := range c {
				sum += float64(v) * float64(x[j]) * float64(y[j])
			}
		})
		k.plan.curvatures[i] += 2 * sum
	}
}

func (k *layerScale) exampleGrad(dst []float32, i, _, _ int) {
	k.each(k.y.example(adjoints, i), k.x.example(values, i), dst[:k.c], func(y, x, c []float32) { tensor.MulAdd(c, y, x) })
}
