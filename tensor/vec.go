package tensor

import "breakeven/tensor/internal/kernel"

// ISA names the instruction set that the kernels use on this processor:
// "avx512", "avx2" or "generic".
func ISA() string { return kernel.ISA() }

// ISAError returns an error if the environment variable BREAKEVEN_ISA names an
// instruction set that is unknown or that this processor or build lacks. The
// best one that there is, is then in use.
func ISAError() error { return kernel.Err() }

// Dot returns Σ x[i]·y[i], products and sum in float64.
func Dot(x, y []float32) float64 { return kernel.Dot(x, y) }

// Norm returns the Euclidean norm of x.
func Norm(x []float32) float64 { return sqrt(kernel.Dot(x, x)) }

// Add is dst[i] += x[i].
func Add(dst, x []float32) { kernel.Add(dst, x) }

// Axpy is dst[i] += a·x[i].
func Axpy(dst []float32, a float32, x []float32) { kernel.Axpy(dst, a, x) }

// Scale is dst[i] *= a.
func Scale(dst []float32, a float32) { kernel.Scale(dst, a) }

// Mul is dst[i] = x[i]·y[i]; it works in place.
func Mul(dst, x, y []float32) { kernel.Mul(dst, x, y) }

// MulAdd is dst[i] += x[i]·y[i].
func MulAdd(dst, x, y []float32) { kernel.MulAdd(dst, x, y) }

// ReLU is dst[i] = max(x[i], 0), where NaN stays NaN; it works in place.
func ReLU(dst, x []float32) { kernel.ReLU(dst, x) }

// Mask is dst[i] = g[i] if y[i] > 0, else 0; it works in place.
func Mask(dst, y, g []float32) { kernel.Mask(dst, y, g) }

// AddRow adds the row b to each row of dst: dst[r·cols+j] += b[j].
func AddRow(dst []float32, rows, cols int, b []float32) { kernel.AddRow(dst, rows, cols, b) }

// ColSum adds the column sums of x to dst: dst[j] += Σ_r x[r·cols+j], in
// float64. Narrow matrices are summed several rows at a time.
func ColSum(dst []float64, x []float32, rows, cols int) {
	if n := wideRows(rows, cols); n > 0 {
		var sum [wide]float64
		kernel.ColSum(sum[:], x[:n*wide], n, wide)
		fold(dst, &sum)
		x, rows = x[n*wide:], rows-n*wide/cols
	}
	kernel.ColSum(dst, x, rows, cols)
}

// ColDot adds the column sums of x∘y to dst: dst[j] += Σ_r x[r·cols+j]·y[r·cols+j],
// in float64. Narrow matrices are summed several rows at a time.
func ColDot(dst []float64, x, y []float32, rows, cols int) {
	if n := wideRows(rows, cols); n > 0 {
		var sum [wide]float64
		kernel.ColDot(sum[:], x[:n*wide], y[:n*wide], n, wide)
		fold(dst, &sum)
		x, y, rows = x[n*wide:], y[n*wide:], rows-n*wide/cols
	}
	kernel.ColDot(dst, x, y, rows, cols)
}

// wide is the number of columns that the column kernels take at a time.
const wide = 32

// wideRows returns how many rows of wide numbers a narrow rows×cols matrix
// makes up, or 0 if its columns do not divide wide.
func wideRows(rows, cols int) int {
	if cols < 1 || cols >= wide || wide%cols != 0 {
		return 0
	}
	return rows * cols / wide
}

// fold adds sums over wide rows to the columns that they belong to.
func fold(dst []float64, sum *[wide]float64) {
	for j, v := range sum {
		dst[j%len(dst)] += v
	}
}

// Max4 is dst[i] = the largest of a[i], b[i], c[i], d[i], and idx[i] = which of
// the four (0…3) it was; the first of equal values, and NaN, win.
func Max4(dst []float32, idx []uint8, a, b, c, d []float32) { kernel.Max4(dst, idx, a, b, c, d) }
