package onnx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// noted is a model with the notes of PyTorch's newer exporter: the signature of its graph, and of which tensors it computed one.
func noted(signature []string, name string, of []string, nodes []message, tensors ...message) message {
	pair := func(key, value string) message { return message(nil).text(1, key).text(2, value) }
	g := message(nil).bytes(11, portOf("x", 7, 3, 4, 4)).bytes(12, portOf("y"))
	for _, n := range nodes {
		g = g.bytes(1, n)
	}
	for _, t := range tensors {
		g = g.bytes(5, t)
	}
	list := fmt.Sprintf("['%s']", strings.Join(of, "', '"))
	g = g.bytes(13, message(nil).text(1, name).bytes(4, pair("pkg.onnxscript.optimizer.folded_from", list)))
	g = g.bytes(16, pair("pkg.torch.export.ExportedProgram.graph_signature", "\n# inputs\n"+strings.Join(signature, "\n")+"\nx: USER_INPUT\n"))
	return message(nil).text(2, "pytorch").bytes(8, message(nil).int(2, 18)).bytes(7, g)
}

// What the exporter has computed of parameters and buffers is one or the other, or a warning says that it is neither.
func TestComputedRoles(t *testing.T) {
	dense := []message{op("Flatten", "x", "f"), op("Gemm", "f fc.weight fc.bias", "z", setInt("transB", 1)), op("Mul", "z val_1", "y")}
	signature := []string{"p_w: PARAMETER target='fc.weight'", "p_b: PARAMETER target='fc.bias'", "p_g: PARAMETER target='gain'",
		"b_m: BUFFER target='mask' persistent=True", "b_o: BUFFER target='other' persistent=False", "c: CONSTANT_TENSOR target='lifted_0'"}
	const (
		buffer   = "buffers of the graph are constants, as in PyTorch: val_1"
		computed = computedNote + "val_1"
		without  = "fc.weight fc.bias"
		with     = without + " val_1"
	)
	for name, c := range map[string]struct {
		of   []string
		more []string // in the signature
		left string   // parameters
		want []string
	}{
		"of a parameter":              {[]string{"gain", "val_0"}, nil, with, nil},
		"of a buffer":                 {[]string{"mask", "val_0"}, nil, without, []string{buffer}},
		"of buffers":                  {[]string{"mask", "other", "lifted_0"}, nil, without, []string{buffer}},
		"of a parameter and a buffer": {[]string{"gain", "mask"}, nil, with, []string{computed}},
		"of parameters":               {[]string{"mask", "gain", "fc.weight"}, nil, with, []string{computed}},
		"of nobody knows what":        {[]string{"val_0"}, nil, with, nil},
		"without a batch norm":        {[]string{"gain"}, []string{"b_v: BUFFER target='norm.running_var' persistent=True"}, with, []string{foldedNorm}},
	} {
		f, err := parse(noted(append(slices.Clone(signature), c.more...), "val_1", c.of, dense, ones("fc.weight", 4, 48), ones("fc.bias", 4), ones("val_1", 4)))
		if err != nil {
			t.Fatal(name, err)
		}
		n, err := f.Network(imageInput)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		left := paramNames(n)
		if left != c.left || !slices.Equal(n.Notes, c.want) {
			t.Errorf("%s: parameters %q, want %q; notes\n%q, want\n%q", name, left, c.left, n.Notes, c.want)
		}
	}
}
