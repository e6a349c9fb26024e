package spectrum

import (
	"math"
	"slices"
)

const (
	// roughTol is the tolerance for Settings.Rough: its eigenvectors differ by more than
	// that from those of the operator itself.
	roughTol = 0.2
	// agrees is the cosine at which a start vector replaces a rough one: it is then as near
	// to the rough vector as that is to the wanted one.
	agrees = 0.9
	// rival is the ratio of the next eigenvalue of Rough to the last wanted one at which
	// the next may be the larger one in truth.
	rival = 0.7
)

// approximate finds the wanted pairs of Settings.Rough, and the next one at the upper end, from
// a random vector. The vectors of its search are used again by l.
func (l *lanczos) approximate() (err error) {
	s := l.set
	s.Rough, s.Start, s.Verify, s.Explore = nil, nil, false, -1
	s.Tol = max(s.Tol, roughTol)
	if s.Largest > 0 {
		s.Largest++
	}
	rough := newLanczos(l.set.Rough, &s)
	l.rough, err = rough.search()
	if err == nil {
		l.spare = slices.Concat(rough.v[min(len(l.rough.Vectors), len(rough.v)):], rough.z, rough.spare)
	}
	return err
}

// chosen returns the vectors found of Settings.Rough, including the next one if it is a rival,
// and for each the vector of Start that agrees with it best, if one does.
func (l *lanczos) chosen() [][]float32 {
	var vectors [][]float32
	n := l.set.Largest
	for i, v := range l.rough.Vectors {
		if i == n && n > 0 && l.rough.Values[n] < rival*l.rough.Values[n-1] {
			continue
		}
		best := agrees
		for _, w := range l.set.Start {
			if c := math.Abs(dot(v, w)) / norm(w); c >= best { // false for zero and NaN
				best, v = c, w
			}
		}
		vectors = append(vectors, v)
	}
	return vectors
}
