package golden

import (
	"math"
	"testing"

	"breakeven/curvature"
	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/tensor"
)

// The loss, the gradient, and the products of one vector with H and G.
func TestDerivatives(t *testing.T) {
	compare(t, networks, func(t *testing.T, s *subject, l *ledger) {
		p := s.problem()
		l.relative("loss", l.loss, p.Loss(), s.Loss)
		if n := int(math.Round(p.Metric(0) * float64(s.N))); n != s.Correct {
			t.Errorf("%d examples are classified correctly, want %d", n, s.Correct)
		}
		s.outputs(l)
		g := p.Gradient()
		l.relative("gradient norm", l.gradient, tensor.Norm(g), s.Gradient.Norm)
		l.relative("gradient norm squared", 2*l.gradient, tensor.Dot(g, g), s.Gradient.Squared)
		s.compareTensors(l, "gradient", g, s.Gradient.Tensors, s.Gradient.Norm, l.entries, 0)

		v, hv := cosines(s.Dim), make([]float32, s.Dim)
		l.near("v·g, to the norm of g", l.gradient, tensor.Dot(v, g), s.Hv.Vg, s.Gradient.Norm)
		p.Hessian().MulVecTo(hv, v)
		l.relative("Hv norm", l.hv, tensor.Norm(hv), s.Hv.Norm)
		l.near("v·Hv, to the norm of Hv", l.hv, tensor.Dot(v, hv), s.Hv.VHV, s.Hv.Norm)
		s.compareTensors(l, "Hv", hv, s.Hv.Tensors, s.Hv.Norm, l.hv, s.Hv.Norm)
		p.GaussNewton().MulVecTo(hv, v)
		l.relative("v·Gv", l.ggn, tensor.Dot(v, hv), s.Gv.VGV)
		l.relative("Gv norm", l.ggn, tensor.Norm(hv), s.Gv.Norm)
		s.compareTensors(l, "Gv", hv, s.Gv.Tensors, s.Gv.Norm, l.ggn, s.Gv.Norm)
	})
}

// outputs compares the network's outputs for the first example. The reference has no
// limit for them.
func (s *subject) outputs(l *ledger) {
	n := 1
	if s.net.Couples() {
		n = s.N
	}
	plan := s.net.Compile(nn.Settings{Batch: n})
	plan.SetParams(s.theta)
	first := s.set.Slice(0, n)
	plan.Forward(first)
	all(l, "outputs, to the largest", 1e-5, plan.Outputs(), s.Logits, largest(s.Logits...))
}

// compareTensors compares the norms of a vector's tensors with norm, and the
// first entries of each with scale, or, if that is 0, with the largest entry
// listed.
func (s *subject) compareTensors(l *ledger, what string, v []float32, want tensors, norm, limit, scale float64) {
	if scale == 0 {
		for _, w := range want {
			scale = math.Max(scale, largest(w.First16...))
		}
	}
	for i, p := range s.net.Params() {
		w, part := want[i], v[p.Offset:p.Offset+p.Size()]
		l.near(what+" of a tensor, to the norm", limit, tensor.Norm(part), w.Norm, norm)
		all(l, what+" entries", limit, part, append(w.First16, w.First4...), scale)
	}
}

// cosines returns the unit vector proportional to cos(0), cos(1), …
func cosines(dim int) []float32 {
	sum := 0.0
	for k := range dim {
		sum += math.Cos(float64(k)) * math.Cos(float64(k))
	}
	v := make([]float32, dim)
	for k := range v {
		v[k] = float32(math.Cos(float64(k)) / math.Sqrt(sum))
	}
	return v
}

