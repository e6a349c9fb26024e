package nntest_test

import (
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
)

// The contract of an operation, on a small image.
func ExampleTestOp() {
	_ = func(t *testing.T) {
		nntest.TestOp(t, nn.Conv2D{Filters: 4, K: 3, Pad: 1}, nn.Shape{C: 3, H: 8, W: 8})
	}
}

// The contract of a whole network.
func ExampleTestNetwork() {
	_ = func(t *testing.T) {
		nntest.TestNetwork(t, model.Tiny(nn.Shape{C: 1, H: 8, W: 8}, 3))
	}
}
