package weights

import (
	"slices"
	"strings"
	"testing"

	"breakeven/run"
)

// A matrix that other programs have transposed is read as such from their files, and as it is from those of this
// program; a square one, whose shape says nothing, too.
func TestTurned(t *testing.T) {
	square := run.Tensor{Name: "proj.weight", Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4}}
	wide := run.Tensor{Name: "attn.weight", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}}
	plain := run.Tensor{Name: "fc.weight", Shape: []int{2, 2}, Data: []float32{5, 6, 7, 8}}
	d := Dialect{Turned: map[string]bool{"proj.weight": true, "attn.weight": true}}
	for name, test := range map[string]struct {
		meta         map[string]string
		shape        []int
		square, wide []float32
	}{
		"of another program": {nil, []int{3, 2}, []float32{1, 3, 2, 4}, []float32{1, 4, 2, 5, 3, 6}},
		"of a run":           {map[string]string{RunKey: "r1"}, []int{2, 3}, []float32{1, 2, 3, 4}, []float32{1, 2, 3, 4, 5, 6}},
		"exported":           {map[string]string{RunKey: "r1", LayoutKey: StateDict}, []int{3, 2}, []float32{1, 3, 2, 4}, []float32{1, 4, 2, 5, 3, 6}},
	} {
		path := file(t, encode([]run.Tensor{square, wide, plain}, test.meta))
		must := blank(run.Tensor{Name: "proj.weight", Shape: []int{2, 2}}, run.Tensor{Name: "attn.weight", Shape: test.shape}, run.Tensor{Name: "fc.weight", Shape: []int{2, 2}})
		if _, err := LoadAs(path, must, nil, d); err != nil {
			t.Fatal(name, err)
		}
		for i, want := range [][]float32{test.square, test.wide, plain.Data} {
			if !slices.Equal(must[i].Data, want) {
				t.Errorf("%s: %s is %v, want %v", name, must[i].Name, must[i].Data, want)
			}
		}
	}
	path := file(t, encode([]run.Tensor{square, wide}, nil))
	must := blank(run.Tensor{Name: "proj.weight", Shape: []int{2, 2}}, run.Tensor{Name: "attn.weight", Shape: []int{3, 4}})
	if _, err := LoadAs(path, must, nil, d); err == nil || !strings.HasSuffix(err.Error(), "wrong shape: attn.weight has shape [2, 3], wanted [4, 3]") {
		t.Errorf("the shapes are not those of the file: %v", err)
	}
}

// A tensor of PyTorch that lies transposed in its file is turned once more.
func TestTurnedOfPyTorch(t *testing.T) {
	h := &header{tensors: []entry{{name: "w", shape: []int{2, 3}, strides: []int{1, 2}}}}
	h.turn(map[string]bool{"w": true})
	if e := h.tensors[0]; !slices.Equal(e.shape, []int{3, 2}) || !slices.Equal(e.strides, []int{2, 1}) {
		t.Errorf("shape %v, strides %v", e.shape, e.strides)
	}
}

