package kernel

import "testing"

// affineKernels are the kernels of affine.go as functions of dst and of seven
// inputs of its length, and the loops that define them in float64.
var affineKernels = []struct {
	name  string
	terms int // products, each of two inputs, after the first input
	add   bool
	relu  bool
	run   func(dst []float32, in [7][]float32)
}{
	{"Affine1", 1, false, false, func(d []float32, in [7][]float32) { Affine1(d, in[0], in[1], in[2]) }},
	{"Affine1ReLU", 1, false, true, func(d []float32, in [7][]float32) { Affine1ReLU(d, in[0], in[1], in[2]) }},
	{"Affine2", 2, false, false, func(d []float32, in [7][]float32) { Affine2(d, in[0], in[1], in[2], in[3], in[4]) }},
	{"AddAffine2", 2, true, false, func(d []float32, in [7][]float32) { AddAffine2(d, in[0], in[1], in[2], in[3], in[4]) }},
	{"AddAffine3", 3, true, false, func(d []float32, in [7][]float32) {
		AddAffine3(d, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
	}},
}

func TestAffine(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rnd := source()
		for n := range 150 {
			var in [7][]float32
			for k := range in {
				in[k] = normals(rnd, n)
			}
			before := normals(rnd, n)
			for _, k := range affineKernels {
				dst, intact := guarded(before)
				k.run(dst, in)
				for i, v := range dst {
					want := float64(in[0][i])
					size := finite(want)
					if k.add {
						want += float64(before[i])
						size += finite(float64(before[i]))
					}
					for j := range k.terms {
						p := float64(in[1+2*j][i]) * float64(in[2+2*j][i])
						want, size = want+p, size+finite(p)
					}
					if k.relu {
						want = max(0, want)
					}
					if !near(v, want, 3*size) {
						t.Fatalf("%s of length %d: [%d] = %v, want %v", k.name, n, i, v, want)
					}
				}
				if !intact() {
					t.Fatalf("%s of length %d wrote outside of dst", k.name, n)
				}
			}
		}
	})
}

// TestAffineBits holds the kernels that end with a ReLU to the two passes that
// they replace, and AVX-512 to AVX2.
func TestAffineBits(t *testing.T) {
	const n = 333
	var in [7][]float32
	for k := range in {
		in[k] = values(k, n)
	}
	results := map[level][]float32{}
	forEach(t, func(t *testing.T) {
		got, want := make([]float32, n), make([]float32, n)
		same := func(name string) {
			t.Helper()
			if i := sameBits(got, want); i >= 0 {
				t.Errorf("%s: [%d] = %v, in two passes %v", name, i, got[i], want[i])
			}
		}
		Affine1(want, in[0], in[1], in[2])
		ReLU(want, want)
		Affine1ReLU(got, in[0], in[1], in[2])
		same("Affine1ReLU")
		copy(want, in[0])
		Add(want, in[1])
		Sum(got, in[0], in[1])
		same("Sum")
		ReLU(want, want)
		SumReLU(got, in[0], in[1])
		same("SumReLU")
		var all []float32
		for _, k := range affineKernels {
			dst := append([]float32(nil), in[6]...)
			k.run(dst, in)
			all = append(all, dst...)
		}
		results[active] = all
	})
	if wide, ok := results[avx512]; ok {
		if i := sameBits(wide, results[avx2]); i >= 0 {
			t.Errorf("AVX-512 %v, AVX2 %v at %d", wide[i], results[avx2][i], i)
		}
	}
}

func TestAffineLengths(t *testing.T) {
	x, y := make([]float32, 4), make([]float32, 5)
	for name, f := range map[string]func(){
		"Affine1":     func() { Affine1(x, x, y, x) },
		"Affine1ReLU": func() { Affine1ReLU(x, x, x, y) },
		"Affine2":     func() { Affine2(x, x, x, x, x, y) },
		"AddAffine2":  func() { AddAffine2(x, x, x, x, y, x) },
		"AddAffine3":  func() { AddAffine3(x, x, x, x, x, x, y, x) },
		"AddAffine3 ": func() { AddAffine3(x, x, x, x, y, y, y, y) },
		"Sum":         func() { Sum(x, y, y) },
		"SumReLU":     func() { SumReLU(x, x, y) },
	} {
		wantPanic(t, name, "kernel: ", f)
	}
}
