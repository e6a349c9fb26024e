package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

// What was saved is read back, by another process too, and the last two checkpoints are there.
func saveAndReadBack(t *testing.T, p Place) {
	s := p.Open(t)
	l := begin(t, s, run.Default())
	if r := find(t, s, l.Run); r.Status != run.Running || r.LastStep != -1 || r.Checkpoint != -1 || r.Origin != here || l.Attempt != 1 {
		t.Errorf("a new run: %+v, lease %+v", r, l)
	}
	save(t, s, l, 0, 10, 20)
	for _, s := range []Store{s, p.Open(t)} {
		got, err := s.RecordsAfter(l.Run, 0)
		same(t, got, []run.Record{*record(10), *record(20)}, err)
		c, passed, err := s.Checkpoint(l.Run)
		same(t, c, *checkpoint(20), errors.Join(passed, err))
		if c, ok, err := s.CheckpointUpTo(l.Run, 19); !ok || err != nil || c.Step != 10 {
			t.Errorf("up to step 19: step %d, %v, error %v", c.Step, ok, err)
		}
		if r := find(t, s, "last"); r.ID != l.Run || r.Records != 3 || r.LastStep != 20 || r.Checkpoint != 20 {
			t.Errorf("run %+v", r)
		}
	}
}

// The same record again changes nothing, and another one of its step is refused.
func recordIsWrittenOnce(t *testing.T, p Place) {
	s := p.Open(t)
	l := begin(t, s, run.Default())
	again, other := record(5), record(5)
	again.Time, again.Values[0].How.Seconds = again.Time.Add(time.Hour), 77
	other.Values[0].Value = 0.25
	if err := errors.Join(s.Save(l, record(5), nil), s.Save(l, again, nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(l, other, checkpoint(5)); !errors.Is(err, store.ErrDiffers) {
		t.Errorf("other numbers: error %v, want ErrDiffers", err)
	}
	got, err := s.RecordsAfter(l.Run, -1)
	same(t, got, []run.Record{*record(5)}, err)
	if _, _, err := s.Checkpoint(l.Run); !errors.Is(err, store.ErrNoCheckpoint) {
		t.Errorf("a refused record has left its checkpoint: error %v", err)
	}
}

// The same spec again is a run of its own.
func repetition(t *testing.T, p Place) {
	s := p.Open(t)
	a, b := begin(t, s, spec(1)), begin(t, s, spec(1))
	if a.Run != spec(1).ID() || b.Run != a.Run+"-2" || b.Attempt != 1 {
		t.Errorf("leases %+v and %+v", a, b)
	}
	runs, err := s.WithSpec(spec(1))
	if err != nil || len(runs) != 2 || runs[0].ID != b.Run || runs[1].ID != a.Run {
		t.Errorf("runs %+v, error %v", runs, err)
	}
}

func labels(t *testing.T, p Place) {
	s, other := p.Open(t), p.Open(t)
	a, b := begin(t, s, spec(1)), begin(t, s, spec(2))
	// Names and tags belong to no lease.
	if err := errors.Join(other.SetName(a.Run, "Baseline"), other.Tag(a.Run, "x", "y"), other.Untag(a.Run, "x")); err != nil {
		t.Fatal(err)
	}
	if r := find(t, s, "baseline"); r.ID != a.Run || !slices.Equal(r.Tags, []string{"y"}) {
		t.Errorf("run %+v", r)
	}
	if err := s.SetName(b.Run, "BASELINE"); err == nil {
		t.Error("two runs have the same name")
	}
}

func deleted(t *testing.T, p Place) {
	s, other := p.Open(t), p.Open(t)
	l := begin(t, s, spec(1))
	save(t, s, l, 0)
	if err := other.Delete(l.Run); !errors.Is(err, store.ErrHeld) {
		t.Fatalf("deleted under its writer: error %v, want ErrHeld", err)
	}
	if err := errors.Join(s.End(l, run.Stopped, ""), other.Delete(l.Run)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(l.Run); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Find: error %v, want ErrNotFound", err)
	}
	if err := s.Save(l, record(1), checkpoint(1)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Save: error %v, want ErrNotFound", err)
	}
	if again := begin(t, s, spec(1)); again.Attempt != 1 || find(t, s, again.Run).Records != 0 {
		t.Errorf("begun anew: lease %+v", again)
	}
}

func unknown(t *testing.T, p Place) {
	s := p.Open(t)
	for _, id := range []string{"r000000000000", "../x", ""} {
		l := store.Lease{Run: id, Attempt: 1}
		_, taken := s.Take(id)
		_, _, read := s.Checkpoint(id)
		for name, err := range map[string]error{
			"Take": taken, "Save": s.Save(l, record(0), checkpoint(0)), "End": s.End(l, run.Finished, ""), "Changed": s.Changed(l, 0, here),
			"Delete": s.Delete(id), "SetName": s.SetName(id, "x"), "Tag": s.Tag(id, "x"),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s(%q): error %v, want ErrNotFound", name, id, err)
			}
		}
		if !errors.Is(read, store.ErrNoCheckpoint) && !errors.Is(read, store.ErrNotFound) {
			t.Errorf("Checkpoint(%q): error %v", id, read)
		}
	}
	if runs, err := s.Runs(); err != nil || len(runs) > 0 {
		t.Errorf("runs %+v, error %v", runs, err)
	}
}
