package nn

import (
	"sync/atomic"
	"testing"
)

// asking counts how often f asks whether to stop.
func (p *Plan) asking(f func()) int {
	var asked atomic.Int64
	p.SetStop(func() error { asked.Add(1); return nil })
	defer p.SetStop(nil)
	f()
	return int(asked.Load())
}

// Every task of every pass asks before it begins, and so does each product of Gram
// matrices and each example in them.
func TestEveryTaskAsks(t *testing.T) {
	net, x := NewNetwork(Shape{C: 3, H: 8, W: 8})
	x = net.Add("conv", Conv2D{Filters: 20, K: 3, Pad: 1}, x)
	x = net.Add("tanh", Tanh{}, x)
	x = net.Add("pool", MaxPool{K: 2}, x)
	x = net.Add("flatten", Flatten{}, x)
	net.Add("fc", Linear{Units: 5}, x)
	const n = 40
	p := net.Compile(Settings{Batch: n, Tangents: true, Adjoints: true})
	in, labels := make([]float32, n*net.Input.Size()), make([]int32, n)
	theta, dst := net.InitialParams(Glorot, 1), make([]float32, net.Dim())
	tasks := func(steps ...[]step) (sum int) {
		for _, pass := range steps {
			for _, s := range pass {
				sum += s.tasks()
			}
		}
		return sum
	}
	for _, pass := range []struct {
		name  string
		run   func()
		steps [][]step
	}{
		{"SetParams", func() { p.SetParams(theta) }, [][]step{p.packPass}},
		{"SetTangent", func() { p.SetTangent(theta) }, [][]step{p.packTangentPass}},
		{"Forward", func() { p.Forward(Labelled(in, labels)) }, [][]step{p.forwardPass}},
		{"Adjoints", func() { p.Adjoints(dst, 1, false) }, [][]step{p.adjointPass[adjoints], p.gradientPass[adjoints]}},
		{"Gradient", func() { p.Gradient(dst, 1, false) }, [][]step{p.adjointPass[cotangents], p.gradientPass[cotangents]}},
		{"JacVec", func() { p.JacVec() }, [][]step{p.tangentPass}},
		{"HessVec", func() { p.HessVec(dst, 1, false) }, [][]step{p.tangentPass, p.secondPass}},
		{"ExampleCurvatures", func() { p.ExampleCurvatures(make([]float64, n), 1) }, [][]step{p.tangentPass, p.alongPass}},
	} {
		got := p.asking(pass.run)
		if want := tasks(pass.steps...); want == 0 || got < want {
			t.Errorf("%s asks %d times in %d tasks", pass.name, got, want)
		}
	}
	want := 0
	for _, ex := range p.examples() {
		if _, ok := ex.exampler.(*linear); ok {
			want += 2 + n + n // two products, the adjoints of the examples, the rows of the result
		} else {
			want += len(groups(ex.sizes)) * (n + 1)
		}
	}
	if got := p.asking(func() { p.ExampleGram(make([]float64, n*n)) }); got != want {
		t.Errorf("ExampleGram asks %d times, want %d", got, want)
	}
}
