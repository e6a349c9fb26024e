package table

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mostFuzzed bounds the memory that a file may take in these tests.
const mostFuzzed = 1 << 20

// fuzzed reads everything in a file, as every type. It fails only on panics, and on
// arrays whose values do not fill their shape.
func fuzzed(t *testing.T, name string, b []byte, o Options) {
	o.Most = mostFuzzed
	f, err := file(name, b, &o)
	if err != nil {
		if !strings.HasPrefix(err.Error(), name) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("error %q", err)
		}
		return
	}
	for _, c := range f.Columns()[:min(len(f.Columns()), 20)] {
		everyType(t, f, Field{Names: []string{c.Name}, Missing: true})
		everyType(t, f, Field{Names: []string{c.Name}, Time: true})
	}
	everyType(t, f, Field{Rest: true, Missing: true})
}

func everyType(t *testing.T, f *File, field Field) {
	fuzzedAs[float64](t, f, field)
	fuzzedAs[float32](t, f, field)
	fuzzedAs[int64](t, f, field)
	fuzzedAs[int32](t, f, field)
	fuzzedAs[bool](t, f, field)
	fuzzedAs[string](t, f, field)
}

func fuzzedAs[T Element](t *testing.T, f *File, field Field) {
	var a Array[T]
	field.Into = &a
	if err := f.Read(field); err == nil && a.Len() != elements(a.Shape) {
		t.Errorf("%d values in a shape of %v", a.Len(), a.Shape)
	}
}

// seeds adds the files of testdata with an ending.
func seeds(f *testing.F, ending string) {
	names, err := filepath.Glob(filepath.Join("testdata", "*"+ending))
	if err != nil || len(names) == 0 {
		f.Fatal("no files", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a\tb\r\n1\t\"x\r\n", "\xef\xbb\xbfa\n\"x\ny\"\n\n", "a;b\n", "\x1f\x8b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range []string{"a.csv", "a.tsv"} {
			fuzzed(t, name, b, Options{})
			fuzzed(t, name, b, Options{NoHeader: true})
		}
	})
}

func FuzzNPY(f *testing.F) {
	seeds(f, ".npy")
	for _, descr := range []string{"<f2", ">f4", "|b1", "|S3", "<U2", "<M8[ns]", "|O"} {
		f.Add(npyOf(descr, "(2, 2)", make([]byte, 32)))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, "a.npy", b, Options{}) })
}

func FuzzNPZ(f *testing.F) {
	seeds(f, "r.npz")
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, "a.npz", b, Options{}) })
}

func FuzzParquet(f *testing.F) {
	seeds(f, "-1.parquet")
	seeds(f, "-2.parquet")
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, "a.parquet", b, Options{}) })
}
