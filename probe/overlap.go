package probe

import (
	"math"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

var overlapProbe = Probe{
	Name: "overlap", Doc: "part of the gradient in the space of the five top eigenvectors of the Hessian",
	Keys:      named("h_overlap"),
	With:      "h",
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost: func(s Sizes) float64 {
		if s.eigenvectors {
			return 1 + s.minibatches(1)
		}
		return 100 + s.minibatches(4)
	},
	Memory: func(net *nn.Network, s Sizes) Need {
		need := Need{Part: "part of the gradient", Work: 4 * int64(net.Dim())}
		if !s.eigenvectors {
			need = searching(net, s, 5, 0)
		}
		return need
	},
	Measure: overlap,
}

// overlap computes ‖P₅g‖²/‖g‖² for the gradient g of the measurement set and the projection P₅
// on the five top eigenvectors of H (Gur-Ari et al. 2018).
func overlap(s *Subject) ([]run.Value, error) {
	g := s.Problem.Gradient()
	all := tensor.Dot(g, g)
	if !(all > 0) || math.IsInf(all, 0) {
		s.omit("the gradient of the measurement set is 0", "h_overlap")
		return nil, nil
	}
	k := min(5, len(s.Theta))
	if s.eigen == nil || len(s.eigen.Vectors) < k {
		if _, err := s.extremes(k, 0); err != nil {
			return nil, err
		}
	}
	v := run.Value{Key: "h_overlap", How: run.How{Examples: s.Problem.Set().Len(), Tolerance: s.Tol, Seed: s.Seed, Products: s.eigen.Products,
		Error: propagated, Method: "projections on the eigenvectors that were found"}}
	along := make([]float32, len(g)) // 2(P₅g − v·g)/‖g‖²: the gradient of the overlap in g
	for _, e := range s.eigen.Vectors[:k] {
		dot := tensor.Dot(g, e)
		v.Vector = append(v.Vector, dot*dot/all)
		v.Value += dot * dot / all
		tensor.Axpy(along, float32(dot), e)
	}
	// The space is turned by an angle, to first order only towards what of g is outside.
	v.Error = 2 * math.Sqrt(max(0, v.Value*(1-v.Value))) * s.eigen.turned(k)
	tensor.Axpy(along, -float32(v.Value), g)
	tensor.Scale(along, float32(2/all))
	a, err := s.slopes(along)
	return []run.Value{a.sampled(known(v), ofSlopes)}, err
}

// turned bounds the angle between the space of the first k vectors and that of the k top eigenvectors:
// of each vector by its residual over the distance to the eigenvalue below the space. That is as far
// from the last value as the nearest one that was seen.
func (f *found) turned(k int) float64 {
	below, sum := f.gap(k-1), 0.0
	for i := range k {
		a := min(1, f.err(i)/(f.Values[i]-f.Values[k-1]+below))
		sum += a * a
	}
	return min(1, math.Sqrt(sum))
}
