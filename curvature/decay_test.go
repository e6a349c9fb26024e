package curvature_test

import (
	"math"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// With weight decay λ the loss has λ/2‖θ‖² besides, gradients λθ, and curvatures λ‖v‖²: what is computed
// is that without it and these closed forms. K is as it was.
func TestDecay(t *testing.T) {
	const lambda, n = 0.3, 24
	net, x := nn.NewNetwork(nn.Vec(3))
	y := net.Add("tanh", nn.Tanh{}, net.Add("fc1", nn.Linear{Units: 4}, x))
	net.AddOutput("out", net.Add("fc2", nn.Linear{Units: 3}, y))
	r := rng.New(5, "decay")
	xs, labels := make([]float32, 3*n), make([]int32, n)
	for i := range xs {
		xs[i] = float32(r.NormFloat64())
	}
	for i := range labels {
		labels[i] = int32(r.IntN(3))
	}
	set, theta, other := nn.Labelled(xs, labels), make([]float32, net.Dim()), make([]float32, net.Dim())
	for i := range theta {
		theta[i], other[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
	}
	at := func(decay float64) *curvature.Problem {
		p := curvature.New(net, set, curvature.Settings{Decay: decay, Chunk: 8, Covariance: 8, BatchCurvature: 8})
		if err := p.At(theta); err != nil {
			t.Fatal(err)
		}
		return p
	}
	with, without := at(lambda), at(0)
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 3e-5*(1+math.Abs(want))) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	v := other
	norm, square, slope := lambda/2*tensor.Dot(theta, theta), lambda*tensor.Dot(v, v), lambda*tensor.Dot(theta, v)
	vectors := func(what string, got, want, of []float32) {
		t.Helper()
		for i := range got {
			near(what, float64(got[i]), float64(want[i])+lambda*float64(of[i]))
		}
	}
	must := func(x float64, err error) float64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	near("loss", with.Loss(), without.Loss()+norm)
	near("loss elsewhere", must(with.LossAt(v, 12)), must(without.LossAt(v, 12))+lambda/2*tensor.Dot(v, v))
	vectors("gradient", with.Gradient(), without.Gradient(), theta)
	for name, of := range map[string]func(p *curvature.Problem) *curvature.Operator{
		"H": (*curvature.Problem).Hessian, "G": (*curvature.Problem).GaussNewton,
		"rough H": func(p *curvature.Problem) *curvature.Operator { o, _ := p.Hessian().Rough(); return o },
	} {
		got, want, plain := make([]float32, len(v)), make([]float32, len(v)), make([]float32, len(v))
		o := of(with)
		must(0, o.MulVecTo(got, v))
		must(0, of(without).MulVecTo(want, v))
		must(0, o.Undecayed().MulVecTo(plain, v))
		vectors(name, got, want, v)
		for i := range plain {
			near(name+" without λI", float64(plain[i]), float64(want[i]))
		}
		if rounding, err := o.Rounding(v); name != "rough H" && (err != nil || rounding[0] > 1e-5) {
			t.Errorf("%s: the rounding is %v", name, rounding)
		}
	}
	for name, along := range map[string]struct {
		of  func(p *curvature.Problem, dst []float64, v []float32) error
		add float64
	}{
		"curvatures": {(*curvature.Problem).Curvatures, square}, "slopes": {(*curvature.Problem).Slopes, slope}, "Gauss-Newton forms": {(*curvature.Problem).GaussNewtons, square},
	} {
		got, want := make([]float64, n), make([]float64, n)
		must(0, along.of(with, got, v))
		must(0, along.of(without, want, v))
		for i := range got {
			near(name, got[i], want[i]+along.add)
		}
	}
	batches := curvature.Parts(set, 3)
	near("curvature of a batch", must(with.BatchCurvature(batches[1], v)), must(without.BatchCurvature(batches[1], v))+square)
	near("slope of a batch", must(with.BatchSlope(batches[1], v)), must(without.BatchSlope(batches[1], v))+slope)
	near("Gauss-Newton form of a batch", must(with.BatchGaussNewton(batches[1], v)), must(without.BatchGaussNewton(batches[1], v))+square)
	// Its sharpness along its own gradient, which has λθ, too.
	one := curvature.New(net, batches[1], curvature.Settings{})
	must(0, one.At(theta))
	g, hg := append([]float32(nil), one.Gradient()...), make([]float32, len(v))
	tensor.Axpy(g, lambda, theta)
	must(0, one.Hessian().MulVecTo(hg, g))
	near("sharpness of a batch", must(with.BatchCurvature(batches[1], nil)), tensor.Dot(g, hg)/tensor.Dot(g, g)+lambda)
	k, err := with.Covariance(batches)
	must(0, err)
	inner := k.Inner[1*3+1]
	near("squared gradient of a batch", inner, tensor.Dot(g, g))
	plain, err := without.Covariance(batches)
	must(0, err)
	for i := range k.Values {
		near("eigenvalue of K", k.Values[i], plain.Values[i])
	}
}
