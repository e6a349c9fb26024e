package onnx

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Freeze makes constants of the parameters that frozen chooses by their names, with the numbers of the file.
func (n *Network) Freeze(frozen func(name string) bool) error {
	n.Network = n.Network.Freeze(frozen)
	n.noteDoubts()
	return n.initialState()
}

// freezeBuffers makes constants of the weights that are no parameters in PyTorch, as its newer exporter notes.
func (n *Network) freezeBuffers() {
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
	if len(names) > 0 {
		n.Network = n.Network.Freeze(func(name string) bool { return slices.Contains(names, name) })
	}
	n.noteDoubts()
}

// written reports whether a tensor is a constant that a program has in its text.
func (t *tensor) written() bool { return t.made || t.inline || t.role == constantRole }

// constant reports whether a tensor is known to be no parameter.
func (t *tensor) constant() bool { return t.written() || t.role == bufferRole }

// doubts begins the note on what may be a buffer in PyTorch.
const doubts = "parameters here, which are to be frozen if they are buffers in PyTorch (the exporter with dynamo=True says which are): "

// noteDoubts notes the parameters that may be buffers in PyTorch: its older exporter does not tell them apart. Those of
// layers are none.
func (n *Network) noteDoubts() {
	n.Notes = slices.DeleteFunc(n.Notes, func(text string) bool { return strings.HasPrefix(text, doubts) })
	var names []string
	for _, p := range n.Params() {
		last := p.Name[strings.LastIndexByte(p.Name, '.')+1:]
		if n.file.older() && !strings.Contains(last, weightName) && !strings.Contains(last, biasName) {
			names = append(names, p.Name)
		}
	}
	n.note(doubts, names)
}

// noteConstants notes the parameters of PyTorch that are read as constants.
func (n *Network) noteConstants() {
	read := map[*tensor]bool{}
	for _, src := range n.sources {
		for _, t := range src.initializers() {
			read[t] = true
		}
	}
	used, divides := map[string]bool{}, map[string]bool{}
	for _, node := range n.file.live {
		for k, in := range node.in {
			used[in] = true
			divides[in] = divides[in] || node.op == "Div" && k == 1
		}
	}
	var names []string
	for _, t := range n.file.graph.tensors {
		if used[t.name] && !read[t] && !t.kind.integer() && (t.role == parameterRole || n.file.older() && (t.count() == 1 || divides[t.name]) && dotted.MatchString(t.name)) {
			names = append(names, t.name)
		}
	}
	n.note("read as constants, though they are parameters in PyTorch, or buffers: ", names)
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

// dotted is the form of the names that PyTorch has for the tensors of modules.
var dotted = regexp.MustCompile(`^[A-Za-z_]\w*(\.\w+)*$`)

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
