package kernel

// maxWindowsGeneric is the twin of MaxWindows for the channels that begin with first.
func maxWindowsGeneric(y []float32, idx []uint8, x []float32, row, step, channels, first int) {
	for w := range len(y) / channels {
		for j := first; j < channels; j++ {
			o, p := w*channels+j, w*step+j
			m, k := x[p], uint8(0)
			if v := x[p+channels]; beats(v, m) {
				m, k = v, 1
			}
			if v := x[p+row]; beats(v, m) {
				m, k = v, 2
			}
			if v := x[p+row+channels]; beats(v, m) {
				m, k = v, 3
			}
			y[o], idx[o] = m, k
		}
	}
}

// beats reports whether v replaces the maximum m: it is greater, or the first
// NaN.
func beats(v, m float32) bool { return !(v <= m) && m == m }

// pickWindowsGeneric is the twin of PickWindows for the channels that begin with first.
func pickWindowsGeneric(y []float32, idx []uint8, x []float32, row, step, channels, first int) {
	at := [4]int{0, channels, row, row + channels}
	for w := range len(y) / channels {
		for j := first; j < channels; j++ {
			o := w*channels + j
			y[o] = x[w*step+j+at[idx[o]&3]]
		}
	}
}

// spreadWindowsGeneric is the twin of SpreadWindows for the channels that begin with
// first.
func spreadWindowsGeneric(y []float32, idx []uint8, x []float32, row, step, channels, first int) {
	at := [4]int{0, channels, row, row + channels}
	for w := range len(y) / channels {
		for j := first; j < channels; j++ {
			o, p := w*channels+j, w*step+j
			for _, d := range at {
				x[p+d] = 0
			}
			x[p+at[idx[o]&3]] = y[o]
		}
	}
}
