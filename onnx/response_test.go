package onnx

import (
	"strings"
	"testing"
)

// Global response normalization is what exporters write for it, and nothing else reads the norms of pixels.
func TestBadResponses(t *testing.T) {
	norm, mean := op("ReduceL2", "x pixels", "g"), op("ReduceMean", "g channels", "m")
	bound := op("Add", "m eps", "e")
	ended := func(from string) []message {
		return []message{op("Mul", "x "+from, "z"), op("Flatten", "z", "flat"), op("Gemm", "flat w", "y", setInt("transB", 1))}
	}
	for name, c := range map[string]struct {
		nodes []message
		want  string
	}{
		"none":               {append([]message{norm, mean, bound, op("Div", "g e", "n")}, ended("n")...), ""},
		"no epsilon":         {append([]message{norm, mean, op("Div", "g m", "n")}, ended("n")...), "in global response normalization only"},
		"the norms":          {append([]message{norm}, ended("g")...), "in global response normalization only"},
		"over the mean":      {append([]message{norm, mean, bound, op("Div", "x e", "n")}, ended("n")...), "in global response normalization only"},
		"an output":          {[]message{op("ReduceL2", "x pixels", "y")}, "in global response normalization only"},
		"over channels":      {append([]message{op("ReduceL2", "x channels", "g")}, ended("g")...), "norms are supported over height and width"},
		"over one direction": {append([]message{op("ReduceL2", "x height", "g")}, ended("g")...), "norms are supported over height and width"},
		"no axes":            {append([]message{op("ReduceL2", "x pixels", "g", setInt("keepdims", 0))}, ended("g")...), "with keepdims"},
		"mean over pixels":   {append([]message{norm, op("ReduceMean", "g pixels", "m")}, ended("m")...), "means over all channels"},
		"of two activations": {append([]message{norm, op("Relu", "x", "r"), op("ReduceL2", "r pixels", "h"), op("ReduceMean", "h channels", "m"), bound, op("Div", "g e", "n")}, ended("n")...), "in global response normalization only"},
	} {
		tensors := []message{weights("w", 3, 48), integersOf("pixels", 2, 3), integersOf("height", 2), integersOf("channels", 1), float32sOf("eps", []float32{1e-6}, 1)}
		switch err := readBytes(modelOf(c.nodes, tensors...)); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", name, err, c.want)
		}
	}
}
