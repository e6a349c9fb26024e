package jastrzebski2020breakeven_test

import (
	"fmt"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/jastrzebski2020breakeven"
)

// Where SGD becomes unstable along the top eigenvector of H, by Eq. 1.
func ExampleLeftSide() {
	const eta, s2, S, N = 0.1, 10.0, 128, 45000
	for _, h := range []float64{5, 15, 25} {
		fmt.Printf("λ_H¹ %2.0f: %.2f\n", h, jastrzebski2020breakeven.LeftSide(eta, h, s2, S, N))
	}
	fmt.Printf("largest η at λ_H¹ 25: %.4f\n", jastrzebski2020breakeven.LargestRate(25, s2, S, N))
	// Output:
	// λ_H¹  5: 0.25
	// λ_H¹ 15: 0.25
	// λ_H¹ 25: 2.25
	// largest η at λ_H¹ 25: 0.0800
}

// The break-even point of a run, from its records alone.
func ExampleAnalyze() {
	r := study.Run{Spec: run.Default(), Train: 6000}
	for i, left := range []float64{0.8, 0.9, 1.2, 0.7} {
		r.Records = append(r.Records, run.Record{Step: 10 * i, Values: []run.Value{
			{Key: "loss", Value: 2},
			{Key: "stability", Value: left},
			{Key: "h_max", Value: float64(4 + i)},
		}})
	}
	f := jastrzebski2020breakeven.Analyze(r)
	fmt.Printf("between steps %d and %d, λ_H¹ there %.0f\n", f.Reached.Before.Step, f.Reached.At.Step, f.Reached.H.Value)
	// Output:
	// between steps 10 and 20, λ_H¹ there 6
}
