package run

import "testing"

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
