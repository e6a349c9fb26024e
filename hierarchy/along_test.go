package hierarchy

import (
	"math"
	"testing"
)

// Along the flow dK^(r)/dt is K^(r+1) with the residuals in its last slot, by differences of
// kernels of the network that moves.
func TestKernelsAlongFlow(t *testing.T) {
	net := drawNet(t, Shape{3, 8, 2, Tanh}, Init{Seed: 2})
	points, y := sphere(4, 3, 2, 3)
	const at, h, top = 1.0, 1e-2, 5
	path, err := GradientFlow(net, points, y, []float64{at - 2*h, at - h, at, at + h, at + 2*h}, &FlowOptions{Networks: true, Tolerance: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	var k [5][]*Tensor
	for i, s := range path.Snapshots {
		k[i] = kernels(t, s.Net, points, top, Auto)
	}
	residual := make([]float64, len(y))
	for i := range y {
		residual[i] = (y[i] - k[2][0].Data[i]) / float64(len(y))
	}
	for r := range top - 1 {
		for i, want := range k[2][r+1].Contract(residual).Data {
			value := func(j int) float64 { return k[j][r].Data[i] }
			got := (8*(value(3)-value(1)) - (value(4) - value(0))) / (12 * h)
			if math.Abs(got-want) > 1e-7*(1+k[2][r+1].Max()) {
				t.Errorf("K^(%d), entry %d: %.10g by differences, %.10g by K^(%d)", r+1, i, got, want, r+2)
			}
		}
	}
}
