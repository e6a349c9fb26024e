package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

const (
	nodeCount = 14
	features  = 5
	hidden    = 4
	classes   = 3
	labelled  = 6
)

// graphNet is a graph convolution network of two layers.
func graphNet() *nn.Network {
	net := new(nn.Network)
	x := net.AddInput(nn.Input{Name: "features", Shape: nn.Vec(features), Sparse: true})
	x = net.Add("conv1", nn.Propagate{Bias: "bias"}, net.Add("lin1", nn.Linear{Units: hidden, NoBias: true}, x))
	x = net.Add("tanh", nn.Tanh{}, x)
	net.Add("conv2", nn.Propagate{Bias: "bias"}, net.Add("lin2", nn.Linear{Units: classes, NoBias: true}, x))
	return net
}

// graphBatch is a random graph whose first nodes are for training.
func graphBatch() nn.Batch {
	r := rng.New(1, "graph")
	matrix := func(cols int, density float64) *tensor.CSR {
		start, index, value := []int{0}, []int32{}, []float32{}
		for range nodeCount {
			for j := range cols {
				if r.Float64() < density {
					index, value = append(index, int32(j)), append(value, 1+float32(r.Float64()))
				}
			}
			start = append(start, len(index))
		}
		return tensor.NewCSR(nodeCount, cols, start, index, value)
	}
	b := nn.Batch{N: nodeCount, In: []nn.Values{{Sparse: matrix(features, 0.6)}}, Graph: nn.NewGraph(matrix(nodeCount, 0.2))}
	labels := make([]int32, nodeCount)
	for i := range labels {
		labels[i] = int32(r.IntN(classes))
	}
	b.Target = []nn.Target{{Labels: labels}}
	return b.Slice(0, labelled)
}

func unlabelled(gamma float64, steps int) *Unlabelled {
	u := &Unlabelled{Gamma: gamma, Steps: steps}
	for i := labelled; i < nodeCount; i++ {
		u.Nodes = append(u.Nodes, int32(i))
	}
	return u
}

// graphLoop is a loop of SGD on the graph.
func graphLoop(t *testing.T, b nn.Batch, n *Natural, u *Unlabelled) *Loop {
	t.Helper()
	net := graphNet()
	m, err := New("sgd", 0.1, 0, net.Dim())
	if err != nil {
		t.Fatal(err)
	}
	theta, r := make([]float32, net.Dim()), rng.New(2, "theta")
	for i := range theta {
		theta[i] = float32(0.7 * r.NormFloat64())
	}
	l := NewLoop(net.Compile(nn.Settings{Batch: nodeCount, Factors: true}), theta, m, func(int) nn.Batch { return b })
	l.Unlabelled = u
	if n != nil {
		l.Precondition(*n)
	}
	return l
}

// naturals are all forms of a Natural.
func naturals() map[string]Natural {
	all := map[string]Natural{}
	for _, eigen := range []bool{false, true} {
		for _, released := range []bool{false, true} {
			for _, average := range []float64{1, 0.5} {
				for _, split := range []bool{false, true} {
					n := Natural{Eigen: eigen, Released: released, Average: average, Every: 3, Damping: curvature.Damping{Epsilon: 0.05, Corrected: split}}
					n.Factors.Fisher = nn.Sampled
					all[fmt.Sprintf("eigen %v, released %v, average %v, split %v", eigen, released, average, split)] = n
				}
			}
		}
	}
	return all
}

// The control without directions multiplies the gradient of each block's weights by one number,
// and of its bias by another: the means that the inverse has on its diagonal.
func TestStepsOnly(t *testing.T) {
	n := Natural{Released: true, Average: 1, Every: 2, Damping: curvature.Damping{Epsilon: 0.01}}
	full := graphLoop(t, graphBatch(), &n, nil)
	n.StepsOnly = true
	l, plain := graphLoop(t, graphBatch(), &n, nil), graphLoop(t, graphBatch(), nil, nil)
	before := slices.Clone(l.Theta)
	for _, one := range []*Loop{full, l, plain} {
		mustStep(t, one)
	}
	for k, b := range l.precond.blocks {
		mean := func(x []float32, n, first int) (sum float64) {
			for i := range first {
				sum += float64(x[i*n+i]) / float64(first)
			}
			return sum
		}
		s := mean(full.precond.inverse.S[k], b.Out, b.Out)
		weight, bias := s*mean(full.precond.inverse.A[k], b.Inputs, b.Columns()), s*float64(full.precond.inverse.A[k][b.Inputs*b.Inputs-1])
		check := func(at int, factor float64) {
			got, want := float64(l.Theta[at]-before[at]), factor*float64(plain.Theta[at]-before[at])
			if math.Abs(got-want) > 1e-4*math.Abs(want)+1e-5 {
				t.Errorf("parameter %d moves by %v, want %v times a plain step, %v", at, got, factor, want)
			}
		}
		for i := range b.Out * b.Columns() {
			check(b.Weight+i, weight)
		}
		for o := range b.Out {
			check(b.Bias+o, bias)
		}
	}
}

