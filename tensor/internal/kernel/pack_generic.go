package kernel

// packGeneric is the twin of Pack.
func packGeneric(dst []float32, width int, src []float32, row, col, rows, cols int) {
	for r := range rows {
		d := dst[r*width : (r+1)*width]
		clear(d[cols:])
		if col == 1 {
			copy(d[:cols], src[r*row:])
			continue
		}
		for j := range cols {
			d[j] = src[r*row+j*col]
		}
	}
}

// transposeGeneric is the twin of Transpose. It reads the source in whole
// cache lines.
func transposeGeneric(dst []float32, to int, src []float32, from, rows, cols int) {
	const block = 16
	for first := 0; first < cols; first += block {
		last := min(first+block, cols)
		for i := range rows {
			for j, v := range src[i*from+first : i*from+last] {
				dst[(first+j)*to+i] = v
			}
		}
	}
}

// packTransposed is Pack for contiguous columns.
func packTransposed(dst []float32, width int, src []float32, col, rows, cols int) {
	transpose(dst, width, src, col, cols, rows)
	if cols < width {
		for r := range rows {
			clear(dst[r*width+cols : (r+1)*width])
		}
	}
}
