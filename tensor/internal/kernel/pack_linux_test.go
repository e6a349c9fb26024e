package kernel

import (
	"runtime/debug"
	"testing"
)

// TestPackBounds packs from and to slices that end at an inaccessible page.
func TestPackBounds(t *testing.T) {
	forEach(t, func(t *testing.T) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		for _, width := range []int{NR(), NR() / 2} {
			for cols := 1; cols <= width; cols++ {
				for rows := 1; rows <= 9; rows += 4 {
					dst, stride := edge(t, rows*width), 9+cols
					Pack(dst, width, edge(t, (rows-1)*stride+cols), stride, 1, rows, cols)
					Pack(dst, width, edge(t, (cols-1)*stride+rows), 1, stride, rows, cols)
				}
			}
		}
	})
}
