package nn

import "breakeven/tensor"

// begin prepares the adjoints of the inputs of a head, so that the rules add to them. It
// reports whether there is anything to add.
func (h attentionHead) begin(l lane) bool {
	h.beginTable()
	for n, x := range h.in {
		if x.active && !h.acc[n] {
			h.clearFrom(x, l, 0)
		}
	}
	return h.rows > 0 && h.cols > 0
}

// give adds to the adjoints of queries and keys what the adjoint ds of the scores gives, with
// the inputs in a lane.
func (h attentionHead) give(l lane, ds []float32, x lane) {
	q, k := h.in[queries], h.in[keys]
	if q.active && (x == values || k.active) {
		dst, _ := h.part(q, l)
		h.blend(dst, ds, h.view(k, x), true)
	}
	if k.active && (x == values || q.active) {
		dst, _ := h.part(k, l)
		h.spread(dst, ds, h.view(q, x), true)
	}
}

// mix adds sᵀȳ to the adjoint of the values that are mixed.
func (h attentionHead) mix(l lane, s []float32, of lane) {
	if v := h.in[mixed]; v.active {
		dst, _ := h.part(v, l)
		h.spread(dst, s, h.view(h.y, of), true)
	}
}

// scoreAdjoints returns p and s̄ for the adjoints of y in a lane.
func (h attentionHead) scoreAdjoints(l lane) (p, ds []float32) {
	p, ds = h.square(0), h.square(1)
	h.softmax(p)
	h.inner(ds, h.view(h.y, l), h.view(h.in[mixed], values), false)
	h.drop(ds)
	h.centre(ds, p)
	return p, ds
}

func (k *attention) adjoint(h attentionHead, l lane) {
	if !h.begin(l) {
		return
	}
	p, ds := h.scoreAdjoints(l)
	tensor.Scale(ds, float32(h.scale))
	h.sumTable(ds)
	h.give(l, ds, values)
	h.drop(p)
	h.mix(l, p, l)
}

// secondOrder is the tangent of adjoint. With c = p̄ − Σpp̄, the tangent of s̄ is
// ṗc + p(p̄̇ − Σ(ṗp̄ + pp̄̇)).
func (k *attention) secondOrder(h attentionHead) {
	if !h.begin(cotangents) {
		return
	}
	p, dp, bar, dot := h.square(0), h.square(1), h.square(2), h.square(3) // p, ṗ, p̄, p̄̇
	h.softmax(p)
	h.softmaxTangent(dp, p)
	v := k.in[mixed]
	h.inner(bar, h.view(k.y, adjoints), h.view(v, values), false)
	h.inner(dot, h.view(k.y, cotangents), h.view(v, values), false)
	if v.active {
		h.inner(dot, h.view(k.y, adjoints), h.view(v, tangents), true)
	}
	h.drop(bar)
	h.drop(dot)
	for lo := 0; lo < len(p); lo += h.cols {
		hi := lo + h.cols
		secondRow(p[lo:hi], dp[lo:hi], bar[lo:hi], dot[lo:hi], h.scale)
	}
	h.sumTable(dot)
	h.give(cotangents, dot, values)
	h.give(cotangents, bar, tangents)
	h.drop(p)
	h.drop(dp)
	h.mix(cotangents, p, cotangents)
	h.mix(cotangents, dp, adjoints)
}

// secondRow replaces a row of p̄ by s̄ and one of p̄̇ by its tangent, both times the scale.
func secondRow(p, dp, bar, dot []float32, scale float64) {
	mean := tensor.Dot(p, bar)
	meanDot := tensor.Dot(dp, bar) + tensor.Dot(p, dot)
	m, md, s := float32(mean), float32(meanDot), float32(scale)
	for j, w := range p {
		c := bar[j] - m
		dot[j] = s * (dp[j]*c + w*(dot[j]-md))
		bar[j] = s * w * c
	}
}

// along adds ⟨ȳ, ÿ⟩ of an example, where with c = ṡ − Σpṡ and s̈ = 2q̇k̇ᵀ/√d
//
//	ÿ = p̈v + 2ṗv̇      p̈ = p(c² − Σpc² + s̈ − Σps̈)
func (k *attention) along(i, worker int) {
	sum := 0.0
	k.eachHead(i, worker, func(h attentionHead) {
		if h.rows > 0 && h.cols > 0 {
			sum += k.alongHead(h)
		}
	})
	k.plan.curvatures[i] += sum
}

func (k *attention) alongHead(h attentionHead) (sum float64) {
	p, c, second, bar := h.square(0), h.square(1), h.square(2), h.square(3)
	q, v := k.in[queries], k.in[mixed]
	h.softmax(p)
	h.scoresTangent(c)
	clear(second)
	if q.active && k.in[keys].active {
		h.inner(second, h.view(q, tangents), h.view(k.in[keys], tangents), false)
		tensor.Scale(second, float32(2*h.scale))
	}
	for lo := 0; lo < len(p); lo += h.cols {
		hi := lo + h.cols
		mean := float32(tensor.Dot(p[lo:hi], c[lo:hi]))
		for j := lo; j < hi; j++ {
			c[j] -= mean
			second[j] += c[j] * c[j]
		}
	}
	h.centre(second, p)
	h.inner(bar, h.view(k.y, adjoints), h.view(v, values), false)
	h.drop(bar)
	sum = tensor.Dot(bar, second)
	if v.active {
		tensor.Mul(c, c, p) // ṗ
		h.inner(bar, h.view(k.y, adjoints), h.view(v, tangents), false)
		h.drop(bar)
		sum += 2 * tensor.Dot(bar, c)
	}
	return sum
}
