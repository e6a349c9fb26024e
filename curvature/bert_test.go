package curvature

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// bertGolden are values of transformers, made by bench/peers/bert_golden.py.
type bertGolden struct {
	Parameters       []string
	Length           int
	Tokens, Segments [][]int32
	Labels           []int32
	Logits           []float64
	Loss             float64
	GradientNorm     float64 `json:"gradient_norm"`
	GradientAlong    float64 `json:"gradient_along"`
	ProductNorm      float64 `json:"product_norm"`
	CurvatureAlong   float64 `json:"curvature_along"`
	HMax             float64 `json:"h_max"`
	KTrace           float64 `json:"k_trace"`
}

func readBERT(t *testing.T) (g bertGolden) {
	t.Helper()
	b, err := os.ReadFile("testdata/bert.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// set returns the examples, padded at the end.
func (g bertGolden) set() Set {
	padded := func(rows [][]int32) (all []int32) {
		for _, r := range rows {
			all = append(append(all, r...), make([]int32, g.Length-len(r))...)
		}
		return all
	}
	var steps []int32
	for _, r := range g.Tokens {
		steps = append(steps, int32(len(r)))
	}
	return Set{N: len(g.Labels), Target: []nn.Target{{Labels: g.Labels}},
		In: []nn.Values{{I: padded(g.Tokens), Steps: steps}, {I: padded(g.Segments), Steps: steps}}}
}

// A small BERT agrees with transformers at the same weights: names and places of the parameters,
// outputs, loss, gradient, products with H, its largest eigenvalue and Tr K.
func TestBERTAgreesWithTransformers(t *testing.T) {
	g := readBERT(t)
	net := model.BERT{Layers: 2, Hidden: 12, Heads: 3, Positions: 9, Dropout: 0.1}.Classifier([]nn.Input{
		{Name: "tokens", Shape: nn.Seq(g.Length, 1), Below: 23}, {Name: model.SegmentInput, Shape: nn.Seq(g.Length, 1), Below: 2},
	}, 3)
	theta, v := make([]float32, net.Dim()), make([]float32, net.Dim())
	for i, p := range net.Params() {
		if got := fmt.Sprintf("%s %d %s", p.Name, p.Offset, strings.Trim(strings.ReplaceAll(fmt.Sprint(p.Shape), " ", "x"), "[]")); i >= len(g.Parameters) || got != g.Parameters[i] {
			t.Fatalf("parameter %d is %s, want one of %v", i, got, g.Parameters)
		}
		for k := p.Offset; k < p.Offset+p.Size(); k++ {
			theta[k] = float32(float64(p.Fill) + 0.2*math.Sin(1.7*float64(k)+0.3))
		}
	}
	for k := range v {
		v[k] = float32(math.Cos(0.9 * float64(k)))
	}
	tensor.Scale(v, float32(1/tensor.Norm(v)))
	set := g.set()
	p := New(net, set, Settings{Chunk: 3})
	if err := p.At(theta); err != nil {
		t.Fatal(err)
	}
	closeTo(t, "loss", p.Loss(), g.Loss, 1e-5, g.Loss)
	closeTo(t, "‖g‖", tensor.Norm(p.Gradient()), g.GradientNorm, 1e-5, g.GradientNorm)
	closeTo(t, "⟨g, v⟩", tensor.Dot(p.Gradient(), v), g.GradientAlong, 1e-5, g.GradientNorm)
	hv := make([]float32, net.Dim())
	h := p.Hessian()
	if err := h.MulVecTo(hv, v); err != nil {
		t.Fatal(err)
	}
	closeTo(t, "‖Hv‖", tensor.Norm(hv), g.ProductNorm, 1e-4, g.ProductNorm)
	closeTo(t, "vᵀHv", tensor.Dot(hv, v), g.CurvatureAlong, 1e-4, g.ProductNorm)
	top, err := spectrum.Lanczos(h, &spectrum.Settings{Tol: 1e-4})
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "λ_H¹", top.Values[0], g.HMax, 1e-5, g.HMax)
	k, err := p.ExampleCovariance(set)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "Tr K", k.Trace(), g.KTrace, 1e-5, g.KTrace)
	plan := net.Compile(nn.Settings{Batch: set.N, Evaluate: true})
	plan.SetParams(theta)
	plan.Forward(set)
	for i, z := range plan.Outputs() {
		closeTo(t, fmt.Sprintf("output %d", i), float64(z), g.Logits[i], 1e-5, slices.Max(g.Logits))
	}
}
