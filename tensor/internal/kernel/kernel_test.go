package kernel

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// forEach runs a test with every instruction set of this machine and build.
func forEach(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	for _, l := range supported() {
		t.Run(names[l], func(t *testing.T) {
			use(t, l)
			f(t)
		})
	}
}

// use makes l the active set until the test ends.
func use(t testing.TB, l level) {
	old := active
	active = l
	t.Cleanup(func() { active = old })
}

// source returns a generator for the test data.
func source() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// normals returns n normal variates.
func normals(rnd *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rnd.NormFloat64())
	}
	return x
}

// integers returns n whole numbers that are so small that sums of their
// products are exact.
func integers(rnd *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rnd.IntN(17) - 8)
	}
	return x
}

const guard = 40

// guarded returns a copy of x with NaN around it, and a function that reports
// whether these are untouched.
func guarded(x []float32) ([]float32, func() bool) {
	all := make([]float32, len(x)+2*guard)
	mark := math.Float32frombits(0x7fc12345)
	for i := range all {
		all[i] = mark
	}
	copy(all[guard:], x)
	intact := func() bool {
		for i := range guard {
			for _, v := range []float32{all[i], all[len(all)-1-i]} {
				if math.Float32bits(v) != 0x7fc12345 {
					return false
				}
			}
		}
		return true
	}
	return all[guard : guard+len(x) : guard+len(x)], intact
}

// sameBits returns the first index at which two slices differ, or -1. NaNs are
// equal.
func sameBits(x, y []float32) int {
	for i, v := range x {
		if math.Float32bits(v) != math.Float32bits(y[i]) && (v == v || y[i] == y[i]) {
			return i
		}
	}
	return -1
}

// wantPanic fails unless f panics with a text that begins with prefix.
func wantPanic(t *testing.T, name, prefix string, f func()) {
	t.Helper()
	defer func() {
		text, ok := recover().(string)
		if !ok || !strings.HasPrefix(text, prefix) {
			t.Errorf("%s: panic %q, want %q…", name, text, prefix)
		}
	}()
	f()
}

func TestChoose(t *testing.T) {
	amd64, arm64 := []level{generic, avx2, avx512}, []level{generic, neon}
	for _, test := range []struct {
		want  string
		have  []level
		level level
		ok    bool
	}{
		{"", amd64, avx512, true},
		{"", amd64[:1], generic, true},
		{"avx2", amd64, avx2, true},
		{"generic", amd64[:2], generic, true},
		{"avx512", amd64[:2], avx2, false},
		{"avx2", amd64[:1], generic, false},
		{"AVX2", amd64, avx512, false},
		{"sse", amd64[:2], avx2, false},
		{"neon", amd64, avx512, false},
		{"", arm64, neon, true},
		{"neon", arm64, neon, true},
		{"generic", arm64, generic, true},
		{"avx2", arm64, neon, false},
	} {
		level, err := choose(test.want, test.have)
		if level != test.level || (err == nil) != test.ok {
			t.Errorf("choose(%q, %v) = %s, %v", test.want, test.have, names[level], err)
		}
	}
}

func TestTile(t *testing.T) {
	forEach(t, func(t *testing.T) {
		if ISA() != names[active] || MR() <= 0 || NR()%2 != 0 {
			t.Errorf("%s: tile %d×%d", ISA(), MR(), NR())
		}
	})
}

func TestNoAllocations(t *testing.T) {
	forEach(t, func(t *testing.T) {
		x, y, z := make([]float32, 256), make([]float32, 256), make([]float32, 256)
		w, idx, off := make([]float64, 64), make([]uint8, 256), make([]int32, 2*MR())
		n := testing.AllocsPerRun(10, func() {
			Gather(x, NR(), 2, NR(), y, off, 2, 3, z, NR(), true)
			Outer(x, NR(), 2, NR(), y, off[:4], z, NR(), false)
			ReLU(x, y)
			Axpy(x, 2, y)
			AddRow(x, 4, 64, y[:64])
			MaxWindows(x[:64], idx[:64], y, 128, 64, 32)
			PickWindows(x[:64], idx[:64], y, 128, 64, 32)
			SpreadWindows(x, idx[:64], y[:64], 128, 64, 32)
			Affine2(x, y, z, y, z, y)
			ColSum(w, x, 4, 64)
			ColMoments(w, w, x, y, 4, 64)
			ColSquares(w, w, x, 4, 64)
			_ = Dot(x, y)
		})
		if n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
