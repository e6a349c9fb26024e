package trojan_test

import (
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/trojan"
)

// What a network reads is no leftover; surplus outputs, sets of batch norm and other tensors are.
func TestLeftovers(t *testing.T) {
	net := network(3, 5, nn.BatchNorm{})
	var file []trojan.Tensor
	add := func(prefix string, list []nn.Param) {
		for _, p := range list {
			file = append(file, trojan.Tensor{prefix + p.Name, slices.Clone(p.Shape)})
		}
	}
	add("", net.Params())
	add("", net.Buffers())
	if got := trojan.Leftovers(net, file); len(got) != 0 {
		t.Errorf("leftovers of the network itself: %+v", got)
	}
	norm, params := 0, net.Params()
	for k, is := range net.NormParams() {
		if is {
			add("secret1.", params[k:k+1])
			norm += params[k].Size()
		}
	}
	add("secret1.", net.Buffers())
	last := len(params) - 1
	file[last].Shape[0] += 2 // its bias has two numbers more
	file = append(file, trojan.Tensor{"hidden.thing", []int{2, 3}}, trojan.Tensor{"a.norm.weight", []int{99}})
	want := []trojan.Leftover{
		{trojan.SurplusOutputs, params[last].Name, 1, 2},
		{trojan.SurplusNorm, "secret1.", 4, norm + net.StateDim()},
		{trojan.Unread, "hidden.thing", 1, 6},
		{trojan.Unread, "a.norm.weight", 1, 99},
	}
	if got := trojan.Leftovers(net, file); !slices.Equal(got, want) {
		t.Errorf("leftovers %+v, want %+v", got, want)
	}
}
