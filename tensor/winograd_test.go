package tensor

import (
	"math"
	"testing"

	"breakeven/rng"
)

// Winograd's algorithm is about as accurate as direct sums: it adds and subtracts
// more, but its chains of additions are shorter. The inputs are those of a layer
// behind a ReLU.
func TestWinogradAccuracy(t *testing.T) {
	for _, channels := range []int{16, 32, 64} {
		s := ConvShape{H: 12, W: 12, C: channels, O: channels, K: 3, Stride: 1, Pad: 1}
		fast, slow := NewConv(s), directConv(s)
		r := rng.New(1, "tensor/winograd")
		x, w, dy := make([]float32, fast.sizeX), make([]float32, 9*s.C*s.O), make([]float32, fast.sizeY)
		for _, v := range [][]float32{x, w, dy} {
			for i := range v {
				v[i] = float32(r.NormFloat64())
			}
		}
		for i := range x {
			x[i] = max(0, x[i])
		}
		y, dw := make([]float64, len(dy)), make([]float64, len(w))
		for p := range s.OH() * s.OW() {
			for tap := range 9 {
				row, column := p/s.OW()+tap/3-1, p%s.OW()+tap%3-1
				if min(row, column) < 0 || row >= s.H || column >= s.W {
					continue
				}
				at := (row*s.W + column) * s.C
				for k := range s.C * s.O {
					c, o := k/s.O, k%s.O
					weight := (o*s.C+c)*9 + tap
					y[p*s.O+o] += float64(x[at+c]) * float64(w[weight])
					dw[weight] += float64(x[at+c]) * float64(dy[p*s.O+o])
				}
			}
		}
		yFast, dwFast := results(fast, x, w, dy)
		ySlow, dwSlow := results(slow, x, w, dy)
		if e, direct := distance(yFast, y), distance(ySlow, y); !(e < direct && e < 4e-7) {
			t.Errorf("%d channels: values with a relative error of %.2g, direct %.2g", channels, e, direct)
		}
		if e, direct := distance(dwFast, dw), distance(dwSlow, dw); !(e < 1.5*direct && e < 4e-7) {
			t.Errorf("%d channels: gradients with a relative error of %.2g, direct %.2g", channels, e, direct)
		}
	}
}

// directConv is a convolution that does without Winograd's algorithm.
func directConv(s ConvShape) *Conv {
	c := NewConv(s)
	c.fast, c.fastData, c.fastWeight = nil, nil, nil
	c.planDirect()
	c.buildDirect()
	return c
}

// results computes the values and the weights' gradient of one image.
func results(c *Conv, x, w, dy []float32) (y, dw []float32) {
	panels, scratch := c.ForwardPanels(), make([]float32, c.Scratch())
	for i := range panels.Count() {
		c.PackForward(panels, i, w)
	}
	y, dw = make([]float32, c.sizeY), make([]float32, len(w))
	c.Forward(y, 1, Epilogue{}, scratch, Term{x, panels})
	sums := make([]float32, c.WeightSize())
	c.Weight(sums, x, dy, 1, false, scratch)
	for i := range c.C {
		c.FinishWeight(dw, sums, 1, i, false)
	}
	return y, dw
}

// distance returns ‖x − y‖/‖y‖.
func distance(x []float32, y []float64) float64 {
	d, n := 0.0, 0.0
	for i, v := range y {
		d += (float64(x[i]) - v) * (float64(x[i]) - v)
		n += v * v
	}
	return math.Sqrt(d / n)
}
