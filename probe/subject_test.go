package probe

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

const (
	inputs = 8
	count  = 24
	rate   = 0.05
)

// A quadratic is a network without hidden units and with the squared error, so
// that every quantity has a closed form: L = mean (w·x_i − 1)².
type quadratic struct {
	*Subject
	x *mat.Dense      // a row an example
	w *mat.VecDense   // parameters
	h *mat.SymDense   // 2/N Σ x xᵀ
	r []float64       // w·x_i − 1
	g []*mat.VecDense // gradients of the examples
}

func newQuadratic() *quadratic { return quadraticAt(1) }

// quadraticAt is a quadratic whose parameters are larger by a factor.
func quadraticAt(factor float64) *quadratic {
	net, node := nn.NewNetwork(nn.Vec(inputs))
	net.Add("fc", nn.Linear{Units: 1, NoBias: true}, node)
	r := rng.New(5, "quadratic")
	x := make([]float32, count*inputs)
	for i := range x {
		x[i] = float32(r.NormFloat64() * math.Sqrt(float64(1+i%inputs)/inputs))
	}
	set := nn.Labelled(x, make([]int32, count))
	theta := make([]float32, inputs)
	for i := range theta {
		theta[i] = float32(factor * r.NormFloat64())
	}
	q := &quadratic{Subject: subjectOf(net, nn.MSE{}, set, theta)}
	q.x, q.w = mat.NewDense(count, inputs, nil), mat.NewVecDense(inputs, nil)
	for i, v := range x {
		q.x.Set(i/inputs, i%inputs, float64(v))
	}
	for i, v := range theta {
		q.w.SetVec(i, float64(v))
	}
	q.h = mat.NewSymDense(inputs, nil)
	for i := range count {
		row := mat.NewVecDense(inputs, q.x.RawRowView(i))
		q.r = append(q.r, mat.Dot(row, q.w)-1)
		g := mat.NewVecDense(inputs, nil)
		g.ScaleVec(2*q.r[i], row)
		q.g = append(q.g, g)
		q.h.SymRankOne(q.h, 2.0/count, row)
	}
	return q
}

// subjectOf measures a whole training set of its own.
func subjectOf(net *nn.Network, loss nn.Loss, set curvature.Set, theta []float32) *Subject {
	s := &Subject{
		Net: net, Loss: loss, Theta: theta, Seed: 3, Tol: 1e-6, LR: rate, Size: 6, N: set.Len(),
		Problem: curvature.New(net, set, curvature.Settings{Loss: loss, Chunk: set.Len(), Metrics: []curvature.Metric{{Of: nn.Correct}}}),
		Metrics: []string{"accuracy"},
		Batches: curvature.Parts(set, 6), Sharp: curvature.Parts(set, 4),
		Single: set, Kernel: set.Slice(0, 3),
	}
	s.Problem.At(theta)
	s.Layers, _ = Layers(net, nil)
	s.Start = func() []float32 {
		start := append([]float32(nil), theta...)
		for i := range start {
			start[i] *= 0.9
		}
		return start
	}
	s.Next = func() ([]float32, error) { // a step with the whole set
		next := append([]float32(nil), theta...)
		for i, g := range s.Problem.Gradient() {
			next[i] -= rate * g
		}
		return next, nil
	}
	return s
}

// batchGradient is the mean gradient of examples lo … hi-1.
func (q *quadratic) batchGradient(lo, hi int) *mat.VecDense {
	g := mat.NewVecDense(inputs, nil)
	for i := lo; i < hi; i++ {
		g.AddScaledVec(g, 1/float64(hi-lo), q.g[i])
	}
	return g
}

func (q *quadratic) loss() float64 {
	sum := 0.0
	for _, r := range q.r {
		sum += r * r / count
	}
	return sum
}

// eigen returns eigenvalues and eigenvectors, ascending.
func eigen(t *testing.T, m mat.Symmetric) ([]float64, *mat.Dense) {
	t.Helper()
	var e mat.EigenSym
	if !e.Factorize(m, true) {
		t.Fatal("the eigenproblem did not converge")
	}
	v := new(mat.Dense)
	e.VectorsTo(v)
	return e.Values(nil), v
}

// measure runs the named probes and returns what they find by key.
func measure(t *testing.T, s *Subject, names ...string) map[string]run.Value {
	t.Helper()
	probes, err := Select(names)
	if err != nil {
		t.Fatal(err)
	}
	vs, err := Measure(context.Background(), s, probes)
	if err != nil {
		t.Fatal(err)
	}
	return run.Record{Values: vs}.ByKey()
}

// expect compares the value of a key.
func expect(t *testing.T, found map[string]run.Value, key string, want, tol float64) run.Value {
	t.Helper()
	v, ok := found[key]
	switch {
	case !ok:
		t.Errorf("no %s", key)
	case !(math.Abs(v.Value-want) <= tol*math.Abs(want)):
		t.Errorf("%s is %.9g, want %.9g", key, v.Value, want)
	}
	return v
}

// network is a small network with or without batch norm, on random examples.
func network(norm bool) *Subject {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	x = net.Add("conv", nn.Conv2D{Filters: 2, K: 3, Pad: 1}, x)
	if norm {
		x = net.Add("bn", nn.BatchNorm{}, x)
	}
	x = net.Add("tanh", nn.Tanh{}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 3}, x)
	r := rng.New(6, "network")
	set := nn.Labelled(make([]float32, 24*16), make([]int32, 24))
	for i := range set.In[0].F {
		set.In[0].F[i] = float32(r.NormFloat64())
	}
	for i := range set.N {
		set.Target[0].Labels[i] = int32(r.IntN(3))
	}
	theta := make([]float32, net.Dim())
	for i := range theta {
		theta[i] = float32(0.3 * r.NormFloat64())
	}
	return subjectOf(net, nn.CrossEntropy{}, set, theta)
}
