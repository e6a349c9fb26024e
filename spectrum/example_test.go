package spectrum_test

import (
	"fmt"

	"breakeven/rng"
	"breakeven/spectrum"

	"gonum.org/v1/gonum/mat"
)

// laplacian is the second difference on a ring of n points, negated. Its
// eigenvalues are 2 − 2cos(2πk/n): 0, a pair for each k, and 4.
type laplacian int

func (n laplacian) Dim() int { return int(n) }

func (n laplacian) MulVecTo(dst, v []float32) error {
	for i := range v {
		dst[i] = 2*v[i] - v[(i+1)%len(v)] - v[(i+len(v)-1)%len(v)]
	}
	return nil
}

func ExampleLanczos() {
	r, err := spectrum.Lanczos(laplacian(16), &spectrum.Settings{Largest: 2, Smallest: 1, Tol: 1e-4})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, v := range r.Values {
		fmt.Printf("%.4f, error below 1e-4: %v\n", max(v, 0), r.Residuals[i] < 1e-4)
	}
	fmt.Println("converged:", r.Converged)
	// Output:
	// 4.0000, error below 1e-4: true
	// 3.8478, error below 1e-4: true
	// 0.0000, error below 1e-4: true
	// converged: true
}

// A start from earlier eigenvectors saves products.
func ExampleSettings_start() {
	s := &spectrum.Settings{Largest: 1, Src: rng.New(1, "example")}
	first, _ := spectrum.Lanczos(laplacian(1000), s)
	s.Start = first.Vectors
	again, _ := spectrum.Lanczos(laplacian(1000), s)
	fmt.Println(again.Products < first.Products/2)
	// Output: true
}

func ExampleQuadrature() {
	d, err := spectrum.Quadrature(laplacian(1000), &spectrum.DensitySettings{Steps: 30})
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, _ := d.Mean(func(x float64) float64 { return x })
	above, _ := d.Mean(func(x float64) float64 {
		if x > 3 {
			return 1
		}
		return 0
	})
	fmt.Printf("mean eigenvalue %.1f, share above 3: %.1f, %d products\n", mean, above, d.Products)
	// Output: mean eigenvalue 2.0, share above 3: 0.3, 120 products
}

func ExampleHutchPP() {
	t, err := spectrum.HutchPP(laplacian(1000), &spectrum.TraceSettings{Products: 60})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Products, t.Value > 2000-4*t.StdErr, t.Value < 2000+4*t.StdErr)
	// Output: 60 true true
}

func ExampleGramSpectrum() {
	// Inner products of the vectors (1,0), (0,1), (−1,0), (0,3), over 4.
	g := mat.NewSymDense(4, []float64{
		1, 0, -1, 0,
		0, 1, 0, 3,
		-1, 0, 1, 0,
		0, 3, 0, 9,
	})
	g.ScaleSym(0.25, g)
	spectrum.Centre(g)
	s, err := spectrum.GramSpectrum(g, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("λ¹ %.2f, trace %.2f, effective rank %.2f\n", s.Max(), s.Trace(), s.Rank())
	// Output: λ¹ 1.50, trace 2.00, effective rank 1.33
}
