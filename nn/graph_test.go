package nn_test

import (
	"fmt"
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/rng"
	"breakeven/tensor"
)

func TestPropagate(t *testing.T) {
	for _, by := range []nn.Propagation{nn.Symmetric, nn.Mean} {
		for _, in := range []nn.Shape{nn.Vec(5), nn.Vec(17)} {
			op := nn.Propagate{By: by}
			t.Run(fmt.Sprintf("%+v on %v", op, in), func(t *testing.T) { nntest.TestOp(t, op, in) })
			op.Bias = "bias"
			t.Run(fmt.Sprintf("%+v on %v", op, in), func(t *testing.T) { nntest.TestOp(t, op, in) })
			op.Restart = 0.25
			t.Run(fmt.Sprintf("%+v on %v", op, in), func(t *testing.T) { nntest.TestOp(t, op, in, in) })
		}
	}
}

func TestAttend(t *testing.T) {
	for _, op := range []nn.Attend{{Heads: 1}, {Heads: 3, Bias: "bias"}, {Heads: 3, Average: true}, {Heads: 2, Average: true, Bias: "bias"}} {
		in := nn.Vec(4 * op.Heads)
		t.Run(fmt.Sprintf("%+v on %v", op, in), func(t *testing.T) { nntest.TestOp(t, op, in) })
	}
}

// path returns the undirected graph 0–1–2–…, with weights 1.
func path(n int) *nn.Graph {
	start, index, value := []int{0}, []int32{}, []float32{}
	for i := range n {
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < n {
				index, value = append(index, int32(j)), append(value, 1)
			}
		}
		start = append(start, len(index))
	}
	return nn.NewGraph(tensor.NewCSR(n, n, start, index, value))
}

func TestMatrices(t *testing.T) {
	g := path(3)
	// Degrees with loops: 2, 3, 2.
	for _, c := range []struct {
		by   nn.Propagation
		i, j int
		want float64
	}{
		{nn.Symmetric, 0, 0, 1. / 2}, {nn.Symmetric, 0, 1, 1 / math.Sqrt(6)}, {nn.Symmetric, 1, 1, 1. / 3}, {nn.Symmetric, 0, 2, 0},
		{nn.Mean, 0, 1, 1}, {nn.Mean, 1, 0, 0.5}, {nn.Mean, 1, 1, 0},
	} {
		got := 0.0
		index, value := g.Matrix(c.by).Row(c.i)
		for e, j := range index {
			if int(j) == c.j {
				got = float64(value[e])
			}
		}
		if math.Abs(got-c.want) > 1e-7 {
			t.Errorf("propagation %v: entry %d, %d is %v, want %v", c.by, c.i, c.j, got, c.want)
		}
	}
	alone := nn.NewGraph(tensor.NewCSR(2, 2, []int{0, 0, 0}, nil, nil))
	if index, value := alone.Matrix(nn.Symmetric).Row(1); len(index) != 1 || value[0] != 1 {
		t.Errorf("a node without edges keeps %v of nodes %v, want all of its own", value, index)
	}
	if index, _ := alone.Matrix(nn.Mean).Row(1); len(index) != 0 {
		t.Errorf("the mean over no neighbours has entries %v", index)
	}
}

// twoLayers returns a graph convolution network on sparse features.
func twoLayers(features, hidden, classes int) *nn.Network {
	net := new(nn.Network)
	x := net.AddInput(nn.Input{Name: "features", Shape: nn.Vec(features), Sparse: true})
	x = net.Add("conv1", nn.Linear{Units: hidden}, x)
	x = net.Add("relu", nn.ReLU{}, net.Add("spread1", nn.Propagate{}, x))
	net.Add("spread2", nn.Propagate{}, net.Add("conv2", nn.Linear{Units: classes}, x))
	return net
}

// ringBatch is a batch of n nodes with random features and labels.
func ringBatch(n, features, classes int) nn.Batch {
	r := rng.New(1, "graph")
	start, index, value, labels := []int{0}, []int32{}, []float32{}, make([]int32, n)
	for i := range n {
		for j := range features {
			if r.Float64() < 0.3 {
				index, value = append(index, int32(j)), append(value, float32(r.NormFloat64()))
			}
		}
		start = append(start, len(index))
		labels[i] = int32(r.IntN(classes))
	}
	return nn.Batch{
		N: n, In: []nn.Values{{Sparse: tensor.NewCSR(n, features, start, index, value)}},
		Target: []nn.Target{{Labels: labels}}, Graph: path(n),
	}
}

