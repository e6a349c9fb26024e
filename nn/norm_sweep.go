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
	return []phase{b.local(func(lo, hi, shard, _ int) {
		s := k.partial[shard*2*c : (shard+1)*2*c]
		if k.plan.first(lo) {
			clear(s)
		}
		if (a == tangents || lx == tangents) && !k.x.active {
			return
		}
		x := k.x.rows(lx, lo, hi)
		switch {
		case a == values:
			tensor.ColSquares(s[:c], s[c:], x, len(x)/c, c)
		case !ofY:
			tensor.ColMoments(s[:c], s[c:], k.x.rows(a, lo, hi), x, len(x)/c, c)
		case k.relu && lx == values && k.masksAdjoints:
			k.maskedMoments(s, k.y.rows(a, lo, hi), k.y.rows(values, lo, hi), x)
		default:
			tensor.ColMoments(s[:c], s[c:], k.y.rows(a, lo, hi), x, len(x)/c, c)
		}
	}), total}
}

// maskedMoments applies the mask of y to dy, in place, and adds the column sums of dy and
// of dy∘x to the halves of s.
func (k *norm) maskedMoments(s []float64, dy, y, x []float32) {
	c, tile := k.c, 2*len(k.coef[0])
	for lo := 0; lo < len(dy); lo += tile {
		hi := min(lo+tile, len(dy))
		d := dy[lo:hi]
		tensor.Mask(d, y[lo:hi], d)
		tensor.ColMoments(s[:c], s[c:], d, x[lo:hi], len(d)/c, c)
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

// tiles calls f for each tile of n numbers, with the coefficients of as many.
func (k *norm) tiles(n int, f func(lo, hi int, c [4][]float32)) {
	tile, c := len(k.coef[0]), k.coef
	for lo := 0; lo < n; lo += tile {
		if rest := n - lo; rest < tile {
			for i := range c {
				c[i] = c[i][:rest]
			}
			tile = rest
		}
		f(lo, lo+tile, c)
	}
}

func (k *norm) sweepForward(lo, hi, _, _ int) {
	y, x := k.y.rows(values, lo, hi), k.x.rows(values, lo, hi)
	k.tiles(len(y), func(i, j int, c [4][]float32) {
		if k.relu {
			tensor.Affine1ReLU(y[i:j], c[0], c[1], x[i:j])
		} else {
			tensor.Affine1(y[i:j], c[0], c[1], x[i:j])
		}
	})
}

func (k *norm) sweepTangent(lo, hi, _, _ int) {
	dy, x := k.y.rows(tangents, lo, hi), k.x.rows(values, lo, hi)
	var y, dx []float32
	if k.relu && k.masksTangents {
		y = k.y.rows(values, lo, hi)
	}
	if k.x.active {
		dx = k.x.rows(tangents, lo, hi)
	}
	k.tiles(len(dy), func(i, j int, c [4][]float32) {
		d := dy[i:j]
		if k.x.active {
			tensor.Affine2(d, c[0], c[1], x[i:j], c[2], dx[i:j])
		} else {
			tensor.Affine1(d, c[0], c[1], x[i:j])
		}
		if y != nil {
			tensor.Mask(d, y[i:j], d)
		}
	})
}

func (k *norm) sweepAdjoint(l lane) func(lo, hi, shard, worker int) {
	return func(lo, hi, _, _ int) {
		dx, x, dy := k.x.rows(l, lo, hi), k.x.rows(values, lo, hi), k.y.rows(l, lo, hi)
		k.tiles(len(x), func(i, j int, c [4][]float32) {
			if k.acc {
				tensor.AddAffine2(dx[i:j], c[0], c[1], x[i:j], c[2], dy[i:j])
			} else {
				tensor.Affine2(dx[i:j], c[0], c[1], x[i:j], c[2], dy[i:j])
			}
		})
	}
}

func (k *norm) sweepSecond(lo, hi, _, _ int) {
	if !k.x.active {
		return
	}
	bx, x := k.x.rows(cotangents, lo, hi), k.x.rows(values, lo, hi)
	dy, dx := k.y.rows(adjoints, lo, hi), k.x.rows(tangents, lo, hi)
	k.tiles(len(x), func(i, j int, c [4][]float32) {
		tensor.AddAffine3(bx[i:j], c[0], c[1], x[i:j], c[2], dy[i:j], c[3], dx[i:j])
	})
}
