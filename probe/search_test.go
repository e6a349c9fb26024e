package probe

import (
	"math"
	"strings"
	"testing"

	"breakeven/curvature"
)

// With enough chunks the search begins on some of the examples and finds the same; an
// eigenvector that is still close is used.
func TestHessianBeginsOnSome(t *testing.T) {
	s := network(false)
	whole := measure(t, s, "h", "ggn")
	set := s.Problem.Set()
	s.Problem = curvature.New(s.Net, set, curvature.Settings{Chunk: 3})
	s.Problem.At(s.Theta)
	s.Warm, s.Tol = nil, 1e-3
	begun := measure(t, s, "h", "ggn")
	again := measure(t, s, "h")["h_max"]
	for _, key := range []string{"h_max", "ggn_max"} {
		v, w := begun[key], whole[key]
		if math.Abs(v.Value-w.Value) > v.Error+w.Error || v.Error > 1e-3*v.Value+1e-5 {
			t.Errorf("%s: %g ± %g, from a random vector %g ± %g", key, v.Value, v.Error, w.Value, w.Error)
		}
		if !strings.Contains(v.How.Note, "3 of the examples") || strings.Contains(w.How.Note, "of the examples") {
			t.Errorf("%s: %q and %q", key, v.How.Note, w.How.Note)
		}
		if !strings.Contains(w.How.Note, "no eigenvalue is above") || v.How.Examples != set.Len() {
			t.Errorf("%s: %q, %d examples", key, w.How.Note, v.How.Examples)
		}
	}
	if again.How.Products > begun["h_max"].How.Products {
		t.Errorf("%d products, after %d", again.How.Products, begun["h_max"].How.Products)
	}
}
