package curvature

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/spectrum"
)

// The mean of FisherTrace over draws is the trace of the dense Gauss-Newton matrix, which is the Fisher
// matrix of the model.
func TestFisherTrace(t *testing.T) {
	for name, loss := range map[string]nn.Loss{"cross-entropy": nn.CrossEntropy{}, "mse": nn.MSE{}} {
		both(t, func(t *testing.T, net *nn.Network, s Settings) {
			s.Loss, s.Chunk = loss, 10
			p := at(net, 10, s)
			want := mat.Trace(dense(p.GaussNewton()))
			var x []float64
			for draw := range 400 {
				x = append(x, must(p.FisherTrace(p.Set(), rng.NewField(1, "fisher/test"), draw)))
			}
			if mean, dev := spectrum.Average(x); math.Abs(mean-want) > 4*dev || dev > 0.1*want {
				t.Errorf("%s: Tr F is %g ± %g over draws, want %g", name, mean, dev, want)
			}
		})
	}
}
