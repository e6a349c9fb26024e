//go:build (!amd64 && !arm64) || noasm

package kernel

func supported() []level { return []level{generic} }

func maxOffsets(off []int32, stride, rows, taps int) int {
	return maxOffsetsGeneric(off, stride, rows, taps)
}

func gather(c []float32, ldc, rows, cols int, a []float32, off []int32, taps, depth int, b []float32, ldb int, acc bool) {
	gatherGeneric(c, ldc, rows, cols, a, off, MR(), taps, depth, b, ldb, acc)
}

func outer(c []float32, ldc, rows, cols int, a []float32, off []int32, b []float32, ldb int, acc bool) {
	outerGeneric(c, ldc, rows, cols, a, off, b, ldb, acc)
}

func relu(dst, x []float32)                             { reluGeneric(dst, x) }
func mask(dst, y, g []float32)                          { maskGeneric(dst, y, g) }
func add(dst, x []float32)                              { addGeneric(dst, x) }
func axpy(dst []float32, a float32, x []float32)        { axpyGeneric(dst, a, x) }
func scale(dst []float32, a float32)                    { scaleGeneric(dst, a) }
func mul(dst, x, y []float32)                           { mulGeneric(dst, x, y) }
func mulAdd(dst, x, y []float32)                        { mulAddGeneric(dst, x, y) }
func dotBlocks(s *[lanes]float64, x, y []float32)       { dotBlocksGeneric(s, x, y) }
func addRow(dst []float32, rows, cols int, b []float32) { addRowGeneric(dst, rows, cols, b) }

func colSum(dst []float64, x []float32, rows, cols int) { colSumGeneric(dst, x, rows, cols, 0) }

func exp(dst, x []float32)     { expGeneric(dst, x) }
func elu(dst, x []float32)     { eluGeneric(dst, x) }
func tanh(dst, x []float32)    { tanhGeneric(dst, x) }
func erf(dst, x []float32)     { erfGeneric(dst, x) }
func sigmoid(dst, x []float32) { sigmoidGeneric(dst, x) }
