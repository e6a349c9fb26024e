package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"breakeven/curvature"
	"breakeven/run"
)

// members returns the places of a layer's parameters.
func (l Layer) members() (list []int) {
	for _, s := range l.Spans {
		for i := s.Begin; i < s.End; i++ {
			list = append(list, i)
		}
	}
	return list
}

// What is measured in layers is that of the blocks of the dense H and K: of each operation, and of
// patterns whose parameters lie apart.
func TestLayers(t *testing.T) {
	for _, norm := range []bool{false, true} {
		for _, patterns := range [][]string{nil, {"conv", "*.bias", "*"}} {
			s := network(norm)
			var err error
			if s.Layers, err = Layers(s.Net, patterns); err != nil {
				t.Fatal(err)
			}
			found := measure(t, s, "layernoise", "layertrace", "layerh")
			h := denseHessian(t, s, s.Problem.Set())
			var gradients [][]float32
			for _, b := range s.Batches {
				p := curvature.New(s.Net, b, curvature.Settings{Loss: s.Loss, Chunk: b.N})
				if err := p.At(s.Theta); err != nil {
					t.Fatal(err)
				}
				gradients = append(gradients, p.Gradient())
			}
			for i, l := range s.Layers {
				in := l.members()
				block := mat.NewSymDense(len(in), nil)
				trace, square, variance := 0.0, 0.0, 0.0
				for a, x := range in {
					trace += h.At(x, x)
					square += float64(s.Problem.Gradient()[x]) * float64(s.Problem.Gradient()[x])
					for b, y := range in[:a+1] {
						block.SetSym(a, b, h.At(x, y))
					}
					var of []float64
					for _, g := range gradients {
						of = append(of, float64(g[x]))
					}
					variance += stat.PopVariance(of, nil)
				}
				values, _ := eigen(t, block)
				top := values[len(values)-1]
				check := func(key string, want, tol float64) {
					v := found[key]
					if len(v.Vector) != len(s.Layers) || v.Names[i] != l.Name || !(math.Abs(v.Vector[i]-want) <= tol) {
						t.Errorf("norm %v, layer %s: %s is %v of %v, want %v within %v", norm, l.Name, key, v.Vector, v.Names, want, tol)
					}
				}
				check("layer_grad_norm", math.Sqrt(square), 1e-6*math.Sqrt(square))
				check("layer_k_trace", variance, 1e-5*variance)
				check("layer_h_max", top, found["layer_h_max"].Errors[i]+1e-5*math.Abs(top))
				check("layer_h_trace", trace, 5*found["layer_h_trace"].Errors[i])
				if e := found["layer_h_max"].Errors[i]; !(e < 1e-3*math.Abs(top)+1e-6) {
					t.Errorf("layer %s: λ_H¹ %v ± %v", l.Name, top, e)
				}
			}
		}
	}
}

// Where each operation is a layer, numbers of layers sum up to those of all parameters; one layer of
// all parameters has these numbers themselves.
func TestLayersOfAll(t *testing.T) {
	s := network(false)
	found := measure(t, s, "loss", "k", "noise", "layernoise", "h")
	sum := 0.0
	for _, x := range found["layer_k_trace"].Vector {
		sum += x
	}
	if want := found["k_trace"].Value; math.Abs(sum-want) > 1e-6*want {
		t.Errorf("traces sum up to %v, want %v", sum, want)
	}
	s = network(false)
	s.Layers, _ = Layers(s.Net, []string{"*"})
	one := measure(t, s, "layernoise", "layerh")
	for key, of := range map[string]string{"layer_grad_norm": "grad_norm", "layer_k_trace": "k_trace", "layer_h_max": "h_max"} {
		expect(t, one, key, found[of].Value, 1e-5)
	}
	// The noise scale is that of the whole gradient, whether or not it is defined there.
	if v, ok := found["noise_scale_unbiased"]; ok {
		w := one["layer_noise_scale"]
		if math.Abs(w.Value-v.Value) > 1e-5*v.Value || math.Abs(w.Error-v.Error) > 1e-5*v.Error {
			t.Errorf("noise scale %v, want %v", w, v)
		}
	} else if _, ok := one["layer_noise_scale"]; ok {
		t.Error("a noise scale that is not known for the whole gradient")
	}
	// Of so few parameters the diagonal is summed.
	q := newQuadratic()
	expect(t, measure(t, q.Subject, "layertrace"), "layer_h_trace", mat.Trace(q.h), 1e-5)
}

// Layers are named by their operations or by patterns.
func TestLayerNames(t *testing.T) {
	net := network(true).Net
	names := func(list []Layer) (all []string) {
		for _, l := range list {
			all = append(all, l.Name)
		}
		return all
	}
	list, err := Layers(net, nil)
	size := 0
	for _, l := range list {
		size += l.Size
	}
	if err != nil || !slices.Equal(names(list), []string{"conv", "bn", "fc"}) || size != net.Dim() {
		t.Errorf("%v (%v)", list, err)
	}
	if list, err = Layers(net, []string{"fc", "*.weight"}); err != nil || !slices.Equal(names(list), []string{"fc", "*.weight"}) || len(list[1].Spans) != 3 {
		t.Errorf("%v (%v)", list, err)
	}
	for patterns, want := range map[string]string{
		"cnv":  `measure.layers: nothing in the network is called cnv; did you mean "conv"?`,
		"head": "measure.layers: nothing in the network is called head; there are conv, bn, fc",
		"[":    `measure.layers: "[" is no pattern`,
	} {
		if _, err := Layers(net, []string{patterns}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", patterns, err, want)
		}
	}
	frozen := net.Freeze(func(name string) bool { return strings.HasPrefix(name, "conv") })
	if _, err := Layers(frozen, []string{"conv"}); err == nil || err.Error() != "measure.layers: all that is called conv is frozen" {
		t.Errorf("a frozen layer: %v", err)
	}
}

// A layer without a number is left out of the value, and a key without any is omitted.
func TestLayered(t *testing.T) {
	s := &Subject{Layers: []Layer{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	nan := math.NaN()
	vs := s.of(layered{key: "x", numbers: []float64{nan, -3, -2}, errors: []float64{nan, 0.5, 0.25}, samples: []float64{0, 0, 2}, sampling: "y"}, run.How{})
	if len(vs) != 1 || vs[0].Value != -2 || vs[0].Error != 0.5 || !slices.Equal(vs[0].Names, []string{"a", "b", "c"}) {
		t.Errorf("%+v", vs)
	}
	if vs = s.of(layered{key: "x", numbers: []float64{nan, nan, nan}, errors: make([]float64, 3), samples: make([]float64, 3)}, run.How{}); vs != nil || len(s.Omitted) != 1 || s.Omitted[0].Key != "x" {
		t.Errorf("%+v, omitted %+v", vs, s.Omitted)
	}
}
