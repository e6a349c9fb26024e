package onnx

import "testing"

// Values of attention that are multiplied by a number are supported as queries and keys are.
func TestScaledValues(t *testing.T) {
	tensors := []message{integersOf("flat", 0, 3, -1), weights("w", 3, 4), integersOf("heads", 0, 16, 2, 2), integersOf("four", 0, 16, 4), weights("v", 4, 3),
		float32sOf("half", []float32{0.5}), integersOf("last", -1)}
	nodes := []message{op("Reshape", "x flat", "p"), op("Transpose", "p", "s", ints("perm", 0, 2, 1)), op("MatMul", "s w", "d"), op("Reshape", "d heads", "h"),
		op("Transpose", "h", "q", ints("perm", 0, 2, 1, 3)), op("Transpose", "h", "k", ints("perm", 0, 2, 3, 1)), op("Mul", "q half", "values"),
		op("MatMul", "q k", "scores"), op("Softmax", "scores", "shares", setInt("axis", -1)), op("MatMul", "shares values", "z"),
		op("Transpose", "z", "o", ints("perm", 0, 2, 1, 3)), op("Reshape", "o four", "j"), op("MatMul", "j v", "y")}
	if err := readBytes(modelOf(nodes, tensors...)); err != nil {
		t.Error(err)
	}
}
