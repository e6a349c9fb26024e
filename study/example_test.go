package study_test

import (
	"fmt"

	"breakeven/run"
	"breakeven/study"
)

// A run of three measurements, drawn along its epochs with the errors as a band.
func ExampleDraw() {
	r := study.Run{Name: "η = 0.1", Spec: run.Default(), Status: run.Finished}
	for i, lambda := range []float64{4, 25, 12} {
		r.Records = append(r.Records, run.Record{Step: 100 * i, Epoch: float64(i), Values: []run.Value{{Key: "h_max", Value: lambda, Error: 0.5}}})
	}
	headings := []study.Heading{{Title: "Curvature", Panels: []study.Panel{{
		Keys: []string{"h_max"}, Title: "Sharpness", Caption: "It rises, and falls off.",
		LevelOf: func(s run.Spec) float64 { return 2 / s.LR }, Mark: "2/η",
	}}}}
	figure := study.Draw(headings, study.Trajectories([]study.Run{r}, func(int) []study.Mark { return nil }))[0].Figures[0]
	fmt.Println(figure.Title, "over", figure.X, "in", figure.Y)
	fmt.Println(figure.Curves[0].X, figure.Curves[0].Y, figure.Curves[0].Lo)
	fmt.Println(figure.Marks[0].Name, figure.Marks[0].At)
	// Output:
	// Sharpness over epoch in λ_H¹ (nat)
	// [0 1 2] [4 25 12] [3.5 24.5 11.5]
	// 2/η 20
}
