package probe

import "testing"

// The declared work grows by what a probe has to find itself, by the minibatches that sampling errors
// come from where examples are coupled, and where there are too few examples to begin a search on some.
func TestCosts(t *testing.T) {
	work := func(s Sizes, names ...string) float64 {
		probes, err := Select(names)
		if err != nil {
			t.Fatal(err)
		}
		return Work(probes, s)
	}
	s := Sizes{Examples: 1000, Batch: 100, L: 10, M: 100, Sharp: 5}
	coupled, few := s, s
	coupled.Coupled, few.Examples = true, 100
	for _, c := range []struct{ got, want float64 }{
		{work(s, "stability"), work(s, "h", "stability")},
		{work(s, "noise"), work(s, "k", "noise")},
		{work(s, "overlap"), 100},
		{work(s, "h5", "overlap"), work(s, "h5") + 1},
		{work(coupled, "h"), work(s, "h") + 3*0.5},
		{work(coupled, "loss"), work(s, "loss") + 0.5},
		{work(few, "h"), 25},
		{work(s, "h"), 10},
	} {
		if c.got != c.want {
			t.Errorf("the work is %g, want %g", c.got, c.want)
		}
	}
}
