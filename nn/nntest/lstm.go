package nntest

import "breakeven/nn"

// lstm computes the value y of an LSTM by its equations, and the sequences of h and c of its
// layers in each direction.
func lstm(op nn.LSTM, ps [][]hyper, y images, in []images) (h, c []images) {
	x, n, directions := in[0], op.Hidden, 1
	if op.Bidirectional {
		directions = 2
	}
	runs := max(1, op.Layers) * directions
	for r := range runs {
		w := ps[len(ps)/runs*r:]
		switch {
		case op.NoBias:
			w = append(w[:2:2], make([]hyper, 4*n), make([]hyper, 4*n))
		case op.OneBias:
			w = append(w[:3:3], make([]hyper, 4*n))
		}
		shape := nn.Seq(y.T, n)
		hs, cs := newImages(y.n, shape), newImages(y.n, shape)
		for i := range y.n {
			before, cell := make([]hyper, n), make([]hyper, n)
			if len(in) == 3 {
				states := in[1].C
				copy(before, in[1].x[i*states+r*n:][:n])
				copy(cell, in[2].x[i*states+r*n:][:n])
			}
			steps := in[0].count(i)
			for t := range steps {
				if op.Bidirectional && r%2 == 1 {
					t = steps - 1 - t
				}
				at := i*y.T + t
				before, cell = lstmStep(w, x.x[at*x.C:(at+1)*x.C], before, cell)
				copy(hs.x[at*n:], before)
				copy(cs.x[at*n:], cell)
			}
		}
		h, c = append(h, hs), append(c, cs)
		switch {
		case !op.Bidirectional:
			x = hs
		case r%2 == 1:
			x = newImages(y.n, y.Shape)
			concat(x, h[r-1:])
		}
	}
	copy(y.x, x.x)
	return h, c
}

// lstmStep is one step of one layer; w are the two matrices and the two biases.
func lstmStep(w [][]hyper, x, h, c []hyper) (newH, newC []hyper) {
	n := len(h)
	gate := func(row int) hyper {
		a := w[2][row].plus(w[3][row])
		for j, v := range x {
			a = a.plus(w[0][row*len(x)+j].times(v))
		}
		for j, v := range h {
			a = a.plus(w[1][row*n+j].times(v))
		}
		return a
	}
	for j := range n {
		i, f, g, o := gate(j).sigmoid(), gate(n+j).sigmoid(), gate(2*n+j).tanh(), gate(3*n+j).sigmoid()
		newC = append(newC, f.times(c[j]).plus(i.times(g)))
		newH = append(newH, o.times(newC[j].tanh()))
	}
	return newH, newC
}
