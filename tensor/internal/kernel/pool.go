package kernel

import "fmt"

// MaxWindows is the maximum of four pixels, for each channel, and its place, for a row
// of 2×2 windows:
//
//	for w := range len(y) / channels {
//		for j := range channels {
//			o, p := w*channels+j, w*step+j
//			m, k := x[p], 0
//			for l, v := range {x[p+channels], x[p+row], x[p+row+channels]} {
//				if v > m || v is NaN and m is not {
//					m, k = v, l+1
//				}
//			}
//			y[o], idx[o] = m, k
//		}
//	}
//
// The first maximum wins, and the first NaN wins over every number.
func MaxWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	if checkWindows("MaxWindows", y, idx, x, row, step, channels) {
		maxWindows(y, idx, x, row, step, channels)
	}
}

// PickWindows is the pixel at the place that MaxWindows found:
//
//	for w := range len(y) / channels {
//		for j := range channels {
//			o, p := w*channels+j, w*step+j
//			y[o] = {x[p], x[p+channels], x[p+row], x[p+row+channels]}[idx[o]]
//		}
//	}
func PickWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	if checkWindows("PickWindows", y, idx, x, row, step, channels) {
		pickWindows(y, idx, x, row, step, channels)
	}
}

// SpreadWindows is the transpose of PickWindows for windows that do not overlap: it sets
// the pixel at the place to y and the other three of the window to zero.
func SpreadWindows(x []float32, idx []uint8, y []float32, row, step, channels int) {
	if checkWindows("SpreadWindows", y, idx, x, row, step, channels) {
		spreadWindows(y, idx, x, row, step, channels)
	}
}

// checkWindows panics unless the windows are in x, and reports whether there
// are any.
func checkWindows(name string, y []float32, idx []uint8, x []float32, row, step, channels int) bool {
	checkLen(name, len(y), len(idx))
	if channels < 1 || row < 0 || step < 0 || len(y)%channels != 0 {
		panic(fmt.Sprintf("kernel: %s: windows of %d channels, %d apart, in %d values", name, channels, step, len(y)))
	}
	windows := len(y) / channels
	if windows == 0 {
		return false
	}
	if last := (windows-1)*step + row + 2*channels; len(x) < last {
		panic(fmt.Sprintf("kernel: %s: windows up to %d in %d values", name, last, len(x)))
	}
	return true
}
