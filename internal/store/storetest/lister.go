package storetest

import (
	"reflect"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"
)

// A lister sees what Runs sees, but for the number of records, also after changes; and the trials of a
// sweep.
func lister(t *testing.T, p Place) {
	s := p.Open(t)
	l := s.Lister()
	same := func(n int) {
		t.Helper()
		want, err1 := s.Runs()
		got, err2 := l.Runs()
		if err1 != nil || err2 != nil || len(got) != n {
			t.Fatal(len(got), err1, err2)
		}
		for i := range want {
			want[i].Records = store.NotCounted
			if !reflect.DeepEqual(want[i], got[i]) {
				t.Errorf("run %+v, want %+v", got[i], want[i])
			}
		}
	}
	same(0)
	first, second := begin(t, s, spec(1)), begin(t, s, spec(2))
	same(2)
	save(t, s, first, 0)
	if err := s.SetName(second.Run, "second"); err != nil {
		t.Fatal(err)
	}
	same(2)
	if err := s.Delete(begin(t, s, spec(3)).Run); err == nil {
		t.Error("a run that is held is deleted")
	}
	same(3)
	w, err := s.Submit("two", 1, here, []run.Spec{spec(2), spec(4)})
	if err != nil {
		t.Fatal(err)
	}
	trials, err := l.Trials(w.ID)
	if err != nil || len(trials) != 2 || trials[0].ID != spec(2).ID() || trials[1].Spec.ID() != spec(4).ID() || trials[1].Place != 2 {
		t.Errorf("trials %+v, error %v", trials, err)
	}
}
