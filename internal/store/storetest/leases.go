package storetest

import (
	"errors"
	"sync"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"
)

// A run is its holder's alone until that gives it back.
func held(t *testing.T, p Place) {
	s, other := p.Open(t), p.Open(t)
	l := begin(t, s, spec(1))
	for name, s := range map[string]Store{"another process": other, "its own": s} {
		if _, err := s.Take(l.Run); !errors.Is(err, store.ErrHeld) {
			t.Errorf("%s: error %v, want ErrHeld", name, err)
		}
	}
	if err := other.Save(l, record(0), nil); !errors.Is(err, store.ErrLost) {
		t.Errorf("with the lease of another process: error %v, want ErrLost", err)
	}
	if r := find(t, other, l.Run); !r.Working {
		t.Errorf("run %+v, want one that a process works on", r)
	}
	if err := s.End(l, run.Stopped, "by its user"); err != nil {
		t.Fatal(err)
	}
	if r := find(t, other, l.Run); r.Working || r.Status != run.Stopped || r.Message != "by its user" {
		t.Errorf("run %+v", r)
	}
	next, err := other.Take(l.Run)
	if err != nil || next.Attempt != 2 {
		t.Fatalf("lease %+v, error %v", next, err)
	}
	if r := find(t, s, l.Run); !r.Working || r.Status != run.Running || r.Message != "" {
		t.Errorf("run %+v", r)
	}
	if err := other.End(next, run.Finished, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(l.Run); !errors.Is(err, store.ErrEnded) {
		t.Errorf("taken after its end: error %v, want ErrEnded", err)
	}
}

// A process that counts as dead writes nothing more, and leaves the work of the next one alone.
func lostLease(t *testing.T, p Place) {
	old, next := p.Open(t), p.Open(t)
	lost := begin(t, old, spec(1))
	save(t, old, lost, 0)
	p.Kill(old)
	if r := find(t, next, lost.Run); r.Working || r.Status != run.Running {
		t.Errorf("run %+v, want one that nobody works on", r)
	}
	l, err := next.Take(lost.Run)
	if err != nil || l.Attempt != 2 {
		t.Fatalf("lease %+v, error %v", l, err)
	}
	for name, err := range map[string]error{
		"Save":    old.Save(lost, record(10), checkpoint(10)),
		"Changed": old.Changed(lost, 1, here),
		"End":     old.End(lost, run.Finished, ""),
		"stolen":  old.End(l, run.Finished, ""),
	} {
		if !errors.Is(err, store.ErrLost) {
			t.Errorf("%s: error %v, want ErrLost", name, err)
		}
	}
	save(t, next, l, 10)
	if err := next.End(l, run.Finished, ""); err != nil {
		t.Fatal(err)
	}
	if err := next.Save(l, record(20), nil); !errors.Is(err, store.ErrLost) {
		t.Errorf("after the end: error %v, want ErrLost", err)
	}
	if r := find(t, next, l.Run); r.Records != 2 || r.Checkpoint != 10 || r.Status != run.Finished || r.Working {
		t.Errorf("run %+v", r)
	}
}

// A store that is closed gives back what it holds, as it stands.
func closed(t *testing.T, p Place) {
	s, other := p.Open(t), p.Open(t)
	l := begin(t, s, spec(1))
	save(t, s, l, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if r := find(t, other, l.Run); r.Working || r.Status != run.Running {
		t.Errorf("run %+v", r)
	}
	if l, err := other.Take(l.Run); err != nil || l.Attempt != 2 {
		t.Errorf("lease %+v, error %v", l, err)
	}
}

// Of many that claim a spec at once, one gets it. What has ended is left alone.
func claim(t *testing.T, p Place) {
	const n = 6
	var stores [n]Store
	for i := range stores {
		stores[i] = p.Open(t)
	}
	var group sync.WaitGroup
	var leases [n]store.Lease
	var errs [n]error
	for i := range stores {
		group.Go(func() { _, leases[i], errs[i] = stores[i].Claim(spec(1), here, false) })
	}
	group.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner < 0:
			winner = i
		case !errors.Is(err, store.ErrHeld):
			t.Fatalf("another one: lease %+v, error %v", leases[i], err)
		}
	}
	s := stores[winner]
	if runs, err := s.Runs(); err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	if err := s.End(leases[winner], run.Stopped, ""); err != nil {
		t.Fatal(err)
	}
	r, l, err := s.Claim(spec(1), here, false)
	if err != nil || l.Attempt != 2 || r.ID != l.Run {
		t.Fatalf("a stopped one: run %+v, lease %+v, error %v", r, l, err)
	}
	if err := s.End(l, run.Diverged, "NaN"); err != nil {
		t.Fatal(err)
	}
	if r, l, err = s.Claim(spec(1), here, false); err != nil || l != (store.Lease{}) || r.Status != run.Diverged {
		t.Errorf("an ended one: run %+v, lease %+v, error %v", r, l, err)
	}
	if r, l, err = s.Claim(spec(1), here, true); err != nil || l.Attempt != 1 || r.ID != spec(1).ID()+"-2" {
		t.Errorf("again: run %+v, lease %+v, error %v", r, l, err)
	}
}

// A run in another arithmetic is another one.
func claimOfAnotherArithmetic(t *testing.T, p Place) {
	s := p.Open(t)
	other := here
	other.ISA = "abacus"
	l, err := s.Begin(spec(1), other)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.End(l, run.Stopped, ""); err != nil {
		t.Fatal(err)
	}
	r, mine, err := s.Claim(spec(1), here, false)
	if err != nil || mine.Run == l.Run || r.ID != mine.Run || r.Origin != here {
		t.Errorf("run %+v, lease %+v, error %v", r, mine, err)
	}
	// One whose arithmetic changed on the way belongs to neither.
	if l, err = s.Take(l.Run); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Changed(l, 10, here), s.End(l, run.Finished, ""), s.End(mine, run.Finished, "")); err != nil {
		t.Fatal(err)
	}
	if r, mine, err = s.Claim(spec(1), here, false); err != nil || r.ID == l.Run || mine != (store.Lease{}) {
		t.Errorf("run %+v, lease %+v, error %v", r, mine, err)
	}
}

// Several processes write at once, each to a run of its own: nothing is lost, and nobody is refused.
func sideBySide(t *testing.T, p Place) {
	const n, steps = 4, 12
	var stores [n]Store
	for i := range stores {
		stores[i] = p.Open(t)
	}
	var group sync.WaitGroup
	var errs [n]error
	for i, s := range stores {
		group.Go(func() {
			_, l, err := s.Claim(spec(uint64(i)), here, false)
			for step := 0; step < steps && err == nil; step++ {
				err = s.Save(l, record(step), checkpoint(step))
			}
			errs[i] = errors.Join(err, s.End(l, run.Finished, ""))
		})
	}
	group.Wait()
	runs, err := stores[0].Runs()
	if err = errors.Join(err, errors.Join(errs[:]...)); err != nil || len(runs) != n {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	for _, r := range runs {
		if _, passed, err := stores[0].Checkpoint(r.ID); r.Records != steps || r.Checkpoint != steps-1 || r.Status != run.Finished || passed != nil || err != nil {
			t.Errorf("run %+v, passed over: %v, error %v", r, passed, err)
		}
	}
}
