package plot_test

import (
	"bytes"
	"fmt"

	"breakeven/internal/plot"
)

func ExampleCurves() {
	p := plot.Curves{
		Title: "Variance of the gradient",
		X:     "epoch", Y: "λ_K¹",
		Series: []plot.Series{
			{Name: "learning rate 0.1", X: []float64{0, 1, 2, 3}, Y: []float64{0.2, 0.8, 0.7, 0.5}},
			{Name: "learning rate 0.01", X: []float64{0, 1, 2, 3}, Y: []float64{0.2, 1.1, 2.4, 2.9}},
		},
		Marks: []plot.Mark{{At: 1.1, Name: "break-even", Colour: 1}},
	}
	svg, err := p.SVG(640, 400)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bytes.Contains(svg, []byte("break-even")))
	// Output: true
}
