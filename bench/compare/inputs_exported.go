package main

import (
	"path/filepath"

	"breakeven/curvature"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
)

// Networks that PyTorch exported to ONNX, by the files of their weights. Their graphs have no numbers.
const (
	resNet18        = "resnet18"      // torchvision's, on images of 32×32
	resNetStem      = "resnet18-stem" // the same, but a first convolution of 3×3 taps and no pooling after it
	exportedClasses = 5
	gpt             = "gpt" // four layers, 128 wide, that read 64 characters
	characters      = 65
	passage         = 64
	passages        = minibatches * gptBatch
	gptBatch        = 12
)

// exportedGraphs are their files.
var exportedGraphs = map[string]string{
	resNet18:   filepath.Join("onnx", "testdata", "resnet18-dynamo.onnx"),
	resNetStem: filepath.Join("bench", "compare", "testdata", "resnet18-stem.onnx"),
	gpt:        filepath.Join("bench", "compare", "testdata", "gpt.onnx"),
}

// exported returns a network of a graph that torch.onnx.export wrote.
func exported(name string) (*nn.Network, error) { return model.Described(exportedGraphs[name]) }

// writePassages draws characters, and those that follow each.
func writePassages(dir folder) error {
	s, x, y := rng.New(1, "passages"), make([]int32, passages*passage), make([]int32, passages*passage)
	for i := range x {
		x[i], y[i] = int32(s.IntN(characters)), int32(s.IntN(characters))
	}
	if err := dir.save("characters", "<i4", x, passages, passage); err != nil {
		return err
	}
	return dir.save("following", "<i4", y, passages, passage)
}

// passages reads the first n passages.
func (f folder) passages(n int) (curvature.Set, error) {
	x, y := make([]int32, n*passage), make([]int32, n*passage)
	if err := f.load("characters", x); err != nil {
		return curvature.Set{}, err
	}
	return nn.Batch{N: n, In: []nn.Values{{I: x}}, Target: []nn.Target{{Labels: y}}}, f.load("following", y)
}
