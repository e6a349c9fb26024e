package nn

import (
	"fmt"
	"math"
)

// checkMask panics unless biases and the mask fit the queries and keys.
func (a Attention) checkMask(in []Shape) {
	rows, cols := a.scores(in[queries], in[keys])
	square := rows * cols
	if a.Window > 0 {
		square = in[queries].T * cols
	}
	a.checkBias(a.Bias, square)
	a.checkBias(a.Masked, square)
	switch {
	case a.Masked == nil && len(in) > 3, a.Masked != nil && len(in) != 4, a.Masked != nil && len(a.Bias) > 0 && len(a.Bias) != len(a.Masked):
		panic(fmt.Sprintf("nn: attention of %d inputs, with a bias of %d numbers and one of %d where a mask hides keys: want as many, and the mask as a fourth input", len(in), len(a.Bias), len(a.Masked)))
	case a.Masked != nil && in[masking] != Seq(in[keys].T, 1) && in[masking] != Seq(in[queries].T, in[keys].T):
		panic(fmt.Sprintf("nn: attention with a mask of %v for %d queries and %d keys: want a number for each key, or for each query and key", in[masking], in[queries].T, in[keys].T))
	}
}

// checkBias panics unless a bias fits matrices of scores of a size.
func (a Attention) checkBias(bias []float32, square int) {
	if n := len(bias); n != 0 && n != square && (n != a.Heads*square || a.Window > 0) {
		panic(fmt.Sprintf("nn: attention with a bias of %d numbers: want %d, or so many for each of the %d heads", n, square, a.Heads))
	}
	for _, x := range bias {
		if x != x || x > math.MaxFloat32 {
			panic(fmt.Sprintf("nn: attention with a bias of %v", x))
		}
	}
}

// bindMask binds the mask, if there is one.
func (k *attention) bindMask(b *binding) {
	if k.Masked == nil {
		return
	}
	if k.mask = b.in(masking); k.mask.active {
		panic("nn: attention with a mask that depends on parameters")
	}
}

// biasOf returns the bias of the first n keys in row t.
func (h attentionHead) biasOf(bias []float32, t, n int) []float32 {
	at := h.head * h.squares % len(bias) // 0 if there is one for all heads
	if h.Window > 0 {
		at = h.window * h.squares
	}
	return bias[at+t*h.wide:][:n]
}

// addMasked replaces the first products of row t by their scores, with the bias that the mask says.
func (h attentionHead) addMasked(row []float32, t int) {
	mask := h.mask.example(values, h.example)
	if steps := h.in[keys].shape.T; h.mask.shape != Seq(steps, 1) {
		mask = mask[t*steps:]
	}
	hidden, bias, scale := h.biasOf(h.Masked, t, len(row)), []float32(nil), float32(h.scale)
	if len(h.Bias) > 0 {
		bias = h.biasOf(h.Bias, t, len(row))
	}
	for j, x := range hidden {
		if mask[j] > 0 {
			if x = 0; bias != nil {
				x = bias[j]
			}
		}
		row[j] = row[j]*scale + x
	}
}
