package spectrum

import (
	"math"
	"slices"
)

const (
	// roughTol is the tolerance for Settings.Rough: its eigenvectors are further
	// than that from those of the operator itself.
	roughTol = 0.2
	// agrees is the cosine from which on a start vector stands for a rough one:
	// as near to it as that is to the vector looked for.
	agrees = 0.9
	// rival is the part of the last wanted eigenvalue of Rough from which on the
	// next one may be the larger of the two in truth.
	rival = 0.7
)

// approximate finds the wanted pairs of Settings.Rough, and the one that would
// be next at the upper end, from a random vector. The vectors that it works with
// serve l again.
func (l *lanczos) approximate() (err error) {
	s := l.set
	s.Rough, s.Start, s.Verify = nil, nil, false
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

// chosen returns the vectors found of Settings.Rough, the next one where it is
// a rival, and for each the vector of Start that agrees with it best, if any
// does.
func (l *lanczos) chosen() [][]float32 {
	var vectors [][]float32
	n := l.set.Largest
	for i, v := range l.rough.Vectors {
		if i == n && n > 0 && l.rough.Values[n] < rival*l.rough.Values[n-1] {
			continue
		}
		best := agrees
		for _, w := range l.set.Start {
			if c := math.Abs(dot(v, w)) / norm(w); c >= best { // not so for zero and NaN
				best, v = c, w
			}
		}
		vectors = append(vectors, v)
	}
	return vectors
}
