//go:build amd64 && !noasm

package kernel

// A windowKernel is an assembly of one of the functions below, for the first cols of the channels.
type windowKernel func(y *float32, idx *uint8, x *float32, row, step, channels, cols, windows int)

// overWindows runs what the instruction set has: 16 channels at a time, then 8. It returns how many it did.
func overWindows(y []float32, idx []uint8, x []float32, row, step, channels int, by16, by8 windowKernel) (done int) {
	windows := len(y) / channels
	if active == avx512 {
		if done = channels &^ 15; done > 0 {
			by16(&y[0], &idx[0], &x[0], row, step, channels, done, windows)
		}
	}
	if active != avx512 && active != avx2 {
		return done
	}
	if cols := (channels - done) &^ 7; cols > 0 {
		by8(&y[done], &idx[done], &x[done], row, step, channels, cols, windows)
		done += cols
	}
	return done
}

func maxWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	if done := overWindows(y, idx, x, row, step, channels, maxWindowsAVX512, maxWindowsAVX2); done < channels {
		maxWindowsGeneric(y, idx, x, row, step, channels, done)
	}
}

func pickWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	if done := overWindows(y, idx, x, row, step, channels, pickWindowsAVX512, pickWindowsAVX2); done < channels {
		pickWindowsGeneric(y, idx, x, row, step, channels, done)
	}
}

func spreadWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	if done := overWindows(y, idx, x, row, step, channels, spreadWindowsAVX512, spreadWindowsAVX2); done < channels {
		spreadWindowsGeneric(y, idx, x, row, step, channels, done)
	}
}
