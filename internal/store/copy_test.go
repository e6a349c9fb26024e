package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"breakeven/internal/fault"
	"breakeven/internal/objects/objectstest"
	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/internal/store/storetest"
	"breakeven/run"
)

// Runs and sweeps go from one store to another, and to a third, as they are.
func copies(t *testing.T, a, b, c storetest.Place) {
	from, to := a.Open(t).(*store.Store), b.Open(t).(*store.Store)
	ids := fill(t, from)
	begin(t, from, 9) // a process works on it
	done, err := to.Copy(from, quietly)
	if err != nil || done.Runs != len(ids) || done.Sweeps != 1 || len(done.Refused) != 1 || !errors.Is(done.Refused[0].Err, store.ErrHeld) {
		t.Fatalf("%+v, error %v", done, err)
	}
	if done, err = to.Copy(from, quietly); err != nil || done.Runs != 0 || done.Present != len(ids) || done.Sweeps != 0 {
		t.Fatalf("again: %+v, error %v", done, err)
	}
	last := c.Open(t).(*store.Store)
	if done, err = last.Copy(to, quietly); err != nil || done.Runs != len(ids) || len(done.Refused) != 0 {
		t.Fatalf("on: %+v, error %v", done, err)
	}
	for _, id := range ids {
		if want, got := whole(t, from, id), whole(t, last, id); !reflect.DeepEqual(want, got) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if r, err := last.Find("last"); err != nil || r.ID != ids[len(ids)-1] {
		t.Errorf("the last run is %s, error %v", r.ID, err)
	}
	w, err := last.FindSweep("last")
	list, err2 := last.Standings(w.ID, store.Origin{})
	if err = errors.Join(err, err2); err != nil || len(list) != 2 || list[0].Run.ID != ids[0] || list[1].Failures != 1 || list[1].Error != "no room" {
		t.Errorf("sweep %+v: %+v, error %v", w, list, err)
	}
	if l, err := last.Take(ids[1]); err != nil { // it goes on there
		t.Error(err)
	} else if err := last.Save(l, &run.Record{Step: 3}, &run.Checkpoint{Step: 3}); err != nil {
		t.Error(err)
	}
}

// quietly is told how far a copy is.
func quietly(int, int) error { return nil }

// fill makes a sweep, and runs of three specs: one has ended, one was stopped, one has a name and was
// run again.
func fill(t *testing.T, s *store.Store) (ids []string) {
	t.Helper()
	w, err := s.Submit("two", 1, store.Origin{}, []run.Spec{seed(0), seed(1)})
	if err != nil {
		t.Fatal(err)
	}
	for i, status := range []run.Status{run.Finished, run.Stopped, run.Diverged, run.Finished} {
		l := begin(t, s, min(i, 2))
		for step := range 3 {
			c := &run.Checkpoint{Step: step, Weights: []run.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1, float32(step)}}}, Meta: map[string]string{"rng": "0"}}
			if err := s.Save(l, &run.Record{Step: step, Values: []run.Value{{Key: "loss", Value: 1 / float64(step+3)}}}, c); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.End(l, status, "why"); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, l.Run)
	}
	if err := errors.Join(s.Failed(w.ID, 2, store.Origin{}, "no room"), s.SetName(ids[2], "Best"), s.Tag(ids[2], "b", "a")); err != nil {
		t.Fatal(err)
	}
	return ids
}

func seed(n int) run.Spec {
	s := run.Default()
	s.Seed = uint64(n)
	return s
}

func begin(t *testing.T, s *store.Store, n int) store.Lease {
	t.Helper()
	l, err := s.Begin(seed(n), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// whole returns all that a store knows of a run.
func whole(t *testing.T, s *store.Store, id string) []any {
	t.Helper()
	r, err1 := s.Find(id)
	records, err2 := s.Records(id)
	c, passed, err3 := s.Checkpoint(id)
	older, _, err4 := s.CheckpointUpTo(id, 1)
	if err := errors.Join(err1, err2, err3, err4, passed); err != nil {
		t.Fatal(err)
	}
	return []any{r, records, c, older}
}

func TestCopy(t *testing.T) { copies(t, folder(t.TempDir()), folder(t.TempDir()), folder(t.TempDir())) }

// From a folder to a server and back, with checkpoints in its database and in a folder.
func copyOverServer(t *testing.T, server *servertest.Server) {
	copies(t, folder(t.TempDir()), newAddress(server, ""), folder(t.TempDir()))
	copies(t, newAddress(server, t.TempDir()), folder(t.TempDir()), newAddress(server, objectstest.Start(t).Address("lab", "")))
}

// What differs is refused by its name, and so is a run whose name another one has. The others are copied.
func TestCopyRefuses(t *testing.T) {
	from, to := folder(t.TempDir()).Open(t).(*store.Store), folder(t.TempDir()).Open(t).(*store.Store)
	ids := fill(t, from)
	l := begin(t, to, 0)
	if err := errors.Join(to.Save(l, &run.Record{Step: 0}, nil), to.End(l, run.Finished, "")); err != nil {
		t.Fatal(err)
	}
	other := begin(t, to, 7)
	if err := to.SetName(other.Run, "best"); err != nil {
		t.Fatal(err)
	}
	done, err := to.Copy(from, quietly)
	if err != nil || done.Runs != 2 || len(done.Refused) != 2 || done.Refused[0].Run != ids[0] || done.Refused[1].Run != ids[2] {
		t.Fatalf("%+v, error %v", done, err)
	}
	if err := done.Refused[0].Err; !errors.Is(err, store.ErrDiffers) || !strings.Contains(err.Error(), "1 records there and 3 here") {
		t.Error(err)
	}
	if err := done.Refused[1].Err; !strings.Contains(err.Error(), `"Best" is that of run `+other.Run) {
		t.Error(err)
	}
}

// A copy that is interrupted at any commit goes on the next time.
func TestCopyGoesOn(t *testing.T) {
	from, to := folder(t.TempDir()).Open(t).(*store.Store), folder(t.TempDir()).Open(t).(*store.Store)
	ids := fill(t, from)
	defer func() { fault.Hook = nil }()
	broken := errors.New("broken")
	for n := 0; ; n++ {
		commits := 0
		fault.Hook = func(place string) error {
			if place != "commit" && place != "committed" {
				return nil
			}
			if commits++; commits == 2 {
				return broken
			}
			return nil
		}
		_, err := to.Copy(from, quietly)
		if err == nil {
			break
		}
		if !errors.Is(err, broken) || n > 20 {
			t.Fatal(n, err)
		}
	}
	fault.Hook = nil
	if done, err := to.Copy(from, quietly); err != nil || done.Present != len(ids) || done.Runs != 0 {
		t.Errorf("%+v, error %v", done, err)
	}
}
