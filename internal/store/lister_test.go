package store

import (
	"testing"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// A lister sees what Runs sees, but for the number of records, also after changes; and the trials of a
// sweep.
func TestLister(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	reader, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	l := reader.Lister()
	same := func() {
		t.Helper()
		want, err1 := reader.Runs()
		got, err2 := l.Runs()
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for i := range want {
			want[i].Records = NotCounted
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	same()
	spec := run.Default()
	first := create(t, s, spec)
	spec.Seed = 2
	second := create(t, s, spec)
	same()
	if err := save(s, first.ID, &run.Record{Step: 7}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.SetName(second.ID, "second"); err != nil {
		t.Fatal(err)
	}
	same()
	other := spec
	other.LR = 0.5
	w, err := s.Submit("two", 1, []run.Spec{spec, other})
	if err != nil {
		t.Fatal(err)
	}
	trials, err := l.Trials(w.ID)
	if err != nil || len(trials) != 2 || trials[0].ID != spec.ID() || trials[1].Spec.LR != 0.5 || trials[1].Place != 2 {
		t.Errorf("trials %+v, error %v", trials, err)
	}
}