// A loop that is saved and restored at any step goes on to the same bits, whether or not it was
// asked for its next parameters before, and at any step.
func TestNaturalResumes(t *testing.T) {
	const steps = 7
	for name, n := range naturals() {
		b := graphBatch()
		whole := graphLoop(t, b, &n, unlabelled(1, steps))
		for range steps {
			mustStep(t, whole)
		}
		for at := range steps {
			for _, ask := range []bool{false, true} {
				l := graphLoop(t, b, &n, unlabelled(1, steps))
				for range at {
					mustStep(t, l)
				}
				if ask {
					next := mustNext(t, l)
					if again := mustNext(t, l); !slices.Equal(next, again) {
						t.Fatalf("%s: Next twice", name)
					}
				}
				again := graphLoop(t, b, &n, unlabelled(1, steps))
				again.Done = at
				copy(again.Theta, l.Theta)
				to := again.Memory()
				for i, v := range l.Memory() {
					if v.Name != to[i].Name || len(v.Data) != len(to[i].Data) {
						t.Fatalf("%s remembers %s, then %s", name, v.Name, to[i].Name)
					}
					copy(to[i].Data, v.Data)
				}
				for range steps - at {
					mustStep(t, again)
				}
				if !slices.Equal(again.Theta, whole.Theta) {
					t.Errorf("%s: another way after an interruption at step %d, asked before: %v", name, at, ask)
				}
			}
		}
	}
}

// A step that is stopped anywhere has not happened.
func TestNaturalStops(t *testing.T) {
	stopped := errors.New("stopped")
	for name, n := range naturals() {
		b := graphBatch()
		l, want := graphLoop(t, b, &n, nil), graphLoop(t, b, &n, nil)
		for range 3 {
			mustStep(t, l)
			mustStep(t, want)
		}
		points := int64(0)
		for ; ; points++ {
			var asked atomic.Int64
			l.Plan.SetStop(func() error {
				if asked.Add(1) > points {
					return stopped
				}
				return nil
			})
			theta := slices.Clone(l.Theta)
			if _, err := l.Step(); err == nil {
				break
			} else if err != stopped || !slices.Equal(theta, l.Theta) || l.Done != 3 {
				t.Fatalf("%s, stopped at question %d: %v", name, points+1, err)
			}
		}
		l.Plan.SetStop(nil)
		mustStep(t, want)
		for range 4 {
			mustStep(t, l)
			mustStep(t, want)
		}
		if points == 0 || !slices.Equal(l.Theta, want.Theta) {
			t.Errorf("%s: other bits after %d stops", name, points)
		}
	}
}

