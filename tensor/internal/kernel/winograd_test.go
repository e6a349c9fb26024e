package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The matrices of F(2×2, 3×3), by rows.
var (
	winogradB = [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}
	winogradA = [][]float64{{1, 1, 1, 0}, {0, 1, -1, -1}}
	spreadA   = [][]float64{{1, 0}, {1, 1}, {1, -1}, {0, 1}}
)

// both returns l·x·lᵀ for a square x.
func both(l [][]float64, x func(i, j int) float64) [][]float64 {
	out := make([][]float64, len(l))
	for i := range l {
		out[i] = make([]float64, len(l))
		for j := range l {
			for a, u := range l[i] {
				for b, v := range l[j] {
					out[i][j] += u * v * x(a, b)
				}
			}
		}
	}
	return out
}

// places returns offsets for n pixels of depth channels in an image of size
// values, about one in five of them outside.
func places(rnd *rand.Rand, n, size, depth int) []int32 {
	off := make([]int32, n)
	for i := range off {
		if off[i] = -1; rnd.IntN(5) > 0 {
			off[i] = int32(rnd.IntN(size - depth + 1))
		}
	}
	return off
}

// nearSum reports whether two numbers are equal but for the rounding of a few sums.
func nearSum(x float32, y float64) bool { return math.Abs(float64(x)-y) < 1e-5 }

func TestWinogradImages(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for _, depth := range []int{1, 7, 8, 16, 17, 32, 35, 64} {
			const tiles, size = 5, 300
			x, stride := normals(rnd, size), tiles*depth+depth%3
			in, out := places(rnd, 16*tiles, size, depth), places(rnd, 4*tiles, size, depth)
			at := func(off []int32, p, c int) float64 {
				if off[p] < 0 {
					return 0
				}
				return float64(x[int(off[p])+c])
			}
			v, intact := guarded(make([]float32, 15*stride+tiles*depth))
			z, intactZ := guarded(make([]float32, 15*stride+tiles*depth))
			WinogradInput(v, stride, x, in, tiles, depth)
			WinogradSpread(z, stride, x, out, tiles, depth)
			for i := range tiles * depth {
				t0, c := i/depth, i%depth
				wantV := both(winogradB, func(a, b int) float64 { return at(in, 16*t0+4*a+b, c) })
				wantZ := both(spreadA, func(a, b int) float64 { return at(out, 4*t0+2*a+b, c) })
				for k := range 16 {
					if g := v[k*stride+i]; !nearSum(g, wantV[k/4][k%4]) {
						t.Fatalf("depth %d: input %d of matrix %d: %v, want %v", depth, i, k, g, wantV[k/4][k%4])
					}
					if g := z[k*stride+i]; !nearSum(g, wantZ[k/4][k%4]) {
						t.Fatalf("depth %d: spread %d of matrix %d: %v, want %v", depth, i, k, g, wantZ[k/4][k%4])
					}
				}
			}
			if !intact() || !intactZ() {
				t.Fatalf("depth %d: writes outside", depth)
			}
		}
	})
}

func TestWinogradOutput(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for _, cols := range []int{1, 7, 8, 16, 17, 32, 35, 64} {
			const tiles = 5
			stride := tiles*cols + cols%3
			m, start, mask := normals(rnd, 15*stride+tiles*cols), normals(rnd, 4*tiles*cols), normals(rnd, 4*tiles*cols)
			off := make([]int32, 4*tiles) // each place once, one left out
			for i, p := range rnd.Perm(4 * tiles) {
				off[i] = int32(p * cols)
			}
			off[3] = -1
			for _, end := range []Epilogue{{}, {Bias: normals(rnd, cols)}, {Acc: true, ReLU: true}, {Bias: normals(rnd, cols), Acc: true, Mask: mask}, {Mask: mask, ReLU: true}} {
				y, intact := guarded(start)
				WinogradOutput(y, off, m, stride, tiles, cols, end)
				for i := range tiles * cols {
					want := both(winogradA, func(a, b int) float64 { return float64(m[(4*a+b)*stride+i]) })
					for p := range 4 {
						o, c := int(off[4*(i/cols)+p]), i%cols
						if o >= 0 && !nearSum(y[o+c], end.apply(want[p/2][p%2], float64(start[o+c]), o, c)) {
							t.Fatalf("%d columns, %+v: %v for sums %v over %v", cols, end, y[o+c], want[p/2][p%2], start[o+c])
						}
					}
				}
				for place := range 4 * tiles * cols {
					if !written(off, cols, place) && y[place] != start[place] {
						t.Fatal("writes a pixel that is left out")
					}
				}
				if !intact() {
					t.Fatalf("%d columns: writes outside", cols)
				}
			}
		}
	})
}

// apply is what the epilogue does to v, which goes to place o+c over the value old.
func (e Epilogue) apply(v, old float64, o, c int) float64 {
	if e.Bias != nil {
		v += float64(e.Bias[c])
	}
	if e.Acc {
		v += old
	}
	if e.ReLU {
		v = max(v, 0)
	}
	if e.Mask != nil && e.Mask[o+c] <= 0 {
		v = 0
	}
	return v
}

func written(off []int32, cols, place int) bool {
	for _, o := range off {
		if o >= 0 && place >= int(o) && place < int(o)+cols {
			return true
		}
	}
	return false
}

