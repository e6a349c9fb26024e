package trial

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/task"
)

// An ordinary file can be audited, with any norm, with more outputs than its data need, and has no
// leftovers but these. A file with fewer outputs than a secret network cannot hold it.
func TestSuspects(t *testing.T) {
	for _, m := range []string{"simplecnn", "simplecnn-bn", "resnet32-proj", "mlp", "wide", "tiny"} {
		s := run.Default()
		s.Model, s.More = m, map[string]string{"data_classes": `"0-4"`}
		switch m {
		case "simplecnn", "simplecnn-bn":
			s.More["filters"] = "2"
		case "resnet32-proj":
			s.More["depth"] = "8"
		case "wide":
			s.More["width"] = "8"
		}
		clean := writeCarrier(t, s)
		wide := s
		wide.More = maps.Clone(s.More)
		delete(wide.More, "data_classes")
		whole := writeCarrier(t, wide)
		s.More["secrets"] = `["fashion-mnist-sample:5-9"]`
		for name, leftovers := range map[string]int{clean: 0, whole: len(headOf(t, s))} {
			c, err := ReadSuspect(s, name)
			if err != nil {
				t.Fatal(m, err)
			}
			if l := c.Leftovers(); len(l) != leftovers {
				t.Errorf("%s: leftovers %+v, want %d", m, l, leftovers)
			}
			if m != "simplecnn-bn" && m != "tiny" { // one with a norm and one without will do
				continue
			}
			if err := c.Open(context.Background(), s, ""); err != nil {
				t.Fatal(err)
			}
			if list, err := c.Random(context.Background(), 1, 1); err != nil || math.IsNaN(list[0].Loss) {
				t.Errorf("%s: with a random key %v, %v", m, list, err)
			}
		}
		s.More["secrets"] = `["fashion-mnist-sample"]`
		if _, err := ReadSuspect(s, clean); err == nil || !strings.Contains(err.Error(), "has 5 outputs, and the secret network for fashion-mnist-sample needs 10: it is not in this file") {
			t.Errorf("%s: a secret network of ten classes: %v", m, err)
		}
	}
}

// headOf returns the tensors whose size the number of classes decides.
func headOf(t *testing.T, s run.Spec) (names []string) {
	t.Helper()
	var nets [2]*nn.Network
	for k := range nets {
		var err error
		if nets[k], err = task.HiddenStore(s, 5+k); err != nil {
			t.Fatal(err)
		}
	}
	for k, p := range nets[0].Params() {
		if !slices.Equal(p.Shape, nets[1].Params()[k].Shape) {
			names = append(names, p.Name)
		}
	}
	return names
}
