package onnx

import (
	"strings"
	"testing"
)

// Group norm is what exporters write for it, and nothing else.
func TestBadGroupNorms(t *testing.T) {
	image := op("Reshape", "x shape", "i")
	grouped := []message{op("Reshape", "x groups", "r"), op("InstanceNormalization", "r one nought", "n"), op("Reshape", "n shape", "i")}
	ended := func(from string) []message {
		return []message{op("Flatten", from, "flat"), op("Gemm", "flat w", "y", setInt("transB", 1))}
	}
	for name, c := range map[string]struct {
		nodes []message
		want  string
	}{
		"no weights":      {append(grouped, ended("i")...), "supported with weight and bias (affine=True)"},
		"other weights":   {append([]message{grouped[0], op("InstanceNormalization", "r three nought", "n"), grouped[2]}, ended("i")...), "the weights of groups of channels are 1 and 0"},
		"another shape":   {append([]message{op("Reshape", "x rows", "r"), op("InstanceNormalization", "r four fours", "n"), grouped[2]}, ended("i")...), "all pixels of each channel, or of each group of channels"},
		"not in shape":    {append(grouped[:2:2], ended("n")...), "cannot be made one vector"},
		"of vectors":      {append([]message{op("Flatten", "x", "v"), op("InstanceNormalization", "v long long", "n")}, ended("n")...), "it is supported on images"},
		"of other length": {append([]message{image, op("InstanceNormalization", "i one nought", "n")}, ended("n")...), "[3] is wanted"},
	} {
		weights := []message{weights("w", 3, 48), weights("long", 48), ones("one", 1), float32sOf("nought", []float32{0}, 1), float32sOf("three", []float32{3}, 1), ones("four", 12), float32sOf("fours", make([]float32, 12), 12),
			integersOf("groups", 0, 1, -1), integersOf("rows", 0, 12, -1), integersOf("shape", 0, 3, 4, 4)}
		if err := readBytes(modelOf(c.nodes, weights...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", name, err, c.want)
		}
	}
}
