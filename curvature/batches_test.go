package curvature

import (
	"testing"

	"breakeven/nn"
	"breakeven/tensor"
)

// Slopes and curvatures of a batch are those of a problem that has the batch as its set.
func TestBatches(t *testing.T) {
	both(t, func(t *testing.T, net *nn.Network, s Settings) {
		s.Covariance, s.BatchCurvature = 20, 20
		p := at(net, 20, s)
		v, mv := make([]float32, net.Dim()), make([]float32, net.Dim())
		for i := range v {
			v[i] = float32(i%7) - 3
		}
		b := p.Set().Slice(4, 13)
		own := New(net, b, Settings{Chunk: 9})
		if err := own.At(p.theta); err != nil {
			t.Fatal(err)
		}
		product := func(o *Operator) float64 {
			if err := o.MulVecTo(mv, v); err != nil {
				t.Fatal(err)
			}
			return tensor.Dot(v, mv)
		}
		for name, c := range map[string]struct {
			of   func(Set, []float32) (float64, error)
			want float64
		}{
			"⟨g, v⟩": {p.BatchSlope, tensor.Dot(own.Gradient(), v)},
			"vᵀHv":   {p.BatchCurvature, product(own.Hessian())},
			"vᵀGv":   {p.BatchGaussNewton, product(own.GaussNewton())},
		} {
			got, err := c.of(b, v)
			if err != nil {
				t.Fatal(err)
			}
			closeTo(t, name, got, c.want, 1e-5, c.want)
		}
	})
}

// Blocks have equal sizes, none above a chunk, and too few examples have none.
func TestBlocks(t *testing.T) {
	for _, c := range []struct{ n, chunk, least, count, size int }{
		{20, 8, 4, 4, 5}, {20, 8, 2, 3, 6}, {20, 20, 16, 16, 1}, {15, 8, 16, 0, 0}, {100, 5, 16, 20, 5},
	} {
		p := at(smooth(false), c.n, Settings{Chunk: c.chunk})
		blocks := p.Blocks(c.least)
		if len(blocks) != c.count {
			t.Errorf("%+v: %d blocks", c, len(blocks))
		}
		for _, b := range blocks {
			if b.N != c.size {
				t.Errorf("%+v: a block of %d", c, b.N)
			}
		}
	}
}