// Labels of nodes that are not for training decide nothing, and predicted labels do.
func TestUnlabelled(t *testing.T) {
	run := func(b nn.Batch, n *Natural, u *Unlabelled) []float32 {
		l := graphLoop(t, b, n, u)
		for range 5 {
			mustStep(t, l)
		}
		return l.Theta
	}
	other := graphBatch()
	other.Target = []nn.Target{{Labels: slices.Clone(other.Target[0].Labels)}}
	for i := labelled; i < nodeCount; i++ {
		other.Target[0].Labels[i] = (other.Target[0].Labels[i] + 1) % classes
	}
	for name, n := range naturals() {
		if !slices.Equal(run(graphBatch(), &n, unlabelled(1, 5)), run(other, &n, unlabelled(1, 5))) {
			t.Errorf("%s: labels that are not for training change the weights", name)
		}
	}
	if slices.Equal(run(graphBatch(), nil, nil), run(graphBatch(), nil, unlabelled(1, 5))) {
		t.Error("predicted labels change nothing")
	}
	// The gradient is that of the two means: λ = 1 at the last step.
	l, b := graphLoop(t, graphBatch(), nil, unlabelled(3, 1)), graphBatch()
	plan := graphNet().Compile(nn.Settings{Batch: nodeCount})
	plan.SetParams(slices.Clone(l.Theta))
	want, g := make([]float32, len(l.Theta)), make([]float32, len(l.Theta))
	first := plan.Forward(b).Loss
	plan.Gradient(want, 1./labelled, false)
	b.Target[0].Labels = slices.Clone(b.Target[0].Labels)
	b.Nodes = nil
	for i := labelled; i < nodeCount; i++ {
		b.Target[0].Labels[i] = largest(plan.Outputs()[i*classes : (i+1)*classes])
		b.Nodes = append(b.Nodes, int32(i))
	}
	second := plan.Forward(b).Loss
	plan.Gradient(g, 1./(nodeCount-labelled), false)
	tensor.Add(want, g)
	theta := slices.Clone(l.Theta)
	if loss := mustStep(t, l); math.Abs(loss-first/labelled-second/(nodeCount-labelled)) > 1e-6 {
		t.Errorf("loss %v, want %v", loss, first/labelled+second/(nodeCount-labelled))
	}
	for i := range theta {
		if math.Abs(float64(theta[i]-0.1*want[i]-l.Theta[i])) > 1e-6 {
			t.Fatalf("parameter %d is %v, want %v", i, l.Theta[i], theta[i]-0.1*want[i])
		}
	}
}

// With a large damping a step is one along the gradient, 1/ε as long.
func TestLargeDamping(t *testing.T) {
	for name, n := range naturals() {
		n.Damping.Epsilon = 1e10
		plain, l := graphLoop(t, graphBatch(), nil, nil), graphLoop(t, graphBatch(), &n, nil)
		before := slices.Clone(l.Theta)
		mustStep(t, plain)
		l.Method.SetRate(0.1e10)
		mustStep(t, l)
		for i := range before {
			if d := math.Abs(float64(l.Theta[i] - plain.Theta[i])); d > 0.02*math.Abs(float64(plain.Theta[i]-before[i]))+1e-6 {
				t.Errorf("%s: parameter %d moves to %v, by a plain step to %v", name, i, l.Theta[i], plain.Theta[i])
				break
			}
		}
	}
}

// Factors that are not finite are divergence, which the next loss shows.
func TestFactorsThatOverflow(t *testing.T) {
	for name, n := range naturals() {
		if !n.Released {
			continue // no node has an adjoint there, so that none counts
		}
		b := graphBatch()
		x := b.In[0].Sparse
		large := slices.Clone(x.Value)
		tensor.Scale(large, 1e25)
		b.In = []nn.Values{{Sparse: tensor.NewCSR(x.Rows, x.Cols, x.Start, x.Index, large)}}
		l := graphLoop(t, b, &n, nil)
		if loss := mustStep(t, l); loss-loss != 0 {
			t.Fatalf("%s: the first loss is %v", name, loss)
		}
		if loss := mustStep(t, l); loss == loss {
			t.Errorf("%s: the loss is %v after factors that are not finite", name, loss)
		}
	}
}

// The memory that is announced is what a loop takes.
func TestNaturalBytes(t *testing.T) {
	net, x := nn.NewNetwork(nn.Seq(3, 300))
	x = net.Add("one", nn.Linear{Units: 200}, x)
	net.Add("two", nn.Linear{Units: 5}, net.Add("mean", nn.MeanSteps{}, x))
	const n = 20
	in, labels := make([]float32, n*900), make([]int32, n)
	for i := range in {
		in[i] = float32(i%7) - 3
	}
	for name, natural := range naturals() {
		natural.Factors.Sharing = curvature.Reduce
		m, err := New("sgd", 0.1, 0, net.Dim())
		if err != nil {
			t.Fatal(err)
		}
		l := NewLoop(net.Compile(nn.Settings{Batch: n, Factors: true}), net.InitialParams(nn.Glorot, 1), m, func(int) nn.Batch { return nn.Labelled(in, labels) })
		mustStep(t, l)
		l.Done = 0
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l.Precondition(natural)
		mustStep(t, l)
		runtime.ReadMemStats(&after)
		got, want := int64(after.TotalAlloc-before.TotalAlloc), natural.Bytes(net)
		if got > want*3/2 || got < want*3/4 { // with some garbage
			t.Errorf("%s: takes %d bytes, says %d", name, got, want)
		}
	}
}
