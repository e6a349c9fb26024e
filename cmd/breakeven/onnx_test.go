package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// writeNetwork writes the network in ONNX that the manual assumes, its weights at two epochs, and
// examples for it.
func writeNetwork(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "net.onnx")
	graph, err := os.ReadFile("../../onnx/testdata/whole.onnx")
	if err := cmp.Or(err, os.WriteFile(name, graph, 0o666)); err != nil {
		t.Fatal(err)
	}
	net, err := model.Described(name)
	if err != nil {
		t.Fatal(err)
	}
	theta, _, err := model.FromFile(run.Spec{Model: name}, net)
	for epoch := range 2 {
		tensors := append(tensorsOf(net.Params(), theta), tensorsOf(net.Buffers(), net.InitialState())...)
		err = cmp.Or(err, weights.WriteFile(filepath.Join(dir, fmt.Sprintf("epoch-%d.safetensors", epoch+1)), tensors, nil))
	}
	if err != nil {
		t.Fatal(err)
	}
	writeNPZ(t, filepath.Join(dir, "train.npz"), 96, "(96, 3, 16, 16)", 96*3*16*16)
	if err := os.WriteFile(filepath.Join(dir, "answers.csv"), []byte("a,b,yes1,yes2\n"+strings.Repeat("1,2,0,1\n0,1,1,1\n4,3,1,0\n2,2,0,0\n", 12)), 0o666); err != nil {
		t.Fatal(err)
	}
}

// writeNPZ writes an npz file of n inputs x, float32, of a shape, and labels y.
func writeNPZ(t *testing.T, name string, n int, shape string, size int) {
	t.Helper()
	inputs, labels := make([]byte, 0, 4*size), make([]byte, n)
	for i := range size {
		inputs = binary.LittleEndian.AppendUint32(inputs, math.Float32bits(float32(i*7919%1000)/500-1))
	}
	for i := range labels {
		labels[i] = byte(i % 5)
	}
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	add := func(name, kind, shape string, numbers []byte) error {
		header := fmt.Sprintf("%-117s\n", fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape))
		w, err := z.Create(name)
		if err == nil {
			_, err = fmt.Fprintf(w, "\x93NUMPY\x01\x00%c\x00%s%s", len(header), header, numbers)
		}
		return err
	}
	err := cmp.Or(add("x.npy", "<f4", shape, inputs), add("y.npy", "|u1", fmt.Sprintf("(%d,)", n), labels))
	if err := cmp.Or(err, z.Close(), os.WriteFile(name, file.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// tensorsOf are the tensors of a vector.
func tensorsOf(ps []nn.Param, vector []float32) (tensors []run.Tensor) {
	for _, p := range ps {
		tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: vector[p.Offset : p.Offset+p.Size()]})
	}
	return tensors
}
