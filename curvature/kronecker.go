package curvature

import (
	"breakeven/nn"
	"breakeven/tensor"
)

// over sets dst to v times rest and, in each block, to what apply makes of the block's matrix
// w; other is scratch of the same size.
func over(blocks []nn.Block, dst, v []float32, rest float32, work [2][]float32, apply func(k int, w, other []float32)) {
	if rest == 1 {
		copy(dst, v)
	}
	for k, b := range blocks {
		n := b.Out * b.Inputs
		takeMatrix(work[0][:n], v, b)
		apply(k, work[0][:n], work[1][:n])
		putMatrix(dst, work[0][:n], b)
	}
	if rest != 1 {
		scaleRest(blocks, dst, v, rest)
	}
}

// takeMatrix copies the matrix of a block, with its bias, from a flat vector.
func takeMatrix(dst, v []float32, b nn.Block) {
	for o, columns := 0, b.Columns(); o < b.Out; o++ {
		row := dst[o*b.Inputs : (o+1)*b.Inputs]
		copy(row, v[b.Weight+o*columns:][:columns])
		if b.Bias >= 0 {
			row[columns] = v[b.Bias+o]
		}
	}
}

// putMatrix is the inverse of takeMatrix.
func putMatrix(v, src []float32, b nn.Block) {
	for o, columns := 0, b.Columns(); o < b.Out; o++ {
		row := src[o*b.Inputs : (o+1)*b.Inputs]
		copy(v[b.Weight+o*columns:][:columns], row)
		if b.Bias >= 0 {
			v[b.Bias+o] = row[columns]
		}
	}
}

// scaleRest sets what belongs to no block.
func scaleRest(blocks []nn.Block, dst, v []float32, rest float32) {
	taken := make([]bool, len(v))
	mark := func(at, n int) {
		for i := range n {
			taken[at+i] = true
		}
	}
	for _, b := range blocks {
		mark(b.Weight, b.Out*b.Columns())
		if b.Bias >= 0 {
			mark(b.Bias, b.Out)
		}
	}
	for i, x := range v {
		if !taken[i] {
			dst[i] = rest * x
		}
	}
}

// rotate sets out to left·w·right for a block, with other as scratch of the same size; either
// side may be transposed.
func rotate(out, w, other []float32, left, right tensor.Matrix, b nn.Block) {
	tensor.Product{M: b.Out, K: b.Inputs, N: b.Inputs}.Mul(other, b.Inputs, tensor.Rows(w, b.Inputs), right, false)
	tensor.Product{M: b.Out, K: b.Out, N: b.Inputs}.Mul(out, b.Inputs, left, tensor.Rows(other, b.Inputs), false)
}
