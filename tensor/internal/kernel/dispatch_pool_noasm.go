//go:build (!amd64 && !arm64) || noasm

package kernel

func maxWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	maxWindowsGeneric(y, idx, x, row, step, channels, 0)
}

func pickWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	pickWindowsGeneric(y, idx, x, row, step, channels, 0)
}

func spreadWindows(y []float32, idx []uint8, x []float32, row, step, channels int) {
	spreadWindowsGeneric(y, idx, x, row, step, channels, 0)
}
