package onnx

import (
	"math"
	"slices"
)

// biasedInWindows combines the biases of scores in windows with constants, which may be others in each window and are the same for all
// examples and heads.
func (b *builder) biasedInWindows(s *scores, bias value, f func(x float64) float64, combine func(before, x float64) float64) value {
	if bias.deferred != nil && bias.mask != "" || bias.activation != nil {
		failf("masks among the inputs are not supported where attention is in windows")
	}
	a := (*array)(nil)
	if bias.constant != nil {
		a = b.array(bias.constant)
	} else {
		a = b.forEach(bias.deferred)
	}
	if s.window*int64(s.q.of.Shape().T) > small {
		failf("it adds a constant to more than %d scores", small)
	}
	s.combine(combine, s.inWindows(a, f), nil)
	return value{activation: &activation{scores: s}}
}

// inWindows returns f of the numbers of an array for the scores of one head of an example, window by window.
func (s *scores) inWindows(a *array, f func(x float64) float64) []float64 {
	square, windows := s.window*s.window, int64(s.q.of.Shape().T)/s.window
	to := slices.Repeat([]int64{1}, len(s.lead)+2)
	to[len(s.lead)], to[len(s.lead)+1] = s.window, s.window
	a = a.expanded(common(a.dims, to))
	lead := a.dims[:len(a.dims)-2]
	at := slices.IndexFunc(s.lead, func(axis []piece) bool {
		return slices.ContainsFunc(axis, func(p piece) bool { return p.axis == 'T' && p.size == windows })
	})
	if at < 0 || len(a.dims) != len(to) || !slices.Equal(a.dims[len(lead):], to[len(lead):]) || lead[at] != 1 && lead[at]%windows != 0 {
		s.refuse(a)
	}
	repeated, own := product(lead[at+1:]), min(lead[at], windows) // matrices that follow each other for a window, and how many differ
	out := slices.Repeat([]float64{math.NaN()}, int(own*square))
	for i := range int64(a.size()) {
		x, to := f(a.real(int(i))), &out[i/square/repeated%lead[at]%own*square+i%square]
		if !math.IsNaN(*to) && *to != x {
			s.refuse(a)
		}
		*to = x
	}
	return slices.Repeat(out, int(windows/own))
}

// refuse fails for a constant that does not fit windows.
func (s *scores) refuse(a *array) {
	failf("the constant of the shape %s that is added to scores in windows, %s, is not the same for all examples and heads: if it was made of a bias that is learned, export the network with do_constant_folding=False, or with dynamo=True and optimize=False",
		sized(a.dims), sized(s.dims()))
}

// layout returns the axes of scores, of which queries and keys stand for themselves.
func (s *scores) layout() *layout {
	rows, cols := s.square()
	return &layout{of: s.q.of, axes: append(slices.Clone(s.lead), trimmed([]piece{{'Q', rows, 1}}), trimmed([]piece{{'K', cols, 1}})), scale: 1}
}

// withAxes returns scores whose axes are others before those of queries and keys; ok is false if a layout has these cut.
func (s scores) withAxes(l *layout) (v value, ok bool) {
	own, last := s.layout(), len(l.axes)-2
	if last < 1 || !slices.EqualFunc(l.axes[last:], own.axes[len(own.axes)-2:], slices.Equal) {
		return v, false
	}
	s.lead = l.axes[:last]
	return value{activation: &activation{scores: &s}}, true
}
