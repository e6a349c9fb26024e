package curvature

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/tensor"
)

// both calls f with a network whose examples are not coupled, with one whose examples
// are, and with the latter again with fixed statistics.
func both(t *testing.T, f func(t *testing.T, net *nn.Network, s Settings)) {
	t.Run("plain", func(t *testing.T) { f(t, smooth(false), Settings{Chunk: 4}) })
	t.Run("norm", func(t *testing.T) { f(t, smooth(true), Settings{Chunk: 10}) })
	t.Run("fixed", func(t *testing.T) {
		f(t, smooth(true).Fixed([]float32{0.1, -0.2, 0.7, 1.3}), Settings{Chunk: 4})
	})
}

// H is the derivative of the gradient.
func TestHessianByDifferences(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p := at(net, 10, s)
		h := dense(p.Hessian())
		near(t, "H and its transpose", h, h.T(), 2e-6)

		theta, want := point(net), mat.NewDense(net.Dim(), net.Dim(), nil)
		const step = 1.0 / 256
		for j := range theta {
			before := theta[j]
			theta[j] = before + step
			p.At(theta)
			up := wide(p.Gradient())
			theta[j] = before - step
			p.At(theta)
			for i, g := range p.Gradient() {
				want.Set(i, j, (up[i]-float64(g))/(2*step))
			}
			theta[j] = before
		}
		near(t, "H and differences of gradients", h, want, 5e-4)
	})
}

// The gradient is the derivative of the loss, along a line.
func TestGradientByDifferences(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p, v := at(net, 10, s), random(net.Dim(), "line")
		want, theta := tensor.Dot(p.Gradient(), v), make([]float32, net.Dim())
		loss := func(x float32) float64 {
			copy(theta, point(net))
			tensor.Axpy(theta, x, v)
			p.At(theta)
			return p.Loss()
		}
		closeTo(t, "slope", (loss(1.0/128)-loss(-1.0/128))*64, want, 1e-4, tensor.Norm(p.Gradient()))
	})
}

// jacobians returns the derivatives of all outputs for the examples, a row an
// output, for each batch of size examples, and the softmax of the outputs.
func jacobians(net *nn.Network, set Set, size int) (j *mat.Dense, prob []float64) {
	classes := net.Output().Size()
	j = mat.NewDense(set.Len()*classes, net.Dim(), nil)
	plan := net.Compile(nn.Settings{Batch: size})
	plan.SetParams(point(net))
	row := make([]float32, net.Dim())
	for lo := 0; lo < set.Len(); lo += size {
		b := set.Slice(lo, min(lo+size, set.Len()))
		plan.Forward(b)
		z := wide(plan.Outputs())
		for k := range z {
			u := make([]float32, len(z))
			u[k] = 1
			plan.JacTVec(row, u, false)
			j.SetRow(lo*classes+k, wide(row))
			sum := 0.0
			for c := range classes {
				sum += math.Exp(z[k/classes*classes+c])
			}
			prob = append(prob, math.Exp(z[k])/sum)
		}
	}
	return j, prob
}

// G is JᵀBJ/N with B the second derivative of the loss in the outputs.
func TestGaussNewtonByJacobians(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p := at(net, 10, s)
		j, prob := jacobians(net, p.Set(), s.Chunk)
		n := len(prob)
		b := mat.NewDense(n, n, nil)
		for i := range n {
			for k := range n {
				if i/3 == k/3 {
					b.Set(i, k, -prob[i]*prob[k]/10)
				}
			}
			b.Set(i, i, prob[i]*(1-prob[i])/10)
		}
		var want mat.Dense
		want.Product(j.T(), b, j)
		near(t, "G", dense(p.GaussNewton()), &want, 2e-6)
	})
}

// The squared error's second derivative in the outputs is 2/C.
func TestGaussNewtonOfSquaredError(t *testing.T) {
	net := smooth(false)
	p := at(net, 10, Settings{Chunk: 4, Loss: nn.MSE{}})
	j, _ := jacobians(net, p.Set(), 4)
	var want mat.Dense
	want.Mul(j.T(), j)
	want.Scale(2.0/3/10, &want)
	near(t, "G", dense(p.GaussNewton()), &want, 2e-6)
}

// Θ is JJᵀ.
func TestTangentKernel(t *testing.T) {
	net := smooth(false)
	set := points(net, 6)
	j, _ := jacobians(net, set, 6)
	var want mat.Dense
	want.Mul(j, j.T())
	near(t, "Θ", must(TangentKernel(net, set, point(net), nil)), &want, 2e-6)
}

