package onnx

import (
	"strings"
	"testing"
)

// Products of activations have the same shape, or one number for each channel.
func TestProducts(t *testing.T) {
	conv := func(weight, out string) message { return op("Conv", "x "+weight, out) }
	end := op("Conv", "p last", "h")
	for _, c := range []struct {
		name  string
		nodes []message
		want  string
	}{
		{"same", []message{conv("w", "a"), conv("v", "c"), op("Mul", "a c", "p")}, ""},
		{"gate", []message{conv("w", "a"), op("GlobalAveragePool", "a", "g"), op("Mul", "a g", "p")}, ""},
		{"gate first", []message{conv("w", "a"), op("GlobalAveragePool", "x", "g"), op("Mul", "g a", "p")}, ""},
		{"quotient", []message{conv("w", "a"), op("GlobalAveragePool", "x", "g"), op("Div", "a g", "p")}, ""},
		{"difference", []message{conv("w", "a"), conv("v", "c"), op("Sub", "a c", "p")}, ""},
		{"difference of shapes", []message{conv("w", "a"), op("GlobalAveragePool", "x", "g"), op("Sub", "a g", "p")}, "the difference of the shapes [batch 3 4 4] and [batch 3 1 1]"},
		{"other channels", []message{conv("w", "a"), conv("two", "c"), op("Mul", "a c", "p")}, "the product of the shapes [batch 3 4 4] and [batch 2 4 4]"},
		{"quotient turned", []message{conv("w", "a"), op("GlobalAveragePool", "x", "g"), op("Div", "g a", "p")}, "the product of the shapes [batch 3 1 1] and [batch 3 4 4]"},
		{"power", []message{conv("w", "a"), conv("v", "c"), op("Pow", "a c", "p")}, "two activations"},
		{"power of itself", []message{conv("w", "a"), op("Pow", "a a", "p")}, "with constants only"},
	} {
		model := modelOf(append(c.nodes, end, op("Flatten", "h", "y")), weights("w", 3, 3, 1, 1), weights("v", 3, 3, 1, 1), weights("two", 2, 3, 1, 1), weights("last", 1, 3, 1, 1))
		switch err := readBytes(model); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}
