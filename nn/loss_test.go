package nn_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
)

func TestLossContract(t *testing.T) {
	for _, l := range append(nn.Losses, saddle{}) {
		for _, outputs := range []int{1, 2, 5} {
			t.Run(fmt.Sprintf("%s of %d", l.Name(), outputs), func(t *testing.T) { nntest.TestLoss(t, l, outputs) })
		}
	}
}

// saddle is a loss whose Hessian is indefinite: Σ (z − y)²·cos(z)/2, with the label
// or the vector's first number for y.
type saddle struct{}

func (saddle) Name() string                   { return "saddle" }
func (saddle) Targets(outputs int) (int, int) { return 3, 1 }

func (saddle) want(r nn.Row) float64 {
	if r.Vector != nil {
		return float64(r.Vector[0])
	}
	return float64(r.Label)
}

func (s saddle) Value(r nn.Row) float64 {
	sum := 0.0
	for _, z := range r.Z {
		d := float64(z) - s.want(r)
		sum += d * d * math.Cos(float64(z)) / 2
	}
	return sum
}

func (s saddle) Adjoint(dst []float32, r nn.Row, scale float64) {
	for c, z := range r.Z {
		d, sin, cos := float64(z)-s.want(r), math.Sin(float64(z)), math.Cos(float64(z))
		dst[c] = float32(scale * (d*cos - d*d*sin/2))
	}
}

func (s saddle) Hessian(dst, tangent []float32, r nn.Row, scale float64) {
	for c, z := range r.Z {
		d, sin, cos := float64(z)-s.want(r), math.Sin(float64(z)), math.Cos(float64(z))
		dst[c] = float32(scale * (cos - 2*d*sin - d*d*cos/2) * float64(tangent[c]))
	}
}

func (s saddle) GaussNewton(dst, tangent []float32, r nn.Row, scale float64) {
	for c, t := range tangent {
		dst[c] = float32(scale * math.Abs(math.Cos(float64(r.Z[c]))) * float64(t))
	}
}

// exactly computes the softmax of two outputs, d apart, with 200 bits: the loss and the
// adjoint if the larger output is the label's, and if it is not.
func exactly(d float64) (p, q float64) {
	e := new(big.Float).SetPrec(200).SetFloat64(1) // exp(−d), by its series for −d/2¹⁰
	x := new(big.Float).SetPrec(200).SetFloat64(-d / 1024)
	term := new(big.Float).SetPrec(200).SetInt64(1)
	for k := int64(1); k < 60; k++ {
		term.Mul(term, x)
		term.Quo(term, new(big.Float).SetPrec(200).SetInt64(k))
		e.Add(e, term)
	}
	for range 10 {
		e.Mul(e, e)
	}
	one := new(big.Float).SetPrec(200).SetInt64(1)
	sum := new(big.Float).SetPrec(200).Add(one, e)
	p, _ = new(big.Float).SetPrec(200).Quo(one, sum).Float64()
	q, _ = new(big.Float).SetPrec(200).Quo(e, sum).Float64()
	return p, q
}

