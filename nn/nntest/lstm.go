package nntest

import "breakeven/nn"

// lstm computes the value y of an LSTM by its equations, and the sequences of h and c of its
// layers.
func lstm(op nn.LSTM, ps [][]hyper, y images, in []images) (h, c []images) {
	x, n := in[0], op.Hidden
	for layer := range max(1, op.Layers) {
		w := ps[len(ps)/max(1, op.Layers)*layer:]
		if op.OneBias {
			w = append(w[:3:3], make([]hyper, 4*n))
		}
		hs, cs := newImages(y.n, y.Shape), newImages(y.n, y.Shape)
		for i := range y.n {
			before, cell := make([]hyper, n), make([]hyper, n)
			if len(in) == 3 {
				states := in[1].C
				copy(before, in[1].x[i*states+layer*n:][:n])
				copy(cell, in[2].x[i*states+layer*n:][:n])
			}
			for t := range in[0].count(i) {
				at := i*y.T + t
				before, cell = lstmStep(w, x.x[at*x.C:(at+1)*x.C], before, cell)
				copy(hs.x[at*n:], before)
				copy(cs.x[at*n:], cell)
			}
		}
		h, c, x = append(h, hs), append(c, cs), hs
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
