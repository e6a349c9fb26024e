package nn

import "breakeven/tensor"

// tileSize is about how many numbers a sweep handles at a time: they and their
// coefficients stay in the first level of the cache.
const tileSize = 1024

// reduce returns the phases that sum, per channel, one lane (first column of the partial
// sums) and its product with another lane of x (second column), and then call set with
// the totals.
//
// Lane a is read from x for values and tangents, from y for adjoints and cotangents. In
// the latter case the ReLU's mask is applied if lx is values, which comes first. If mean
// and variance are constants, the sums of x are not needed.
func (k *norm) reduce(b *binding, a, lx lane, set func(sum, dot []float64)) []phase {
	c := k.c
	ofY := a == adjoints || a == cotangents
	total := b.global(1, func(_, _ int) {
		total := k.partial[:2*c]
		for s := 1; s < k.plan.shards(); s++ {
			for j, v := range k.partial[s*2*c : (s+1)*2*c] {
				total[j] += v
			}
		}
		set(total[:c], total[c:])
	})
	if k.fixed() && !ofY {
		return []phase{total}
	}
	return []phase{b.local(func(lo, hi, shard, worker int) {
		s := k.partial[shard*2*c : (shard+1)*2*c]
		if k.plan.first(lo) {
			clear(s)
		}
		switch {
		case (a == tangents || lx == tangents) && !k.x.active:
		case ofY:
			k.momentsOfY(s, a, lx, lo, hi, k.plan.scratch[worker])
		default:
			k.momentsOfX(s, a, lo, hi)
		}
	}), total}
}

// momentsOfX adds the column sums of lane a of x, and of its product with the values of x, to the
// halves of s.
func (k *norm) momentsOfX(s []float64, a lane, lo, hi int) {
	for p, part := range k.x.parts {
		if a != values && !part.active {
			continue
		}
		n, first := part.shape.C, k.x.first[p]
		sum, dot, x := s[first:first+n], s[k.c+first:k.c+first+n], part.rows(values, lo, hi)
		if a == values {
			tensor.ColSquares(sum, dot, x, len(x)/n, n)
		} else {
			tensor.ColMoments(sum, dot, part.rows(a, lo, hi), x, len(x)/n, n)
		}
	}
}

// momentRows is the fewest pixels of several inputs that are gathered for sums over ȳ: as many
// as are summed in float32.
const momentRows = 8

// momentsOfY adds the column sums of lane a of y, and of its product with lane lx of x, to the
// halves of s. It first applies the mask of a fused ReLU, in place.
func (k *norm) momentsOfY(s []float64, a, lx lane, lo, hi int, scratch []float32) {
	c, dy := k.c, k.y.rows(a, lo, hi)
	masks := k.relu && lx == values && k.masksAdjoints
	tile := len(dy) / c // pixels
	switch {
	case !k.x.single():
		tile = max(momentRows, len(k.coef[0])/c)
	case masks:
		tile = 2 * len(k.coef[0]) / c
	}
	var y []float32
	if masks {
		y = k.y.rows(values, lo, hi)
	}
	var buf [fewParts][]float32
	x := k.x.rows(buf[:0], lx, lo, hi)
	for i := 0; i*c < len(dy); i += tile {
		j := min(i+tile, len(dy)/c)
		d := dy[i*c : j*c]
		if masks {
			tensor.Mask(d, y[i*c:j*c], d)
		}
		tensor.ColMoments(s[:c], s[c:], d, k.x.gather(scratch, x, i, j), j-i, c)
	}
}

// setCoef sets the coefficients of channel j: dst = k0 + kx(x−μ) + k1·a + k2·b.
func (k *norm) setCoef(j int, k0, kx, k1, k2 float64) {
	k0 -= kx * k.tape().mu[j]
	for i, v := range [4]float64{k0, kx, k1, k2} {
		for at := j; at < len(k.coef[i]); at += k.c {
			k.coef[i][at] = float32(v)
		}
	}
}