// TestWinogradSameBits holds all instruction sets to the same bits, with
// numbers that are not finite among the inputs.
func TestWinogradSameBits(t *testing.T) {
	rnd := source()
	for _, depth := range []int{3, 8, 16, 33} {
		const tiles, size = 9, 1200
		stride := tiles * depth
		x, bias := normals(rnd, size), normals(rnd, depth)
		x[10], x[500], x[600] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
		in, out := places(rnd, 16*tiles, size, depth), places(rnd, 4*tiles, size, depth)
		apart := make([]int32, 4*tiles)
		for i, p := range rnd.Perm(4 * tiles) {
			apart[i] = int32(p * depth)
		}
		results := map[level][]float32{}
		for _, l := range supported() {
			use(t, l)
			v, z, y := make([]float32, 16*stride), make([]float32, 16*stride), append([]float32(nil), x...)
			WinogradInput(v, stride, x, in, tiles, depth)
			WinogradSpread(z, stride, x, out, tiles, depth)
			WinogradOutput(y, apart, v, stride, tiles, depth, Epilogue{Bias: bias, ReLU: true, Mask: x})
			results[l] = append(append(v, z...), y...)
		}
		for l, r := range results {
			if i := sameBits(r, results[generic]); i >= 0 {
				t.Fatalf("depth %d, %s: %v, generic %v, at %d of %d", depth, names[l], r[i], results[generic][i], i, 16*stride)
			}
		}
	}
}

// winogradG is the matrix of the filters.
var winogradG = [][]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}

// adjoint returns xᵀ, with the opposite sign of the last column.
func adjoint(x [][]float64) [][]float64 {
	t := make([][]float64, len(x[0]))
	for i := range t {
		for j := range x {
			t[i] = append(t[i], x[j][i])
		}
		t[i][len(x)-1] *= -1
	}
	return t
}

func TestWinogradFilters(t *testing.T) {
	rnd := source()
	for _, n := range []int{1, 5, 8, 16, 19, 40} {
		stride, gap := n+n%3, n+n%2
		g, u := normals(rnd, 8*gap+n), normals(rnd, 15*stride+n)
		results := map[level][]float32{}
		for _, l := range supported() {
			use(t, l)
			gotU, intactU := guarded(make([]float32, len(u)))
			gotG, intactG := guarded(make([]float32, len(g)))
			WinogradFilter(gotU, stride, g, gap, n)
			WinogradGradient(gotG, gap, u, stride, n)
			for c := range n {
				wantU := both(winogradG, func(i, j int) float64 { return float64(g[(3*i+j)*gap+c]) })
				wantG := both(adjoint(winogradG), func(i, j int) float64 { return float64(u[(4*i+j)*stride+c]) })
				for k := range 16 {
					if v := gotU[k*stride+c]; !nearSum(v, wantU[k/4][k%4]) {
						t.Fatalf("%s, %d filters: U[%d] of filter %d is %v, want %v", names[l], n, k, c, v, wantU[k/4][k%4])
					}
				}
				for k := range 9 {
					if v := gotG[k*gap+c]; !nearSum(v, wantG[k/3][k%3]) {
						t.Fatalf("%s, %d filters: g[%d] of filter %d is %v, want %v", names[l], n, k, c, v, wantG[k/3][k%3])
					}
				}
			}
			if !intactU() || !intactG() {
				t.Fatalf("%s, %d filters: writes outside", names[l], n)
			}
			results[l] = append(append([]float32(nil), gotU...), gotG...)
			if i := sameBits(results[l], results[generic]); i >= 0 {
				t.Fatalf("%s, %d filters: %v, generic %v", names[l], n, results[l][i], results[generic][i])
			}
		}
	}
}

func TestWinogradPanics(t *testing.T) {
	x, v, off := make([]float32, 100), make([]float32, 16*8), make([]int32, 16)
	past := append([]int32(nil), off...)
	past[15] = 93
	for what, f := range map[string]func(){
		"stride":    func() { WinogradInput(v, 7, x, off, 1, 8) },
		"matrices":  func() { WinogradInput(v[1:], 8, x, off, 1, 8) },
		"offsets":   func() { WinogradInput(v, 8, x, off[1:], 1, 8) },
		"image":     func() { WinogradInput(v, 8, x, past, 1, 8) },
		"spread":    func() { WinogradSpread(v, 8, x, past[12:], 1, 8) },
		"output":    func() { WinogradOutput(x, past[12:], v, 8, 1, 8, Epilogue{}) },
		"bias":      func() { WinogradOutput(x, off, v, 8, 1, 8, Epilogue{Bias: x[:7]}) },
		"mask":      func() { WinogradOutput(x, off, v, 8, 1, 8, Epilogue{Mask: x[1:]}) },
		"negative":  func() { WinogradInput(v, 8, x, off, -1, 8) },
		"filter":    func() { WinogradFilter(v[:15*8+7], 8, x, 8, 8) },
		"gradient":  func() { WinogradGradient(x[:8*8+7], 8, v, 8, 8) },
		"too short": func() { WinogradInput(v, 8, x[:7], off, 1, 8) },
	} {
		wantPanic(t, what, "kernel: Winograd", f)
	}
}

func BenchmarkWinograd(b *testing.B) {
	for _, depth := range []int{16, 32, 64} {
		const tiles = 48
		stride := tiles*depth + 16
		v, x := make([]float32, 16*stride), make([]float32, 18*18*depth)
		in, out := make([]int32, 16*tiles), make([]int32, 4*tiles)
		for t := range tiles {
			for p := range 16 {
				in[16*t+p] = int32(((t/8*2+p/4)*18 + t%8*2 + p%4) * depth)
			}
			for p := range 4 {
				out[4*t+p] = int32(((t/8*2+p/2)*18 + t%8*2 + p%2) * depth)
			}
		}
		run := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, depth), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/tiles, "ns/tile")
			})
		}
		run("input", func() { WinogradInput(v, stride, x, in, tiles, depth) })
		run("spread", func() { WinogradSpread(v, stride, x, out, tiles, depth) })
		run("output", func() { WinogradOutput(x, out, v, stride, tiles, depth, Epilogue{}) })
	}
}
