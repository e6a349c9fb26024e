package filter

import "math"

// multiply computes dst = a b.
func multiply(dst, a, b *Matrix) {
	for i := range Dim {
		var row Vector
		for k := range Dim {
			v := a[i][k]
			for j := range Dim {
				row[j] += v * b[k][j]
			}
		}
		dst[i] = row
	}
}

// multiplyT computes dst = a bᵀ.
func multiplyT(dst, a, b *Matrix) {
	for i := range Dim {
		var row Vector
		for j := range Dim {
			for k := range Dim {
				row[j] += a[i][k] * b[j][k]
			}
		}
		dst[i] = row
	}
}

// congruence computes dst = a p aᵀ, exactly symmetric.
func congruence(dst, a, p *Matrix) {
	var ap Matrix
	multiply(&ap, a, p)
	multiplyT(dst, &ap, a)
	for i := range Dim {
		for j := range i {
			m := (dst[i][j] + dst[j][i]) / 2
			dst[i][j], dst[j][i] = m, m
		}
	}
}

// divide computes dst = a s⁻¹ for a positive definite s. The result is not a number if s is not
// positive definite.
//
// The units of a state are far apart, so that s is scaled to a unit diagonal before its
// Cholesky decomposition.
func divide(dst, a, s *Matrix) {
	var l Matrix
	var scale Vector
	for i := range Dim {
		scale[i] = 1 / math.Sqrt(s[i][i])
	}
	for i := range Dim {
		for j := range i + 1 {
			v := s[i][j] * scale[i] * scale[j]
			for k := range j {
				v -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(v)
			} else {
				l[i][j] = v / l[j][j]
			}
		}
	}
	for r := range Dim {
		var y Vector
		for i := range Dim {
			v := a[r][i] * scale[i]
			for k := range i {
				v -= l[i][k] * y[k]
			}
			y[i] = v / l[i][i]
		}
		for i := Dim - 1; i >= 0; i-- {
			for k := i + 1; k < Dim; k++ {
				y[i] -= l[k][i] * y[k]
			}
			y[i] /= l[i][i]
		}
		for i := range Dim {
			dst[r][i] = y[i] * scale[i]
		}
	}
}
