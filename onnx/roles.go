package onnx

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"breakeven/nn"
)

// Freeze makes constants of the parameters that frozen chooses by their names, with the numbers of the file.
func (n *Network) Freeze(frozen func(name string) bool) {
	n.Network = n.Network.Freeze(frozen)
	n.noteDoubts()
	n.initialState()
}

// freezeBuffers makes constants of the weights that are no parameters in PyTorch, as its newer exporter notes.
func (n *Network) freezeBuffers() error {
	var names, noted []string
	for _, p := range n.Params() {
		all := n.sources[p.Name].initializers()
		if slices.ContainsFunc(all, func(t *tensor) bool { return !t.constant() }) {
			continue
		}
		names = append(names, p.Name)
		if !slices.ContainsFunc(all, (*tensor).written) {
			noted = append(noted, p.Name)
		}
	}
	n.note("buffers of the graph are constants, as in PyTorch: ", noted)
	if len(names) > 0 && len(names) == len(n.Params()) {
		return fmt.Errorf("onnx: %s: its weights are all buffers or constants: without parameters nothing can be measured", n.file.name)
	}
	if len(names) > 0 {
		n.Network = n.Network.Freeze(func(name string) bool { return slices.Contains(names, name) })
	}
	n.noteDoubts()
	return nil
}

// written reports whether a tensor is a constant that a program has in its text.
func (t *tensor) written() bool { return t.made || t.inline || t.role == constantRole }

// constant reports whether a tensor is known to be no parameter.
func (t *tensor) constant() bool { return t.written() || t.role == bufferRole }

// doubts begins the note on what may be a buffer in PyTorch.
const doubts = "these are parameters here; freeze those that are buffers in PyTorch (the exporter with dynamo=True says which are): "

// noteDoubts notes the parameters that may be buffers in PyTorch: its older exporter does not tell them apart. Those of
// layers are none.
func (n *Network) noteDoubts() {
	n.Notes = slices.DeleteFunc(n.Notes, func(text string) bool { return strings.HasPrefix(text, doubts) })
	var names []string
	for _, p := range n.Params() {
		name := n.original(p)
		last := name[strings.LastIndexByte(name, '.')+1:]
		if n.file.older() && !strings.Contains(last, weightName) && !strings.Contains(last, biasName) {
			names = append(names, p.Name)
		}
	}
	n.note(doubts, names)
}

// original returns the name that a parameter has in PyTorch: that of its initializer, unless the exporter made that one.
func (n *Network) original(p nn.Param) string {
	if name := n.sources[p.Name].initializers()[0].name; dotted.MatchString(name) {
		return name
	}
	return p.Name
}

// leftover returns the initializers of real numbers that the graph reads and that are no tensors of the network.
func (n *Network) leftover() (all []*tensor) {
	read, used := map[string]bool{}, map[string]bool{}
	for _, src := range n.sources {
		for _, t := range src.initializers() {
			read[t.name] = true
		}
	}
	for _, node := range n.file.live {
		for _, in := range node.in {
			used[in] = true
		}
	}
	for _, t := range n.file.graph.tensors {
		if used[t.name] && !read[t.name] && !t.kind.integer() {
			all = append(all, t)
		}
	}
	return all
}

// noteConstants notes the parameters of PyTorch that are read as constants.
func (n *Network) noteConstants() {
	var names []string
	for _, t := range n.leftover() {
		if t.role == parameterRole || n.file.older() && dotted.MatchString(t.name) {
			names = append(names, t.name)
		}
	}
	n.note("read as constants, though they are parameters in PyTorch, or buffers: ", names)
}

// A Constant is a tensor of the file that is no tensor of the network, but may be in a state dict of PyTorch's.
type Constant struct {
	Name    string
	Shape   []int
	Numbers []float32
}

// Constants returns those of the file, as far as their numbers can be read.
func (n *Network) Constants() (all []Constant) {
	for _, t := range n.leftover() {
		c := Constant{Name: t.name, Numbers: make([]float32, t.count())}
		for _, d := range t.dims {
			c.Shape = append(c.Shape, int(d))
		}
		if dotted.MatchString(t.name) && t.fill(c.Numbers, n.file.folder) == nil {
			all = append(all, c)
		}
	}
	return all
}

// computedNote begins the note on weights that a module computes of others.
const computedNote = "weights that the exporter has computed of others, whose gradient and curvature are not those of PyTorch (export without the parametrization, or with dynamo=True and optimize=False): "

// noteComputed notes the weights that the exporter has computed of other tensors. Those of recurrent layers are only
// reordered and joined, and what has batch norm in it has a note of its own.
func (n *Network) noteComputed() {
	role := map[string]string{}
	for _, t := range n.file.graph.tensors {
		role[t.name] = t.role
	}
	var names []string
	for _, node := range n.file.live {
		for k, in := range node.in {
			made := node.op == "Conv" && k == 1 && (strings.HasPrefix(in, convMade) && !(node.has(2) && node.folded()) || n.file.graph.made[in] != nil)
			if (made || role[in] == mixedRole && node.op != "LSTM" && node.op != "GRU") && !slices.Contains(names, in) {
				names = append(names, in)
			}
		}
	}
	n.note(computedNote, names)
}

// mostNoted is how many names a note has.
const mostNoted = 8

// note adds a note with names, if there are any.
func (n *Network) note(text string, names []string) {
	if len(names) == 0 {
		return
	}
	text += strings.Join(names[:min(mostNoted, len(names))], ", ")
	if more := len(names) - mostNoted; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	n.Notes = append(n.Notes, text)
}

// older reports whether PyTorch's older exporter made the file, whose nodes are called after modules, as /layer1/Conv.
func (f *File) older() bool {
	return f.graph.program == "pytorch" && len(f.graph.roles) == 0 && slices.ContainsFunc(f.graph.nodes, func(n *node) bool { return strings.HasPrefix(n.name, "/") })
}

// dotted is the form of the names that PyTorch has for the tensors of modules. Numbers alone are names of the exporter.
var dotted = regexp.MustCompile(`^([A-Za-z_]\w*|\w+(\.\w+)+)$`)

// initializers returns the tensors of the file that a tensor's numbers are.
func (t *tensor) initializers() (all []*tensor) {
	if t.flip != nil {
		return t.flip.initializers()
	}
	for _, r := range t.resolved(0, t.count()) {
		all = append(all, r.of)
	}
	return all
}
