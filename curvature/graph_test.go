package curvature

import (
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// onGraph returns a graph convolution network and a graph of n nodes with features and labels.
func onGraph(n int) (*nn.Network, nn.Batch) {
	const features, classes = 6, 3
	net := new(nn.Network)
	x := net.AddInput(nn.Input{Name: "features", Shape: nn.Vec(features), Sparse: true})
	x = net.Add("tanh", nn.Tanh{}, net.Add("conv1", nn.Propagate{Bias: "bias"}, net.Add("lin1", nn.Linear{Units: 5, NoBias: true}, x)))
	net.Add("conv2", nn.Propagate{By: nn.Mean}, net.Add("lin2", nn.Linear{Units: classes}, x))

	r := rng.New(1, "graph")
	matrix := func(cols int, density float64) *tensor.CSR {
		start, index, value := []int{0}, []int32{}, []float32{}
		for range n {
			for j := range cols {
				if r.Float64() < density {
					index, value = append(index, int32(j)), append(value, 1+float32(r.Float64()))
				}
			}
			start = append(start, len(index))
		}
		return tensor.NewCSR(n, cols, start, index, value)
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(r.IntN(classes))
	}
	return net, nn.Batch{N: n, In: []nn.Values{{Sparse: matrix(features, 0.5)}}, Target: []nn.Target{{Labels: labels}}, Graph: nn.NewGraph(matrix(n, 3/float64(n)))}
}

// A problem of some nodes of a graph is that of all nodes, of which the others have weight 0.
func TestNodesOfAGraph(t *testing.T) {
	const n = 40
	net, all := onGraph(n)
	some := all.Slice(8, 32)
	weighted := all
	weights := make([]float32, n)
	for i := 8; i < 32; i++ {
		weights[i] = 1
	}
	weighted.Target = []nn.Target{{Labels: all.Target[0].Labels, Weight: weights}}
	theta := net.InitialParams(nn.Glorot, 3)
	settings := Settings{Covariance: n, BatchCurvature: 8, Chunk: 7, Metrics: []Metric{{Of: nn.Correct}}}
	p, q := New(net, some, settings), New(net, weighted, Settings{Chunk: n, Metrics: settings.Metrics})
	for _, one := range []*Problem{p, q} {
		if err := one.At(theta); err != nil {
			t.Fatal(err)
		}
	}
	if p.Loss() != q.Loss() || p.Metric(0) != q.Metric(0) || p.Set().Len() != 24 {
		t.Errorf("%d nodes have the loss %v and the accuracy %v, with weights %v and %v", p.Set().Len(), p.Loss(), p.Metric(0), q.Loss(), q.Metric(0))
	}
	nearVector(t, "gradient", p.Gradient(), q.Gradient(), 1e-6)
	v := direction(net.Dim())
	a, b := make([]float32, net.Dim()), make([]float32, net.Dim())
	for _, h := range [][2]*Operator{{p.Hessian(), q.Hessian()}, {p.GaussNewton(), q.GaussNewton()}} {
		if h[0].MulVecTo(a, v) != nil || h[1].MulVecTo(b, v) != nil {
			t.Fatal("stopped")
		}
		nearVector(t, "product", a, b, 1e-6)
		if h[0].Examples() != 24 {
			t.Errorf("the operator is the mean of %d examples, want 24", h[0].Examples())
		}
	}
	if size, err := p.Hessian().Rounding(v); err != nil || !(size[0] < 1e-4*tensor.Norm(b)) {
		t.Errorf("the rounding of a product is %v of %v, %v", size, tensor.Norm(b), err)
	}
	// Minibatches of nodes: their mean gradients, and curvatures whose mean is that of all.
	parts := Parts(some, 3)
	k, err := p.Covariance(parts)
	if err != nil || k.L != 3 || k.M != 8 {
		t.Fatalf("K of %d × %d, %v", k.L, k.M, err)
	}
	mean, sum := make([]float32, net.Dim()), 0.0
	for i, part := range parts {
		tensor.Axpy(mean, 1./3, k.gradients[i])
		c, err := p.BatchCurvature(part, v)
		if err != nil {
			t.Fatal(err)
		}
		sum += c / 3
	}
	nearVector(t, "mean of the minibatches' gradients", mean, p.Gradient(), 1e-5)
	if err := p.Hessian().MulVecTo(a, v); err != nil || math.Abs(sum-tensor.Dot(a, v)) > 1e-5*tensor.Norm(a) {
		t.Errorf("the curvature of minibatches is %v on average, of all nodes %v, %v", sum, tensor.Dot(a, v), err)
	}
	first, err := p.LossAt(theta, 8)
	if p.batch(parts[0]); err != nil || math.Abs(first-p.plan.Forward(parts[0]).Loss/8) > 1e-6 {
		t.Errorf("the loss of the first 8 nodes is %v, %v", first, err)
	}
	if want := net.Memory(nn.Settings{Batch: n, Tangents: true}) + 4*int64(net.Dim()); Memory(net, 24, Settings{Nodes: n}) != want {
		t.Errorf("memory of %d bytes, want %d", Memory(net, 24, Settings{Nodes: n}), want)
	}
}

func direction(n int) []float32 {
	v, r := make([]float32, n), rng.New(2, "v")
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func nearVector(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	d := append([]float32(nil), got...)
	tensor.Axpy(d, -1, want)
	if tensor.Norm(d) > tolerance*tensor.Norm(want) {
		t.Errorf("%s: differs by %v of %v", what, tensor.Norm(d), tensor.Norm(want))
	}
}
