package spectrum

import "math"

// Power returns the eigenpair of largest magnitude by power iteration, from the first vector of
// s.Start or a random one. It is here for comparison: it finds a dominant negative eigenvalue
// even if the largest is wanted, and if the two largest magnitudes have the ratio ρ < 1 it
// needs about ln(1/Tol)/ln(1/ρ) products, for networks many times as many as [Lanczos].
//
// Of the settings it uses Tol, Noise, Start, MaxProducts and Src. Estimates equal Residuals,
// since it knows no gap.
func Power(a Operator, s *Settings) (*Result, error) {
	k := &krylov{a: a, n: dimension(a)}
	set := s.defaults(k.n)
	if len(set.Start) == 0 || !k.offer(append([]float32(nil), set.Start[0]...)) {
		k.fresh(random(set.Src, "power"))
	}
	v, w := k.z[0], k.vector()
	r := new(Result)
	for {
		if err := a.MulVecTo(w, v); err != nil {
			return nil, err
		}
		r.Products++
		size, lambda := norm(w), dot(v, w)
		if !finite(size, lambda) {
			return nil, ErrNotFinite
		}
		res := residual(w, lambda, v)
		r.Converged = res <= set.Tol*math.Abs(lambda)
		if r.Converged || r.Products >= set.MaxProducts || size <= tiny {
			r.Values, r.Vectors = []float64{lambda}, [][]float32{v}
			r.Residuals = []float64{res + max(set.Noise*math.Abs(lambda), tiny)}
			r.Estimates, r.Above = r.Residuals, math.Inf(1)
			if set.Verify {
				return r.measure(a)
			}
			return r, nil
		}
		scale(w, 1/size)
		v, w = w, v
	}
}
