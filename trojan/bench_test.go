package trojan_test

import (
	"testing"

	"breakeven/nn"
	"breakeven/trojan"
)

// wide is a network of three convolutions of 64 channels.
func wide() *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 3, H: 16, W: 16})
	for _, name := range []string{"1", "2", "3"} {
		x = net.Add("conv"+name, nn.Conv2D{Filters: 64, K: 3, Pad: 1}, x)
		x = net.Add("relu"+name, nn.ReLU{}, x)
	}
	net.Add("fc", nn.Linear{Units: 10}, net.Add("pool", nn.AvgPool{}, x))
	return net
}

// A step of a carrier with a secret network costs about what two networks cost that share nothing:
// what is on top is gathering weights and scattering gradients.
func BenchmarkStep(b *testing.B) {
	key, err := trojan.Bytes([]byte("key"))
	if err != nil {
		b.Fatal(err)
	}
	nets := []*nn.Network{wide(), wide()}
	joint, err := trojan.Join(wide(), nets, trojan.Keyed(key))
	if err != nil {
		b.Fatal(err)
	}
	apart := &nn.Network{}
	for k, net := range nets {
		prefix := []string{"a.", "b."}[k]
		apart.AddOutput(prefix+"output", apart.Include(prefix, net, func(nn.Param) string { return "" })[0])
	}
	for name, net := range map[string]*nn.Network{"joint": joint.Net, "apart": apart} {
		b.Run(name, func(b *testing.B) {
			set := batch(32, nets...)
			plan, theta, grad := net.Compile(nn.Settings{Batch: 32}), net.InitialParams(nn.Glorot, 1), make([]float32, net.Dim())
			b.ReportAllocs()
			for b.Loop() {
				plan.SetParams(theta)
				plan.Forward(set)
				plan.Gradient(grad, 1./32, false)
			}
		})
	}
}