// Nodes that do not count have weight 0 and still take part in the forward pass.
func TestNodes(t *testing.T) {
	const n = 30
	net, b := twoLayers(6, 8, 3), ringBatch(n, 6, 3)
	theta := make([]float32, net.Dim())
	for i, r := 0, rng.New(2, "theta"); i < len(theta); i++ {
		theta[i] = float32(r.NormFloat64()) / 2
	}
	p := net.Compile(nn.Settings{Batch: n})
	p.SetParams(theta)
	gradient := func(b nn.Batch) (float64, []float32) {
		g := make([]float32, net.Dim())
		loss := p.Forward(b).Loss
		p.Gradient(g, 1, false)
		return loss, g
	}
	sum, total := make([]float32, net.Dim()), 0.0
	for lo := 0; lo < n; lo += 10 {
		part := b.Slice(lo, lo+10)
		if part.Len() != 10 || part.N != n || net.Weight(part) != 10 {
			t.Errorf("10 nodes of %d: %d of %d count, with weight %v", n, part.Len(), part.N, net.Weight(part))
		}
		if lo == 20 {
			part = part.Slice(0, 10) // of those that count
		}
		weights := make([]float32, n)
		for i := lo; i < lo+10; i++ {
			weights[i] = 1
		}
		weighted := b
		weighted.Target = []nn.Target{{Labels: b.Target[0].Labels, Weight: weights}}
		loss, g := gradient(part)
		wantLoss, want := gradient(weighted)
		if loss != wantLoss || tensor.Dot(g, want) != tensor.Dot(want, want) {
			t.Errorf("nodes %d to %d: loss %v, with weights %v", lo, lo+9, loss, wantLoss)
		}
		tensor.Add(sum, g)
		total += loss
	}
	loss, g := gradient(b)
	tensor.Axpy(sum, -1, g)
	if math.Abs(total-loss) > 1e-5*loss || tensor.Norm(sum) > 1e-5*tensor.Norm(g) {
		t.Errorf("the parts have the loss %v, all nodes %v; the gradients differ by %v of %v", total, loss, tensor.Norm(sum), tensor.Norm(g))
	}
	reversed := b.Reversed()
	reversed.Nodes = []int32{3}
	back := reversed.Reversed()
	if back.Nodes[0] != 26 {
		t.Errorf("node 3 of 30 in reverse is %d, want 26", back.Nodes[0])
	}
	loss2, g2 := gradient(b.Reversed())
	tensor.Axpy(g2, -1, g)
	if math.Abs(loss2-loss) > 1e-5*loss || tensor.Norm(g2) > 1e-5*tensor.Norm(g) {
		t.Errorf("in reverse the loss is %v, not %v, and the gradient differs by %v of %v", loss2, loss, tensor.Norm(g2), tensor.Norm(g))
	}
}

func TestGraphBatchesAreChecked(t *testing.T) {
	net, b := twoLayers(6, 8, 3), ringBatch(9, 6, 3)
	for what, change := range map[string]func(b *nn.Batch){
		"no graph":                     func(b *nn.Batch) { b.Graph = nil },
		"a graph of other nodes":       func(b *nn.Batch) { b.Graph = path(8) },
		"a node that is not there":     func(b *nn.Batch) { b.Nodes = []int32{9} },
		"no features":                  func(b *nn.Batch) { b.In = []nn.Values{{}} },
		"features of the wrong width":  func(b *nn.Batch) { b.In = ringBatch(9, 5, 3).In },
		"features of too few examples": func(b *nn.Batch) { b.In = ringBatch(8, 6, 3).In },
	} {
		wrong := b
		change(&wrong)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			p := net.Compile(nn.Settings{Batch: 9})
			p.SetParams(make([]float32, net.Dim()))
			p.Forward(wrong)
		}()
	}
}
