package nntest

import (
	"math"

	"breakeven/nn"
	"breakeven/rng"
)

// dotProducts computes the value y of an Attention by its equations, from queries, keys, values and the mask that
// there may be.
func dotProducts(op nn.Attention, y images, in []images, name string, first int) {
	q, k, v := in[0], in[1], in[2]
	size := y.C / op.Heads
	part := func(x images, i, t, head int) []hyper { return x.x[(i*x.T+t)*x.C+head*size:][:size] }
	for i := range y.n {
		for head := range op.Heads {
			for t := range q.count(i) {
				var scores []hyper
				largest := math.Inf(-1)
				for s := range k.count(i) {
					var score hyper
					for c, a := range part(q, i, t, head) {
						score = score.plus(a.times(part(k, i, s, head)[c]))
					}
					score = score.scaled(1 / math.Sqrt(float64(size))).plus(constant(biasAt(op, in, i, head, t, s)))
					scores, largest = append(scores, score), max(largest, score.v)
				}
				if math.IsInf(largest, -1) { // all keys are hidden
					continue
				}
				to := part(y, i, t, head)
				for s, w := range softmax(scores, largest) {
					if op.Dropout > 0 {
						w = dropped(w, op, name, (first+i)*((op.Heads*q.T*k.T+7)/8), (head*q.T+t)*k.T+s)
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
		return float64(bias[(head*rows+t)*cols%len(bias)+s])
	}
	return 0
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
