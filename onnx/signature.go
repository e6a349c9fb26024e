package onnx

import (
	"errors"
	"regexp"
	"strings"
)

// What a tensor is in PyTorch.
const (
	parameterRole = "PARAMETER"
	bufferRole    = "BUFFER"
	constantRole  = "CONSTANT_TENSOR"
	mixedRole     = "MIXED" // the exporter computed it of several parameters, or of parameters and buffers
)

// signed is a line of the signature with which PyTorch's newer exporter describes a graph.
var signed = regexp.MustCompile(`(?m)^\w+: (` + parameterRole + "|" + bufferRole + "|" + constantRole + `) target='([^'\n]*)'`)

// quoted is a name in a list of them in Python.
var quoted = regexp.MustCompile(`'([^']*)'`)

// decodeSignature reads what tensors are in PyTorch from the metadata of a graph: also of those that the exporter has
// replaced by others.
func (g *graph) decodeSignature(f field) error {
	key, text, err := f.pair()
	if err != nil || key != "pkg.torch.export.ExportedProgram.graph_signature" {
		return err
	}
	for _, line := range signed.FindAllStringSubmatch(text, most+1) {
		if err := g.count(); err != nil {
			return err
		}
		g.roles[line[2]] = line[1]
	}
	return nil
}

// decodeValue reads the role of a tensor, or of which others it is computed.
func (g *graph) decodeValue(b []byte) error {
	name, role := "", ""
	var of []string
	err := fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&name)
		case 4:
			key, value, err := f.pair()
			switch key {
			case "pkg.torch.export.graph_signature.InputSpec.kind":
				role = value
			case "pkg.onnxscript.optimizer.folded_from":
				for _, found := range quoted.FindAllStringSubmatch(value, most+1) {
					if err := g.count(); err != nil {
						return err
					}
					of = append(of, found[1])
				}
			}
			return errors.Join(err, g.count())
		}
		return nil
	})
	if role != "" {
		g.roles[name] = role
	}
	if len(of) > 0 {
		g.made[name] = of
	}
	return err
}

// role returns what a tensor is in PyTorch, or what it was computed of: a buffer of buffers alone, a parameter of one
// parameter. It is "" if that is not known.
func (g *graph) role(name string) (role string) {
	if role := g.roles[name]; role != "" {
		return role
	}
	for _, of := range g.made[name] {
		switch next := g.roles[of]; {
		case next == "":
		case role == "":
			role = next
		case role == parameterRole || next == parameterRole:
			return mixedRole
		default:
			role = bufferRole
		}
	}
	return role
}

// normless reports whether the exporter has removed a batch norm: the file has no running statistics of it.
func (g *graph) normless() bool {
	here := map[string]bool{}
	for _, t := range g.tensors {
		here[t.name] = true
	}
	for name, role := range g.roles {
		if role == bufferRole && strings.HasSuffix(name, "."+varName) && !here[name] {
			return true
		}
	}
	return false
}
