package model

import (
	"fmt"
	"strings"

	"breakeven/internal/regular"
	"breakeven/nn"
	"breakeven/onnx"
	"breakeven/run"
)

// fileEnding ends the names of files that hold a network.
const fileEnding = ".onnx"

// isFile reports whether a model is a file, and not one of All.
func isFile(name string) bool {
	return run.IsFile(name) && strings.HasSuffix(strings.ToLower(name), fileEnding)
}

// fromFile is the model of a file in ONNX. Its network is decided by what the file holds, which
// says which inputs fit.
func fromFile(name string) Model {
	return Model{Name: name, Doc: "a network in ONNX", Lacks: []string{"init"}, File: true}
}

// Reads returns what the named model reads. Of a file it is what the file says.
func Reads(name string) (Content, error) {
	if m, ok := Lookup(name); ok && !m.File {
		return m.Reads, nil
	}
	f, err := readFile(name)
	if err != nil {
		return Numbers, err
	}
	if f.Integers() {
		return Tokens, nil
	}
	return Numbers, nil
}

// Digest returns the SHA-256 of the file that a spec names as its model, "" if it names none.
func Digest(s run.Spec) (string, error) {
	if !isFile(s.Model) {
		return "", nil
	}
	sum, err := regular.Sum(s.Model)
	if err != nil {
		return "", fmt.Errorf("model: %w", err)
	}
	if s.ModelSHA256 != "" && s.ModelSHA256 != sum {
		return "", fmt.Errorf("model: %s is another file than the one that the run was begun with: its SHA-256 is %s, not %s", s.Model, sum, s.ModelSHA256)
	}
	return sum, nil
}

// FromFile returns the parameters that come with the network of a spec in its file, and what a user
// should know about it. Only a network of a file has any.
func FromFile(s run.Spec, net *nn.Network) (theta []float32, notes []string, err error) {
	n, err := open(s.Model, net.Inputs())
	if err != nil {
		return nil, nil, err
	}
	if s.Weights == "" {
		if theta, err = n.Weights(); err != nil {
			return nil, nil, fmt.Errorf("model: %w; if its weights are elsewhere, name them with the field weights", err)
		}
	}
	return theta, n.Notes, nil
}

// ofFile returns the network of a file for data.
func ofFile(name string, in []nn.Input, outputs int) (*nn.Network, error) {
	n, err := open(name, in)
	if err != nil {
		return nil, err
	}
	if has := n.Output().C; has < outputs {
		return nil, fmt.Errorf("model: %s has %d outputs, and the data need %d", name, has, outputs)
	}
	return n.Network, nil
}

func open(name string, in []nn.Input) (*onnx.Network, error) {
	f, err := readFile(name)
	if err != nil {
		return nil, err
	}
	n, err := f.Network(in...)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return n, nil
}

func readFile(name string) (*onnx.File, error) {
	f, err := onnx.Read(name)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return f, nil
}
