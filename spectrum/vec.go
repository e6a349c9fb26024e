package spectrum

import (
	"math"
	"math/rand/v2"

	"breakeven/tensor"
)

// block is the number of elements that one task works on. It belongs to the definition of the
// results: sums are taken within blocks first and then over the blocks in order, whatever the
// number of threads.
const block = 1 << 14

// inBlocks calls f for the blocks [lo, hi) of a vector of n elements.
func inBlocks(n int, f func(b, lo, hi int)) {
	tensor.Parallel((n+block-1)/block, func(b int) {
		f(b, b*block, min((b+1)*block, n))
	})
}

// dots returns the inner products of w with each vector of q.
func dots(q [][]float32, w []float32) []float64 {
	parts := make([]float64, (len(w)+block-1)/block*len(q))
	inBlocks(len(w), func(b, lo, hi int) {
		for j, v := range q {
			parts[b*len(q)+j] = tensor.Dot(v[lo:hi], w[lo:hi])
		}
	})
	sum := make([]float64, len(q))
	for i, p := range parts {
		sum[i%len(q)] += p
	}
	return sum
}

func dot(x, y []float32) float64 { return dots([][]float32{x}, y)[0] }

func norm(x []float32) float64 { return math.Sqrt(dot(x, x)) }

// subtract is w -= Σ_j c[j]·q[j], each c[j] rounded to float32.
func subtract(w []float32, c []float64, q [][]float32) {
	inBlocks(len(w), func(_, lo, hi int) {
		for j, v := range q {
			tensor.Axpy(w[lo:hi], float32(-c[j]), v[lo:hi])
		}
	})
}

// scale is w *= a.
func scale(w []float32, a float64) {
	inBlocks(len(w), func(_, lo, hi int) { tensor.Scale(w[lo:hi], float32(a)) })
}

// orthogonalise removes from w its components along the orthonormal vectors q and returns
// them: classical Gram-Schmidt, twice, which is enough (Giraud, Langou, Rozloznik and van den
// Eshof 2005). It also returns the remaining length ‖w‖.
func orthogonalise(w []float32, q [][]float32) (c []float64, left float64) {
	c = make([]float64, len(q))
	for range 2 {
		for j, d := range project(w, q) {
			c[j] += float64(float32(d))
		}
	}
	return c, norm(w)
}

// project is one pass of classical Gram-Schmidt; it returns what it removed.
func project(w []float32, q [][]float32) []float64 {
	if len(q) == 0 {
		return nil
	}
	c := dots(q, w)
	subtract(w, c, q)
	return c
}

// combineTo sets the vectors of dst, which may be those of v, to Σ_j s[k][j]·v[j],
// one for each row of s, summed in float64.
func combineTo(dst, v [][]float32, s [][]float64) {
	const rows = 256
	n := len(v[0])
	workers := tensor.Workers()
	scratch := make([][]float64, workers)
	tensor.ParallelOn(workers, (n+rows-1)/rows, func(b, worker int) {
		if scratch[worker] == nil {
			scratch[worker] = make([]float64, rows*len(s))
		}
		lo, hi := b*rows, min((b+1)*rows, n)
		sums := scratch[worker]
		clear(sums)
		for k, row := range s {
			sum := sums[k*rows:][:hi-lo]
			for j, c := range row {
				for i, x := range v[j][lo:hi] {
					sum[i] += c * float64(x)
				}
			}
		}
		for k := range s {
			for i, x := range sums[k*rows:][:hi-lo] {
				dst[k][lo+i] = float32(x)
			}
		}
	})
}

// gaussian fills w with independent standard normal values.
func gaussian(w []float32, r *rand.Rand) {
	for i := range w {
		w[i] = float32(r.NormFloat64())
	}
}

// rademacher fills w with independent signs.
func rademacher(w []float32, r *rand.Rand) {
	for i := 0; i < len(w); i += 64 {
		bits := r.Uint64()
		for j := i; j < min(i+64, len(w)); j++ {
			w[j] = float32(int(bits&1)*2 - 1)
			bits >>= 1
		}
	}
}

func finite(x ...float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
