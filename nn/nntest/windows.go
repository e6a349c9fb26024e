package nntest

import (
	"slices"

	"breakeven/nn"
)

// readWindows is the value of operations on windows.
func readWindows(y, x images, op nn.Op) {
	pixel := func(i, c, p int) hyper {
		if p < 0 {
			return hyper{}
		}
		return *x.at(i, c, p/x.W, p%x.W)
	}
	for i := range y.all() {
		for c := range y.C {
			for o := range y.H * y.W {
				to := y.at(i, c, o/y.W, o%y.W)
				if u, ok := op.(nn.Unfold); ok {
					k := len(u.Read[o])
					*to = pixel(i, c/k, u.Read[o][c%k])
					continue
				}
				w := op.(nn.Windows)
				for _, p := range w.Read[o] {
					*to = to.plus(pixel(i, c, p))
				}
				if w.Scale != nil {
					*to = to.scaled(float64(w.Scale[o]))
				}
			}
		}
	}
}

// largestOf is the maximum over windows.
func largestOf(y, x images, read []nn.Window, sw *switches) {
	for i := range y.all() {
		for c := range y.C {
			for o, window := range read {
				var pixels []hyper
				var at []int
				for _, p := range window {
					if p >= 0 {
						pixels, at = append(pixels, *x.at(i, c, p/x.W, p%x.W)), append(at, p)
					}
				}
				*y.at(i, c, o/y.W, o%y.W) = largest(pixels, at, sw)
			}
		}
	}
}

// normaliseLayers is layer norm: over the channels of a pixel, with γ and β if it is affine, or
// over an image.
func normaliseLayers(y, x images, op nn.LayerNorm, ps [][]hyper) {
	groups := x.H * x.W
	if op.Whole {
		groups = 1
	}
	eachRow(y, x, groups, op.Group, func(row []hyper) {
		mu := mean(row)
		for k, v := range row {
			row[k] = v.minus(mu)
		}
		scaleRow(row, op.Eps, ps)
	})
}

// normaliseSquares is RMS norm.
func normaliseSquares(y, x images, op nn.RMSNorm, ps [][]hyper) {
	eachRow(y, x, x.H*x.W, op.Group, func(row []hyper) { scaleRow(row, op.Eps, ps) })
}

// eachRow sets y to what f makes of the numbers of x that are normalised together. An image has so many groups of them,
// whose numbers alternate, and which may be cut into parts.
func eachRow(y, x images, groups, part int, f func(row []hyper)) {
	size := x.C * x.H * x.W
	for first := 0; first < len(x.x); first += size {
		for g := range groups {
			var row []hyper
			for k := g; k < size; k += groups {
				row = append(row, x.x[first+k])
			}
			n := len(row)
			if part > 0 {
				n = part
			}
			for some := range slices.Chunk(row, n) {
				f(some)
			}
			for k, v := range row {
				y.x[first+g+k*groups] = v
			}
		}
	}
}

// scaleRow divides numbers by the root of the mean of their squares, and applies γ and β as far as there are any.
func scaleRow(row []hyper, eps float64, ps [][]hyper) {
	var squares []hyper
	for _, v := range row {
		squares = append(squares, v.times(v))
	}
	inv := mean(squares).plus(constant(eps)).rsqrt()
	for k, v := range row {
		row[k] = v.times(inv)
		if len(ps) > 0 {
			row[k] = row[k].times(ps[0][k])
		}
		if len(ps) > 1 {
			row[k] = row[k].plus(ps[1][k])
		}
	}
}

// normaliseGroups is group norm, with γ and β.
func normaliseGroups(y, x images, op nn.GroupNorm, ps [][]hyper) {
	pixels, eps := x.H*x.W, op.Eps
	if eps == 0 {
		eps = 1e-5
	}
	size := x.C / op.Groups * pixels
	for at := 0; at < len(x.x); at += size {
		group := x.x[at : at+size]
		mu := mean(group)
		var squares []hyper
		for _, v := range group {
			squares = append(squares, v.minus(mu).times(v.minus(mu)))
		}
		inv := mean(squares).plus(constant(eps)).rsqrt()
		for i, v := range group {
			c := (at + i) / pixels % x.C
			y.x[at+i] = v.minus(mu).times(inv).times(ps[0][c]).plus(ps[1][c])
		}
	}
}

// respond divides the norm of the pixels of each channel by the mean of the norms over the channels.
func respond(y, x images, eps float64) {
	pixels := x.H * x.W
	for i := range x.n {
		norms := y.x[i*x.C : (i+1)*x.C]
		for c := range norms {
			sum := constant(0)
			for _, v := range x.x[(i*x.C+c)*pixels:][:pixels] {
				sum = sum.plus(v.times(v))
			}
			norms[c] = sum.times(sum.rsqrt())
		}
		inv := mean(norms).plus(constant(eps)).inverse()
		for c, v := range norms {
			norms[c] = v.times(inv)
		}
	}
}
