package probe

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"

	"breakeven/curvature"
	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/run"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// manyParameters is a subject whose memory is mostly vectors of parameters.
func manyParameters() *Subject {
	net, x := nn.NewNetwork(nn.Vec(500))
	x = net.Add("tanh", nn.Tanh{}, net.Add("fc1", nn.Linear{Units: 300}, x))
	net.Add("fc2", nn.Linear{Units: 3}, x)
	set := nn.Labelled(make([]float32, 24*500), make([]int32, 24))
	for i := range set.In[0].F {
		set.In[0].F[i] = float32(math.Sin(float64(i * i)))
	}
	for i := range set.N {
		set.Target[0].Labels[i] = int32(i % 3)
	}
	return subjectOf(net, nn.CrossEntropy{}, set, net.InitialParams(nn.Glorot, 1))
}

// The memory that a probe announces is what its first measurement takes, to half a
// vector and 10 %. Searches may end before their basis is full.
func TestMemory(t *testing.T) {
	for _, p := range All {
		took, announced := int64(math.MaxInt64), int64(0)
		var vector int64
		for range 3 { // the first may also allocate the workspaces of products
			s := manyParameters()
			s.Problem = curvature.New(s.Net, s.Problem.Set(), ProblemSettings(curvature.Settings{Chunk: s.Problem.Set().N}, []Probe{p}, s.Net, s.Batches[0].N, s.Sharp[0].N))
			if err := s.Problem.At(s.Theta); err != nil {
				t.Fatal(err)
			}
			s.Metrics = nil
			s.Tol, s.MaxProducts, s.Single = 1e-12, 39, s.Single.Slice(0, 12)
			vector = 4 * int64(s.Net.Dim())
			took = min(took, testenv.Allocated(func() {
				if _, err := Measure(context.Background(), s, []Probe{p}); err != nil {
					t.Fatal(err)
				}
			}))
			need := Memory([]Probe{p}, s.Net, Sizes{L: len(s.Batches), Single: s.Single.N, Kernel: s.Kernel.N, Next: vector})[0]
			announced = need.Kept + need.Work
		}
		most, least := announced*11/10+vector/2, announced*9/10-vector/2
		if slices.Contains([]string{"h", "h5", "edge", "stability", "ggn", "layerh"}, p.Name) {
			least = announced / 2
		}
		if took > most || took < least {
			t.Errorf("%s: announced %d bytes, took %d", p.Name, announced, took)
		}
	}
}

// Memory that two probes share is counted once, and that of searches follows from their
// settings.
func TestMemoryOfSeveral(t *testing.T) {
	net := manyParameters().Net
	norm := network(true).Net
	kept := func(net *nn.Network, s Sizes, names ...string) (sum int64) {
		probes, err := Select(names)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range Memory(probes, net, s) {
			sum += n.Kept
		}
		return sum / 4 / int64(net.Dim())
	}
	for _, c := range []struct {
		net   *nn.Network
		s     Sizes
		names []string
		want  int64 // vectors
	}{
		{net, Sizes{}, []string{"loss", "step", "trace", "density", "ggn", "bn"}, 0},
		{net, Sizes{}, []string{"h"}, 1},
		{net, Sizes{}, []string{"h5"}, 7},
		{net, Sizes{}, []string{"h", "h5"}, 7},
		{net, Sizes{}, []string{"stability"}, 1},
		{net, Sizes{}, []string{"h", "stability"}, 1},
		{net, Sizes{}, []string{"edge"}, 1},
		{net, Sizes{}, []string{"h", "edge"}, 1},
		{net, Sizes{Once: true}, []string{"h", "h5", "stability"}, 0},
		{net, Sizes{}, []string{"sharpness"}, 1},
		{norm, Sizes{}, []string{"sharpness"}, 2},
		{norm, Sizes{Once: true}, []string{"stability"}, 2},
		{norm, Sizes{Once: true}, []string{"stability", "sharpness"}, 2},
		{net, Sizes{L: 6}, []string{"k"}, 6},
		{norm, Sizes{Single: 9, Kernel: 9}, []string{"examples", "ntk"}, 0}, // not defined
	} {
		if got := kept(c.net, c.s, c.names...); got != c.want {
			t.Errorf("%v: %d vectors are kept, want %d", c.names, got, c.want)
		}
	}
}

// A problem with no more than the probes need gives the same bits.
func TestProblemSettings(t *testing.T) {
	metrics := []curvature.Metric{{Of: nn.Correct}}
	for _, norm := range []bool{false, true} {
		for _, p := range All {
			whole, s := network(norm), network(norm)
			all := curvature.Settings{Chunk: 24, Metrics: metrics, Covariance: 24, BatchCurvature: 24}
			settings := ProblemSettings(curvature.Settings{Chunk: 24, Metrics: metrics}, []Probe{p}, s.Net, s.Batches[0].N, s.Sharp[0].N)
			only := !slices.Contains([]string{"h", "h5", "edge", "stability", "stability_k", "gap", "overlap", "batchsize", "ggn", "trace", "density", "carrier", "layertrace", "layerh"}, p.Name)
			if settings.Gradients != only {
				t.Errorf("%s: gradients alone: %v, want %v", p.Name, settings.Gradients, only)
			}
			set := s.Problem.Set().Slice(0, 3) // smaller than the minibatches
			whole.Problem, s.Problem = curvature.New(s.Net, set, all), curvature.New(s.Net, set, settings)
			if err := cmp.Or(whole.Problem.At(s.Theta), s.Problem.At(s.Theta)); err != nil {
				t.Fatal(err)
			}
			got, want := measure(t, s, p.Name), measure(t, whole, p.Name)
			for _, found := range []map[string]run.Value{got, want} {
				if g, ok := found["grad_norm"]; ok { // the slopes of examples need tangents
					g.Sample, g.How.Sampling, g.How.Note = 0, "", ""
					found["grad_norm"] = g
				}
			}
			if d := gocmp.Diff(got, want, cmpopts.IgnoreFields(run.How{}, "Seconds"), cmpopts.EquateNaNs()); d != "" {
				t.Errorf("%s, batch norm %v: another number in less memory (-got +want)\n%s", p.Name, norm, d)
			}
		}
	}
}
