package nntest

import (
	"math"

	"breakeven/nn"
	"breakeven/rng"
)

// dotProducts computes the value y of an Attention by its equations, from queries, keys, values and the mask that
// there may be.
func dotProducts(op nn.Attention, ps [][]hyper, y images, in []images, name string, first int) {
	q, k, v := in[0], in[1], in[2]
	size := y.C / op.Heads
	part := func(x images, i, t, head int) []hyper { return x.x[(i*x.T+t)*x.C+head*size:][:size] }
	for i := range y.n {
		for head := range op.Heads {
			for t := range q.count(i) {
				var scores []hyper
				largest := math.Inf(-1)
				for s := range k.count(i) {
					if op.Window > 0 && s/op.Window != t/op.Window {
						scores = append(scores, constant(math.Inf(-1)))
						continue
					}
					var score hyper
					for c, a := range part(q, i, t, head) {
						score = score.plus(a.times(part(k, i, s, head)[c]))
					}
					score = score.scaled(1 / math.Sqrt(float64(size))).plus(constant(biasAt(op, in, i, head, t, s)))
					if op.Places != nil {
						score = score.plus(ps[0][op.Places[scoreAt(op, q.T, k.T, head, t, s)]])
					}
					scores, largest = append(scores, score), max(largest, score.v)
				}
				if math.IsInf(largest, -1) { // all keys are hidden
					continue
				}
				to := part(y, i, t, head)
				for s, w := range softmax(scores, largest) {
					if op.Dropout > 0 {
						w = dropped(w, op, name, (first+i)*((op.Heads*q.T*width(op, k.T)+7)/8), (head*q.T+t)*width(op, k.T)+s%width(op, k.T))
					}
					for c, a := range part(v, i, s, head) {
						to[c] = to[c].plus(w.times(a))
					}
				}
			}
		}
	}
}

// biasAt returns what is added to the score of key s for query t of example i.
func biasAt(op nn.Attention, in []images, i, head, t, s int) float64 {
	rows, cols := in[0].T, in[1].T
	bias := op.Bias
	if op.Masked != nil {
		mask, at := in[3], s
		if mask.Shape != nn.Seq(cols, 1) {
			at += t * cols
		}
		if mask.x[i*mask.Size()+at].v <= 0 {
			bias = op.Masked
		}
	}
	switch {
	case op.Causal && s > t:
		return math.Inf(-1)
	case len(bias) > 0:
		if op.Window > 0 {
			return float64(bias[t*op.Window+s%op.Window])
		}
		return float64(bias[(head*rows+t)*cols%len(bias)+s])
	}
	return 0
}

// width returns how many keys a query sees at most.
func width(op nn.Attention, cols int) int {
	if op.Window > 0 {
		return op.Window
	}
	return cols
}

// scoreAt returns the number of a score among those of all heads of one window.
func scoreAt(op nn.Attention, rows, cols, head, t, s int) int {
	rows, cols = width(op, rows), width(op, cols)
	return (head*rows+t%rows)*cols + s%cols
}

// softmax returns the weights of scores, from which their largest is subtracted.
func softmax(scores []hyper, largest float64) (weights []hyper) {
	var sum hyper
	for _, x := range scores {
		var w hyper
		if !math.IsInf(x.v, -1) {
			w = x.plus(constant(-largest)).exp()
		}
		weights, sum = append(weights, w), sum.plus(w)
	}
	for s, w := range weights {
		weights[s] = w.times(sum.inverse())
	}
	return weights
}

// dropped is a weight after dropout: the number-th of an example whose places begin with first.
func dropped(w hyper, op nn.Attention, name string, first, number int) hyper {
	a, b := rng.NewField(maskSeed, "dropout/"+name).At(maskStep, uint64(first+number/8))
	bits := [2]uint64{a, b}[number%8/4] >> (number % 4 * 16) & 0xffff
	if float64(bits) < math.Round(op.Dropout*65536) {
		return hyper{}
	}
	return w.scaled(1 / (1 - op.Dropout))
}
