package store

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// open opens a store that is closed at the end of the test.
func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func create(t *testing.T, s *Store, spec run.Spec) Run {
	t.Helper()
	l, err := s.Begin(spec, Origin{Program: "test", ISA: "generic"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Find(l.Run)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lease returns the lease that a store has on a run, which it takes if it has none.
func lease(s *Store, id string) (Lease, error) {
	l := Lease{Run: id}
	err := s.db.QueryRow("SELECT attempt FROM leases WHERE run = ? AND writer = ?", id, s.writer.name()).Scan(&l.Attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return s.Take(id)
	}
	return l, err
}

// save saves with the lease that a store has on a run, or takes.
func save(s *Store, id string, r *run.Record, c *run.Checkpoint) error {
	l, err := lease(s, id)
	if err != nil {
		return err
	}
	return s.Save(l, r, c)
}

// end ends a run with the lease that a store has on it, or takes.
func end(s *Store, id string, status run.Status, message string) error {
	l, err := lease(s, id)
	if err != nil {
		return err
	}
	return s.End(l, status, message)
}

// record returns a record whose numbers depend on the step alone.
func record(step int) *run.Record {
	return &run.Record{
		Step: step, Epoch: float64(step) / 47, Time: time.Date(2026, 1, 2, 3, 4, 5, step, time.UTC),
		Values: []run.Value{
			{Key: "loss", Unit: "nat", Value: 1 / float64(step+1), How: run.How{Probe: "loss", Examples: 100, Seconds: float64(step)}},
			{Key: "h_top5", Unit: "nat", Vector: []float64{float64(step), 0.1}, Error: 1e-3, How: run.How{Probe: "h"}},
		},
	}
}

func checkpoint(step int) *run.Checkpoint {
	return &run.Checkpoint{
		Step: step,
		Weights: []run.Tensor{
			{Name: "fc.weight", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, float32(step)}},
			{Name: "fc.bias", Shape: []int{2}, Data: []float32{-1, 0}},
		},
		State: []run.Tensor{{Name: "momentum", Shape: []int{1}, Data: []float32{float32(step)}}},
		Meta:  map[string]string{"rng": "0123", "best": "0.5"},
	}
}

func TestSaveAndReadBack(t *testing.T) {
	s := open(t, t.TempDir())
	r := create(t, s, run.Default())
	if r.Status != run.Running || r.LastStep != -1 || r.Checkpoint != -1 || r.Origin.ISA != "generic" {
		t.Errorf("a new run: %+v", r)
	}
	var want []run.Record
	for _, step := range []int{0, 10, 20} {
		if err := save(s, r.ID, record(step), checkpoint(step)); err != nil {
			t.Fatal(err)
		}
		want = append(want, *record(step))
	}
	got, err := s.Records(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("records (-want +got)\n%s", d)
	}
	c, _, err := s.Checkpoint(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*checkpoint(20), c); d != "" {
		t.Errorf("checkpoint (-want +got)\n%s", d)
	}
	r, err = s.Find(r.ID)
	if err != nil || r.Records != 3 || r.LastStep != 20 || r.Checkpoint != 20 {
		t.Errorf("run %+v, error %v", r, err)
	}
}

func TestRecordIsWrittenOnce(t *testing.T) {
	s := open(t, t.TempDir())
	id := create(t, s, run.Default()).ID
	first := record(5)
	again := record(5)
	again.Time = again.Time.Add(time.Hour)
	again.Values[0].How.Seconds = 77
	for _, r := range []*run.Record{first, again} {
		if err := save(s, id, r, nil); err != nil {
			t.Fatal(err)
		}
	}
	other := record(5)
	other.Values[0].Value = 0.25
	if err := save(s, id, other, nil); !errors.Is(err, ErrDiffers) {
		t.Errorf("saving other numbers: %v, want ErrDiffers", err)
	}
	got, err := s.Records(id)
	if d := cmp.Diff([]run.Record{*first}, got); d != "" || err != nil {
		t.Errorf("error %v, records (-want +got)\n%s", err, d)
	}
}

// The arithmetic that made a run is kept, and each change of it.
func TestArithmetic(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	l, err := s.Begin(run.Default(), Origin{Program: "v1", ISA: "avx512", Numerics: 3})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Find(l.Run)
	if err != nil || r.Origin.Numerics != 3 || r.Changes != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, step := range []int{40, 60} {
		if err := s.Changed(l, step, Origin{Program: "v2", ISA: "avx2", Numerics: step / 10}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	want := "after step 40 with avx2 kernels, numerics 4; after step 60 with avx2 kernels, numerics 6; "
	if r, err = reader.Find("last"); err != nil || r.Changes != want || r.Origin != (Origin{Program: "v2", ISA: "avx2", Numerics: 6}) {
		t.Errorf("%+v, %v", r, err)
	}
	if err := open(t, t.TempDir()).Changed(Lease{"r000000000000", 1}, 1, Origin{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
}
