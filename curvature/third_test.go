package curvature

import (
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/tensor"
)

// Of a network of two linear layers the loss is a polynomial of degree 4, and the third derivative
// is that of the polynomial in float64, for any step.
func TestThirdOfPolynomial(t *testing.T) {
	net, x := nn.NewNetwork(nn.Vec(3))
	x = net.Add("one", nn.Linear{Units: 2, NoBias: true}, x)
	net.Add("two", nn.Linear{Units: 1, NoBias: true}, x)
	set, theta, v := points(net, 7), point(net), random(net.Dim(), "v")
	loss := func(u, w []float32, a, b float64) (sum float64) { // at θ + au + bw
		at := make([]float64, len(theta))
		for i := range at {
			at[i] = float64(theta[i]) + a*float64(u[i]) + b*float64(w[i])
		}
		for i := range set.N {
			y := 0.0
			for k := range 2 {
				for j := range 3 {
					y += at[6+k] * at[3*k+j] * float64(set.In[0].F[3*i+j])
				}
			}
			sum += (y - 1) * (y - 1) / float64(set.N)
		}
		return sum
	}
	for _, chunk := range []int{3, 7} {
		p := New(net, set, Settings{Loss: nn.MSE{}, Chunk: chunk})
		p.At(theta)
		before, dst := slices.Clone(must(product(p, v))), make([]float32, net.Dim())
		for _, h := range []float64{0.25, 1} {
			if err := p.Third(dst, v, h); err != nil {
				t.Fatal(err)
			}
			for j := range dst {
				w := make([]float32, net.Dim())
				w[j] = 1
				slope := func(b float64) float64 { return loss(v, w, 1, b) - 2*loss(v, w, 0, b) + loss(v, w, -1, b) }
				closeTo(t, "third derivative", float64(dst[j]), (slope(1)-slope(-1))/2, 2e-6, tensor.Norm(dst))
			}
		}
		if after := must(product(p, v)); !slices.Equal(after, before) {
			t.Error("the next product has other bits")
		}
	}
}

func product(p *Problem, v []float32) ([]float32, error) {
	dst := make([]float32, len(v))
	return dst, p.Hessian().MulVecTo(dst, v)
}

// ⟨∇³L[v, v, ·], w⟩ is also the change along w of the curvature along v.
func TestThirdBySymmetry(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p, v, w := at(net, 10, s), random(net.Dim(), "v"), random(net.Dim(), "w")
		third := make([]float32, net.Dim())
		if err := p.Third(third, v, 1./16); err != nil {
			t.Fatal(err)
		}
		curvature := func(by float32) float64 {
			theta := point(net)
			tensor.Axpy(theta, by, w)
			p.At(theta)
			return tensor.Dot(v, must(product(p, v)))
		}
		closeTo(t, "third derivative", tensor.Dot(third, w), (curvature(1./16)-curvature(-1./16))*8, 5e-3, tensor.Norm(third))
	})
}
