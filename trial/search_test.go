package trial

import (
	"context"
	"fmt"
	"testing"

	"breakeven/curvature"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/spectrum"
)

// BenchmarkSearch counts the products with the Hessian of 512 examples that λ_H¹ takes
// along a run of SimpleCNN, for each way to begin: at a random vector, stopping on the
// residual alone; at a random vector, until nothing larger is to be expected; on an
// eighth of the examples; at the last eigenvector and a random vector; on an eighth of
// the examples with the last eigenvector in addition. Products with an eighth count as
// an eighth.
func BenchmarkSearch(b *testing.B) {
	for _, rate := range []float64{0.1, 0.01} {
		spec := run.Default()
		spec.LR, spec.Batch, spec.Measure.M = rate, 64, 64
		t, err := newDescent(spec, Env{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := t.start(context.Background(), nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		set, err := t.sample(context.Background(), "set", 512)
		if err != nil {
			b.Fatal(err)
		}
		p := curvature.New(t.net, set, t.problem())
		var last [][]float32
		for _, step := range []int{0, 100, 101, 110, 200} {
			b.Run(fmt.Sprintf("lr=%g/step=%d", rate, step), func(b *testing.B) {
				for r.loop.Done < step {
					r.loop.Step()
				}
				p.At(r.loop.Theta)
				last = searches(b, p.Hessian(), last)
			})
		}
	}
}

// searches reports the products of each search, and returns the eigenvector.
func searches(b *testing.B, h *curvature.Operator, last [][]float32) [][]float32 {
	random, s := make([]float32, h.Dim()), rng.New(0, "random")
	for i := range random {
		random[i] = float32(s.NormFloat64())
	}
	rough, _ := h.Rough()
	type search struct {
		name string
		set  spectrum.Settings
	}
	all := []search{
		{"residual", spectrum.Settings{Start: [][]float32{random}, Explore: -1}},
		{"sure", spectrum.Settings{}},
		{"rough", spectrum.Settings{Rough: rough}},
	}
	if last != nil {
		all = append(all,
			search{"last", spectrum.Settings{Start: last}},
			search{"rough+last", spectrum.Settings{Start: last, Rough: rough}})
	}
	for _, w := range all {
		w.set.Tol = 0.01
		r, err := spectrum.Lanczos(h, &w.set)
		if err != nil {
			b.Fatal(err)
		}
		products := float64(r.Products)
		if r.Rough != nil {
			products += float64(r.Rough.Products) * float64(rough.Examples()) / float64(h.Examples())
			last = r.Vectors
		}
		b.ReportMetric(products, w.name)
		b.Logf("%s: %.5g ± %.2g", w.name, r.Values[0], r.Residuals[0])
	}
	return last
}
