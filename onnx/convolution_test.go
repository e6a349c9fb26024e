package onnx

import (
	"strings"
	"testing"
)

// What is wrong with a convolution or a pooling, or would take too much memory, is said.
func TestBadConvolutions(t *testing.T) {
	for _, c := range []struct {
		name           string
		nodes, tensors []message
		want           string
	}{
		{"many groups", []message{op("Conv", "x w", "h"), op("Conv", "h v", "i", setInt("group", 300)), op("Flatten", "i", "y")}, []message{weights("w", 300, 3, 1, 1), weights("v", 600, 1, 1, 1)}, "up to 256"},
		{"filters in groups", []message{op("Conv", "x w", "h", setInt("group", 3)), op("Flatten", "h", "y")}, []message{weights("w", 4, 1, 2, 2)}, "4 filters are in 3 groups"},
		{"long windows", []message{op("Conv", "x w", "h", ints("pads", 5000, 5000, 5000, 5000), ints("dilations", 1, 2)), op("Flatten", "h", "y")}, []message{weights("w", 2, 3, 2, 2)}, "more than 16777216 pixels"},
		{"large dilation", []message{op("Conv", "x w", "h", ints("dilations", 1<<40, 1)), op("Flatten", "h", "y")}, []message{weights("w", 2, 3, 2, 2)}, "its window has the shape"},
		{"maxima of padding", []message{op("MaxPool", "x", "h", ints("kernel_shape", 1, 2), ints("pads", 1, 0, 0, 0)), op("Flatten", "h", "y")}, []message{weights("w", 2)}, "window 0 has no pixel"},
		{"windows of one dimension", []message{op("MaxPool", "x", "h", ints("kernel_shape", 2)), op("Flatten", "h", "y")}, []message{weights("w", 2)}, "and its input the shape [batch 3 4 4]"},
	} {
		if err := readBytes(modelOf(c.nodes, c.tensors...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}
