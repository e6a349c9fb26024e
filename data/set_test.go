package data

import (
	"bytes"
	"testing"
)

func TestSlice(t *testing.T) {
	s := randomSet(1, 10, [3]int{3, 4, 5})
	m := s.Slice(3, 7)
	if m.Len() != 4 || m.Name != s.Name || m.Shape != s.Shape || m.Classes != s.Classes {
		t.Fatalf("slice 3:7 is %d of %q, %v, %d classes", m.Len(), m.Name, m.Shape, m.Classes)
	}
	for i := range 4 {
		if m.Labels[i] != s.Labels[3+i] || !bytes.Equal(m.image(i), s.image(3+i)) {
			t.Errorf("example %d of slice 3:7 is not example %d", i, 3+i)
		}
	}
	if s.Slice(10, 10).Len() != 0 {
		t.Error("empty slice at the end is not empty")
	}
	for _, bad := range [][2]int{{-1, 2}, {3, 2}, {0, 11}} {
		mustPanic(t, func() { s.Slice(bad[0], bad[1]) })
	}
}

func TestSplit(t *testing.T) {
	train, test := randomSet(1, 50, [3]int{1, 2, 2}), randomSet(2, 10, [3]int{1, 2, 2})
	for _, c := range []struct{ n, valid, wantTrain, wantValid int }{
		{45, 5, 45, 5},
		{0, 5, 45, 5},
		{0, 0, 50, 10},
		{7, 0, 7, 10},
		{10, 20, 10, 20},
	} {
		s, err := NewSplit(train, test, c.n, c.valid)
		if err != nil {
			t.Errorf("%d and %d: %v", c.n, c.valid, err)
			continue
		}
		if s.Train.Len() != c.wantTrain || s.Valid.Len() != c.wantValid || s.Test != test {
			t.Errorf("%d and %d: %d and %d", c.n, c.valid, s.Train.Len(), s.Valid.Len())
		}
		if !bytes.Equal(s.Train.image(0), train.image(0)) {
			t.Errorf("%d and %d: training does not begin with the first example", c.n, c.valid)
		}
		if c.valid > 0 && !bytes.Equal(s.Valid.image(c.valid-1), train.image(49)) {
			t.Errorf("%d and %d: validation does not end with the last example", c.n, c.valid)
		}
	}
	for _, c := range [][2]int{{46, 5}, {0, 50}, {-1, 0}, {10, -1}, {0, 51}, {51, 0}} {
		_, err := NewSplit(train, test, c[0], c[1])
		complains(t, err, "50", "ask for fewer")
	}
}

func TestLookup(t *testing.T) {
	_, err := Lookup("mnist")
	complains(t, err, `"mnist"`, "fashion-mnist-sample", "cifar10")
	_, _, _, err = Open("mnist", "")
	complains(t, err, `"mnist"`)
	for _, in := range Sets() {
		if len(in.Mean) != in.Shape[0] || len(in.Std) != in.Shape[0] || len(in.ClassNames) != in.Classes || in.Licence == "" || in.Source == "" {
			t.Errorf("%s: description incomplete", in.Name)
		}
		for _, f := range append(in.Files, in.Members...) {
			if f.Size <= 0 || len(f.SHA256) != 64 && len(f.MD5) != 32 {
				t.Errorf("%s: %s lacks its size or checksum", in.Name, f.Name)
			}
		}
		for _, f := range in.Files {
			if len(f.SHA256) != 64 || f.URL == "" {
				t.Errorf("%s: %s cannot be fetched safely", in.Name, f.Name)
			}
		}
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("BREAKEVEN_DATA", "/some/where")
	if dir, err := DefaultDir(); dir != "/some/where" || err != nil {
		t.Errorf("with BREAKEVEN_DATA: %q, %v", dir, err)
	}
}

func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	f()
}
