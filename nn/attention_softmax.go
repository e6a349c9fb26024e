package nn

import (
	"math"
	"slices"

	"breakeven/tensor"
)

// softmax sets s to p.
func (h attentionHead) softmax(s []float32) {
	h.inner(s, h.view(h.in[queries], values), h.view(h.in[keys], values), false)
	for t := range h.rows {
		row := s[t*h.cols : (t+1)*h.cols]
		if h.Causal {
			clear(row[min(t+1, h.cols):])
			row = row[:min(t+1, h.cols)]
		}
		scale := float32(h.scale)
		switch {
		case h.Masked != nil:
			h.addMasked(row, t)
			scale = 1
		case len(h.Bias) > 0:
			for j, x := range h.biasOf(h.Bias, t, len(row)) {
				row[j] = row[j]*scale + x
			}
			scale = 1
		}
		if h.Places != nil {
			tensor.Scale(row, scale)
			h.addTable(row, h.plan.theta, t)
			scale = 1
		}
		h.weigh(row, scale)
	}
}

// weigh replaces a row of scores x by softmax(scale·x), or by 0 if all keys are hidden.
func (h attentionHead) weigh(row []float32, scale float32) {
	largest := slices.Max(row)
	if math.IsInf(float64(largest), -1) {
		clear(row)
		return
	}
	for j, v := range row {
		row[j] = (v - largest) * scale
	}
	tensor.Exp(row, row)
	tensor.Scale(row, float32(1/tensor.Dot(row, h.ones[:len(row)])))
}

// softmaxTangent sets dp to ṗ, which it makes from ṡ.
func (h attentionHead) softmaxTangent(dp, p []float32) {
	h.scoresTangent(dp)
	h.centre(dp, p)
}

// scoresTangent sets ds to ṡ.
func (h attentionHead) scoresTangent(ds []float32) {
	q, k := h.in[queries], h.in[keys]
	clear(ds)
	if q.active {
		h.inner(ds, h.view(q, tangents), h.view(k, values), true)
	}
	if k.active {
		h.inner(ds, h.view(q, values), h.view(k, tangents), true)
	}
	tensor.Scale(ds, float32(h.scale))
	if h.Places != nil {
		h.addTables(ds, h.plan.v)
	}
}

// centre replaces each row x by p(x − Σpx).
func (h attentionHead) centre(x, p []float32) {
	for lo := 0; lo < len(x); lo += h.cols {
		row, weights := x[lo:lo+h.cols], p[lo:lo+h.cols]
		mean := float32(tensor.Dot(row, weights))
		for j, w := range weights {
			row[j] = w * (row[j] - mean)
		}
	}
}
