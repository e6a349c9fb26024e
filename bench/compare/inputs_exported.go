package main

import (
	"path/filepath"

	"breakeven/model"
	"breakeven/nn"
)

// Networks that PyTorch exported to ONNX: the graphs of package onnx, without numbers.
const (
	resNet18        = "resnet18" // torchvision's, for images of 32×32
	exportedClasses = 5
)

// exported returns the network of a graph that torch.onnx.export wrote.
func exported(name string) (*nn.Network, error) {
	return model.Described(filepath.Join("onnx", "testdata", name+"-dynamo.onnx"))
}
