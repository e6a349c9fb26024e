package storetest

import (
	"errors"
	"sync"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"
)

// submit adds a sweep of the specs of n seeds.
func submit(t *testing.T, s Store, retries, n int) store.Sweep {
	t.Helper()
	var specs []run.Spec
	for i := range n {
		specs = append(specs, spec(uint64(i)))
	}
	w, err := s.Submit("seeds", retries, here, specs)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// next takes the next trial, which must be the one of a place.
func next(t *testing.T, s Store, sweep string, place int) store.Job {
	t.Helper()
	job, _, err := s.Next(sweep, here, false)
	if err != nil || job.Place != place || job.Spec.Seed != uint64(place-1) || job.Run.ID != job.Lease.Run {
		t.Fatalf("%+v, error %v, want trial %d", job, err, place)
	}
	return job
}

// none fails unless no trial is left to be taken, and so many are under way.
func none(t *testing.T, s Store, sweep string, underway int) {
	t.Helper()
	if job, n, err := s.Next(sweep, here, false); !errors.Is(err, store.ErrNone) || n.Underway != underway {
		t.Errorf("%+v, %+v, error %v, want ErrNone and %d", job, n, err, underway)
	}
}

// The same list is the same sweep. A trial is taken once, by whoever comes first.
func sweeps(t *testing.T, p Place) {
	s, other := p.Open(t), p.Open(t)
	w := submit(t, s, 1, 3)
	if again := submit(t, other, 2, 3); again.ID != w.ID || again.Retries != 2 || again.Trials != 3 || again.State != store.Active {
		t.Errorf("submitted again: %+v", again)
	}
	if larger := submit(t, s, 1, 4); larger.ID == w.ID {
		t.Error("a list of other trials is the same sweep")
	}
	for _, name := range []string{w.ID, w.ID[:8]} {
		if found, err := s.FindSweep(name); err != nil || found.ID != w.ID || found.Title != "seeds" {
			t.Errorf("FindSweep(%q) = %+v, error %v", name, found, err)
		}
	}
	a, b := next(t, s, w.ID, 1), next(t, other, w.ID, 2)
	if err := errors.Join(s.End(a.Lease, run.Finished, ""), other.End(b.Lease, run.Stopped, "")); err != nil {
		t.Fatal(err)
	}
	next(t, s, w.ID, 2) // it goes on
	c := next(t, other, w.ID, 3)
	none(t, s, w.ID, 2)
	if err := other.End(c.Lease, run.Diverged, "NaN"); err != nil {
		t.Fatal(err)
	}
	none(t, other, w.ID, 1)
	list, err := s.Standings(w.ID, here)
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, error %v", list, err)
	}
	for i, ended := range []bool{true, false, true} {
		if list[i].Ended() != ended || list[i].Run.Working == ended || list[i].Place != i+1 {
			t.Errorf("trial %d: %+v", i+1, list[i])
		}
	}
	p.Kill(s)
	next(t, other, w.ID, 2) // it is taken over
	for name, err := range map[string]error{
		"FindSweep": second(other.FindSweep("s0")), "SetState": other.SetState("s0", store.Paused), "State": second(other.State("s0")), "Retry": other.Retry("s0"),
	} {
		if !errors.Is(err, store.ErrNoSweep) {
			t.Errorf("%s of an unknown sweep: error %v, want ErrNoSweep", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Nothing is taken of a sweep that is paused or cancelled.
func sweepStates(t *testing.T, p Place) {
	s := p.Open(t)
	w := submit(t, s, 1, 2)
	for _, state := range []store.State{store.Paused, store.Cancelled} {
		if err := s.SetState(w.ID, state); err != nil {
			t.Fatal(err)
		}
		none(t, s, w.ID, 0)
		if got, err := s.State(w.ID); err != nil || got != state {
			t.Errorf("state %s, error %v, want %s", got, err, state)
		}
	}
	if err := s.SetState(w.ID, store.Active); err != nil {
		t.Fatal(err)
	}
	next(t, s, w.ID, 1)
}

// A trial that fails is tried again after the others, so often as is allowed, and no longer unless it
// got further in between or its failures are forgotten.
func failures(t *testing.T, p Place) {
	s := p.Open(t)
	w := submit(t, s, 1, 2)
	fail := func(job store.Job) {
		t.Helper()
		if err := errors.Join(s.End(job.Lease, run.Stopped, "no room"), s.Failed(w.ID, job.Place, here, "no room")); err != nil {
			t.Fatal(err)
		}
	}
	fail(next(t, s, w.ID, 1))
	b := next(t, s, w.ID, 2)
	a := next(t, s, w.ID, 1)
	save(t, s, a.Lease, 10) // it got further: this failure is the first one again
	fail(a)
	fail(next(t, s, w.ID, 1))
	none(t, s, w.ID, 1)
	list, err := s.Standings(w.ID, here)
	if err != nil || list[0].Failures != 2 || list[0].Error != "no room" || list[1].Failures != 0 {
		t.Errorf("%+v, error %v", list, err)
	}
	if err := errors.Join(s.End(b.Lease, run.Finished, ""), s.Retry(w.ID)); err != nil {
		t.Fatal(err)
	}
	if job := next(t, s, w.ID, 1); job.Failures != 0 || job.Error != "" || job.Run.Checkpoint != 10 {
		t.Errorf("after its failures were forgotten: %+v", job)
	}
}

// A trial that was begun with other kernels goes on with these, unless its taker says otherwise. If
// nothing of it was saved it is begun anew, and once it has ended it has ended for all.
func otherKernels(t *testing.T, p Place) {
	s := p.Open(t)
	w := submit(t, s, 0, 3)
	there := store.Origin{Program: "other", ISA: "avx2", Numerics: here.Numerics}
	a, b, c := next(t, s, w.ID, 1), next(t, s, w.ID, 2), next(t, s, w.ID, 3)
	save(t, s, a.Lease, 1)
	save(t, s, c.Lease, 1)
	if err := errors.Join(s.End(a.Lease, run.Finished, ""), s.End(b.Lease, run.Stopped, ""), s.End(c.Lease, run.Stopped, "")); err != nil {
		t.Fatal(err)
	}
	job, _, err := s.Next(w.ID, there, false)
	if err != nil || job.Place != 2 || job.Run.Origin != there || job.Run.Changes != "" {
		t.Fatalf("%+v, error %v", job, err)
	}
	if job, rest, err := s.Next(w.ID, there, false); !errors.Is(err, store.ErrNone) || rest != (store.Rest{Underway: 1, Elsewhere: 1}) {
		t.Fatalf("%+v, %+v, error %v", job, rest, err)
	}
	job, _, err = s.Next(w.ID, there, true)
	if err != nil || job.Place != 3 || job.Run.ID != c.Run.ID || job.Run.Origin != there || job.Run.Changes != "after step 1 with avx2 kernels, numerics 1; " {
		t.Fatalf("%+v, error %v", job, err)
	}
	if list, err := s.Standings(w.ID, here); err != nil || !list[0].Ended() || !list[1].Run.Working {
		t.Errorf("%+v, error %v", list, err)
	}
	if runs, err := s.Runs(); err != nil || len(runs) != 3 {
		t.Errorf("%d runs, error %v", len(runs), err)
	}
}

// A program with other numerics takes nothing, until it submits the sweep, all of which it runs then.
func otherNumerics(t *testing.T, p Place) {
	s := p.Open(t)
	w := submit(t, s, 0, 1)
	if err := s.End(next(t, s, w.ID, 1).Lease, run.Finished, ""); err != nil {
		t.Fatal(err)
	}
	none(t, s, w.ID, 0)
	later := here
	later.Numerics++
	if _, _, err := s.Next(w.ID, later, true); !errors.Is(err, store.ErrNumerics) {
		t.Errorf("error %v, want ErrNumerics", err)
	}
	if _, err := s.Submit("seeds", 0, later, []run.Spec{spec(0)}); err != nil {
		t.Fatal(err)
	}
	if job, _, err := s.Next(w.ID, later, false); err != nil || job.Run.Origin.Numerics != later.Numerics {
		t.Errorf("%+v, error %v", job, err)
	}
}

// A trial that was seen to have ended is open again when its run is deleted. The trials are counted.
func closedTrials(t *testing.T, p Place) {
	s := p.Open(t)
	w := submit(t, s, 0, 120)
	var first store.Job
	for i := range 118 {
		job := next(t, s, w.ID, i+1)
		if i == 0 {
			first = job
		}
		if i == 117 {
			if err := s.Failed(w.ID, job.Place, here, "no room"); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.End(job.Lease, map[bool]run.Status{true: run.Finished, false: run.Stopped}[i < 117], ""); err != nil {
			t.Fatal(err)
		}
	}
	next(t, s, w.ID, 119)
	if n, err := s.Tally(w.ID, here); err != nil || n != (store.Tally{Ended: 117, Underway: 1, Failed: 1}) {
		t.Errorf("%+v, error %v", n, err)
	}
	if err := s.Delete(first.Run.ID); err != nil {
		t.Fatal(err)
	}
	next(t, s, w.ID, 1)
	next(t, s, w.ID, 120)
	none(t, s, w.ID, 3)
}

// Many take trials at once: each is run once.
func trialsOnce(t *testing.T, p Place) {
	const workers, trials = 4, 20
	var stores [workers]Store
	for i := range stores {
		stores[i] = p.Open(t)
	}
	w := submit(t, stores[0], 0, trials)
	var group sync.WaitGroup
	var errs [workers]error
	for i, s := range stores {
		group.Go(func() {
			for {
				job, rest, err := s.Next(w.ID, here, false)
				switch {
				case errors.Is(err, store.ErrNone) && rest.Underway > 0:
					continue
				case errors.Is(err, store.ErrNone):
					return
				}
				if err == nil {
					err = errors.Join(s.Save(job.Lease, record(i), nil), s.End(job.Lease, run.Finished, ""))
				}
				if err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	group.Wait()
	list, err := stores[0].Standings(w.ID, here)
	if err = errors.Join(err, errors.Join(errs[:]...)); err != nil || len(list) != trials {
		t.Fatalf("%d trials, error %v", len(list), err)
	}
	for _, one := range list {
		if !one.Ended() || one.Run.Records != 1 {
			t.Errorf("%+v", one)
		}
	}
	if runs, err := stores[0].Runs(); err != nil || len(runs) != trials {
		t.Errorf("%d runs, error %v", len(runs), err)
	}
}
