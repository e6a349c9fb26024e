package model_test

import (
	"strings"
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/run"
)

// Networks on graphs keep the contract of package nn, and have the names of PyTorch
// Geometric.
func TestGraphContract(t *testing.T) {
	in := nn.Input{Name: "features", Shape: nn.Vec(7), Sparse: true}
	for name, tensors := range map[string]string{
		"gcn":   "conv1.lin.weight conv1.bias conv2.lin.weight conv2.bias",
		"sage":  "conv1.lin_l.weight conv1.lin_l.bias conv1.lin_r.weight conv2.lin_l.weight conv2.lin_l.bias conv2.lin_r.weight",
		"gat":   "conv1.lin.weight conv1.att_src conv1.att_dst conv1.bias conv2.lin.weight conv2.att_src conv2.att_dst conv2.bias",
		"appnp": "lin1.weight lin1.bias lin2.weight lin2.bias",
	} {
		t.Run(name, func(t *testing.T) {
			s := run.Spec{Model: name, More: map[string]string{"width": "5"}}
			switch name {
			case "appnp":
				s.More["hops"] = "3"
			case "gat":
				s.More["heads"] = "2"
			}
			net, err := model.Of(s, in, 3)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range net.Params() {
				names = append(names, p.Name)
			}
			if got := strings.Join(names, " "); got != tensors {
				t.Errorf("parameters %s, want %s", got, tensors)
			}
			if !net.OnGraph() || !net.Couples() {
				t.Error("the nodes are not coupled by a graph")
			}
			nntest.TestNetwork(t, net)
		})
	}
}

// The fields of networks on graphs have bounds.
func TestGraphFields(t *testing.T) {
	in := nn.Input{Name: "features", Shape: nn.Vec(7), Sparse: true}
	for _, c := range []struct{ model, field, value, want string }{
		{"gcn", "dropout", "1", "below 1"}, {"gcn", "width", "0", "between 1 and"}, {"sage", "convolutions", "0", "between 1 and"},
		{"appnp", "restart", "0", "above 0"}, {"appnp", "hops", "0", "between 1 and"},
	} {
		_, err := model.Of(run.Spec{Model: c.model, More: map[string]string{c.field: c.value}}, in, 3)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s %s: %v, want %s", c.model, c.field, c.value, err, c.want)
		}
	}
	if _, err := model.Of(run.Spec{Model: "mlp"}, in, 3); err == nil || !strings.Contains(err.Error(), "mlp reads numbers, and the data hold a graph: use one of gcn, sage, gat, appnp") {
		t.Error(err)
	}
}
