package store_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"breakeven/internal/fault"
	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/internal/store/storetest"
	"breakeven/run"
)

// A writer that nobody has seen for long comes back, and has what nobody else took.
func beat(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	s := at.Open(t).(*store.Store)
	l, err := s.Begin(run.Default(), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	at.exec("DELETE FROM writers")
	if r, err := s.Find(l.Run); err != nil || r.Working {
		t.Errorf("run %+v, error %v", r, err)
	}
	store.Beat(s)
	if r, err := s.Find(l.Run); err != nil || !r.Working || r.PID != os.Getpid() || r.Host == "" {
		t.Errorf("run %+v, error %v", r, err)
	}
	if err := s.Save(l, nil, &run.Checkpoint{Step: 1}); err != nil {
		t.Error(err)
	}
}

// A save that comes while another process takes the run waits for it, and is too late.
func lateSave(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	s, next := at.Open(t), at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	at.Kill(s)
	late := make(chan error, 1)
	var once sync.Once
	defer func() { fault.Hook = nil }()
	fault.Hook = func(place string) error {
		if place == "commit" {
			once.Do(func() { // of the one that takes it
				go func() { late <- s.Save(l, &run.Record{Step: 1}, nil) }()
				for at.count(t, "pg_locks WHERE NOT granted") == 0 && len(late) == 0 {
					time.Sleep(time.Millisecond)
				}
			})
		}
		return nil
	}
	if l, err := next.Take(l.Run); err != nil || l.Attempt != 2 {
		t.Fatalf("lease %+v, error %v", l, err)
	}
	if err := <-late; !errors.Is(err, store.ErrLost) {
		t.Errorf("the late save: error %v, want ErrLost", err)
	}
	if n := at.count(t, "records"); n > 0 {
		t.Errorf("%d records of it", n)
	}
}

// Whether the connection is cut within a transaction, before its commit or after it, what was to be written
// is written once.
func cutOff(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	c := newCutter(t, server.Socket())
	s, err := store.Open(server.Address(url.Values{"search_path": {at.schema}, "host": {c.dir}}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, when := range []int32{within, before, after} {
		spec := run.Default()
		spec.Seed = uint64(i)
		c.armed.Store(when)
		r, l, err := s.Claim(spec, store.Origin{}, false)
		if err != nil || l.Attempt != 1 || r.ID != spec.ID() {
			t.Fatalf("claimed %+v, lease %+v, error %v", r, l, err)
		}
		c.armed.Store(when)
		if err := s.Save(l, &run.Record{Step: 1}, &run.Checkpoint{Step: 1}); err != nil {
			t.Fatal(err)
		}
		c.armed.Store(when)
		if err := s.End(l, run.Finished, ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.cuts.Load(); n != 9 {
		t.Errorf("%d cuts, want 9", n)
	}
	runs, err := s.Runs()
	if err != nil || len(runs) != 3 {
		t.Fatalf("runs %+v, error %v", runs, err)
	}
	for _, r := range runs {
		if r.Records != 1 || r.Checkpoint != 1 || r.Status != run.Finished {
			t.Errorf("run %+v", r)
		}
	}
}

// The clock of the server jumps, back or forth: who is dead does not keep a run, and who lives loses none
// that nobody took.
func clockJumps(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	for seed, jump := range []string{"1 hour", "-3 days"} {
		dead, living := at.Open(t).(*store.Store), at.Open(t).(*store.Store)
		spec := run.Default()
		spec.Seed = uint64(seed)
		left, err := dead.Begin(spec, store.Origin{})
		kept, err2 := living.Begin(run.Default(), store.Origin{})
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		at.exec(fmt.Sprintf("UPDATE writers SET seen = clock_timestamp() + interval '%s'", jump))
		next := at.Open(t) // it clears away who was not seen for a day
		if l, err := next.Take(left.Run); err != nil || l.Attempt != 2 {
			t.Errorf("%s: lease %+v, error %v", jump, l, err)
		}
		store.Beat(living)
		if _, err := next.Take(kept.Run); !errors.Is(err, store.ErrHeld) {
			t.Errorf("%s: taking what a living process has: error %v, want ErrHeld", jump, err)
		}
		if err := living.Save(kept, &run.Record{Step: 1}, nil); err != nil {
			t.Errorf("%s: %v", jump, err)
		}
		if err := dead.Save(left, &run.Record{Step: 1}, nil); !errors.Is(err, store.ErrLost) {
			t.Errorf("%s: the late save: error %v, want ErrLost", jump, err)
		}
	}
}

// A disk of the server that is full says so. Nothing is written, and when there is room again all goes on.
func fullServer(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	s := at.Open(t)
	l, err := s.Begin(run.Default(), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	at.exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
		CREATE TRIGGER no_room BEFORE INSERT ON chunks EXECUTE FUNCTION full_disk()`)
	save := func() error { return s.Save(l, &run.Record{Step: 1}, &run.Checkpoint{Step: 1}) }
	if err := save(); !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), "that of the server") {
		t.Errorf("error %v, want ErrFull", err)
	}
	if n := at.count(t, "records") + at.count(t, "checkpoints"); n > 0 {
		t.Errorf("%d rows of a save that failed", n)
	}
	at.exec("DROP TRIGGER no_room ON chunks")
	if err := errors.Join(save(), s.End(l, run.Finished, "")); err != nil {
		t.Error(err)
	}
}

// Processes go on when the server is started anew, even after a crash.
func restart(t *testing.T, server *servertest.Server) {
	at := newAddress(server, "")
	stores := []storetest.Store{at.Open(t), at.Open(t)}
	const steps = 60
	var group sync.WaitGroup
	var errs [2]error
	begun := make(chan bool, len(stores))
	for i, s := range stores {
		group.Go(func() {
			spec := run.Default()
			spec.Seed = uint64(i)
			l, err := s.Begin(spec, store.Origin{})
			for step := 0; step < steps && err == nil; step++ {
				if step == steps/3 {
					begun <- true
				}
				err = s.Save(l, &run.Record{Step: step}, &run.Checkpoint{Step: step})
			}
			errs[i] = errors.Join(err, s.End(l, run.Finished, ""))
		})
	}
	for range stores {
		<-begun
	}
	server.Restart(true)
	group.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		runs, err := s.Runs()
		if err != nil || len(runs) != 2 || runs[0].Records != steps || runs[1].Records != steps || runs[0].Checkpoint != steps-1 {
			t.Errorf("runs %+v, error %v", runs, err)
		}
	}
}
