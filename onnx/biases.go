package onnx

import "math"

// causal reports whether biases hide the keys of later steps, and do nothing else.
func causal(bias []float64, rows, cols int64) bool {
	for i, x := range bias {
		later := int64(i)%cols > int64(i)/cols%rows
		if later && x > hiddenBelow || !later && x != 0 {
			return false
		}
	}
	return len(bias) > 0 && rows > 1
}

// biases returns biases as Attention has them, nil if they are 0: one for all heads if they are the same for
// each.
func biases(bias []float64, square int64) []float32 {
	var out []float32
	zero, shared := true, true
	for i, x := range bias {
		if x <= hiddenBelow {
			x = math.Inf(-1)
		}
		out = append(out, float32(x))
		zero = zero && x == 0
		shared = shared && out[i] == out[int64(i)%square]
	}
	if zero {
		return nil
	}
	if shared {
		out = out[:square]
	}
	return out
}

// combine combines the biases of scores with others, which are other ones where the mask is 0 unless hidden is nil.
func (s *scores) combine(f func(before, x float64) float64, bias, hidden []float64) {
	switch {
	case hidden == nil:
		hidden = bias
	case s.hidden == nil:
		s.hidden = s.bias
		if s.hidden == nil {
			s.hidden = []float64{0}
		}
	}
	if s.hidden != nil {
		s.hidden = eachOf(s.hidden, hidden, f)
	}
	s.bias = eachOf(s.bias, bias, f)
}

// eachOf returns f of the numbers of biases, each for all heads or for every one. Of no numbers it takes 0.
func eachOf(x, y []float64, f func(x, y float64) float64) []float64 {
	out := make([]float64, max(len(x), len(y)))
	for i := range out {
		before := 0.0
		if len(x) > 0 {
			before = x[i%len(x)]
		}
		out[i] = f(before, y[i%len(y)])
	}
	return out
}
