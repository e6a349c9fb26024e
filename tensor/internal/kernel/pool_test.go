package kernel

import "testing"

// TestWindows compares the kernels of pool.go with a plain loop over all
// windows of four of the numbers at which comparisons differ.
func TestWindows(t *testing.T) {
	vals := []float32{0, negZero, 1, inf, -inf, nan}
	forEach(t, func(t *testing.T) {
		for _, c := range []int{1, 3, 7, 8, 9, 16, 24, 31, 32, 40, 48, 50} {
			const windows, step, gap = 27, 2, 5 // gap: values between the rows
			row := windows*step*c + gap
			x := make([]float32, 2*row)
			for i := range x {
				x[i] = vals[(i*i/7+i/c)%len(vals)]
			}
			y, idx := make([]float32, windows*c), make([]uint8, windows*c+16)
			for i := range idx {
				idx[i] = 99
			}
			max, intact := guarded(y)
			MaxWindows(max, idx[:len(y)], x, row, step*c, c)
			pick, intactPick := guarded(y)
			PickWindows(pick, idx[:len(y)], x, row, step*c, c)
			spread, intactSpread := guarded(x)
			SpreadWindows(spread, idx[:len(y)], max, row, step*c, c)
			for o, v := range max {
				p := o/c*step*c + o%c
				want, place := x[p], 0
				at := [4]int{p, p + c, p + row, p + row + c}
				for k := 1; k < 4; k++ {
					if u := x[at[k]]; want == want && (u != u || u > want) {
						want, place = u, k
					}
				}
				if int(idx[o]) != place || sameBits([]float32{v}, []float32{want}) >= 0 || sameBits(pick[o:o+1], []float32{want}) >= 0 {
					t.Fatalf("%d channels, number %d: maximum %v and %v at %d, want %v at %d", c, o, v, pick[o], idx[o], want, place)
				}
				for k, i := range at {
					if k != place {
						want = 0
					} else {
						want = v
					}
					if sameBits(spread[i:i+1], []float32{want}) >= 0 {
						t.Fatalf("%d channels, number %d: pixel %d is %v, want %v", c, o, k, spread[i], want)
					}
				}
			}
			if sameBits(spread[row-gap:row], x[row-gap:row]) >= 0 || idx[len(y)] != 99 || !intact() || !intactPick() || !intactSpread() {
				t.Fatalf("%d channels: wrote outside of the windows", c)
			}
		}
	})
}

func TestWindowPanics(t *testing.T) {
	x, y, idx := make([]float32, 16), make([]float32, 4), make([]uint8, 4)
	for name, f := range map[string]func(){
		"index":    func() { MaxWindows(y, idx[:3], x, 8, 4, 2) },
		"row":      func() { PickWindows(y, idx, x, 9, 4, 2) },
		"step":     func() { SpreadWindows(x, idx, y, 8, 5, 2) },
		"channels": func() { MaxWindows(y, idx, x, 8, 4, 3) },
		"none":     func() { MaxWindows(y, idx, x, 8, 4, 0) },
		"negative": func() { MaxWindows(y, idx, x, -1, 4, 2) },
	} {
		wantPanic(t, name, "kernel: ", f)
	}
	MaxWindows(nil, nil, nil, 8, 4, 2)
}
