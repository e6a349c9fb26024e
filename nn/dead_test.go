package nn_test

import (
	"slices"
	"testing"

	"breakeven/nn"
)

// A branch that the output does not depend on has no gradient and changes no other,
// whatever the memory around its cotangents has been used for.
func TestDeadBranch(t *testing.T) {
	build := func(dead bool) *nn.Network {
		net, x := nn.NewNetwork(nn.Vec(6))
		a, b := net.Add("a", nn.Linear{Units: 40}, x), net.Add("b", nn.Linear{Units: 40}, x)
		a, b = net.Add("ta", nn.Tanh{}, a), net.Add("tb", nn.Tanh{}, b)
		a, b = net.Add("a2", nn.Linear{Units: 50}, a), net.Add("b2", nn.Linear{Units: 50}, b)
		sum := net.Add("sum", nn.Residual{}, a, b)
		out := net.Add("relu", nn.ReLU{}, sum)
		if dead {
			d := net.Add("d", nn.Linear{Units: 30}, b)
			net.Add("d2", nn.Linear{Units: 20}, net.Add("td", nn.Tanh{}, d))
		}
		net.Add("out", nn.Linear{Units: 3}, out)
		return net
	}
	with, without := build(true), build(false)
	theta := with.InitialParams(nn.Glorot, 1)
	live := func(v []float32) []float32 { // the parameters of the dead branch come before those of the last layer
		last := without.Dim() - without.Params()[len(without.Params())-2].Offset
		return slices.Concat(v[:without.Dim()-last], v[len(v)-last:])
	}
	results := func(net *nn.Network, theta, v []float32, s nn.Settings) [][]float32 {
		p := net.Compile(s)
		p.SetParams(theta)
		all := make([][]float32, 4)
		for i := range all {
			all[i] = make([]float32, net.Dim())
		}
		for range 2 {
			p.Forward(nn.Labelled(numbers(-3, 24), []int32{0, 2, 1, 1}))
			p.Gradient(all[0], 1, false)
			if s.Tangents {
				p.SetTangent(v)
				p.Adjoints(all[1], 1, false)
				p.HessVec(all[2], 1, false)
				p.GaussNewtonVec(all[3], 1, false)
			}
		}
		return all
	}
	v := with.InitialParams(nn.Glorot, 2)
	for _, s := range []nn.Settings{{Batch: 4}, {Batch: 4, Tangents: true}} {
		got, want := results(with, theta, v, s), results(without, live(theta), live(v), s)
		for i := range want {
			if !slices.Equal(live(got[i]), want[i]) {
				t.Errorf("%+v: result %d differs from that without the branch", s, i)
			}
			for _, param := range with.Params() {
				if param.Name[0] != 'd' {
					continue
				}
				for _, g := range got[i][param.Offset : param.Offset+param.Size()] {
					if g != 0 {
						t.Fatalf("%+v: result %d has %v in %s", s, i, g, param.Name)
					}
				}
			}
		}
	}
}
