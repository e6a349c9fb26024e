package nntest

import "breakeven/nn"

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

// normaliseLayers is layer norm: over the channels of a pixel, with γ and β if it is affine, or
// over an image.
func normaliseLayers(y, x images, op nn.LayerNorm, ps [][]hyper) {
	groups := x.H * x.W
	if op.Whole {
		groups = 1
	}
	for i := range x.all() {
		image, to := x.x[i*x.C*x.H*x.W:][:x.C*x.H*x.W], y.x[i*x.C*x.H*x.W:]
		for g := range groups {
			var group, squares []hyper
			for k := g; k < len(image); k += groups {
				group = append(group, image[k])
			}
			mu := mean(group)
			for _, v := range group {
				squares = append(squares, v.minus(mu).times(v.minus(mu)))
			}
			inv := mean(squares).plus(constant(op.Eps)).rsqrt()
			for k := g; k < len(image); k += groups {
				to[k] = image[k].minus(mu).times(inv)
				if op.Affine {
					to[k] = to[k].times(ps[0][k/groups])
				}
				if op.Affine && !op.NoBias {
					to[k] = to[k].plus(ps[1][k/groups])
				}
			}
		}
	}
}

// normaliseGroups is group norm, with γ and β.
func normaliseGroups(y, x images, groups int, ps [][]hyper) {
	pixels := x.H * x.W
	size := x.C / groups * pixels
	for at := 0; at < len(x.x); at += size {
		group := x.x[at : at+size]
		mu := mean(group)
		var squares []hyper
		for _, v := range group {
			squares = append(squares, v.minus(mu).times(v.minus(mu)))
		}
		inv := mean(squares).plus(constant(1e-5)).rsqrt()
		for i, v := range group {
			c := (at + i) / pixels % x.C
			y.x[at+i] = v.minus(mu).times(inv).times(ps[0][c]).plus(ps[1][c])
		}
	}
}
