package kernel

import (
	"fmt"
	"slices"
	"testing"
)

// An image is the offsets of a 3×3 convolution with padding 1 over one
// side×side image of the given depth, pixels in rows.
type image struct {
	side, depth, cols int
}

// at returns the offset in the image of pixel p moved by tap t, or -1.
func (m image) at(p, t int) int32 {
	y, x := p/m.side+t/3-1, p%m.side+t%3-1
	if y < 0 || y >= m.side || x < 0 || x >= m.side {
		return -1
	}
	return int32((y*m.side + x) * m.depth)
}

// tiles returns the offset tables of Gather for tiles of MR rows.
func (m image) tiles() [][]int32 {
	var tiles [][]int32
	for p := 0; p < m.side*m.side; p += MR() {
		off := make([]int32, 9*MR())
		for i := range off {
			off[i] = m.at(min(p+i%MR(), m.side*m.side-1), i/MR())
		}
		tiles = append(tiles, off)
	}
	return tiles
}

// benchEach runs a benchmark for every set above generic, and for generic.
func benchEach(b *testing.B, name string, f func(b *testing.B)) {
	for _, l := range slices.Backward(supported()) {
		b.Run(name+"/"+names[l], func(b *testing.B) {
			use(b, l)
			f(b)
		})
	}
}