// Chunks that stay on tapes and chunks that are recomputed give the same bits.
func TestKeep(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		s.Chunk = 3
		one := s.withDefaults()
		one.Keep = 1
		settings := one.plan(net, 10)
		settings.Tapes = 2
		var want map[string]any
		for keep, tapes := range map[int64]int{1: 1, net.Memory(settings): 2, 1 << 30: 4} {
			s.Keep = keep
			p := at(net, 10, s)
			if p.plan.Tapes() != tapes {
				t.Fatalf("%d bytes keep %d tapes, want %d", keep, p.plan.Tapes(), tapes)
			}
			got := everything(p)
			if want == nil {
				want = got
			}
			sameBits(t, got, want)
			sameBits(t, everything(p), got) // once more, with whatever the tapes hold now
		}
	})
}

// everything applies all operators of p to one vector.
func everything(p *Problem) map[string]any {
	dim := p.net.Dim()
	v, hv, gv := random(dim, "v"), make([]float32, dim), make([]float32, dim)
	p.Hessian().MulVecTo(hv, v)
	p.GaussNewton().MulVecTo(gv, v)
	m := map[string]any{"g": p.Gradient(), "Hv": hv, "Gv": gv, "loss": []float64{p.Loss(), p.Metric(0)}}
	if p.PerExample() {
		x, y := make([]float64, p.set.Len()), make([]float64, p.set.Len())
		p.Curvatures(x, v)
		p.Slopes(y, v)
		m["vᵀH_iv"], m["g_i·v"] = x, y
	}
	return m
}

// How the examples are cut into chunks makes no difference beyond rounding.
func TestChunks(t *testing.T) {
	net := smooth(false)
	want := everything(at(net, 10, Settings{}))
	for _, chunk := range []int{1, 3, 10} {
		got := everything(at(net, 10, Settings{Chunk: chunk}))
		for _, name := range []string{"g", "Hv", "Gv"} {
			g, w := got[name].([]float32), want[name].([]float32)
			near(t, name, mat.NewVecDense(len(g), wide(g)), mat.NewVecDense(len(w), wide(w)), 2e-6)
		}
		for _, name := range []string{"loss", "vᵀH_iv", "g_i·v"} {
			g, w := got[name].([]float64), want[name].([]float64)
			near(t, name, mat.NewVecDense(len(g), g), mat.NewVecDense(len(w), w), 2e-6)
		}
	}
}

// The slopes and curvatures of single examples are those of problems with one example,
// and their means those of the whole problem.
func TestSlopesAndCurvatures(t *testing.T) {
	net := smooth(false)
	p, v := at(net, 10, Settings{Chunk: 4}), random(net.Dim(), "v")
	m := everything(p)
	curvatures, slopes := m["vᵀH_iv"].([]float64), m["g_i·v"].([]float64)
	meanC, meanS, hv := 0.0, 0.0, make([]float32, net.Dim())
	for i := range 10 {
		one := New(net, p.Set().Slice(i, i+1), Settings{Chunk: 1})
		one.At(point(net))
		one.Hessian().MulVecTo(hv, v)
		closeTo(t, "slope of an example", slopes[i], tensor.Dot(one.Gradient(), v), 1e-5, tensor.Norm(one.Gradient()))
		closeTo(t, "curvature of an example", curvatures[i], tensor.Dot(v, hv), 1e-5, tensor.Norm(hv))
		closeTo(t, "curvature of a batch of one", must(p.BatchCurvature(p.Set().Slice(i, i+1), v)), tensor.Dot(v, hv), 1e-5, tensor.Norm(hv))
		meanC, meanS = meanC+curvatures[i]/10, meanS+slopes[i]/10
	}
	closeTo(t, "mean slope", meanS, tensor.Dot(m["g"].([]float32), v), 1e-6, tensor.Norm(p.Gradient()))
	closeTo(t, "mean curvature", meanC, tensor.Dot(m["Hv"].([]float32), v), 1e-6, tensor.Norm(m["Hv"].([]float32)))
}

// The sharpness of a batch is gᵀHg/‖g‖² of a problem with that batch; the first problem
// stays as it was.
func TestBatchCurvature(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		p := at(net, 10, s)
		before := everything(p)
		b := p.Set().Slice(3, 7)
		q := New(net, b, Settings{Chunk: 4})
		q.At(point(net))
		g, hg := q.Gradient(), make([]float32, net.Dim())
		q.Hessian().MulVecTo(hg, g)
		closeTo(t, "sharpness", must(p.BatchCurvature(b, nil)), tensor.Dot(g, hg)/tensor.Dot(g, g), 1e-5, tensor.Norm(hg)/tensor.Norm(g))
		closeTo(t, "gᵀHg", must(p.BatchCurvature(b, g)), tensor.Dot(g, hg), 1e-5, tensor.Norm(hg)*tensor.Norm(g))
		sameBits(t, everything(p), before)
	})
}

