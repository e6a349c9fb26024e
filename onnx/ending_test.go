package onnx

import (
	"slices"
	"strings"
	"testing"
)

// A softmax or sigmoid before the output is left out where the loss makes it, with a note, and only there.
func TestEndings(t *testing.T) {
	flat := op("Flatten", "x", "f")
	dense := op("Gemm", "f w", "z")
	for _, c := range []struct {
		name, loss string
		nodes      []message
		note, fail string
		sigmoids   int // operations of the network
	}{
		{"softmax", "cross-entropy", []message{flat, dense, op("Softmax", "z", "y")}, "the softmax before the output is left out: the loss cross-entropy", "", 0},
		{"softmax under another name", "cross-entropy", []message{flat, dense, op("Softmax", "z", "p"), op("Identity", "p", "y")}, "softmax", "", 0},
		{"softmax, squares", "mse", []message{flat, dense, op("Softmax", "z", "y")}, "", "with the loss cross-entropy", 0},
		{"sigmoid", "binary-cross-entropy", []message{flat, dense, op("Sigmoid", "z", "y")}, "the sigmoid before the output is left out: the loss binary-cross-entropy", "", 0},
		{"sigmoid, squares", "mse", []message{flat, dense, op("Sigmoid", "z", "y")}, "", "", 1},
		{"sigmoid before", "binary-cross-entropy", []message{flat, dense, op("Sigmoid", "z", "s"), op("Gemm", "s v", "y")}, "", "", 1},
		{"log odds", "binary-cross-entropy", []message{flat, op("Gemm", "f w", "y")}, "", "", 0},
	} {
		f, err := parseFor(modelOf(c.nodes, weights("w", 48, 3), weights("v", 3, 3)), c.loss)
		var n *Network
		if err == nil {
			n, err = f.Network(imageInput)
		}
		if c.fail != "" || err != nil {
			if err == nil || c.fail == "" || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.fail)
			}
			continue
		}
		if has := strings.Join(n.Notes, "; "); c.note == "" && has != "" || !strings.Contains(has, c.note) {
			t.Errorf("%s: notes %q, want %q", c.name, has, c.note)
		}
		sigmoids := 0
		for _, live := range f.live {
			if live.op == "Sigmoid" {
				sigmoids++
			}
		}
		if sigmoids != c.sigmoids {
			t.Errorf("%s: %d sigmoids, want %d", c.name, sigmoids, c.sigmoids)
		}
	}
}

// Inputs that the output does not depend on are none of the network's.
func TestUnreadInputs(t *testing.T) {
	f, err := parse(modelOf([]message{op("Gemm", "x w", "y")}, weights("w", 3, 3)))
	if err != nil {
		t.Fatal(err)
	}
	f.inputs = append(f.inputs, port{name: "labels"})
	if f.forget(); !slices.ContainsFunc(f.inputs, func(p port) bool { return p.name == "x" }) || len(f.inputs) != 1 {
		t.Errorf("inputs %v", f.inputs)
	}
}
