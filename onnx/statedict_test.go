package onnx_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/weights"
	"breakeven/nn"
	"breakeven/run"
)

// The state dict of PyTorch, under its names and in its layouts, gives the weights that the exporter wrote into
// the graph, to the bit: no matrix is transposed, square ones among them. Where the exporter has computed a
// weight under another name, the file does not fit, and nothing is read.
func TestStateDict(t *testing.T) {
	squares := map[string]int{} // matrices that were compared, by file
	eachTransformer(t, func(name, file string, g golden) {
		squares[filepath.Base(file)] = g.compareStateDict(t, name, file)
	})
	for file, least := range map[string]int{"gpt2-dynamo.onnx": 4, "hfbert-script.onnx": 8, "gpt-script.onnx": 4, "encoder-script.onnx": 2, "vision-script-fixed.onnx": 2} {
		if squares[file] < least {
			t.Errorf("%s: %d square matrices were compared, want %d", file, squares[file], least)
		}
	}
}

// compareStateDict returns how many square matrices of a file were compared, 0 if the state dict does not fit.
func (g golden) compareStateDict(t *testing.T, name, file string) (squares int) {
	net, _, theta, err := openTransformer(t, name, file)
	if err != nil {
		return 0 // the numbers were left out
	}
	var must []run.Tensor
	d := weights.Dialect{Turned: map[string]bool{}, Tied: map[string]bool{}}
	found := make([]float32, net.Dim())
	for _, p := range net.Params() {
		must = append(must, run.Tensor{Name: p.Name, Shape: p.Shape, Data: found[p.Offset : p.Offset+p.Size()]})
		d.Turned[p.Name], d.Tied[p.Name] = net.Turned(p.Name), net.Tied(p.Name)
	}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := weights.WriteFile(path, g.stateDict(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := weights.LoadAs(path, must, nil, d); err != nil {
		if !strings.Contains(err.Error(), "missing: ") {
			t.Errorf("%s: %v", file, err)
		}
		return 0
	}
	for _, p := range net.Params() {
		if !slices.Equal(found[p.Offset:p.Offset+p.Size()], theta[p.Offset:p.Offset+p.Size()]) {
			t.Errorf("%s: %s is not that of the graph", file, p.Name)
		}
		if len(p.Shape) == 2 && p.Shape[0] == p.Shape[1] {
			squares++
		}
	}
	return squares
}

// stateDict is what PyTorch saves of the network of bench/peers/onnx_transformers.py.
func (g golden) stateDict() (list []run.Tensor) {
	for _, n := range g.Names {
		p := nn.Param{Name: n[0].(string)}
		for _, d := range n[1].([]any) {
			p.Shape = append(p.Shape, int(d.(float64)))
		}
		x, name := make([]float32, p.Size()), p.Name
		if strings.HasSuffix(name, "wte.weight") { // whose numbers are those of the last layer, which came later
			p.Name = "lm_head.weight"
		}
		numbers(x, []nn.Param{p})
		list = append(list, run.Tensor{Name: name, Shape: p.Shape, Data: x})
	}
	return list
}
