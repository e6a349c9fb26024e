package curvature

import (
	"testing"

	"breakeven/model"
	"breakeven/nn"
)

// BenchmarkMeasurements times the parts of a measurement, on images of 3×32×32: K of
// eight minibatches of 64, a product with the Hessian on 256 examples, and the Gram
// matrix of the gradients of 128 single examples.
func BenchmarkMeasurements(b *testing.B) {
	for _, name := range []string{"simplecnn", "resnet32"} {
		net, err := model.New(name, nn.Shape{C: 3, H: 32, W: 32}, 10)
		if err != nil {
			b.Fatal(err)
		}
		theta := net.InitialParams(nn.Glorot, 1)
		set := points(net, 512)
		p := New(net, set.Slice(0, 256), Settings{})
		if err := p.At(theta); err != nil {
			b.Fatal(err)
		}
		batches := Parts(set, 8)
		b.Run(name+"/K", func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Covariance(batches); err != nil {
					b.Fatal(err)
				}
			}
		})
		h, v, hv := p.Hessian(), random(net.Dim(), "v"), make([]float32, net.Dim())
		if err := p.At(theta); err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/Hessian", func(b *testing.B) {
			for b.Loop() {
				if err := h.MulVecTo(hv, v); err != nil {
					b.Fatal(err)
				}
			}
		})
		if !p.PerExample() {
			continue
		}
		b.Run(name+"/examples", func(b *testing.B) {
			for b.Loop() {
				if _, err := ExampleCovariance(net, set.Slice(0, 128), theta, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
