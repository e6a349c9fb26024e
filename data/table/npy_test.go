package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sbinet/npyio/npz"
	"pgregory.net/rapid"

	"breakeven/internal/testenv"
)

// npy returns an array with a header and bytes of values.
func npy(header string, values []byte) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(b[8:], uint16(len(header)))
	return append(append(b, header...), values...)
}

// npyOf is npy for a type and a shape, in C order.
func npyOf(descr, shape string, values []byte) []byte {
	return npy(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape), values)
}

// npzOf returns an archive of members.
func npzOf(t testing.TB, members map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, b := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// Arrays written by NumPy.
func TestNPZ(t *testing.T) {
	f := fixture(t, "arrays.npz")
	for _, order := range []string{"le", "be"} {
		for _, typ := range []string{"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"} {
			name := order + "_" + typ
			if got := column[float64](t, f, name).Data; !slices.Equal(got, []float64{0, 1, 100}) {
				t.Errorf("%s as float64: %v", name, got)
			}
			if got := column[int32](t, f, name).Data; !slices.Equal(got, []int32{0, 1, 100}) {
				t.Errorf("%s as int32: %v", name, got)
			}
		}
	}
	if got := column[int64](t, f, "negative").Data; !slices.Equal(got, []int64{-1, -128}) {
		t.Errorf("negative: %v", got)
	}
	halves := column[float64](t, f, "halves", func(f *Field) { f.Missing = true })
	if !slices.Equal(halves.Data[:5], []float64{1.5, 0x1p-14, 0x1p-24, 65504, math.Inf(-1)}) || !slices.Equal(halves.Missing, []int{5}) || !math.IsNaN(halves.Data[5]) {
		t.Errorf("halves: %v", halves)
	}
	if got := column[bool](t, f, "bools").Data; !slices.Equal(got, []bool{true, false}) {
		t.Errorf("bools: %v", got)
	}
	empty := func(f *Field) { f.Missing = true }
	for name, want := range map[string][]string{"bytes": {"ab", "", "abc"}, "letters": {"é", "", "😀b"}, "letters_be": {"é", "", "😀b"}} {
		if got := column[string](t, f, name, empty); !slices.Equal(got.Data, want) || !slices.Equal(got.Missing, []int{1}) {
			t.Errorf("%s: %q, missing %v", name, got.Data, got.Missing)
		}
	}
	if got := column[float32](t, f, "digits").Data; !slices.Equal(got, []float32{1.5, -2}) {
		t.Errorf("digits: %v", got)
	}
	if got := column[int64](t, f, "scalar"); len(got.Shape) != 0 || got.Data[0] != 42 {
		t.Errorf("scalar: %v", got)
	}
	if got := column[float64](t, f, "empty"); !slices.Equal(got.Shape, []int{0, 3}) || got.Len() != 0 {
		t.Errorf("empty: %v", got)
	}
	for _, name := range []string{"c", "fortran"} {
		got := column[int64](t, f, name)
		for i, x := range got.Data {
			if x != int64(i) {
				t.Errorf("%s: %v", name, got.Data)
				break
			}
		}
		if !slices.Equal(got.Shape, []int{2, 3, 4}) {
			t.Errorf("%s: shape %v", name, got.Shape)
		}
	}
	for _, unit := range []string{"D", "s", "ms", "us", "ns"} {
		got := column[int64](t, f, "time_"+unit, func(f *Field) { f.Time, f.Missing = true, true })
		if got.Data[0] != 1375315200 || !slices.Equal(got.Missing, []int{1}) {
			t.Errorf("time in %s: %v", unit, got)
		}
	}
	if got := column[string](t, fixture(t, "csr.npz"), "format"); len(got.Shape) != 0 || got.Data[0] != "csr" {
		t.Errorf("format: %v", got)
	}
	packed := fixture(t, "packed.npz")
	if got := column[int32](t, packed, "y").Data; !slices.Equal(got, []int32{2, 0, 1}) {
		t.Errorf("y: %v", got)
	}
	want := []Column{{Name: "x", Kind: Float, Bits: 64, Shape: []int{3, 4}}, {Name: "y", Kind: Int, Bits: 32, Shape: []int{3}}}
	if diff := cmp.Diff(want, packed.Columns()); diff != "" {
		t.Error(diff)
	}
	one := fixture(t, "one.npy")
	if got := column[float64](t, one, "whatever"); got.Name != "one" || !slices.Equal(got.Shape, []int{2, 3}) || got.Data[5] != 5 {
		t.Errorf("one.npy: %v", got)
	}
}

// An array that cannot be read is an error only when it is asked for, and does not hide
// the others.
func TestNPZOthers(t *testing.T) {
	f := fixture(t, "arrays.npz")
	for name, want := range map[string]string{
		"objects":    "arrays.npz: array objects cannot be read: it is of Python objects, which is a pickle and can hold a program",
		"records":    "arrays.npz: array records cannot be read: it is an array of records (a structured dtype); save each of its fields",
		"complex":    "arrays.npz: array complex cannot be read: it is of complex numbers",
		"long":       "arrays.npz: array long cannot be read: it is of floats of 128 bits",
		"durations":  "arrays.npz: array durations cannot be read: it is of durations",
		"time_years": "arrays.npz: array time_years cannot be read: it is of times in units of \"Y\"",
		"gone":       "arrays.npz: no array gone; it has le_i1, be_i1,",
		"largest":    "arrays.npz: array largest: value [0]: 18446744073709551615 is beyond a 64-bit integer with a sign",
		"halves":     "arrays.npz: array halves: value [5]: NaN, where a value is needed",
		"time_s":     "arrays.npz: array time_s: value [0]: a time (2013-08-01T00:00:00Z), where a number is wanted",
		"letters":    "arrays.npz: array letters: value [0]: \"é\" is no number",
	} {
		complains(t, f.Read(Field{Names: []string{name}, Into: new(Array[float64])}), want)
	}
	complains(t, f.Read(Field{Rest: true, Into: new(Array[float64])}), "a matrix of columns is wanted, and an npz file has none")
	complains(t, fixture(t, "one.npy").Read(Field{Names: []string{"x"}, Into: new(Array[float64])}, Field{Names: []string{"y"}, Into: new(Array[int32])}),
		"one.npy holds one array without a name, and 2 are wanted")
}

// Every array of the golden files, against the reader of another project.
func TestNPZTwin(t *testing.T) {
	for _, name := range []string{"tiny.seed0.arrays.npz", "golden/lstm.seed0.inputs.npz"} {
		t.Run(name, func(t *testing.T) {
			path := "../../internal/golden/testdata/" + name
			if strings.Contains(name, "/") {
				path = shared(t, name)
			}
			f, err := Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			other, err := npz.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			for _, c := range f.Columns() {
				var want []float64
				switch {
				case c.Kind == Float && c.Bits == 64:
					want = otherArray[float64](t, other, c.Name)
				case c.Kind == Float:
					want = otherArray[float32](t, other, c.Name)
				default:
					want = otherArray[int32](t, other, c.Name)
				}
				if got := column[float64](t, f, c.Name).Data; len(got) == 0 || !slices.Equal(got, want) {
					t.Errorf("%s differs", c.Name)
				}
			}
		})
	}
}

// otherArray reads an array by npyio.
func otherArray[T float64 | float32 | int32](t *testing.T, r *npz.Reader, name string) (list []float64) {
	t.Helper()
	var x []T
	if err := r.Read(name+".npy", &x); err != nil {
		t.Fatal(err)
	}
	for _, v := range x {
		list = append(list, float64(v))
	}
	return list
}

// Random values in both byte orders and both orders of dimensions come to their places.
func TestNPYTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")
		fortran, big := rapid.Bool().Draw(t, "fortran"), rapid.Bool().Draw(t, "big")
		n := elements(shape)
		want := rapid.SliceOfN(rapid.Int16(), n, n).Draw(t, "values")
		order, descr := binary.AppendByteOrder(binary.LittleEndian), "<i2"
		if big {
			order, descr = binary.BigEndian, ">i2"
		}
		var b []byte
		for at := range n {
			from := at // the place in the file of the array's element at
			if fortran {
				from = 0
				rest, stride := at, n
				for _, d := range shape {
					stride /= d
					from += rest % d * stride
					rest /= d
				}
			}
			b = order.AppendUint16(b, uint16(want[from]))
		}
		text := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
		if len(shape) == 1 {
			text += ","
		}
		python := map[bool]string{true: "True", false: "False"}[fortran]
		f, err := file("a.npy", npy(fmt.Sprintf("{'fortran_order': %s, \"shape\": (%s),'descr':'%s'}", python, text, descr), b), nil)
		must(t, err)
		var got Array[int32]
		must(t, f.Read(Field{Names: []string{"a"}, Into: &got}))
		if !slices.Equal(got.Shape, shape) {
			t.Fatalf("shape %v, want %v", got.Shape, shape)
		}
		for i, x := range got.Data {
			if x != int32(want[i]) {
				t.Fatalf("value %d is %d, want %d", i, x, want[i])
			}
		}
	})
}

