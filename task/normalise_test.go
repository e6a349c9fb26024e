package task

import (
	"math"
	"strings"
	"testing"

	"breakeven/run"
)

// Means and deviations are applied to images of [0,1] and to inputs of one's own, those for the
// test as well, and are part of the identity.
func TestNormalise(t *testing.T) {
	arrays := map[string]any{"x": rows, "y": []int32{0, 1, 1, 0}, "x_test": rows, "y_test": []int32{0, 1, 1, 0}}
	plain := own(write(t, arrays), "mlp", "cross-entropy", nil)
	pixels := run.Default()
	pixels.Preprocess = "unit"
	images := pixels
	images.Preprocess, images.More = "channel", map[string]string{"mean": "[0.5]", "std": "[0.25]"}
	features := plain
	features.More = map[string]string{"mean": "[1, 0, -2]", "std": "[1, 2, 0.5]"}
	for name, c := range map[string]struct {
		plain, spec run.Spec
		mean, std   []float64
	}{
		"images":   {pixels, images, []float64{0.5}, []float64{0.25}},
		"features": {plain, features, []float64{1, 0, -2}, []float64{1, 2, 0.5}},
	} {
		before, err := Open(c.plain, "")
		if err != nil {
			t.Fatal(err)
		}
		after, err := Open(c.spec, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range [][2]Examples{{before.Train, after.Train}, {before.Test, after.Test}} {
			a, err1 := of[0].Read([]int{2, 1}, never)
			b, err2 := of[1].Read([]int{2, 1}, never)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			for i, x := range a.In[0].F {
				k := i % len(c.mean)
				if want := (float64(x) - c.mean[k]) / c.std[k]; math.Abs(float64(b.In[0].F[i])-want) > 1e-6 {
					t.Fatalf("%s: input %d is %v, want %v", name, i, b.In[0].F[i], want)
				}
			}
		}
		if c.plain.ID() == c.spec.ID() {
			t.Errorf("%s: the same identity", name)
		}
	}
}

func TestNormaliseErrors(t *testing.T) {
	file := write(t, map[string]any{"x": rows, "y": []int32{0, 1, 1, 0}})
	tokens := write(t, map[string]any{"tokens": rows, "y": []int32{0, 1, 1, 0}})
	for _, c := range []struct {
		data, preprocess, model, mean, std, say string
	}{
		{"fashion-mnist-sample", "channel", "tiny", "[0.5, 0.5]", "[1, 1]", "2 means and 2 deviations for the 1 channels"},
		{"fashion-mnist-sample", "channel", "tiny", "[0.5]", "", "mean: is of length 1, and std of length 0"},
		{"fashion-mnist-sample", "channel", "tiny", "", "[0.5]", "std: is of length 1, and mean of length 0"},
		{"fashion-mnist-sample", "channel", "tiny", "[0.5]", "[0]", "std: must be finite numbers"},
		{"fashion-mnist-sample", "channel", "tiny", "[NaN]", "[1]", "mean: must be finite numbers"},
		{"fashion-mnist-sample", "channel", "tiny", "[+Inf]", "[1]", "mean: must be finite numbers"},
		{"fashion-mnist-sample", "channel", "tiny", "[0.5]", "half", "std: want a list of numbers"},
		{"fashion-mnist-sample", "paper", "tiny", "[0.5]", "[1]", "belongs to preprocess channel, not to paper"},
		{file, "paper", "mlp", "[0.5]", "[1]", "1 means and deviations for inputs of 3"},
		{tokens, "paper", "lstm", "[0.5]", "[1]", "tokens, which have no mean"},
	} {
		s := own(c.data, c.model, "cross-entropy", map[string]string{})
		s.Preprocess = c.preprocess
		for name, text := range map[string]string{"mean": c.mean, "std": c.std} {
			if text != "" {
				s.More[name] = text
			}
		}
		if _, err := Open(s, ""); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("mean %s, std %s: %v, want %q", c.mean, c.std, err, c.say)
		}
	}
}
