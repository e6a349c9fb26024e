package store

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// If writerEnv names a folder, the test binary is a process that writes there until it
// is killed.
const writerEnv = "BREAKEVEN_STORE_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(travelEnv); dir != "" {
		killed(dir)
	}
	if dir := os.Getenv(writerEnv); dir != "" {
		if err := write(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// write begins or resumes the default run, one record and checkpoint a step, and prints
// each step once it is saved.
func write(dir string) error {
	fmt.Println("begin")
	s, err := Open(dir)
	if err != nil {
		return err
	}
	r, l, err := s.Claim(run.Default(), Origin{}, false)
	if err != nil {
		return err
	}
	step := 0
	if r.Checkpoint >= 0 {
		c, _, err := s.Checkpoint(r.ID)
		if err != nil {
			return err
		}
		step = c.Step + 1
	}
	for ; ; step++ {
		if err := s.Save(l, record(step), checkpoint(step)); err != nil {
			return err
		}
		fmt.Println(step)
	}
}

// start starts a writer and returns its lines.
func start(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skip("the test binary cannot find itself: ", err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), writerEnv+"="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(out)
}

// kill kills a process and returns the last step that it said it had saved, or before.
func kill(t *testing.T, c *exec.Cmd, lines *bufio.Scanner, before int) int {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	last := before
	for lines.Scan() {
		step, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the writer said %q", lines.Text())
		}
		last = step
	}
	_ = c.Wait()
	return last
}

// In each turn a process is killed at another moment of its work, and the next one
// continues where it was.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	last := -1
	for turn := range 14 {
		c, lines := start(t, dir)
		for range turn/2 + 1 { // from the moment when the store is open
			if !lines.Scan() {
				t.Fatal("the writer has ended")
			}
			if step, err := strconv.Atoi(lines.Text()); err == nil {
				last = step
			} else if lines.Text() != "begin" {
				t.Fatalf("the writer said %q", lines.Text())
			}
		}
		time.Sleep(time.Duration(turn) * 700 * time.Microsecond)
		last = inspect(t, dir, kill(t, c, lines, last))
	}
	if last < 10 {
		t.Errorf("only %d steps were saved", last)
	}
}

// inspect checks a store whose writer was killed after it had saved a step, first as a
// reader and then as the next writer, and returns the last step in it.
func inspect(t *testing.T, dir string, saved int) int {
	t.Helper()
	last := saved
	for _, open := range []func(string) (*Store, error){OpenReader, Open} {
		s, err := open(dir)
		if saved < 0 && errors.Is(err, ErrNoStore) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		runs, err := s.Runs()
		if err != nil || len(runs) > 1 {
			t.Fatalf("%d runs, error %v", len(runs), err)
		}
		if len(runs) == 1 {
			last = inspectRun(t, s, runs[0], saved)
		}
		if len(runs) == 1 && runs[0].Working {
			t.Errorf("a killed process (%d) works on the run", runs[0].PID)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// One more checkpoint may have been written that is not yet on record.
	if files, _ := filepath.Glob(filepath.Join(dir, "runs", "*", "*")); len(files) > kept+1 {
		t.Errorf("files are left: %v", files)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "runs", "*", ".*")); len(files) > 0 {
		t.Errorf("unfinished files are left: %v", files)
	}
	return last
}

func inspectRun(t *testing.T, s *Store, r Run, saved int) int {
	t.Helper()
	records, err := s.Records(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := len(records) - 1
	if last != saved && last != saved+1 {
		t.Errorf("the last record is that of step %d, and the writer had saved step %d", last, saved)
	}
	for step, got := range records {
		if d := cmp.Diff(*record(step), got); d != "" {
			t.Fatalf("step %d (-want +got)\n%s", step, d)
		}
	}
	if r.Checkpoint != last || r.Status != run.Running {
		t.Errorf("status %s, checkpoint of step %d, want %d", r.Status, r.Checkpoint, last)
	}
	if last < 0 {
		return last
	}
	c, _, err := s.Checkpoint(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*checkpoint(last), c); d != "" {
		t.Errorf("checkpoint (-want +got)\n%s", d)
	}
	return last
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	c, lines := start(t, dir)
	for lines.Scan() && lines.Text() != "3" {
	}
	// A second writer is refused the run, in this process and in a third one.
	id := run.Default().ID()
	s := open(t, dir)
	_, err := s.Take(id)
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), fmt.Sprintf("run %s: a process works on it (%d)", id, c.Process.Pid)) {
		t.Errorf("Take: error %v, want ErrHeld with process %d", err, c.Process.Pid)
	}
	if err := s.Delete(id); !errors.Is(err, ErrHeld) {
		t.Errorf("Delete: error %v, want ErrHeld", err)
	}
	third, said := start(t, dir)
	if said.Scan(); !said.Scan() || !strings.Contains(said.Text(), ErrHeld.Error()) || third.Wait() == nil {
		t.Errorf("a third process said %q", said.Text())
	}
	// All see more and more whole records while the first goes on, and can begin other runs.
	other := create(t, s, run.Default()).ID
	reader, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if r, err := reader.Find(id); err != nil || !r.Working || r.PID != c.Process.Pid {
		t.Errorf("run %+v, error %v, want one that process %d works on", r, err, c.Process.Pid)
	}
	seen := 0
	for i := range 20 {
		records, err := reader.Records(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) < max(seen, 4) {
			t.Errorf("%d records after %d", len(records), seen)
		}
		seen = len(records)
		if d := cmp.Diff(*record(seen - 1), records[seen-1]); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
		if err := save(s, other, record(i), checkpoint(i)); err != nil {
			t.Fatal(err)
		}
		lines.Scan()
	}
	if seen < 10 {
		t.Errorf("only %d records were seen", seen)
	}
	kill(t, c, lines, 0)
	if r, err := reader.Find(id); err != nil || r.Working || r.Status != run.Running {
		t.Errorf("after the kill: %+v, error %v", r, err)
	}
	if l, err := s.Take(id); err != nil || l.Attempt != 2 {
		t.Errorf("after the kill: lease %+v, error %v", l, err)
	}
}
