package onnx_test

import (
	"fmt"

	"breakeven/nn"
	"breakeven/onnx"
)

// A network of PyTorch, with the names that its parameters have there.
func Example() {
	f, err := onnx.Read("testdata/mlp-dynamo.onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := f.Network(nn.Input{Shape: nn.Shape{C: 3, H: 4, W: 4}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range net.Params() {
		fmt.Println(p.Name, p.Shape)
	}
	// Output:
	// 1.weight [20 48]
	// 1.bias [20]
	// 3.weight [12 20]
	// 3.bias [12]
	// 5.weight [5 12]
	// 5.bias [5]
}
