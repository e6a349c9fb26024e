package nn

import "testing"

// Sums of whole numbers are exact; the widths go up to several chunks.
func TestAddColumns(t *testing.T) {
	for _, n := range []int{1, 3, 32, 256, 300, 700} {
		dst, rows := make([]float32, n), make([]float32, 5*n)
		for i := range rows {
			rows[i] = float32(i)
		}
		for j := range dst {
			dst[j] = 1
		}
		addColumns(dst, rows)
		for j, v := range dst {
			if want := float32(1 + 5*j + 10*n); v != want {
				t.Fatalf("%d columns: sum %d is %v, want %v", n, j, v, want)
			}
		}
	}
}
