package model_test

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/tensor"
)

// sizes are those of an lstm; zero is Keras's example.
type sizes struct{ Vocabulary, Steps, Embedding, Units, Layers, Classes int }

// network returns the lstm of these sizes.
func (z sizes) network() (*nn.Network, error) {
	s := run.Spec{Model: "lstm", More: map[string]string{}}
	for name, size := range map[string]int{"embedding": z.Embedding, "units": z.Units, "layers": z.Layers} {
		if size != 0 {
			s.More[name] = fmt.Sprint(size)
		}
	}
	return model.Of(s, nn.Input{Name: "tokens", Shape: nn.Seq(cmp.Or(z.Steps, 80), 1), Below: cmp.Or(z.Vocabulary, 20000)}, cmp.Or(z.Classes, 2))
}

// texts are n random texts for a network.
func texts(net *nn.Network, n int) nn.Batch {
	r, in := rng.New(1, "model/texts"), net.Inputs()[0]
	b := nn.Batch{N: n, In: []nn.Values{{I: make([]int32, n*in.Shape.T)}}, Target: []nn.Target{{Labels: make([]int32, n)}}}
	for i := range b.In[0].I {
		b.In[0].I[i] = int32(r.IntN(in.Below))
	}
	for i := range n {
		b.Target[0].Labels[i] = int32(r.IntN(net.Output().C))
	}
	return b
}

// BenchmarkLSTM times a step of SGD on 128 texts with the sizes of the Keras example,
// and the passes of which others are made.
func BenchmarkLSTM(b *testing.B) {
	net, err := sizes{}.network()
	if err != nil {
		b.Fatal(err)
	}
	const n = 128
	set, theta, g := texts(net, n), net.InitialParams(nn.Glorot, 1), make([]float32, net.Dim())
	p := net.Compile(nn.Settings{Batch: n})
	b.Run("Step", func(b *testing.B) {
		for b.Loop() {
			p.SetParams(theta)
			p.Forward(set)
			p.Gradient(g, 1./n, false)
			tensor.Axpy(theta, -1e-3, g)
		}
	})
	b.Run("Forward", func(b *testing.B) {
		p.SetParams(theta)
		for b.Loop() {
			p.Forward(set)
		}
	})
	q := net.Compile(nn.Settings{Batch: n, Tangents: true})
	q.SetParams(theta)
	q.SetTangent(net.InitialParams(nn.Gaussian, 2))
	q.Forward(set)
	q.Adjoints(nil, 1./n, false)
	b.Run("HessVec", func(b *testing.B) {
		for b.Loop() {
			q.HessVec(g, 1./n, false)
		}
	})
}

// The contract of package nn holds, for one layer and for several.
func TestLSTMContract(t *testing.T) {
	for _, size := range []sizes{
		{Vocabulary: 9, Steps: 3, Embedding: 2, Units: 3},
		{Vocabulary: 5, Steps: 4, Embedding: 3, Units: 2, Layers: 2, Classes: 4},
	} {
		net, err := size.network()
		if err != nil {
			t.Fatal(err)
		}
		nntest.TestNetwork(t, net)
	}
}

func TestLSTMSizes(t *testing.T) {
	net, err := sizes{}.network()
	if err != nil {
		t.Fatal(err)
	}
	if want := 20000*128 + 4*128*(128+128) + 2*4*128 + 2*128 + 2; net.Dim() != want || net.Output() != nn.Vec(2) || net.Inputs()[0] != (nn.Input{Name: "tokens", Shape: nn.Seq(80, 1), Below: 20000}) {
		t.Errorf("%d parameters, want %d; input %+v, output %v", net.Dim(), want, net.Inputs(), net.Output())
	}
	var names []string
	for _, p := range net.Params() {
		names = append(names, p.Name)
	}
	if want := []string{"emb.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0", "fc.weight", "fc.bias"}; !slices.Equal(names, want) {
		t.Errorf("parameters %v, want %v", names, want)
	}
	for _, bad := range []sizes{{Vocabulary: -1}, {Units: -2}, {Layers: -1}, {Classes: -1}} {
		if net, err := bad.network(); err == nil || net != nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

// Tokens after the end of a text change nothing: texts of any length give the same as
// in a network of just their length.
func TestTextsOfDifferentLengths(t *testing.T) {
	size := sizes{Vocabulary: 50, Steps: 9, Embedding: 5, Units: 6, Layers: 2}
	long, err := size.network()
	if err != nil {
		t.Fatal(err)
	}
	theta, set := long.InitialParams(nn.Glorot, 1), texts(long, 9)
	for i := range set.N {
		set.In[0].Steps = append(set.In[0].Steps, int32(i+1))
	}
	p := long.Compile(nn.Settings{Batch: set.N, Adjoints: true})
	p.SetParams(theta)
	p.Forward(set)
	p.Adjoints(nil, 1, false)
	got := make([]float32, long.Dim())
	for i := range set.N {
		size.Steps = i + 1
		short, err := size.network()
		if err != nil {
			t.Fatal(err)
		}
		one := set.Slice(i, i+1)
		one.In[0] = nn.Values{I: one.In[0].I[:i+1]}
		q, want := short.Compile(nn.Settings{Batch: 1}), make([]float32, short.Dim())
		q.SetParams(theta)
		q.Forward(one)
		q.Gradient(want, 1, false)
		p.ExampleGradient(got, i)
		tensor.Axpy(got, -1, want)
		if d := math.Abs(q.Losses()[0] - p.Losses()[i]); d > 1e-6 || tensor.Norm(got) > 1e-5*tensor.Norm(want) {
			t.Errorf("text of %d tokens: losses are %v apart, gradients %v", i+1, d, tensor.Norm(got))
		}
	}
}

// The memory announced for a plan for texts, and for a Gram matrix, is what these take.
func TestTextMemory(t *testing.T) {
	net, err := sizes{Vocabulary: 2000, Embedding: 32, Units: 48, Layers: 2, Steps: 30}.network()
	if err != nil {
		t.Fatal(err)
	}
	theta, set := make([]float32, net.Dim()), texts(net, 64)
	for _, s := range []nn.Settings{{Batch: 64}, {Batch: 64, Tangents: true, Tapes: 2}, {Batch: 64, Adjoints: true}} {
		promised, took, gram := net.Memory(s), int64(math.MaxInt64), int64(math.MaxInt64)
		for range 3 { // the first may also allocate the workspaces of products
			var before, after, last runtime.MemStats
			runtime.ReadMemStats(&before)
			p := net.Compile(s)
			p.SetParams(theta)
			p.Forward(set)
			runtime.ReadMemStats(&after)
			took = min(took, int64(after.TotalAlloc-before.TotalAlloc))
			if promised != p.Bytes() {
				t.Errorf("%+v: promised %d bytes, plan says %d", s, promised, p.Bytes())
			}
			if s.Adjoints {
				dst := make([]float64, 64*64)
				p.Adjoints(nil, 1, false)
				runtime.ReadMemStats(&after)
				p.ExampleGram(dst)
				runtime.ReadMemStats(&last)
				gram = min(gram, int64(last.TotalAlloc-after.TotalAlloc))
			}
		}
		if promised < took*95/100 || promised > took*105/100 {
			t.Errorf("%+v: promised %d bytes, took %d", s, promised, took)
		}
		if need := net.ExampleGramMemory(64); s.Adjoints && (need < gram*90/100 || need > gram*110/100) {
			t.Errorf("Gram matrix: promised %d bytes, took %d", need, gram)
		}
	}
}
