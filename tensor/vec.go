package tensor

import "breakeven/tensor/internal/kernel"

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

// ReLU is dst[i] = max(x[i], 0), and NaN for NaN; it works in place.
func ReLU(dst, x []float32) { kernel.ReLU(dst, x) }

// Mask is dst[i] = g[i] if y[i] > 0, else 0; it works in place.
func Mask(dst, y, g []float32) { kernel.Mask(dst, y, g) }

// Sum is dst[i] = x[i] + y[i].
func Sum(dst, x, y []float32) { kernel.Sum(dst, x, y) }

// SumReLU is Sum, then ReLU in place.
func SumReLU(dst, x, y []float32) { kernel.SumReLU(dst, x, y) }

// Affine1 is dst[i] = k0[i] + k1[i]·x1[i].
func Affine1(dst, k0, k1, x1 []float32) { kernel.Affine1(dst, k0, k1, x1) }

// Affine1ReLU is Affine1, then ReLU in place.
func Affine1ReLU(dst, k0, k1, x1 []float32) { kernel.Affine1ReLU(dst, k0, k1, x1) }

// Affine2 is dst[i] = k0[i] + k1[i]·x1[i] + k2[i]·x2[i].
func Affine2(dst, k0, k1, x1, k2, x2 []float32) { kernel.Affine2(dst, k0, k1, x1, k2, x2) }

// AddAffine2 is dst[i] += k0[i] + k1[i]·x1[i] + k2[i]·x2[i].
func AddAffine2(dst, k0, k1, x1, k2, x2 []float32) { kernel.AddAffine2(dst, k0, k1, x1, k2, x2) }

// AddAffine3 is dst[i] += k0[i] + k1[i]·x1[i] + k2[i]·x2[i] + k3[i]·x3[i].
func AddAffine3(dst, k0, k1, x1, k2, x2, k3, x3 []float32) {
	kernel.AddAffine3(dst, k0, k1, x1, k2, x2, k3, x3)
}

// ELU is dst[i] = x[i] if x[i] > 0, else exp(x[i]) − 1, to 1 ulp; it works in place.
func ELU(dst, x []float32) { kernel.ELU(dst, x) }

// ELUDeriv is the derivative of ELU, given y = ELU(x): dst = 1 if y > 0, else y + 1.
func ELUDeriv(dst, y []float32) { kernel.ELUDeriv(dst, y) }

// ELUDeriv2 is the second derivative of ELU, given y = ELU(x): dst = 0 if y > 0, else
// y + 1, also at 0.
func ELUDeriv2(dst, y []float32) { kernel.ELUDeriv2(dst, y) }

// Tanh is dst[i] = tanh(x[i]), to 2 ulp; it works in place.
func Tanh(dst, x []float32) { kernel.Tanh(dst, x) }

// TanhDeriv is the derivative of tanh, given y = tanh(x): dst = 1 − y², to 1 ulp.
func TanhDeriv(dst, y []float32) { kernel.TanhDeriv(dst, y) }

// TanhDeriv2 is the second derivative of tanh, given y = tanh(x):
// dst = −2y(1 − y²), to 2 ulp.
func TanhDeriv2(dst, y []float32) { kernel.TanhDeriv2(dst, y) }

// Sigmoid is dst[i] = 1/(1 + exp(−x[i])), to 3 ulp; it works in place.
func Sigmoid(dst, x []float32) { kernel.Sigmoid(dst, x) }

// SigmoidDeriv is the derivative of the sigmoid, given y = sigmoid(x):
// dst = y(1 − y), to 2 ulp.
func SigmoidDeriv(dst, y []float32) { kernel.SigmoidDeriv(dst, y) }

// SigmoidDeriv2 is the second derivative of the sigmoid, given y = sigmoid(x):
// dst = y(1 − y)(1 − 2y), to 3 ulp.
func SigmoidDeriv2(dst, y []float32) { kernel.SigmoidDeriv2(dst, y) }

// Exp is dst[i] = exp(x[i]), to 1 ulp; it works in place.
func Exp(dst, x []float32) { kernel.Exp(dst, x) }

// Erf is dst[i] = erf(x[i]), to 2 ulp; it works in place.
func Erf(dst, x []float32) { kernel.Erf(dst, x) }

// ErfDeriv is the derivative of erf, given x: dst = 2/√π·exp(−x²), to 3 ulp.
func ErfDeriv(dst, x []float32) { kernel.ErfDeriv(dst, x) }

// ErfDeriv2 is the second derivative of erf, given x: dst = −4x/√π·exp(−x²), to 4 ulp
// of numbers of at least 2⁻¹²¹.
func ErfDeriv2(dst, x []float32) { kernel.ErfDeriv2(dst, x) }

// Transpose is dst[j·rows+i] = src[i·cols+j] for a rows×cols matrix src.
func Transpose(dst, src []float32, rows, cols int) {
	kernel.Transpose(dst, rows, src, cols, rows, cols)
}

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

// ColMoments adds the column sums of x to sum and those of x∘y to dot:
// dot[j] += Σ_r x[r·cols+j]·y[r·cols+j]. Groups of eight rows are summed in float32,
// of y its difference from an early row, and these sums in float64: errors are at most
// 5e-7 of the sums of magnitudes. Narrow matrices are summed several rows at a time.
func ColMoments(sum, dot []float64, x, y []float32, rows, cols int) {
	if n := wideRows(rows, cols); n > 0 {
		var s, d [wide]float64
		kernel.ColMoments(s[:], d[:], x[:n*wide], y[:n*wide], n, wide)
		fold(sum, &s)
		fold(dot, &d)
		x, y, rows = x[n*wide:], y[n*wide:], rows-n*wide/cols
	}
	kernel.ColMoments(sum, dot, x, y, rows, cols)
}

// ColSquares is ColMoments with y = x.
func ColSquares(sum, dot []float64, x []float32, rows, cols int) {
	if n := wideRows(rows, cols); n > 0 {
		var s, d [wide]float64
		kernel.ColSquares(s[:], d[:], x[:n*wide], n, wide)
		fold(sum, &s)
		fold(dot, &d)
		x, rows = x[n*wide:], rows-n*wide/cols
	}
	kernel.ColSquares(sum, dot, x, rows, cols)
}

// wide is the number of columns that the column kernels take at a time.
const wide = 64

// wideRows returns how many rows of wide numbers a narrow rows×cols matrix makes up, or
// 0 if wide is not a multiple of cols.
func wideRows(rows, cols int) int {
	if cols < 1 || cols >= wide || wide%cols != 0 {
		return 0
	}
	return rows * cols / wide
}

// fold adds sums over wide rows to the columns that they belong to.
func fold(dst []float64, sum *[wide]float64) {
	for lo := 0; lo < wide; lo += len(dst) {
		for j := range dst {
			dst[j] += sum[lo+j]
		}
	}
}

// MaxWindows takes the maxima over a row of 2×2 windows, for each channel: window w
// has the pixels at x[w·step], the next one, and the two below them, row numbers
// later. idx says which of the four (0…3) it was: the first of equal values, and a NaN
// before any number.
func MaxWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	kernel.MaxWindows(y, idx, x, row, step, channels)
}

// PickWindows sets y to the pixels of x at the places that MaxWindows found.
func PickWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	kernel.PickWindows(y, idx, x, row, step, channels)
}

// SpreadWindows is the adjoint of PickWindows for windows that do not overlap: of each
// window it sets the pixel that MaxWindows found to y, and the others to zero.
func SpreadWindows(x []float32, idx []uint8, y []float32, row, step, channels int) {
	kernel.SpreadWindows(x, idx, y, row, step, channels)
}
