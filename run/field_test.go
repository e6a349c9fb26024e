package run

import (
	"testing"

	"pgregory.net/rapid"
)

// A field that is set or removed is not shared with the spec that it was set in.
func TestWith(t *testing.T) {
	s := Default()
	a := s.With("width", "4")
	b := a.With("width", "8").With("depth", "2")
	c := b.With("width", "")
	if s.Text("width") != "" || a.Text("width") != "4" || b.Text("width") != "8" || c.Text("width") != "" || c.Text("depth") != "2" {
		t.Errorf("%v, %v, %v, %v", s.More, a.More, b.More, c.More)
	}
	if s.With("width", "").ID() != s.ID() || a.With("width", "").ID() != s.ID() {
		t.Error("a spec without a field has another identity than one that never had it")
	}
}

// A value is at its default if its text is that of the default.
func TestIsDefault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := specs().Draw(t, "spec")
		for _, f := range Fields {
			if v := f.Value(s); f.IsDefault(v) != (format(v) == format(f.Default)) || !f.IsDefault(f.Default) {
				t.Errorf("%s: %v is its default, %v: %v", f.Name, v, f.Default, f.IsDefault(v))
			}
		}
	})
}

// What the list of a study costs for each of its trials.
func BenchmarkID(b *testing.B) {
	s := Default().With("width", "4")
	for b.Loop() {
		_ = s.ID()
	}
}
