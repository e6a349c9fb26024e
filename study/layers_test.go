package study

import (
	"math"
	"testing"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// The table of layers is that of the last record that has some; what is not known is an empty cell.
func TestLayers(t *testing.T) {
	if _, ok := Layers([]run.Record{{Values: []run.Value{{Key: "h_top5", Vector: []float64{1, 2}}}}}); ok {
		t.Error("layers of a vector without names")
	}
	names := []string{"conv", "fc"}
	of := func(step int, x float64) run.Record {
		return run.Record{Step: step, Values: []run.Value{{Key: "loss", Value: 1},
			{Key: "layer_h_max", Names: names, Vector: []float64{x, 0.5}, Errors: []float64{0.3, 0}, Samples: []float64{0.4, 0}},
			{Key: "layer_noise_scale", Names: names, Vector: []float64{math.NaN(), 7}}}}
	}
	got, ok := Layers([]run.Record{of(1, 2), of(5, 3), {Step: 6}})
	want := Table{Title: "Layers at step 5", Head: []string{"layer", "layer_h_max", "layer_noise_scale"},
		Rows: [][]string{{"conv", "3 ± 0.5", Empty}, {"fc", "0.5", "7"}}}
	if d := cmp.Diff(want, got); !ok || d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
