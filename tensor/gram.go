package tensor

import (
	"fmt"

	"breakeven/tensor/internal/kernel"
)

// Gram adds E·Eᵀ to dst on and below the diagonal, for n rows of k numbers. Products
// are summed in float32 over up to 256 columns, and these sums in float64: the error
// of ⟨x, y⟩ is at most 257·2⁻²⁴·Σ|x·y| to first order. It uses part, n·n numbers, as
// scratch.
func Gram(dst []float64, part []float32, n, k int, e []float32) {
	if len(dst) != n*n || len(part) != n*n || len(e) < n*k {
		panic(fmt.Sprintf("tensor: Gram matrix of %d×%d: %d, %d and %d numbers", n, k, len(dst), len(part), len(e)))
	}
	cut := Product{M: n, N: n, Lower: true}.Cut(Workers())
	Parallel(cut.Tasks(), func(task int) {
		p, rows := cut, Rows(e, k)
		row, end, _, _ := p.Block(task)
		for at := 0; at < k; at += depthBlock {
			p.K = min(depthBlock, k-at)
			rows.Data = e[at : n*k]
			p.Run(task, part, n, rows, rows.T(), false)
			for i := row; i < end; i++ {
				kernel.ColSum(dst[i*n:i*n+i+1], part[i*n:i*n+i+1], 1, i+1)
			}
		}
	})
}
