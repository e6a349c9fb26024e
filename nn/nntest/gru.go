package nntest

import "breakeven/nn"

// gru computes the value y of a GRU by its equations.
func gru(op nn.GRU, ps [][]hyper, y, x images) {
	n, directions := op.Hidden, 1
	if op.Bidirectional {
		directions = 2
	}
	runs := max(1, op.Layers) * directions
	var h []images
	for r := range runs {
		w := ps[len(ps)/runs*r:]
		if op.NoBias {
			w = append(w[:2:2], make([]hyper, 3*n), make([]hyper, 3*n))
		}
		hs := newImages(y.n, nn.Seq(y.T, n))
		for i := range y.n {
			before, steps := make([]hyper, n), y.count(i)
			for t := range steps {
				if directions == 2 && r%2 == 1 {
					t = steps - 1 - t
				}
				at := i*y.T + t
				before = gruStep(op, w, x.x[at*x.C:(at+1)*x.C], before)
				copy(hs.x[at*n:], before)
			}
		}
		h = append(h, hs)
		switch {
		case directions == 1:
			x = hs
		case r%2 == 1:
			x = newImages(y.n, y.Shape)
			concat(x, h[r-1:])
		}
	}
	copy(y.x, x.x)
}

// gruStep is one step of one layer; w are the two matrices and the two biases.
func gruStep(op nn.GRU, w [][]hyper, x, h []hyper) (next []hyper) {
	n := len(h)
	sum := func(row, k int, in []hyper) hyper {
		a := w[2+k][row]
		for j, v := range in {
			a = a.plus(w[k][row*len(in)+j].times(v))
		}
		return a
	}
	reset := make([]hyper, n)
	for j := range reset {
		reset[j] = sum(j, 0, x).plus(sum(j, 1, h)).sigmoid().times(h[j])
	}
	for j := range n {
		r := sum(j, 0, x).plus(sum(j, 1, h)).sigmoid()
		z := sum(n+j, 0, x).plus(sum(n+j, 1, h)).sigmoid()
		ofH := r.times(sum(2*n+j, 1, h))
		if op.ResetFirst {
			ofH = sum(2*n+j, 1, reset)
		}
		c := sum(2*n+j, 0, x).plus(ofH).tanh()
		next = append(next, constant(1).minus(z).times(c).plus(z.times(h[j])))
	}
	return next
}
