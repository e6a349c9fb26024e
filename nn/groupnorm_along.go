package nn

// The rules of group norm along tangents, group by group.

// A channelGroup is a group of channels of an example: numbers first … first+width-1 of each of its
// pixels, which are stride apart.
type channelGroup struct {
	x                    []float32 // of the example
	first, width, stride int
	mu, inv              float64 // mean, 1/σ
}

// each calls f with the place and the channel of each number of the group.
func (g channelGroup) each(f func(at, channel int)) {
	for at := g.first; at < len(g.x); at += g.stride {
		for j := range g.width {
			f(at+j, g.first+j)
		}
	}
}

// hat returns x̂ at a place.
func (g channelGroup) hat(at int) float64 { return (float64(g.x[at]) - g.mu) * g.inv }

// dots returns ⟨v⟩ and ⟨vx̂⟩ of v times a scale of each channel; nil: 1.
func (g channelGroup) dots(v, scale []float32) (mean, dot float64) {
	g.each(func(at, c int) {
		d := float64(v[at])
		if scale != nil {
			d *= float64(scale[c])
		}
		mean += d
		dot += d * g.hat(at)
	})
	n := float64(len(g.x) / g.stride * g.width)
	return mean / n, dot / n
}

// over calls f with the groups of examples lo … hi-1.
func (k *groupNorm) over(lo, hi int, f func(i int, g channelGroup)) {
	for i := lo; i < hi; i++ {
		g, s := channelGroup{x: k.x.example(values, i), width: k.c / k.groups, stride: k.c}, k.stats(i)
		for j := range k.groups {
			g.first, g.mu, g.inv = j*g.width, s[2*j], s[2*j+1]
			f(i, g)
		}
	}
}

func (k *groupNorm) tangent(lo, hi, _, _ int) {
	p := k.plan
	gamma, dg, db := k.gamma.of(p.theta), k.gamma.of(p.v), k.beta.of(p.v)
	k.over(lo, hi, func(i int, g channelGroup) {
		dy := k.y.example(tangents, i)
		if !k.x.active {
			g.each(func(at, c int) { dy[at] = float32(float64(dg[c])*g.hat(at) + float64(db[c])) })
			return
		}
		dx := k.x.example(tangents, i)
		mean, dot := g.dots(dx, nil)
		g.each(func(at, c int) {
			hat := g.hat(at)
			dy[at] = float32(float64(dg[c])*hat + float64(gamma[c])*(float64(dx[at])-mean-hat*dot)*g.inv + float64(db[c]))
		})
	})
}

func (k *groupNorm) second(lo, hi, shard, _ int) {
	p := k.plan
	gamma, slope := k.gamma.of(p.theta), k.gamma.of(p.v)
	dg, _ := k.partials(shard)
	k.over(lo, hi, func(i int, g channelGroup) {
		to, dx, dy := k.x.example(cotangents, i), k.x.example(tangents, i), k.y.example(adjoints, i)
		meanX, sigma := g.dots(dx, nil)
		meanW, along := g.dots(dy, gamma)
		meanS, turn := g.dots(dy, slope)
		hatDot := func(at int) float64 { return (float64(dx[at]) - meanX - g.hat(at)*sigma) * g.inv } // x̂̇
		cross := 0.0
		g.each(func(at, c int) {
			d := hatDot(at)
			cross += float64(gamma[c]) * float64(dy[at]) * d
			dg[c] += float64(dy[at]) * d
		})
		cross /= float64(len(g.x) / g.stride * g.width)
		g.each(func(at, c int) {
			hat, v := g.hat(at), float64(dy[at])
			first := (float64(gamma[c])*v - meanW - hat*along) * g.inv
			own := (float64(slope[c])*v - meanS - hat*turn) * g.inv
			to[at] += float32(own - (sigma*first+hatDot(at)*along+hat*cross)*g.inv)
		})
	})
}

// along adds ⟨ȳ, ÿ⟩ with ÿ = 2γ̇x̂̇ + γx̂̈, where with c = ẋ − ⟨ẋ⟩ and σσ̈ = ⟨c²⟩ − σ̇²
//
//	x̂̈ = −2cσ̇/σ² + x̂(2σ̇² − σσ̈)/σ²
func (k *groupNorm) along(lo, hi, _, _ int) {
	p := k.plan
	gamma, turn := k.gamma.of(p.theta), k.gamma.of(p.v)
	k.over(lo, hi, func(i int, g channelGroup) {
		dx, dy := k.x.example(tangents, i), k.y.example(adjoints, i)
		mean, slope := g.dots(dx, nil)
		square, sum := 0.0, 0.0
		g.each(func(at, _ int) { square += (float64(dx[at]) - mean) * (float64(dx[at]) - mean) })
		square /= float64(len(g.x) / g.stride * g.width)
		g.each(func(at, ch int) {
			c, hat := float64(dx[at])-mean, g.hat(at)
			second := (hat*(3*slope*slope-square) - 2*c*slope) * g.inv * g.inv
			sum += float64(dy[at]) * (float64(gamma[ch])*second + 2*float64(turn[ch])*(c-hat*slope)*g.inv)
		})
		p.curvatures[i] += sum
	})
}
