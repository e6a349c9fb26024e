package trojan_test

import (
	"slices"
	"testing"
	"time"

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

// dense is the demonstration's network, of 784, 300, 100 and 10 units: many weights for its work.
func dense() *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 28, W: 28})
	x = net.Add("flatten", nn.Flatten{}, x)
	x = net.Add("relu1", nn.ReLU{}, net.Add("fc1", nn.Linear{Units: 300}, x))
	x = net.Add("relu2", nn.ReLU{}, net.Add("fc2", nn.Linear{Units: 100}, x))
	net.Add("fc3", nn.Linear{Units: 10}, x)
	return net
}

// A step of a carrier with a secret network costs about what two networks cost that share nothing:
// what is on top is gathering weights and scattering gradients. Steps of both alternate, so that what
// else the machine does counts for both: the result is the median of their ratio.
func BenchmarkStep(b *testing.B) {
	b.Run("conv", func(b *testing.B) { benchmarkStep(b, wide, 32) })
	b.Run("dense", func(b *testing.B) { benchmarkStep(b, dense, 100) })
}

func benchmarkStep(b *testing.B, of func() *nn.Network, size int) {
	key, err := trojan.Bytes([]byte("key"))
	if err != nil {
		b.Fatal(err)
	}
	nets := []*nn.Network{of(), of()}
	joint, err := trojan.Join(of(), nets, trojan.Keyed(key))
	if err != nil {
		b.Fatal(err)
	}
	apart := &nn.Network{}
	for k, net := range nets {
		prefix := []string{"a.", "b."}[k]
		apart.AddOutput(prefix+"output", apart.Include(prefix, net, func(nn.Param) string { return "" })[0])
	}
	set := batch(size, nets...)
	together, alone := stepper(joint.Net, set), stepper(apart, set)
	b.ReportAllocs()
	var ratios []float64
	for b.Loop() {
		ratios = append(ratios, float64(together())/float64(alone()))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "joint/apart")
}

// stepper returns a function that makes a step of training and returns its time.
func stepper(net *nn.Network, set nn.Batch) func() time.Duration {
	plan, theta, grad := net.Compile(nn.Settings{Batch: set.N}), net.InitialParams(nn.Glorot, 1), make([]float32, net.Dim())
	return func() time.Duration {
		begin := time.Now()
		plan.SetParams(theta)
		plan.Forward(set)
		plan.Gradient(grad, 1/float64(set.N), false)
		return time.Since(begin)
	}
}
