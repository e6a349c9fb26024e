package ntk_test

import (
	"math"
	"testing"

	"breakeven/ntk"
)

// The work that is raced in bench: a fully connected network of ten hidden layers on
// 2,000 inputs, and convolutional networks of five layers on images of CIFAR-10's size.

func BenchmarkFullyConnected(b *testing.B) {
	for name, size := range map[string]int{"100": 100, "3072": 3072} {
		b.Run(name, func(b *testing.B) {
			n := ntk.Network{Input: ntk.Vec(size), Layers: ntk.FullyConnected(10, 0, ntk.ReLU, math.Sqrt2, 0.1)}
			run(b, n, 2000)
		})
	}
}

func BenchmarkFlatten(b *testing.B)       { run(b, images(ntk.Flatten{}), 100) }
func BenchmarkGlobalAvgPool(b *testing.B) { run(b, images(ntk.GlobalAvgPool{}), 20) }

// images is a network of five convolutions on CIFAR-10's images.
func images(end ntk.Layer) ntk.Network {
	var s ntk.Serial
	for range 5 {
		s = append(s, ntk.Conv{Window: ntk.Size{3, 3}, Pad: ntk.Same, SigmaW: math.Sqrt2, SigmaB: 0.1}, ntk.ReLU)
	}
	return ntk.Network{Input: ntk.Shape{C: 3, H: 32, W: 32}, Layers: append(s, end, ntk.Dense{SigmaW: math.Sqrt2, SigmaB: 0.1})}
}

func run(b *testing.B, n ntk.Network, count int) {
	k, x := compile(b, n, nil), examples(n, count, 1)
	for b.Loop() {
		symmetric(b, k, x)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N*count*count), "ns/element")
}
