package onnx

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/internal/regular"
	"breakeven/nn"
)

// Opsets from oldest to newest are read.
const oldest, newest = 13, 23

// A File is a model in ONNX.
type File struct {
	name     string
	folder   string // of external data
	bytes    []byte
	graph    *graph
	live     []*node // those that the first output depends on, in order
	inputs   []port
	notes    []string // what a user should know
	loss     *OutputLoss
	labelled bool // cross-entropy compares the output with labels, as far as is known
}

// Read reads a file, and returns an error if there is something in its graph that is not
// supported.
func Read(name string) (*File, error) { return ReadFor(name, "") }

// ReadFor is Read for a network whose output a loss of that name, as a spec has it, compares with targets. A softmax
// before the output for cross-entropy, and a sigmoid for binary-cross-entropy, are left out, since the loss makes
// them itself. For output:NAME the network is what that output of the graph computes a loss of: see [File.OutputLoss].
func ReadFor(name, loss string) (*File, error) {
	b, err := regular.Read(name, math.MaxInt32)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	f, err := parseFor(b, loss)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", name, err)
	}
	f.name, f.folder = name, filepath.Dir(name)
	return f, nil
}

// parse reads the bytes of a file.
func parse(b []byte) (*File, error) { return parseFor(b, "") }

// parseFor reads the bytes of a file for a loss.
func parseFor(b []byte, loss string) (*File, error) {
	g, err := decode(b)
	if err != nil {
		return nil, err
	}
	f := &File{bytes: b, graph: g, labelled: loss == "" || loss == (nn.CrossEntropy{}).Name()}
	switch {
	case len(g.outputs) == 0:
		return nil, errors.New("its graph has no output")
	case g.opset < oldest || g.opset > newest:
		return nil, fmt.Errorf("it is of opset %d, and %d to %d are read: export it anew with opset_version=18", g.opset, oldest, newest)
	}
	if err := f.connect(); err != nil {
		return nil, err
	}
	name, ok := strings.CutPrefix(loss, OutputPrefix)
	if !ok {
		f.end(loss)
	} else if err := f.endInLoss(name); err != nil {
		return nil, err
	}
	if err := f.connect(); err != nil {
		return nil, err
	}
	return f, f.supported()
}

// Integers reports whether the first input holds integers, such as tokens.
func (f *File) Integers() bool { return len(f.inputs) > 0 && f.inputs[0].kind.integer() }

// connect finds the inputs, and the nodes that the first output depends on.
func (f *File) connect() error {
	g, maker := f.graph, map[string]*node{}
	f.inputs, f.live = nil, nil
	known := map[string]bool{"": true}
	for _, t := range g.tensors {
		known[t.name] = true
	}
	for _, p := range g.inputs {
		if !known[p.name] { // older files list initializers as inputs, too
			f.inputs = append(f.inputs, p)
		}
	}
	for _, p := range f.inputs {
		known[p.name] = true
	}
	for _, n := range g.nodes {
		for _, out := range n.out {
			if out == "" {
				continue
			}
			if known[out] {
				return fmt.Errorf("%v makes %q, which is there before", n, out)
			}
			known[out], maker[out] = true, n
		}
	}
	place := map[*node]int{}
	for i, n := range g.nodes {
		place[n] = i
		for _, in := range n.in {
			m, made := maker[in]
			if _, before := place[m]; made && (!before || m == n) {
				return fmt.Errorf("%v reads %q, which %v makes after it: the graph has a cycle, or its nodes are in no order", n, in, m)
			}
			if !known[in] {
				return fmt.Errorf("%v reads %q, which nothing makes", n, in)
			}
		}
	}
	out := g.outputs[0].name
	if maker[out] == nil {
		return fmt.Errorf("no node makes its output %q", out)
	}
	needed := map[*node]bool{maker[out]: true}
	for _, n := range slices.Backward(g.nodes) {
		if !needed[n] {
			continue
		}
		f.live = append(f.live, n)
		for _, in := range n.in {
			if m := maker[in]; m != nil {
				needed[m] = true
			}
		}
	}
	slices.Reverse(f.live)
	f.forget()
	return nil
}

// forget leaves out inputs that no such node reads, such as labels of a loss that the graph has besides; but not all.
func (f *File) forget() {
	unread := func(p port) bool {
		return !slices.ContainsFunc(f.live, func(n *node) bool { return slices.Contains(n.in, p.name) })
	}
	if read := slices.DeleteFunc(slices.Clone(f.inputs), unread); len(read) > 0 {
		f.inputs = read
	}
}

// supported returns an error that names the operators which are not supported, each with its
// first node.
func (f *File) supported() error {
	var texts []string
	seen := map[string]bool{}
	for _, n := range f.live {
		_, ok := operators[n.op]
		if ok && n.standard() && !f.graph.local[n.op] || seen[n.domain+n.op] {
			continue
		}
		seen[n.domain+n.op] = true
		texts = append(texts, n.String())
	}
	if len(texts) == 0 {
		return nil
	}
	return fmt.Errorf("operators that are not supported: %s; docs/formats.md lists those that are", strings.Join(texts, ", "))
}

// standard reports whether the operator is one of ONNX itself.
func (n *node) standard() bool { return n.domain == "" || n.domain == "ai.onnx" }

// String returns the operator with its node, as errors name it.
func (n *node) String() string {
	op, name := n.op, n.name
	if !n.standard() {
		op = n.domain + "." + op
	}
	if name == "" && len(n.out) > 0 {
		name = n.out[0]
	}
	return fmt.Sprintf("%s at node %q", op, name)
}
