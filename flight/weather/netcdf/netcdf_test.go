package netcdf

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// load returns a file of testdata, which SciPy wrote.
func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *File) variable(name string) *Variable {
	for _, v := range f.Vars {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Values are those that were written, whole and in slices, with records and without, in shorts with
// a scale (of 32 bits), floats and doubles.
func TestRead(t *testing.T) {
	for _, name := range []string{"v1.nc", "v2.nc"} {
		b := load(t, name)
		f := open(t, b)
		if len(f.Attrs) != 1 || f.Attrs[0].Text != "made for tests" || len(f.Vars) != 7 {
			t.Errorf("%s: %d variables, attributes %v", name, len(f.Vars), f.Attrs)
		}
		if time := f.variable("time"); time.Dims[0].Record != (name == "v1.nc") || time.Dims[0].Len != 2 {
			t.Errorf("%s: dimension %v", name, time.Dims[0])
		}
		for _, c := range []struct {
			name          string
			factor, shift float64
		}{{"t", 0.01, 220}, {"u", 1. / 8, -30}, {"v", -1. / 16, 0}} {
			v := f.variable(c.name)
			check := func(got []float64, first, step int) {
				t.Helper()
				for k := range got {
					i := first + k*step
					x := float64(1000*(i/60)+100*(i/20%3)+10*(i/5%4)+i%5)*c.factor + c.shift
					if i == 119 && c.name == "t" {
						x = math.NaN()
					}
					if math.Abs(got[k]-x) > 1e-6 || math.IsNaN(x) != math.IsNaN(got[k]) {
						t.Errorf("%s: %s has %g at %d, want %g", name, c.name, got[k], i, x)
					}
				}
			}
			all := make([]float64, v.Len(0))
			if err := v.Read(bytes.NewReader(b), all); err != nil {
				t.Fatal(err)
			}
			check(all, 0, 1)
			slice := make([]float64, v.Len(2))
			if err := v.Read(bytes.NewReader(b), slice, 1, 2); err != nil || len(slice) != 20 {
				t.Fatal(len(slice), err)
			}
			check(slice, 100, 1)
			one := make([]float64, 1)
			if err := v.Read(bytes.NewReader(b), one, 0, 1, 2, 3); err != nil {
				t.Fatal(err)
			}
			check(one, 33, 1)
		}
	}
}

// The records of a file's only variable stand close together, without padding.
func TestOneVariable(t *testing.T) {
	b := load(t, "one.nc")
	v := open(t, b).Vars[0]
	got := make([]float64, 9)
	if err := v.Read(bytes.NewReader(b), got); err != nil {
		t.Fatal(err)
	}
	if want := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What is damaged or not read is an error that says so.
func TestRefused(t *testing.T) {
	good := load(t, "v1.nc")
	replace := func(at int, x uint32) []byte {
		b := bytes.Clone(good)
		binary.BigEndian.PutUint32(b[at:], x)
		return b
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not a NetCDF file"},
		{"HDF5", []byte("\x89HDF\r\n\x1a\n"), "nccopy -k classic"},
		{"version 5", []byte("CDF\x05\x00\x00"), "version 5"},
		{"cut in the header", good[:100], "truncated"},
		{"cut in the values", good[:len(good)-8], "end of the file: it is truncated"},
		{"records", replace(4, 1<<30), "records of variable"},
		{"streaming", replace(4, math.MaxUint32), "did not close it"},
		{"number of dimensions", replace(12, 1<<31), "more than the file can have"},
		{"tag", replace(8, 7), "tag 7 stands where 10 should"},
	} {
		if _, err := Open(bytes.NewReader(c.file), int64(len(c.file))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzRead looks for files that break the reader.
func FuzzRead(f *testing.F) {
	f.Add(load(f, "v1.nc"))
	f.Add(load(f, "v2.nc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("error %q", err)
			}
			return
		}
		for _, v := range file.Vars {
			n := v.Len(0)
			if n > len(b) {
				t.Errorf("%d values in %d bytes", n, len(b))
				continue
			}
			_ = v.Read(bytes.NewReader(b), make([]float64, n))
			if len(v.Dims) > 0 && v.Dims[0].Len > 0 {
				_ = v.Read(bytes.NewReader(b), make([]float64, v.Len(1)), v.Dims[0].Len-1)
			}
		}
	})
}