func TestNPYErrors(t *testing.T) {
	eight := make([]byte, 8)
	for _, test := range []struct{ content, want string }{
		{"\x93NUMPY", "truncated: not even the header"},
		{"\x93NUMPY\x01\x00\xff\x00{", "truncated in its header"},
		{"\x93NUMPY\x09\x00\x00\x00", "version 9 of the npy format"},
		{"\x93NUMPY\x02\x00\xff\xff\xff\xff", "a header of 4294967295 bytes, more than the 65536 that are read"},
		{"\x93NUMPY\x02\x00\xff", "truncated"},
		{string(npyOf("<f8", "(2,)", eight)), "truncated: 8 bytes of values, and a shape of [2] takes 16"},
		{string(npyOf("<f4", "(1,)", eight)), "damaged: 8 bytes of values, and a shape of [1] takes 4"},
		{string(npyOf("<f8", "(999999999999999999, 999999999999999999)", eight)), "more than can be counted"},
		{string(npyOf("<f8", "(1000000000000000000000000,)", eight)), "its header: shape: want a dimension, found"},
		{string(npyOf("<f8", "(9223372036854775807,)", eight)), "its header: a shape of [9223372036854775807], more than can be counted"},
		{string(npyOf("<f8", "(-1,)", eight)), "its header: shape: want a dimension"},
		{string(npyOf("<f8", "(1)", eight)), "its header: shape: want a comma"},
		{string(npyOf("<f8", "[1]", eight)), "its header: shape: want (, found"},
		{string(npyOf("<f8", "("+strings.Repeat("1,", 65)+")", eight)), "more than 64 dimensions"},
		{string(npyOf("<q9", "(1,)", eight)), `its header: descr: a type of "<q9" is not known`},
		{string(npyOf("f8", "(1,)", eight)), `its header: descr: a type of "f8" is not known`},
		{string(npyOf("<f9999999999", "(1,)", eight)), `its header: descr: a type of "<f9999999999" is not known`},
		{string(npyOf("", "(1,)", eight)), `its header: descr: a type of "" is not known`},
		{string(npyOf("<f3", "(1,)", eight)), `a.npy: array a cannot be read: it is of floats of 24 bits`},
		{string(npyOf("|V8", "(1,)", eight)), `a.npy: array a cannot be read: it is of bytes without a meaning`},
		{string(npyOf("<U0", "(1,)", eight)), `a.npy: array a cannot be read: it is of texts without letters`},
		{string(npyOf("<M8", "(1,)", eight)), `a.npy: array a cannot be read: it is of times without a unit`},
		{string(npyOf("|b1", "(1,)", []byte{7})), `a.npy: array a: value [0]: 7, where a bool is 0 or 1`},
		{string(npyOf("<U1", "(1,)", []byte{0, 0, 0, 1})), `a.npy: array a: value [0]: 0x1000000 is no letter`},
		{string(npyOf("|S1", "(1,)", []byte{0xff})), `a.npy: array a: value [0]: "\xff" is not UTF-8`},
		{string(npyOf("<M8[s]", "(1,)", []byte{0, 0, 0, 0, 0, 0, 0, 127})), `a time beyond the years 1678 to 2261`},
		{string(npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", eight)), "a.npy: its header: descr: an array of records"},
		{string(npy("{}", nil)), "its header: want descr, fortran_order and shape"},
		{string(npy("{'descr': '<f8', 'descr': '<f8'}", nil)), `its header: "descr" stands twice`},
		{string(npy("{'descr': '<f8', 'x': 1}", nil)), `its header: x: it does not belong there`},
		{string(npy("{'fortran_order': 1}", nil)), `its header: fortran_order: want True or False, found "1}"`},
		{string(npy("__import__('os').system('x')", nil)), `its header: want {, found "__import__('os').sys"`},
		{string(npy("{'descr': '<f8'", nil)), `its header: want }, found its end`},
		{string(npy("{'descr: 1", nil)), `its header: want a text in quotes`},
		{string(npy("{'descr': '<f8', 'fortran_order': False, 'shape': ()} + 1", nil)), `its header: something follows it: "+ 1"`},
	} {
		err := read("a.npy", test.content, Field{Names: []string{"a"}, Into: new(Array[float64])})
		complains(t, err, test.want)
	}
}

func TestNPZErrors(t *testing.T) {
	eight := make([]byte, 8)
	good := npzOf(t, map[string][]byte{"x.npy": npyOf("<f8", "(1,)", eight)})
	field := Field{Names: []string{"x"}, Into: new(Array[float64])}
	if err := read("a.npz", string(good), field); err != nil {
		t.Fatal(err)
	}
	complains(t, read("a.npz", string(good[:len(good)-4]), field), "a.npz: a damaged or truncated npz file")
	for name, want := range map[string]string{
		"archive/data.pkl":    "a.npz is a file of PyTorch, which holds a pickle",
		"[Content_Types].xml": "a.npz is a workbook or document of an office program; save its sheet as CSV",
		"flights.csv":         "a.npz is a zip archive with flights.csv in it",
		"x":                   "a.npz is a zip archive without arrays",
	} {
		complains(t, read("a.npz", string(npzOf(t, map[string][]byte{name: eight})), field), want)
	}
	complains(t, read("a.npz", string(npzOf(t, map[string][]byte{"x.npy": eight})), field), "a.npz: array x: truncated")
	complains(t, read("a.npz", string(npzOf(t, map[string][]byte{"x.npy": npyOf("<f8", "(2,)", eight)})), field), "a.npz: array x: truncated: 8 bytes of values")

	// Two arrays of one name: readers might disagree on which counts.
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for range 2 {
		w, _ := z.Create("x.npy")
		w.Write(npyOf("<f8", "(1,)", eight))
	}
	z.Close()
	complains(t, read("a.npz", buf.String(), field), "a.npz: two arrays in it are called x")

	// If a byte of a value is changed, only the checksum shows it.
	var stored bytes.Buffer
	z = zip.NewWriter(&stored)
	content := npyOf("<f8", "(1,)", []byte("12345678"))
	w, _ := z.CreateHeader(&zip.FileHeader{Name: "x.npy", Method: zip.Store})
	w.Write(content)
	z.Close()
	bad := bytes.Replace(stored.Bytes(), []byte("12345678"), []byte("12345679"), 1)
	complains(t, read("a.npz", string(bad), field), "a.npz: array x: damaged: its checksum or its length")
}

// An archive that unpacks to far more than its size, or claims to, takes no memory.
func TestNPZBombs(t *testing.T) {
	field := Field{Names: []string{"x"}, Into: new(Array[float32])}
	// A real one of 8 kB that unpacks to 8 MB of zeros.
	real := npzOf(t, map[string][]byte{"x.npy": npyOf("<f4", "(2097152,)", make([]byte, 8<<20))})
	f, err := file("a.npz", real, &Options{Most: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if taken := testenv.Allocated(func() {
		complains(t, f.Read(field), "a.npz: what is wanted takes more than 1048576 bytes of memory")
	}); taken > 1<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
	// One of a few bytes that claims a terabyte.
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	content := npyOf("<f4", "(274877906944,)", nil)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: "x.npy", Method: zip.Store, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(len(content)), UncompressedSize64: 1<<40 + uint64(len(content)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(content)
	z.Close()
	if taken := testenv.Allocated(func() {
		complains(t, read("a.npz", buf.String(), field), "a.npz: array x: damaged: 1099511627")
	}); taken > 1<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
	// The same as an npy file, sparse on disk.
	name := t.TempDir() + "/x.npy"
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 1<<40+int64(len(content))); err != nil {
		t.Skip("no sparse file of 1 TB: ", err)
	}
	if taken := testenv.Allocated(func() {
		complains(t, Read(name, field), "what is wanted takes more than 4294967296 bytes of memory")
	}); taken > 1<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
}

// Values are converted while they are unpacked, so that they are in memory only once.
func TestNPZMemory(t *testing.T) {
	const n = 1 << 20
	f, err := file("a.npz", npzOf(t, map[string][]byte{"x.npy": npyOf("<f8", fmt.Sprintf("(%d,)", n), make([]byte, 8*n))}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if taken := testenv.Allocated(func() { column[float32](t, f, "x") }); taken > 4*n+1<<20 {
		t.Errorf("%d bytes were taken for %d", taken, 4*n)
	}
}

func BenchmarkNPZ(b *testing.B) {
	const n = 1 << 20
	content := npzOf(b, map[string][]byte{"x.npy": npyOf("<f4", fmt.Sprintf("(%d,)", n), make([]byte, 4*n))})
	f, err := file("a.npz", content, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(4 * n)
	for b.Loop() {
		column[float32](b, f, "x")
	}
}
