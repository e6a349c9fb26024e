package numpy

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func parse(t testing.TB, s string) DType {
	t.Helper()
	d, err := ParseDType(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDType(t *testing.T) {
	for s, want := range map[string]DType{
		"<f4": {Kind: Float, Size: 4}, ">f2": {Kind: Float, Size: 2}, "|b1": {Kind: Bool, Size: 1}, "|i1": {Kind: Int, Size: 1},
		"<u8": {Kind: Uint, Size: 8}, "|S3": {Kind: Bytes, Size: 3}, "<U2": {Kind: Text, Size: 8}, "<M8[ms]": {Kind: Time, Size: 8, Unit: 1e6},
		"|O": {Size: 8}, "<f16": {Size: 16}, "<f1": {Size: 1}, "<c16": {Size: 16}, "|V2": {Size: 2}, "<U0": {}, "<M8": {Size: 8}, "<M8[Y]": {Size: 8}, "<m8[s]": {Size: 8},
	} {
		got := parse(t, s)
		if got.Kind != want.Kind || got.Size != want.Size || got.Unit != want.Unit || (got.Kind == Other) != (got.Why != "") {
			t.Errorf("%s: %+v, want %+v", s, got, want)
		}
	}
	for _, s := range []string{"", "<", "f4", "=f4", "<f", "<f+4", "<f-4", "<i3", "<b2", "<x4", "<f99999999999999999999", "<\x1b4"} {
		if _, err := ParseDType(s); err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: error %v", s, err)
		}
	}
}

func TestHalf(t *testing.T) {
	for u := range 1 << 16 {
		// A second way: the bits of the same value as a float32.
		sign, exponent, fraction := uint32(u>>15)<<31, uint32(u>>10&0x1f), uint32(u&0x3ff)
		want := math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
		switch exponent {
		case 0:
			want = math.Float32frombits(sign|113<<23|fraction<<13) - math.Float32frombits(sign|113<<23)
		case 31:
			want = math.Float32frombits(sign | 255<<23 | fraction<<13)
		}
		if got := half(uint16(u)); got != float64(want) && !(math.IsNaN(got) && want != want) {
			t.Fatalf("half %#x is %v, want %v", u, got, want)
		}
	}
}

// An array read by its strides, one read by the order of its file, and the closed form
// of a place agree.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")
		fortran := rapid.Bool().Draw(t, "fortran")
		n, err := Elements(shape)
		if err != nil {
			t.Fatal(err)
		}
		file := rapid.SliceOfN(rapid.Int16(), n, n).Draw(t, "values")
		var b []byte
		want, order := make([]int64, n), NewOrder(shape, fortran)
		for _, x := range file {
			b = binary.BigEndian.AppendUint16(b, uint16(x))
			want[order.Next()] = int64(x)
		}
		d, err := ParseDType(">i2")
		if err != nil {
			t.Fatal(err)
		}
		a, err := New(d, shape, fortran, b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Int64s()
		if err != nil || a.Len() != n || !slices.Equal(got, want) {
			t.Fatalf("%v (%v), want %v", got, err, want)
		}
		for at := range n { // the index of a place, and its place in the file
			rest, from, step := at, 0, 1
			index := make([]int, len(shape))
			for d := len(shape) - 1; d >= 0; d-- {
				index[d] = rest % shape[d]
				rest /= shape[d]
			}
			for i := range shape {
				d := i
				if !fortran {
					d = len(shape) - 1 - i
				}
				from += index[d] * step
				step *= shape[d]
			}
			if got[at] != int64(file[from]) {
				t.Fatalf("place %d is %d, want %d", at, got[at], file[from])
			}
		}
	})
}

func TestConversions(t *testing.T) {
	f8 := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300))
	for _, test := range []struct {
		descr string
		data  []byte
		f64   float64
		f32   float32
		i64   int64
		wrong string // errors of the conversions that fail
	}{
		{"|b1", []byte{1}, 1, 1, 1, ""},
		{"|b1", []byte{2}, 0, 0, 0, "value 0: 2, where a bool is 0 or 1|value 0: 2, where a bool is 0 or 1|value 0: 2, where a bool is 0 or 1"},
		{"|i1", []byte{0xff}, -1, -1, -1, ""},
		{"<u2", []byte{0xff, 0xff}, 65535, 65535, 65535, ""},
		{">f4", []byte{0x40, 0, 0, 0}, 2, 2, 2, ""},
		{"<f4", []byte{0, 0, 0x20, 0x40}, 2.5, 2.5, 0, "||value 0: 2.5 is no integer"},
		{"<f8", f8, 1e300, 0, 0, "|value 0: 1e+300 is beyond a 32-bit float|value 0: 1e+300 is no integer"},
		{"|S1", []byte{'1'}, 0, 0, 0, "value 0: no number|value 0: no number|value 0: no number"},
		{"|V1", []byte{'1'}, 0, 0, 0, "an array of bytes without|an array of bytes without|an array of bytes without"},
	} {
		a, err := New(parse(t, test.descr), []int{1}, false, test.data)
		if err != nil {
			t.Fatal(err)
		}
		f64, err64 := a.Float64s()
		f32, err32 := a.Float32s()
		i64, errInt := a.Int64s()
		wrong := append(strings.Split(test.wrong, "|"), "", "")
		for i, err := range []error{err64, err32, errInt} {
			if (err != nil) != (wrong[i] != "") || err != nil && !strings.HasPrefix(err.Error(), wrong[i]) {
				t.Errorf("%s %v: error %v, want %q", test.descr, test.data, err, wrong[i])
			}
		}
		if err64 == nil && f64[0] != test.f64 || err32 == nil && f32[0] != test.f32 || errInt == nil && i64[0] != test.i64 {
			t.Errorf("%s %v: %v %v %v", test.descr, test.data, f64, f32, i64)
		}
	}
}

func TestSizes(t *testing.T) {
	data, u1 := []byte{0, 1, 2, 3, 4, 5}, parse(t, "|u1")
	for _, shape := range [][]int{{5}, {7}, {}, {2, 2}} {
		if _, err := New(u1, shape, false, data); err == nil {
			t.Errorf("6 bytes in a shape of %v", shape)
		}
	}
}
