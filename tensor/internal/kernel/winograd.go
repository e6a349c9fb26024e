package kernel

import (
	"fmt"
	"math"
)

// The three transforms of Winograd's F(2×2, 3×3) (Winograd 1980; Lavin & Gray
// 2016), by which 2×2 pixels of a 3×3 convolution with stride 1 take 16
// products in place of 36:
//
//	Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A
//
//	Bᵀ = ⎡1  0 −1  0⎤   G = ⎡1  0  0⎤   Aᵀ = ⎡1 1  1  0⎤
//	     ⎢0  1  1  0⎥       ⎢½  ½  ½⎥        ⎣0 1 −1 −1⎦
//	     ⎢0 −1  1  0⎥       ⎢½ −½  ½⎥
//	     ⎣0  1  0 −1⎦       ⎣0  0  1⎦
//
// Transformed tiles lie in sixteen matrices tiles×channels, stride apart. All sets give
// the same bits, since there are only sums in a fixed order.

// WinogradInput sets V = Bᵀ d B for tiles of 4×4 pixels with depth channels:
// v[k·stride + t·depth + c], k = 4i+j, for d[i][j] = x[off[16t+4i+j]+c]. A
// negative offset stands for zeros.
func WinogradInput(v []float32, stride int, x []float32, off []int32, tiles, depth int) {
	if checkWinograd("WinogradInput", len(v), stride, len(x), off, 16, tiles, depth) {
		winogradInput(v, stride, x, off, tiles, depth)
	}
}

// WinogradSpread sets Z = A y Aᵀ, the adjoint of the output transform, for tiles of 2×2
// pixels with depth channels: z[k·stride + t·depth + c] for
// y[i][j] = y[off[4t+2i+j]+c]. The last row and column of Z get the opposite sign, as
// WinogradGradient expects.
func WinogradSpread(z []float32, stride int, y []float32, off []int32, tiles, depth int) {
	if checkWinograd("WinogradSpread", len(z), stride, len(y), off, 4, tiles, depth) {
		winogradSpread(z, stride, y, off, tiles, depth)
	}
}

// An Epilogue is what WinogradOutput does with its sums before it writes them, in
// this order.
type Epilogue struct {
	Bias []float32 // added to each pixel; may be nil
	Acc  bool      // add what y holds
	ReLU bool      // set negative values to zero
	Mask []float32 // laid out as y: zero where this is not positive; may be nil
}

// WinogradOutput sets y[off[4t+2i+j]+c] to Y[i][j] for Y = Aᵀ M A with M in
// m[k·stride + t·cols + c], after the epilogue. Pixels with a negative offset
// are left out.
func WinogradOutput(y []float32, off []int32, m []float32, stride, tiles, cols int, e Epilogue) {
	if e.Bias != nil && len(e.Bias) != cols || e.Mask != nil && len(e.Mask) < len(y) {
		panic(fmt.Sprintf("kernel: WinogradOutput: bias of %d for %d columns, mask of %d for %d values", len(e.Bias), cols, len(e.Mask), len(y)))
	}
	if checkWinograd("WinogradOutput", len(m), stride, len(y), off, 4, tiles, cols) {
		winogradOutput(y, off, m, stride, tiles, cols, e)
	}
}

// floor returns the smallest value that y may have.
func (e Epilogue) floor() float32 {
	if e.ReLU {
		return 0
	}
	return float32(math.Inf(-1))
}

// checkWinograd panics unless the lengths and offsets fit, and reports whether
// there is anything to do.
func checkWinograd(name string, matrices, stride, image int, off []int32, pixels, tiles, depth int) bool {
	if tiles < 0 || depth < 0 || stride < tiles*depth || len(off) < pixels*tiles {
		panic(fmt.Sprintf("kernel: %s: %d tiles of depth %d, stride %d, %d offsets", name, tiles, depth, stride, len(off)))
	}
	if tiles == 0 || depth == 0 {
		return false
	}
	if matrices < 15*stride+tiles*depth {
		panic(fmt.Sprintf("kernel: %s: %d numbers for 16 matrices of %d, stride %d", name, matrices, tiles*depth, stride))
	}
	if m := maxOffsets(off, pixels*tiles, pixels*tiles, 1); m >= 0 && m > image-depth {
		panic(fmt.Sprintf("kernel: %s: offset %d and depth %d pass the end of %d values", name, m, depth, image))
	}
	return true
}
