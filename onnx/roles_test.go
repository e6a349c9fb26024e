package onnx

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What initializers are in PyTorch decides which of them are parameters, or a warning says that it is not known.
func TestRoles(t *testing.T) {
	f32 := message(nil).int(2, 1).text(8, "scale").bytes(9, []byte{0, 0, 0xc0, 0x3f})
	graph := modelOf([]message{op("Flatten", "x", "f"), op("Gemm", "f fc.weight fc.bias", "z", setInt("transB", 1)), op("Mul", "z gain", "u"), op("Div", "u scale", "y")},
		ones("fc.weight", 4, 48), ones("fc.bias", 4), ones("gain", 4), f32)
	parameters := map[string]string{"fc.weight": parameterRole, "fc.bias": parameterRole, "scale": parameterRole}
	roles := func(gain string) map[string]string {
		all := maps.Clone(parameters)
		all["gain"] = gain
		return all
	}
	const (
		scale  = "read as constants, though they are parameters in PyTorch, or buffers: scale"
		buffer = "buffers of the graph are constants, as in PyTorch: gain"
	)
	for name, c := range map[string]struct {
		program string
		roles   map[string]string
		freeze  string
		left    string // parameters
		notes   []string
	}{
		"another program":        {"", nil, "", "fc.weight fc.bias gain", nil},
		"older exporter":         {"pytorch", nil, "", "fc.weight fc.bias gain", []string{doubts + "gain", scale}},
		"older exporter, frozen": {"pytorch", nil, "gain", "fc.weight fc.bias", []string{scale}},
		"parameters":             {"pytorch", roles(parameterRole), "", "fc.weight fc.bias gain", []string{scale}},
		"a buffer":               {"pytorch", roles(bufferRole), "", "fc.weight fc.bias", []string{buffer, scale}},
		"a buffer and frozen":    {"pytorch", roles(bufferRole), "fc.bias", "fc.weight", []string{buffer, scale}},
		"a constant":             {"pytorch", roles(constantRole), "", "fc.weight fc.bias", []string{scale}},
	} {
		f, err := parse(graph)
		if err != nil {
			t.Fatal(err)
		}
		f.graph.program, f.graph.roles = c.program, c.roles
		f.graph.nodes[0].name = "/Flatten" // as the older exporter calls it
		for _, x := range f.graph.tensors {
			x.role = c.roles[x.name]
		}
		n, err := f.Network(imageInput)
		if err == nil && c.freeze != "" {
			err = n.Freeze(func(name string) bool { return name == c.freeze })
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var left []string
		for _, p := range n.Params() {
			left = append(left, p.Name)
		}
		slices.Sort(n.Notes)
		slices.Sort(c.notes)
		if strings.Join(left, " ") != c.left || !slices.Equal(n.Notes, c.notes) {
			t.Errorf("%s: parameters %q, want %q; notes\n%q, want\n%q", name, left, c.left, n.Notes, c.notes)
		}
		for _, b := range n.Buffers() {
			if x := n.InitialState()[b.Offset]; x != 1 {
				t.Errorf("%s: %s is %v, want the 1 of the file", name, b.Name, x)
			}
		}
	}
}
