package model

import (
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/run"
)

// Patterns freeze the parameters that they fit, by their own names or those of their operations.
func TestFreeze(t *testing.T) {
	in := nn.Input{Shape: nn.Shape{C: 1, H: 8, W: 8}}
	for _, c := range []struct {
		patterns, left, wrong string
	}{
		{"", "fc1.weight fc1.bias fc2.weight fc2.bias fc3.weight fc3.bias", ""},
		{"fc1", "fc2.weight fc2.bias fc3.weight fc3.bias", ""},
		{"fc1.bias fc[23].weight", "fc1.weight fc2.bias fc3.bias", ""},
		{"*.weight", "fc1.bias fc2.bias fc3.bias", ""},
		{"fc1.wieght", "", `freeze: no parameter of mlp is called fc1.wieght; there are fc1, fc2, fc3`},
		{"head", "", "freeze: no parameter of mlp is called head; there are fc1, fc2, fc3"},
		{"fc* fc1", "", "freeze: all parameters are frozen"},
		{"fc[", "", `freeze: "fc[" is no pattern`},
	} {
		net, err := Of(run.Spec{Model: "mlp", Freeze: strings.Fields(c.patterns)}, in, 3)
		if c.wrong != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.wrong) {
				t.Errorf("%s: %v, want %s", c.patterns, err, c.wrong)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.patterns, err)
			continue
		}
		var left []string
		for _, p := range net.Params() {
			left = append(left, p.Name)
		}
		if !slices.Equal(left, strings.Fields(c.left)) || len(left)+len(net.Buffers()) != 6 {
			t.Errorf("%s: %v are left and %d frozen", c.patterns, left, len(net.Buffers()))
		}
	}
}