// gflops reports the rate of a benchmark of flop operations an iteration.
func gflops(b *testing.B, flop int) {
	b.ReportMetric(float64(flop)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkConvolution is Gather over one image, as the engine calls it.
func BenchmarkConvolution(b *testing.B) {
	for _, m := range []image{{32, 3, 32}, {32, 32, 32}, {16, 32, 64}, {16, 64, 64}, {8, 64, 64}, {8, 64, 16}} {
		benchEach(b, fmt.Sprintf("%dx%d/%d-%d", m.side, m.side, m.depth, m.cols), func(b *testing.B) {
			ldb := min(NR(), m.cols)
			tiles := m.tiles()
			n := m.side * m.side
			x, w, y := make([]float32, n*m.depth), make([]float32, 9*m.depth*m.cols), make([]float32, n*m.cols)
			for b.Loop() {
				for j := 0; j < m.cols; j += ldb {
					panel := w[j*9*m.depth:]
					for i, off := range tiles {
						p := i * MR()
						Gather(y[p*m.cols+j:], m.cols, min(MR(), n-p), ldb, x, off, 9, m.depth, panel, ldb, false)
					}
				}
			}
			gflops(b, 2*9*n*m.depth*m.cols)
		})
	}
}

// BenchmarkProduct is Gather as a plain matrix product of 128 rows.
func BenchmarkProduct(b *testing.B) {
	const rows = 128
	for _, depth := range []int{128, 512, 4096} {
		benchEach(b, fmt.Sprint(depth), func(b *testing.B) {
			x, w, y := make([]float32, rows*depth), make([]float32, depth*NR()), make([]float32, rows*NR())
			off := make([]int32, rows+MR())
			for r := range rows {
				off[r] = int32(r * depth)
			}
			for b.Loop() {
				for r := 0; r < rows; r += MR() {
					Gather(y[r*NR():], NR(), min(MR(), rows-r), NR(), x, off[r:], 1, depth, w, NR(), false)
				}
			}
			gflops(b, 2*rows*depth*NR())
		})
	}
}

// BenchmarkEdge is Gather for tiles that are not full.
func BenchmarkEdge(b *testing.B) {
	const depth = 288
	for _, part := range []int{1, 2, 4, 8, 12} {
		benchEach(b, fmt.Sprintf("%d-rows", part), func(b *testing.B) {
			rows := min(part, MR())
			x, w, y := make([]float32, rows*depth), make([]float32, depth*NR()), make([]float32, rows*NR())
			off := make([]int32, MR())
			for r := range rows {
				off[r] = int32(r * depth)
			}
			for b.Loop() {
				Gather(y, NR(), rows, NR(), x, off, 1, depth, w, NR(), false)
			}
			gflops(b, 2*rows*depth*NR())
		})
	}
}

// BenchmarkWeightGradient is Outer over the pixels of one image for all taps
// of a 3×3 convolution.
func BenchmarkWeightGradient(b *testing.B) {
	for _, m := range []image{{32, 3, 32}, {32, 32, 32}, {16, 32, 64}, {16, 64, 64}, {8, 64, 64}, {16, 64, 10}} {
		benchEach(b, fmt.Sprintf("%dx%d/%d-%d", m.side, m.side, m.depth, m.cols), func(b *testing.B) {
			n := m.side * m.side
			x, g, w := make([]float32, n*m.depth), make([]float32, n*m.cols), make([]float32, 9*m.depth*m.cols)
			off := make([][]int32, 9)
			for t := range off {
				off[t] = make([]int32, n)
				for p := range n {
					off[t][p] = m.at(p, t)
				}
			}
			for b.Loop() {
				for t := range off {
					for i := 0; i < m.depth; i += MR() {
						for j := 0; j < m.cols; j += NR() {
							rows, cols := min(MR(), m.depth-i), min(NR(), m.cols-j)
							Outer(w[(t*m.depth+i)*m.cols+j:], m.cols, rows, cols, x[i:], off[t], g[j:], m.cols, true)
						}
					}
				}
			}
			gflops(b, 2*9*n*m.depth*m.cols)
		})
	}
}

// BenchmarkOuter is Outer for a full tile without padding.
func BenchmarkOuter(b *testing.B) {
	for _, n := range []int{128, 256, 1024} {
		benchEach(b, fmt.Sprint(n), func(b *testing.B) {
			x, g, w := make([]float32, n*MR()), make([]float32, n*NR()), make([]float32, MR()*NR())
			off := make([]int32, n)
			for p := range off {
				off[p] = int32(p * MR())
			}
			for b.Loop() {
				Outer(w, NR(), MR(), NR(), x, off, g, NR(), true)
			}
			gflops(b, 2*n*MR()*NR())
		})
	}
}

// BenchmarkElementwise reports the bytes read and written in a second, for
// slices that fit in the second-level cache.
func BenchmarkElementwise(b *testing.B) {
	const n = 1 << 15
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	sum, dot, idx := make([]float64, 64), make([]float64, 64), make([]uint8, n)
	for _, k := range []struct {
		name  string
		bytes int64
		run   func()
	}{
		{"ReLU", 8 * n, func() { ReLU(x, y) }},
		{"Mask", 12 * n, func() { Mask(x, y, z) }},
		{"Add", 12 * n, func() { Add(x, y) }},
		{"Axpy", 12 * n, func() { Axpy(x, 0.5, y) }},
		{"Scale", 8 * n, func() { Scale(x, 0.5) }},
		{"MulAdd", 16 * n, func() { MulAdd(x, y, z) }},
		{"Affine2", 24 * n, func() { Affine2(x, y, y, z, y, z) }},
		{"AddAffine3", 36 * n, func() { AddAffine3(x, y, y, z, y, z, y, z) }},
		{"SumReLU", 12 * n, func() { SumReLU(x, y, z) }},
		{"AddRow", 8 * n, func() { AddRow(x, n/32, 32, y[:32]) }},
		{"Dot", 8 * n, func() { Dot(x, y) }},
		{"ColSum", 4 * n, func() { ColSum(sum, x, n/64, 64) }},
		{"ColSquares", 4 * n, func() { ColSquares(sum, dot, x, n/64, 64) }},
		{"ColMoments", 8 * n, func() { ColMoments(sum, dot, x, y, n/64, 64) }},
		{"Exp", 8 * n, func() { Exp(x, z) }},
		{"ELU", 8 * n, func() { ELU(x, z) }},
		{"Tanh", 8 * n, func() { Tanh(x, z) }},
		{"Erf", 8 * n, func() { Erf(x, z) }},
		{"MaxWindows", 21 * n / 4, func() { MaxWindows(x[:n/4], idx[:n/4], y, 0, 64, 32) }},
		{"PickWindows", 21 * n / 4, func() { PickWindows(x[:n/4], idx[:n/4], y, 0, 64, 32) }},
		{"SpreadWindows", 21 * n / 4, func() { SpreadWindows(y, idx[:n/4], x[:n/4], 0, 64, 32) }},
	} {
		benchEach(b, k.name, func(b *testing.B) {
			b.SetBytes(k.bytes)
			for b.Loop() {
				k.run()
			}
		})
	}
}