// LossAt is the loss of a problem of those examples.
func TestLossAt(t *testing.T) {
	net := smooth(false)
	p, theta := at(net, 10, Settings{Chunk: 4}), random(net.Dim(), "elsewhere")
	before := everything(p)
	q := New(net, p.Set().Slice(0, 7), Settings{Chunk: 4})
	q.At(theta)
	closeTo(t, "loss", must(p.LossAt(theta, 7)), q.Loss(), 1e-14, 1)
	sameBits(t, everything(p), before)
}

// Rough is the operator of the problem of the first chunks or examples.
func TestRough(t *testing.T) {
	for _, c := range []struct {
		batchNorm              bool
		examples, chunk, rough int
		ok                     bool
	}{{true, 9, 3, 3, false}, {true, 12, 3, 3, true}, {true, 49, 3, 6, true}, {false, 49, 3, 6, true}, {true, 300, 128, 128, false},
		{false, 300, 128, 37, true}, {false, 128, 128, 32, true}, {false, 127, 64, 32, false}, {false, 20, 10, 10, false}} {
		net := smooth(c.batchNorm)
		v := random(net.Dim(), "v")
		p := at(net, c.examples, Settings{Chunk: c.chunk, Keep: 1})
		q := New(net, p.Set().Slice(0, c.rough), Settings{Chunk: c.chunk})
		q.At(point(net))
		for _, o := range [][2]*Operator{{p.Hessian(), q.Hessian()}, {p.GaussNewton(), q.GaussNewton()}} {
			rough, ok := o[0].Rough()
			if ok != c.ok || rough.Examples() != c.rough || o[0].Examples() != c.examples {
				t.Errorf("%+v: %d of %d examples, %v", c, rough.Examples(), o[0].Examples(), ok)
			}
			got, want := make([]float32, net.Dim()), make([]float32, net.Dim())
			rough.MulVecTo(got, v)
			o[1].MulVecTo(want, v)
			for i := range got {
				closeTo(t, "product", float64(got[i]), float64(want[i]), 1e-5, tensor.Norm(want))
			}
		}
	}
}

// Of sequences with an output for each step, few are enough for a rough operator.
func TestRoughSequences(t *testing.T) {
	for _, c := range []struct {
		steps, examples, rough int
		ok                     bool
	}{{64, 64, 8, true}, {64, 4, 1, true}, {64, 3, 1, false}, {5, 64, 8, true}, {5, 28, 7, true}, {5, 27, 7, false}, {1, 64, 32, false}} {
		net, x := nn.NewNetwork(nn.Seq(c.steps, 2))
		net.Add("fc", nn.Linear{Units: 3}, x)
		set := nn.Batch{N: c.examples, In: []nn.Values{{F: random(c.examples*c.steps*2, "x")}}, Target: []nn.Target{{Labels: make([]int32, c.examples*c.steps)}}}
		p := New(net, set, Settings{})
		p.At(random(net.Dim(), "theta"))
		if rough, ok := p.Hessian().Rough(); ok != c.ok || rough.Examples() != c.rough {
			t.Errorf("%+v: %d examples, %v", c, rough.Examples(), ok)
		}
	}
}

// A minibatch may be larger than the measurement set.
func TestBatchLargerThanSet(t *testing.T) {
	net := smooth(false)
	all := points(net, 10)
	p := New(net, all.Slice(0, 2), Settings{Chunk: 5, Covariance: 5})
	p.At(point(net))
	if _, err := p.Covariance(Parts(all, 2)); err != nil {
		t.Error(err)
	}
}

// No bit depends on the number of processors.
func TestProcessors(t *testing.T) {
	for _, name := range []string{"tiny", "mlp", "simplecnn-bn"} {
		net, err := model.New(name, nn.Shape{C: 1, H: 8, W: 8}, 3)
		if err != nil {
			t.Fatal(err)
		}
		equalBits(t, func() map[string]any {
			p := at(net, 40, Settings{Chunk: 17})
			m := everything(p)
			k, err := p.Covariance(Parts(p.Set(), 5))
			if err != nil {
				t.Fatal(err)
			}
			m["inner products"] = k.Inner
			if !p.PerExample() {
				return m
			}
			one, err := ExampleCovariance(net, p.Set(), point(net), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			m["inner products of examples"] = one.Inner
			m["Θ"] = must(TangentKernel(net, p.Set().Slice(0, 5), point(net), nil)).RawSymmetric().Data
			return m
		})
	}
}
