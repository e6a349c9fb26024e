package hierarchy

import "testing"

func BenchmarkKernels(b *testing.B) {
	net := drawNet(b, Shape{16, 1024, 2, Tanh}, Init{})
	points, _ := sphere(0, 32, 0, 16)
	for p, name := range map[int]string{2: "K2", 3: "K3", 4: "K4"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Kernels(net, points, p, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
