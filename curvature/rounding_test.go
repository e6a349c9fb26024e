package curvature

import (
	"testing"

	"breakeven/nn"
	"breakeven/tensor"
)

// A product with the examples in another order is the same up to rounding, which is not
// zero; later products have the same bits as before.
func TestRounding(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p := at(net, 20, s)
		v, before, after := make([]float32, net.Dim()), make([]float32, net.Dim()), make([]float32, net.Dim())
		for i := range v {
			v[i] = float32(i%7) - 3
		}
		for _, o := range []*Operator{p.Hessian(), p.GaussNewton()} {
			if err := o.MulVecTo(before, v); err != nil {
				t.Fatal(err)
			}
			r, err := o.Rounding(v, before)
			if err != nil || len(r) != 2 {
				t.Fatal(r, err)
			}
			if err := o.MulVecTo(after, v); err != nil {
				t.Fatal(err)
			}
			size := tensor.Norm(before) / tensor.Norm(v)
			if r[0] <= 0 || r[0] > 1e-5*size {
				t.Errorf("‖ΔAv‖ is %g of ‖Av‖", r[0]/size)
			}
			for i := range before {
				if before[i] != after[i] {
					t.Fatal("other bits after")
				}
			}
		}
	})
}

// The mean over examples of vᵀG_i v is vᵀGv.
func TestGaussNewtonsOfExamples(t *testing.T) {
	net := smooth(false)
	p := at(net, 20, Settings{Chunk: 8})
	v, gv := make([]float32, net.Dim()), make([]float32, net.Dim())
	for i := range v {
		v[i] = float32(i%5) - 2
	}
	if err := p.GaussNewton().MulVecTo(gv, v); err != nil {
		t.Fatal(err)
	}
	x, mean := make([]float64, 20), 0.0
	if err := p.GaussNewtons(x, v); err != nil {
		t.Fatal(err)
	}
	for _, c := range x {
		mean += c / 20
	}
	closeTo(t, "mean of vᵀG_i v", mean, tensor.Dot(v, gv), 1e-5, mean)
}
