//go:build arm64 && !noasm

package kernel

// wholeChannels returns how many channels the assembly does.
func wholeChannels(channels int) int {
	if active == generic {
		return 0
	}
	return channels &^ 3
}

func maxWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	done := wholeChannels(channels)
	if done > 0 {
		maxWindowsNEON(&y[0], &idx[0], &x[0], row, step, channels, done, len(y)/channels)
	}
	if done < channels {
		maxWindowsGeneric(y, idx, x, row, step, channels, done)
	}
}

func pickWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	done := wholeChannels(channels)
	if done > 0 {
		pickWindowsNEON(&y[0], &idx[0], &x[0], row, step, channels, done, len(y)/channels)
	}
	if done < channels {
		pickWindowsGeneric(y, idx, x, row, step, channels, done)
	}
}

func spreadWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	done := wholeChannels(channels)
	if done > 0 {
		spreadWindowsNEON(&y[0], &idx[0], &x[0], row, step, channels, done, len(y)/channels)
	}
	if done < channels {
		spreadWindowsGeneric(y, idx, x, row, step, channels, done)
	}
}