// tiles calls f for each tile of n pixels, with the coefficients of as many.
func (k *norm) tiles(n int, f func(lo, hi int, c [4][]float32)) {
	tile, c := len(k.coef[0])/k.c, k.coef
	for lo := 0; lo < n; lo += tile {
		if rest := n - lo; rest < tile {
			for i := range c {
				c[i] = c[i][:rest*k.c]
			}
			tile = rest
		}
		f(lo, lo+tile, c)
	}
}

func (k *norm) sweepForward(lo, hi, _, _ int) {
	y := k.y.rows(values, lo, hi)
	var buf [fewParts][]float32
	x := k.x.rows(buf[:0], values, lo, hi)
	k.tiles(len(y)/k.c, func(i, j int, c [4][]float32) {
		to := y[i*k.c : j*k.c]
		if from := k.x.gather(to, x, i, j); k.relu {
			tensor.Affine1ReLU(to, c[0], c[1], from)
		} else {
			tensor.Affine1(to, c[0], c[1], from)
		}
	})
}

func (k *norm) sweepTangent(lo, hi, _, worker int) {
	dy, scratch := k.y.rows(tangents, lo, hi), k.plan.scratch[worker]
	var buf, dbuf [fewParts][]float32
	x := k.x.rows(buf[:0], values, lo, hi)
	var y []float32
	if k.relu && k.masksTangents {
		y = k.y.rows(values, lo, hi)
	}
	var dx [][]float32
	if k.x.active {
		dx = k.x.rows(dbuf[:0], tangents, lo, hi)
	}
	k.tiles(len(dy)/k.c, func(i, j int, c [4][]float32) {
		d, from := dy[i*k.c:j*k.c], k.x.gather(scratch, x, i, j)
		if k.x.active {
			tensor.Affine2(d, c[0], c[1], from, c[2], k.x.gather(d, dx, i, j))
		} else {
			tensor.Affine1(d, c[0], c[1], from)
		}
		if y != nil {
			tensor.Mask(d, y[i*k.c:j*k.c], d)
		}
	})
}

func (k *norm) sweepAdjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, worker int) {
		dy, scratch := k.y.rows(l, lo, hi), k.plan.scratch[worker]
		var buf, dbuf [fewParts][]float32
		x, dx := k.x.rows(buf[:0], values, lo, hi), k.x.rows(dbuf[:0], l, lo, hi)
		k.tiles(len(dy)/k.c, func(i, j int, c [4][]float32) {
			from, d := k.x.gather(scratch, x, i, j), dy[i*k.c:j*k.c]
			switch {
			case !k.x.single():
				tensor.Affine2(from, c[0], c[1], from, c[2], d)
				k.x.give(dx, i, from, k.x.acc)
			case k.x.acc[0]:
				tensor.AddAffine2(dx[0][i*k.c:j*k.c], c[0], c[1], from, c[2], d)
			default:
				tensor.Affine2(dx[0][i*k.c:j*k.c], c[0], c[1], from, c[2], d)
			}
		})
	}
}

func (k *norm) sweepSecond(lo, hi, _, worker int) {
	if !k.x.active {
		return
	}
	dy, scratch := k.y.rows(adjoints, lo, hi), k.plan.scratch[worker]
	var buf, dbuf, bbuf [fewParts][]float32
	x, dx, bx := k.x.rows(buf[:0], values, lo, hi), k.x.rows(dbuf[:0], tangents, lo, hi), k.x.rows(bbuf[:0], cotangents, lo, hi)
	third := len(scratch) / 3
	k.tiles(len(dy)/k.c, func(i, j int, c [4][]float32) {
		d, from, dfrom := dy[i*k.c:j*k.c], k.x.gather(scratch, x, i, j), k.x.gather(scratch[third:], dx, i, j)
		if k.x.single() {
			tensor.AddAffine3(bx[0][i*k.c:j*k.c], c[0], c[1], from, c[2], d, c[3], dfrom)
			return
		}
		sum := scratch[2*third:][:len(d)]
		clear(sum)
		tensor.AddAffine3(sum, c[0], c[1], from, c[2], d, c[3], dfrom)
		k.x.give(bx, i, sum, k.x.all)
	})
}
