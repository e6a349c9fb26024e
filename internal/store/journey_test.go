package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"breakeven/internal/fault"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// journey is everything that happens to a run, in order: it is stopped before the
// measurement of a step, whose checkpoint is then replaced by one after the
// measurement, and resumed in between.
var journey = []struct {
	step     int
	measured bool
}{
	{0, false}, {0, true}, {20, false}, {20, true}, {30, true},
}

// stage returns what is saved at one stage of the journey.
func stage(i int) (*run.Record, *run.Checkpoint) {
	at := journey[i]
	c := checkpoint(at.step)
	c.Meta["stage"] = strconv.Itoa(i)
	if !at.measured {
		return nil, c
	}
	return record(at.step), c
}

// travel begins the journey, or continues it from the last checkpoint, to its end.
func travel(dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	defer s.Close()
	runs, err := s.Runs()
	if err != nil {
		return err
	}
	var l Lease
	switch {
	case len(runs) == 0:
		l, err = s.Begin(run.Default(), Origin{})
	case !runs[0].Status.Resumable():
		return nil
	default:
		l, err = s.Take(run.Default().ID())
	}
	if err != nil {
		return err
	}
	next := 0
	c, passed, err := s.Checkpoint(run.Default().ID())
	switch {
	case err == nil && passed == nil:
		if next, err = strconv.Atoi(c.Meta["stage"]); err != nil {
			return err
		}
		next++
	case !errors.Is(err, ErrNoCheckpoint):
		return fmt.Errorf("passed over: %v, error %v", passed, err)
	}
	for ; next < len(journey); next++ {
		r, c := stage(next)
		if err := s.Save(l, r, c); err != nil {
			return err
		}
	}
	return s.End(l, run.Finished, "")
}

const (
	travelEnv = "BREAKEVEN_STORE_TRAVEL" // names a folder in which the test binary travels
	killEnv   = "BREAKEVEN_STORE_KILL"   // and is killed at the place of this number, from 1
)

// killed is the process that travels. It never returns.
func killed(dir string) {
	at, _ := strconv.Atoi(os.Getenv(killEnv))
	count := 0
	fault.Hook = func(string) error {
		if count++; count == at {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			fmt.Println("not killed:", err)
			select {} // until the signal arrives
		}
		return nil
	}
	if err := travel(dir); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// arrived fails unless the journey is at its end and everything is as if nothing had
// happened.
func arrived(t *testing.T, dir string) {
	t.Helper()
	s := open(t, dir)
	defer s.Close()
	if len(s.Notes()) > 0 {
		t.Errorf("notes %q", s.Notes())
	}
	id := run.Default().ID()
	r, err := s.Find("last")
	if err != nil || r.ID != id || r.Status != run.Finished || r.Checkpoint != 30 {
		t.Errorf("run %+v, error %v", r, err)
	}
	var want []run.Record
	for _, step := range []int{0, 20, 30} {
		want = append(want, *record(step))
	}
	got, err := s.Records(id)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("error %v, records (-want +got)\n%s", err, d)
	}
	_, last := stage(len(journey) - 1)
	c, passed, err := s.Checkpoint(id)
	if d := cmp.Diff(*last, c); err != nil || passed != nil || d != "" {
		t.Errorf("error %v, passed over: %v, checkpoint (-want +got)\n%s", err, passed, d)
	}
	onlyFile(t, dir, id, 20)
	onlyFile(t, dir, id, 30)
	if files := holds(t, dir, id); len(files) != kept {
		t.Errorf("the folder holds %v", files)
	}
}

// places counts the places of an undisturbed journey.
func places(t *testing.T) int {
	t.Helper()
	defer func() { fault.Hook = nil }()
	n := 0
	fault.Hook = func(string) error { n++; return nil }
	dir := filepath.Join(t.TempDir(), "store")
	if err := travel(dir); err != nil {
		t.Fatal(err)
	}
	arrived(t, dir)
	if want := 6 * len(journey); n < want {
		t.Errorf("%d places, want %d or more", n, want)
	}
	return n
}

// A process killed at any place where it changes what is on disk leaves a run that is
// resumed to the same bits.
func TestKilledAtEveryPlace(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip("the test binary cannot find itself: ", err)
	}
	for at := range places(t) {
		t.Run(strconv.Itoa(at+1), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "store")
			c := exec.Command(self)
			c.Env = append(os.Environ(), travelEnv+"="+dir, killEnv+"="+strconv.Itoa(at+1))
			if out, err := c.CombinedOutput(); err == nil || len(out) > 0 {
				t.Fatalf("not killed: %v\n%s", err, out)
			}
			if err := travel(dir); err != nil {
				t.Fatal(err)
			}
			arrived(t, dir)
		})
	}
}

// The same if a place reports an error in place of doing its work, in turn that of a
// full disk and of a broken one, and if it reports the error after the work.
func TestFailureAtEveryPlace(t *testing.T) {
	defer func() { fault.Hook = nil }()
	for at := range places(t) {
		dir := filepath.Join(t.TempDir(), "store")
		broken := []error{syscall.ENOSPC, syscall.EIO}[at%2]
		count, where := 0, ""
		fault.Hook = func(place string) error {
			if count++; count != at+1 {
				return nil
			}
			where = place
			return &os.PathError{Op: "write", Path: place, Err: broken}
		}
		err := travel(dir)
		fault.Hook = nil
		// A file that cannot be deleted now is deleted later.
		if failed := err != nil; failed == strings.HasPrefix(where, "remove ") {
			t.Errorf("%s fails: error %v", where, err)
		}
		if errors.Is(broken, syscall.ENOSPC) && err != nil && !errors.Is(err, ErrFull) {
			t.Errorf("%s: error %v, want ErrFull", where, err)
		}
		if err := travel(dir); err != nil {
			t.Fatalf("after %s has failed: %v", where, err)
		}
		if arrived(t, dir); t.Failed() {
			t.Fatalf("after %s has failed", where)
		}
	}
}
