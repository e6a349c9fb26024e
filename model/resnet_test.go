package model_test

import (
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// The numbers of parameters of Guo, Wu and Weinberger's ResNet-50, with either norm.
func TestResNet50(t *testing.T) {
	for classes, want := range map[int]int{10: 23520842, 43: 23588459, 100: 23705252} {
		for _, norm := range []string{"batch", "group"} {
			if got := model.ResNet50(nn.Shape{C: 3, H: 32, W: 32}, classes, norm).Dim(); got != want {
				t.Errorf("%d classes, %s norm: %d parameters, want %d", classes, norm, got, want)
			}
		}
	}
}

// Group norm has the parameters of batch norm, no running statistics, and couples no examples.
func TestGroupNormOfResNets(t *testing.T) {
	s := run.Spec{Model: "resnet32-proj", More: map[string]string{"norm_layer": `"group"`, "depth": "8"}}
	net, err := model.Of(s, nn.Input{Shape: nn.Shape{C: 1, H: 8, W: 8}}, 4)
	if err != nil {
		t.Fatal(err)
	}
	s.More = map[string]string{"depth": "8"}
	other, err := model.Of(s, nn.Input{Shape: nn.Shape{C: 1, H: 8, W: 8}}, 4)
	if err != nil {
		t.Fatal(err)
	}
	if net.Couples() || net.StateDim() != 0 || net.Dim() != other.Dim() || !other.Couples() {
		t.Errorf("couples %v, %d statistics, %d and %d parameters", net.Couples(), net.StateDim(), net.Dim(), other.Dim())
	}
}