// Fitted examples, whose outputs differ by 30 to 100, have small losses and adjoints,
// not zero, correct to the last digits of float32.
func TestFittedExamples(t *testing.T) {
	for _, d := range []float64{1, 5, 17, 30, 50, 80, 100} {
		p, q := exactly(d)
		near := func(what string, got, want float64) {
			t.Helper()
			ulp := math.SmallestNonzeroFloat32 // below 1e-38 float32 has fewer digits
			if !(math.Abs(got-want) <= 3e-7*math.Abs(want)+ulp) {
				t.Errorf("outputs %v apart: %s %.9g, want %.9g", d, what, got, want)
			}
		}
		dst, z := make([]float32, 2), []float32{float32(d) - 3, -3}
		for label, want := range []float64{math.Log1p(q / p), d + math.Log1p(q/p)} {
			row := nn.Row{Z: z, Memo: make([]float32, 2), Label: int32(label)}
			near("loss", nn.CrossEntropy{}.Value(row), want)
			other := []float64{q, p}[label] // the probability of the other class
			nn.CrossEntropy{}.Adjoint(dst, row, 1)
			near("adjoint at the label", float64(dst[label]), -other)
			near("adjoint elsewhere", float64(dst[1-label]), other)
			for _, tangent := range [][]float32{{1, 0}, {0, 1}, {1e3, 1e3 - 1}} {
				nn.CrossEntropy{}.Hessian(dst, tangent, row, 1)
				near("Hessian", float64(dst[0]), p*q*float64(tangent[0]-tangent[1]))
				near("Hessian", float64(dst[1]), -p*q*float64(tangent[0]-tangent[1]))
			}
			row.Vector = make([]float32, 2) // the same target as a distribution
			row.Vector[label] = 1
			near("loss of a distribution", nn.CrossEntropy{}.Value(row), want)
			nn.CrossEntropy{}.Adjoint(dst, row, 1)
			near("adjoint at the distribution", float64(dst[label]), -other)
			near("adjoint beside it", float64(dst[1-label]), other)
		}
		for _, sign := range []float64{1, -1} {
			row := nn.Row{Z: []float32{float32(sign * d)}, Memo: make([]float32, 1), Label: int32((1 + sign) / 2)}
			near("binary loss", nn.BinaryCrossEntropy{}.Value(row), math.Log1p(q/p))
			nn.BinaryCrossEntropy{}.Adjoint(dst[:1], row, 1)
			near("binary adjoint", float64(dst[0]), -sign*q)
			nn.BinaryCrossEntropy{}.Hessian(dst[:1], []float32{1}, row, 1)
			near("binary Hessian", float64(dst[0]), p*q)
			row.Label = 1 - row.Label
			near("binary loss of the wrong label", nn.BinaryCrossEntropy{}.Value(row), d+math.Log1p(q/p))
			nn.BinaryCrossEntropy{}.Adjoint(dst[:1], row, 1)
			near("binary adjoint of the wrong label", float64(dst[0]), sign*p)
		}
	}
}

func TestCorrect(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		z     []float32
		label int32
		want  float64
	}{
		{[]float32{1, 3, 2}, 1, 1}, {[]float32{1, 3, 2}, 2, 0}, {[]float32{2, 2}, 0, 1}, {[]float32{2, 2}, 1, 0},
		{[]float32{-1}, 0, 1}, {[]float32{0, nan, 2}, 0, 0},
	} {
		if got := nn.Correct(nn.Row{Z: c.z, Label: c.label}); got != c.want {
			t.Errorf("outputs %v, label %d: %v", c.z, c.label, got)
		}
		share := make([]float32, len(c.z)) // its largest number is the label's
		share[c.label] = 0.7
		if got := nn.Correct(nn.Row{Z: c.z, Vector: share}); got != c.want {
			t.Errorf("outputs %v, distribution %v: %v", c.z, share, got)
		}
	}
	for z, label := range map[float32]int32{0.5: 1, 7: 1, -0.5: 0, 0: 0} {
		if nn.CorrectOdds(nn.Row{Z: []float32{z}, Label: label}) != 1 || nn.CorrectOdds(nn.Row{Z: []float32{z}, Label: 1 - label}) != 0 {
			t.Errorf("log odds %v do not speak for label %d", z, label)
		}
	}
	if got := nn.CorrectOdds(nn.Row{Z: []float32{3, -1, 2, 0}, Vector: []float32{1, 1, 0, 0.2}}); got != 0.5 {
		t.Errorf("two of four answers are right, and %v of all", got)
	}
}

// Hessian-vector products use the Hessian of a loss, Gauss-Newton products the convex
// form that it offers. On x = 1 the outputs of a dense layer are its weights.
func TestCurvedLoss(t *testing.T) {
	net, x := nn.NewNetwork(nn.Vec(1))
	net.Add("fc", nn.Linear{Units: 2, NoBias: true}, x)
	p := net.Compile(nn.Settings{Batch: 1, Loss: saddle{}, Tangents: true})
	theta, v := []float32{2, -1.5}, []float32{1, 3}
	p.SetParams(theta)
	p.SetTangent(v)
	p.Forward(nn.Labelled([]float32{1}, []int32{2}))
	p.Adjoints(nil, 0.5, false)
	row, got, want := nn.Row{Z: theta, Label: 2}, make([]float32, 2), make([]float32, 2)
	p.HessVec(got, 0.5, false)
	saddle{}.Hessian(want, v, row, 0.5)
	equal(t, "Hv", got, want)
	curvature := []float64{0}
	p.ExampleCurvatures(curvature, 0.5)
	if along := float64(v[0])*float64(want[0]) + float64(v[1])*float64(want[1]); math.Abs(curvature[0]-along) > 1e-6 {
		t.Errorf("vᵀHv is %v, want %v", curvature[0], along)
	}
	p.GaussNewtonVec(got, 0.5, false)
	saddle{}.GaussNewton(want, v, row, 0.5)
	equal(t, "Gv", got, want)
}
