package onnx

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// paramNames returns the names of the parameters of a network.
func paramNames(n *Network) string {
	var names []string
	for _, p := range n.Params() {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

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
			n.Freeze(func(name string) bool { return name == c.freeze })
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		left := paramNames(n)
		slices.Sort(n.Notes)
		slices.Sort(c.notes)
		if left != c.left || !slices.Equal(n.Notes, c.notes) {
			t.Errorf("%s: parameters %q, want %q; notes\n%q, want\n%q", name, left, c.left, n.Notes, c.notes)
		}
		if c := n.Constants(); len(c) != 1 || c[0].Name != "scale" || len(c[0].Shape) > 0 || !slices.Equal(c[0].Numbers, []float32{1.5}) {
			t.Errorf("%s: constants %v", name, c)
		}
		for _, b := range n.Buffers() {
			if x := n.InitialState()[b.Offset]; x != 1 {
				t.Errorf("%s: %s is %v, want the 1 of the file", name, b.Name, x)
			}
		}
	}
}

// Of a file of the older exporter the names of initializers say what may be a buffer, and not those that layers give to parameters.
func TestOlderRoles(t *testing.T) {
	filter := func(name string) message { return ones(name, 4, 3, 1, 1) }
	conv := func(weight string) []message {
		return []message{op("Sub", "x 0.mean", "u"), op("Conv", "u "+weight+" c.bias", "z"), op("Flatten", "z", "y")}
	}
	mean := ones("0.mean", 3, 1, 1)
	for name, c := range map[string]struct {
		nodes   []message
		tensors []message
		want    []string
	}{
		"a weight":        {conv("c.weight"), []message{filter("c.weight")}, []string{doubts + "0.mean"}},
		"a kernel":        {conv("kernel"), []message{filter("kernel")}, []string{doubts + "0.mean, c.weight"}},
		"a computed one":  {conv("onnx::Conv_9"), []message{filter("onnx::Conv_9")}, []string{doubts + "0.mean", computedNote + "onnx::Conv_9"}},
		"one of a factor": {append([]message{op("Mul", "w g", "v")}, conv("v")...), []message{filter("w"), filter("g")}, []string{doubts + "0.mean", "read as constants, though they are parameters in PyTorch, or buffers: w, g"}},
	} {
		f, err := parse(modelOf(c.nodes, append(c.tensors, mean, ones("c.bias", 4))...))
		if err != nil {
			t.Fatal(err)
		}
		f.graph.program, f.graph.nodes[0].name = "pytorch", "/"+f.graph.nodes[0].name
		n, err := f.Network(imageInput)
		if err != nil || !slices.Equal(n.Notes, c.want) {
			t.Errorf("%s: %v, notes\n%q, want\n%q", name, err, n.Notes, c.want)
		}
	}
}

// Constants that cannot be read, or are no numbers, are an error where the weights of the file are asked for, and not those of a
// new network.
func TestUnreadConstants(t *testing.T) {
	graph := func(numbers string) message {
		c := weights("c", 3, 1, 1)
		if numbers != "" {
			c = c.bytes(9, []byte(numbers))
		}
		return modelOf([]message{op("Div", "x c", "u"), op("Flatten", "u", "f"), op("Gemm", "f w b", "y", setInt("transB", 1))}, c, ones("w", 4, 48), ones("b", 4))
	}
	one := "\x00\x00\x80\x3f"
	for name, c := range map[string]struct{ numbers, want string }{
		"ones":                  {strings.Repeat(one, 3), ""},
		"a division by zero":    {one + "\x00\x00\x00\x00" + one, "number 1 of the div.constant is +Inf"},
		"a division by the NaN": {strings.Repeat(one, 2) + "\x00\x00\xc0\x7f", "number 2 of the div.constant is NaN"},
	} {
		f, err := parse(graph(c.numbers))
		if err != nil {
			t.Fatal(err)
		}
		n, err := f.Network(imageInput)
		if err != nil {
			t.Fatal(name, err)
		}
		_, err = n.Weights()
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) || n.HasInitialState() != (c.want == "") {
			t.Errorf("%s: %v, want %q; constants of the file: %v", name, err, c.want, n.HasInitialState())
		}
		n.Freeze(func(name string) bool { return name == "b" })
		if n.HasInitialState() != (c.want == "") {
			t.Errorf("%s, frozen: constants of the file: %v", name, n.HasInitialState())
		}
	}
}

// A file without parameters is refused.
func TestBuffersAlone(t *testing.T) {
	f, err := parse(modelOf([]message{op("Flatten", "x", "f"), op("Gemm", "f w b", "y", setInt("transB", 1))}, ones("w", 4, 48), ones("b", 4)))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range f.graph.tensors {
		x.role = bufferRole
	}
	if _, err := f.Network(imageInput); err == nil || !strings.Contains(err.Error(), "all buffers or constants") {
		t.Errorf("%v, want an error", err)
	}
}
