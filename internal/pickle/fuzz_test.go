package pickle

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// asked calls every method of a value and of its parts. Values can contain themselves.
func asked(v any, left *int) {
	if *left--; *left < 0 {
		return
	}
	Describe(v)
	Text(v)
	_, _ = key(v)
	_, _ = Ints(v)
	_, _, _ = StateDicts(v)
	switch v := v.(type) {
	case *Array:
		if v.Len() < 1<<16 {
			_, _ = v.Float64s()
			_, _ = v.Float32s()
		}
	case *CSR:
		_, _, _, _ = v.Parts()
	case *Tensor:
		_ = v.judge()
	case *Object:
		for _, item := range append([]any{v.State, &v.Items}, v.Args...) {
			asked(item, left)
		}
	case *Dict:
		for i := range v.Keys {
			v.Get(v.Keys[i])
			asked(v.Values[i], left)
		}
	}
	if items, ok := Items(v); ok {
		for _, item := range items {
			asked(item, left)
		}
	}
}

func judged(t *testing.T, v any, err error) {
	if err != nil {
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("error %q", err)
		}
		return
	}
	left := 1000
	asked(v, &left)
}

func seeds(f *testing.F, pattern string) {
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
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

func FuzzPickle(f *testing.F) {
	seeds(f, "*.pkl")
	seeds(f, "ind.tiny.*")
	f.Fuzz(func(t *testing.T, b []byte) {
		l := Loader{Classes: Join(Collections, NumPy, SciPy, tensors), Persistent: func(any) (any, error) { return &Storage{}, nil }}
		v, err := l.Load(b)
		judged(t, v, err)
	})
}

func FuzzTorch(f *testing.F) {
	seeds(f, "*.pt")
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _, err := Torch(bytes.NewReader(b), int64(len(b)))
		judged(t, v, err)
	})
}
