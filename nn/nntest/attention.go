package nntest

import (
	"math"

	"breakeven/nn"
	"breakeven/rng"
)

// dotProducts computes the value y of an Attention by its equations, from queries, keys and
// values.
func dotProducts(op nn.Attention, y images, in []images, name string, first int) {
	q, k, v := in[0], in[1], in[2]
	size := y.C / op.Heads
	part := func(x images, i, t, head int) []hyper { return x.x[(i*x.T+t)*x.C+head*size:][:size] }
	for i := range y.n {
		for head := range op.Heads {
			for t := range q.count(i) {
				var weights []hyper
				var sum hyper
				for s := range k.count(i) {
					var score hyper
					for c, a := range part(q, i, t, head) {
						score = score.plus(a.times(part(k, i, s, head)[c]))
					}
					score = score.scaled(1 / math.Sqrt(float64(size)))
					if len(op.Bias) > 0 {
						score = score.plus(constant(float64(op.Bias[(head*q.T+t)*k.T%len(op.Bias)+s])))
					}
					weight := score.exp()
					if op.Causal && s > t || math.IsInf(score.v, -1) {
						weight = hyper{}
					}
					weights = append(weights, weight)
					sum = sum.plus(weights[s])
				}
				to := part(y, i, t, head)
				if sum.v == 0 { // all keys are hidden
					continue
				}
				for s, w := range weights {
					w = w.times(sum.inverse())
					if op.Dropout > 0 {
						w = masked(w, op, name, (first+i)*((op.Heads*q.T*k.T+7)/8), (head*q.T+t)*k.T+s)
					}
					for c, a := range part(v, i, s, head) {
						to[c] = to[c].plus(w.times(a))
					}
				}
			}
		}
	}
}

// masked is a weight after dropout: the number-th of an example whose places begin with first.
func masked(w hyper, op nn.Attention, name string, first, number int) hyper {
	a, b := rng.NewField(maskSeed, "dropout/"+name).At(maskStep, uint64(first+number/8))
	bits := [2]uint64{a, b}[number%8/4] >> (number % 4 * 16) & 0xffff
	if float64(bits) < math.Round(op.Dropout*65536) {
		return hyper{}
	}
	return w.scaled(1 / (1 - op.Dropout))
}