// K of minibatches, and the curvature of each along its own gradient.
func TestMinibatches(t *testing.T) {
	testenv.Slow(t)
	compare(t, networks, func(t *testing.T, s *subject, l *ledger) {
		p, m := s.problem(), s.Minibatch
		k, err := p.Covariance(s.parts())
		if err != nil {
			t.Fatal(err)
		}
		if k.L != m.L || k.M != m.M {
			t.Fatalf("L, M = %d, %d, want %d, %d", k.L, k.M, m.L, m.M)
		}
		largestInner, mean := 0.0, 0.0
		for i := range k.L {
			largestInner = math.Max(largestInner, m.Inner[i][i])
		}
		for i := range k.L {
			for j := range k.L {
				mean += k.Inner[i*k.L+j] / float64(k.L*k.L)
				l.near("inner products, to the largest", l.kRest, k.Inner[i*k.L+j], m.Inner[i][j], largestInner)
			}
			l.relative("norm of a minibatch gradient", l.kRest, math.Sqrt(k.Inner[i*k.L+i]), m.Norms[i])
		}
		l.relative("norm of their mean", l.k, math.Sqrt(mean), m.MeanNorm)
		every := eigenpairs(t, centred(k))
		for i := range k.L {
			for j := range k.L {
				sum := 0.0 // Σ λ u_i u_j: the centred matrix from its eigenpairs
				for e, v := range every.Values {
					sum += v * every.Vectors.At(i, e) * every.Vectors.At(j, e)
				}
				l.near("centred Gram matrix, to λ_K¹", l.kRest, sum, m.Centred[i][j], m.Max)
			}
		}
		all(l, "eigenvalues of K, to λ_K¹", l.kRest, every.Values, m.Eigenvalues, m.Max)
		l.relative("λ_K¹", l.k, k.Max(), m.Max)
		l.near("λ_K*, to λ_K¹", l.kRest, k.Min(), m.Min, m.Max)
		l.relative("Tr K", l.k, k.Trace(), m.Trace)
		l.relative("Tr K / λ_K¹", 2*l.k, k.Rank(), m.Rank)
		l.near("λ_K* / λ_K¹", 2*l.kRest, k.Condition(), m.Condition, 1)

		plan, sharpness := s.net.Compile(nn.Settings{Batch: m.M}), 0.0
		plan.SetParams(s.theta)
		for i, b := range s.parts() {
			l.relative("loss of a minibatch", l.loss, plan.Forward(b).Loss/float64(m.M), m.Losses[i])
			one, err := p.BatchCurvature(b, nil)
			if err != nil {
				t.Fatal(err)
			}
			sharpness += one / float64(m.L)
			// One ReLU that switches changes the result of a batch of 16 by a percent.
			l.relative("gᵀHg of a minibatch", 10*l.sharpness, one*k.Inner[i*k.L+i], s.Sharpness.GHG[i])
			l.relative("sharpness of a minibatch", 10*l.sharpness, one, s.Sharpness.PerBatch[i])
		}
		l.relative("batch sharpness", l.sharpness, sharpness, s.Sharpness.Mean)
	})
}

// K of single examples, and the tangent kernel.
func TestExamples(t *testing.T) {
	compare(t, []string{"tiny", "mlp", "simplecnn", "lstm"}, func(t *testing.T, s *subject, l *ledger) {
		k, err := curvature.ExampleCovariance(s.net, s.set, s.theta, nn.CrossEntropy{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		e := s.Example
		all(l, "ten eigenvalues, to λ_K¹ (M = 1)", l.example, eigenpairs(t, centred(&k.Covariance)).Values, e.Top, e.Max)
		l.relative("λ_K¹ (M = 1)", l.example, k.Max(), e.Max)
		l.relative("λ_K* (M = 1)", l.exampleK, k.Min(), e.Min)
		l.relative("Tr K (M = 1)", l.example, k.Trace(), e.Trace)
		for i, w := range e.Norms {
			l.relative("norm of an example's gradient", l.example, math.Sqrt(k.Inner[i*k.L+i]), w)
		}
		g := s.problem().Gradient()
		l.relative("noise scale", l.example, k.Trace()/tensor.Dot(g, g), e.Noise)

		theta := kernel(t, s)
		values := eigenpairs(t, theta).Values
		trace := 0.0
		n := theta.SymmetricDim()
		for i := range n {
			trace += theta.At(i, i)
		}
		l.relative("Tr Θ", l.kernel, trace, s.Kernel.Trace)
		l.relative("λ_Θ¹", l.kernel, values[0], s.Kernel.Max)
		all(l, "five eigenvalues of Θ, to λ_Θ¹", l.kernel, values, s.Kernel.Top, s.Kernel.Max)
		l.near("lowest eigenvalue of Θ, to λ_Θ¹", l.kernel, values[n-1], s.Kernel.Lowest, s.Kernel.Max)
		for j, w := range s.Kernel.FirstRow {
			l.near("first row of Θ, to λ_Θ¹", l.kernel, theta.At(0, j), w, s.Kernel.Max)
		}
		l.near("loss", l.loss, meanLoss(s), s.Loss, s.Loss)
	})
}

// meanLoss is the mean loss of examples that are computed one by one.
func meanLoss(s *subject) float64 {
	plan := s.net.Compile(nn.Settings{Batch: 1})
	plan.SetParams(s.theta)
	sum := 0.0
	for i := range s.N {
		one := s.set.Slice(i, i+1)
		sum += plan.Forward(one).Loss
	}
	return sum / float64(s.N)
}