// The weight of an embedding and of a last layer may stand in a file under either name, or twice.
func TestTied(t *testing.T) {
	tensor := func(name string, x ...float32) run.Tensor {
		return run.Tensor{Name: name, Shape: []int{2, len(x) / 2}, Data: x}
	}
	for name, test := range map[string]struct {
		file []run.Tensor
		want string // in the error or the note; "": neither
	}{
		"the same name":   {[]run.Tensor{tensor("head.weight", 1, 2)}, ""},
		"the other name":  {[]run.Tensor{tensor("wte.weight", 1, 2)}, "wte.weight is taken for head.weight: an embedding and a last layer have these weights"},
		"both":            {[]run.Tensor{tensor("wte.weight", 1, 2), tensor("head.weight", 1, 2)}, ""},
		"both, different": {[]run.Tensor{tensor("wte.weight", 1, 3), tensor("head.weight", 1, 2)}, "head.weight and wte.weight differ, and in the network they are one parameter"},
		"two others":      {[]run.Tensor{tensor("wte.weight", 1, 2), tensor("a.weight", 1, 2)}, "which of wte.weight and a.weight is it?"},
		"integers":        {[]run.Tensor{tensor("head.weight", 1, 2)}, "surplus: wte.weight [2, 1]"},
		"another shape":   {[]run.Tensor{tensor("wte.weight", 1, 2, 3, 4)}, "missing: head.weight [2, 1]; surplus: wte.weight [2, 2]"},
	} {
		must := blank(run.Tensor{Name: "head.weight", Shape: []int{2, 1}})
		content := encode(test.file, nil)
		if name == "integers" {
			content = raw(`{"head.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"wte.weight":{"dtype":"I32","shape":[2,1],"data_offsets":[8,16]}}`, make([]byte, 16))
		}
		notes, err := LoadAs(file(t, content), must, nil, Dialect{Tied: map[string]bool{"head.weight": true}})
		said := strings.Join(notes, "")
		if err != nil {
			said = err.Error()
		} else if !slices.Equal(must[0].Data, []float32{1, 2}) {
			t.Errorf("%s: %v", name, must[0].Data)
		}
		if !strings.Contains(said, test.want) || test.want == "" && said != "" {
			t.Errorf("%s: %q, want %q", name, said, test.want)
		}
	}
	must := blank(run.Tensor{Name: "head.weight", Shape: []int{2, 1}})
	if _, err := Load(file(t, encode([]run.Tensor{tensor("wte.weight", 1, 2)}, nil)), must, nil); err == nil {
		t.Error("a weight of a network without a tied one is taken from another name")
	}
}

// What most names of a network begin with may be missing in a file, and masks and places beside the weights are
// left out.
func TestLengthened(t *testing.T) {
	one := func(name string) run.Tensor { return run.Tensor{Name: name, Shape: []int{1}, Data: []float32{1}} }
	mask := run.Tensor{Name: "h.0.attn.bias", Shape: []int{1, 1, 2, 2}, Data: make([]float32, 4)}
	saved := []run.Tensor{one("h.0.weight"), one("h.1.weight"), mask, {Name: "h.0.attn.masked_bias", Shape: []int{}, Data: []float32{-1e4}}}
	must := blank(run.Tensor{Name: mask.Name, Shape: mask.Shape})
	if _, err := Load(file(t, encode([]run.Tensor{mask}, nil)), must, nil); err != nil {
		t.Errorf("a network that has a weight called like a mask: %v", err)
	}
	if f, err := Decode(encode([]run.Tensor{mask}, nil)); err != nil || len(f.Tensors) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	for name, test := range map[string]struct {
		file, wanted []string
		want         string
	}{
		"all names":       {nil, []string{"net.h.0.weight", "net.h.1.weight"}, `names lack "net.", with which those of the network begin`},
		"most names":      {[]string{"head.weight"}, []string{"net.a.h.0.weight", "net.a.h.1.weight", "head.weight"}, `names lack "net.a."`},
		"other names":     {nil, []string{"net.g.0.weight", "net.g.1.weight"}, "surplus: h.0.weight [1]"},
		"the same names":  {nil, []string{"h.0.weight", "h.1.weight"}, ""},
		"too few of them": {nil, []string{"n.h.0.weight", "n.h.1.weight", "n.c", "n.d"}, "surplus: h.0.weight [1]"},
	} {
		var must []run.Tensor
		for _, n := range test.wanted {
			must = append(must, run.Tensor{Name: n, Shape: []int{1}})
		}
		tensors := saved
		for _, n := range test.file {
			tensors = append(slices.Clone(tensors), one(n))
		}
		notes, err := LoadAs(file(t, encode(tensors, nil)), blank(must...), nil, Dialect{})
		said := strings.Join(notes, "")
		if err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, test.want) || test.want == "" && said != "" {
			t.Errorf("%s: %q, want %q", name, said, test.want)
		}
	}
}
