//go:build amd64 && !noasm

package kernel

// vectorized returns how many of the channels the assembly does.
func vectorized(channels int) int {
	switch active {
	case avx512:
		return channels &^ 15
	case avx2:
		return channels &^ 7
	}
	return 0
}

func maxWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	cols := vectorized(channels)
	switch windows := len(y) / channels; {
	case cols == 0:
	case active == avx512:
		maxWindowsAVX512(&y[0], &idx[0], &x[0], row, step, channels, cols, windows)
	default:
		maxWindowsAVX2(&y[0], &idx[0], &x[0], row, step, channels, cols, windows)
	}
	if cols < channels {
		maxWindowsGeneric(y, idx, x, row, step, channels, cols)
	}
}

func pickWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	cols := vectorized(channels)
	switch windows := len(y) / channels; {
	case cols == 0:
	case active == avx512:
		pickWindowsAVX512(&y[0], &idx[0], &x[0], row, step, channels, cols, windows)
	default:
		pickWindowsAVX2(&y[0], &idx[0], &x[0], row, step, channels, cols, windows)
	}
	if cols < channels {
		pickWindowsGeneric(y, idx, x, row, step, channels, cols)
	}
}

func spreadWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	cols := vectorized(channels)
	switch windows := len(y) / channels; {
	case cols == 0:
	case active == avx512:
		spreadWindowsAVX512(&y[0], &idx[0], &x[0], row, step, channels, cols, windows)
	default:
		spreadWindowsAVX2(&y[0], &idx[0], &x[0], row, step, channels, cols, windows)
	}
	if cols < channels {
		spreadWindowsGeneric(y, idx, x, row, step, channels, cols)
	}
}
