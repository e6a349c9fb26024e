package model_test

import (
	"fmt"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// A network by its name, for images of CIFAR-10.
func ExampleNew() {
	net, err := model.New("resnet32", nn.Shape{C: 3, H: 32, W: 32}, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Dim(), "parameters")
	for _, p := range net.Params()[:4] {
		fmt.Println(p.Name, p.Shape)
	}
	// Output:
	// 464154 parameters
	// conv1.weight [16 3 3 3]
	// bn1.weight [16]
	// bn1.bias [16]
	// layer1.0.conv1.weight [16 16 3 3]
}

// The same family with another depth, which is a field of its spec.
func ExampleOf() {
	s := run.Default()
	s.Model = "resnet32"
	s.More = map[string]string{"depth": "14"}
	net, err := model.Of(s, nn.Input{Name: "input", Shape: nn.Shape{C: 3, H: 32, W: 32}}, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Dim(), "parameters")
	// Output:
	// 172506 parameters
}

// A classifier of sequences of tokens.
func ExampleOf_tokens() {
	s := run.Default()
	s.Model = "lstm"
	tokens := nn.Input{Name: "tokens", Shape: nn.Seq(20, 1), Below: 1000}
	net, err := model.Of(s, tokens, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range net.Params() {
		fmt.Println(p.Name, p.Shape)
	}
	// Output:
	// emb.weight [1000 128]
	// lstm.weight_ih_l0 [512 128]
	// lstm.weight_hh_l0 [512 128]
	// lstm.bias_ih_l0 [512]
	// lstm.bias_hh_l0 [512]
	// fc.weight [2 128]
	// fc.bias [2]
}
