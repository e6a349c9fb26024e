package kernel

// packGeneric is the twin of Pack, for columns from … to-1 of rows first …
// last-1. It reads the source in whole cache lines.
func packGeneric(dst []float32, width int, src []float32, row, col, first, last, from, to, cols int) {
	const block = 16
	for ; first < last; first += block {
		end := min(first+block, last)
		for j := from; j < to; j++ {
			for r := first; r < end; r++ {
				v := float32(0)
				if j < cols {
					v = src[r*row+j*col]
				}
				dst[r*width+j] = v
			}
		}
	}
}
