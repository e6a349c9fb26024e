package onnx

import (
	"bytes"
	"slices"
	"testing"
)

// An initializer that an exporter saved once for two parameters becomes two when they have other numbers.
func TestSaveCopies(t *testing.T) {
	nodes := []message{op("Identity", "a.weight", "b.weight"), op("Conv", "x a.weight", "h"), op("Conv", "h b.weight", "i"), op("Flatten", "i", "y")}
	f, err := parse(modelOf(nodes, ones("a.weight", 3, 3, 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	net, err := f.Network(imageInput)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string][]float32{"a.weight": {1, 2, 3, 4, 5, 6, 7, 8, 9}, "b.weight": {9, 8, 7, 6, 5, 4, 3, 2, 1}}
	var b bytes.Buffer
	if err := net.Save(&b, func(name string) ([]float32, bool) { x, ok := numbers[name]; return x, ok }); err != nil {
		t.Fatal(err)
	}
	if f, err = parse(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if len(f.graph.nodes) != 3 || len(f.graph.tensors) != 2 {
		t.Errorf("%d nodes and %d initializers, want 3 and 2", len(f.graph.nodes), len(f.graph.tensors))
	}
	again, err := f.Network(imageInput)
	if err != nil {
		t.Fatal(err)
	}
	theta, err := again.Weights()
	if err != nil || !slices.Equal(theta, append(numbers["a.weight"], numbers["b.weight"]...)) {
		t.Errorf("%v, %v", theta, err)
	}
}
