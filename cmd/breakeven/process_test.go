package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/internal/testenv"
	"breakeven/rng"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// small is a run of seconds with momentum, warm starts and measurements of
// every kind that a checkpoint must carry over.
var small = strings.Fields("run --model tiny --batch 32 --steps 40 --every 5 --valid 100 --momentum 0.9 --lr 0.02 --augment --seed 3 " +
	"--probe loss,k,h,stability,step --l 5 --m 32 --examples 64 --per-example 32")

// program runs the program in dir as a process of its own.
func program(dir string, args ...string) *exec.Cmd {
	c := exec.Command("breakeven", args...)
	c.Dir = dir
	return c
}

// oneProcessor names the environment variable by which TestMain limits the processes of tests.
const oneProcessor = "GOMAXPROCS"

// onAllProcessors lifts the limit from a process that has not begun.
func onAllProcessors(c *exec.Cmd) *exec.Cmd {
	c.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, oneProcessor+"=") })
	return c
}

// must runs the program in dir and returns its standard output.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	c := program(dir, args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("breakeven %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// undisturbed returns a folder in which small was run by a process that nobody disturbs, on one processor, and how long
// that took. Tests that compare with it share it, and do not write there.
func undisturbed(t *testing.T) (dir string, took time.Duration) {
	t.Helper()
	shared.once.Do(func() {
		var err error
		if shared.dir, err = os.MkdirTemp("", "undisturbed"); err != nil {
			t.Fatal(err)
		}
		c := program(shared.dir, small...)
		c.Env = append(os.Environ(), oneProcessor+"=1")
		begun := time.Now()
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		shared.took = time.Since(begun)
	})
	if shared.took == 0 {
		t.Fatal("the run to compare with has failed")
	}
	return shared.dir, shared.took
}

// shared is what undisturbed returns. TestMain removes it.
var shared struct {
	once sync.Once
	dir  string
	took time.Duration
}

// same fails unless the newest runs of two folders have the same bits: all numbers of
// all records, and the final weights.
func same(t *testing.T, a, b string) {
	t.Helper()
	var csvs, final []string
	for _, dir := range []string{a, b} {
		csvs = append(csvs, must(t, dir, "export", "last"))
		final = append(final, must(t, dir, "export", "last", "--format", "safetensors"))
	}
	if d := cmp.Diff(measured(csvs[0]), measured(csvs[1])); d != "" {
		t.Errorf("records differ (-%s +%s)\n%s", a, b, d)
	}
	if final[0] != final[1] {
		t.Error("final weights differ")
	}
}

// A run whose processes are killed at random moments, some of them after Ctrl-C, ends
// with the same bits as an undisturbed one.
func TestKill(t *testing.T) {
	t.Parallel()
	want := testenv.Scale(6, 100)
	if !testenv.Whole() {
		want = 2
	}
	whole, took := undisturbed(t)
	k := killer{
		whole: took,
		rand:  rng.New(uint64(time.Now().UnixNano()), "moments"), // only the kills are random
	}
	runs := 0
	for ; k.kills < want; runs++ {
		dir := t.TempDir()
		k.drive(t, dir, want)
		same(t, whole, dir)
		tidy(t, dir)
		if t.Failed() {
			t.Fatalf("after %d kills in all", k.kills)
		}
	}
	t.Logf("%d kills and %d stops by Ctrl-C in %d runs", k.kills, k.stops, runs)
}

// A killer drives runs to their end, and kills processes on the way.
type killer struct {
	whole        time.Duration // the duration of a run
	rand         *rng.Stream
	kills, stops int
}

// drive brings a run in dir to its end, with at most the given number of kills and
// Ctrl-C on the way.
func (k *killer) drive(t *testing.T, dir string, most int) {
	t.Helper()
	args := small
	for patience := 1.0; ; patience *= 1.1 { // the machine may be slower than at first
		begun := time.Now()
		c := program(dir, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		err := k.interfere(c, ended, most, patience)
		var exit *exec.ExitError
		switch {
		case err == nil:
			if patience == 1 {
				k.whole = time.Since(begun)
			}
			return
		case errors.As(err, &exit) && exit.ExitCode() == 130:
			k.stops++
			if !resumable(t, dir) { // it ended before the kill
				return
			}
		case errors.As(err, &exit) && exit.ExitCode() == -1:
			k.kills++
		default:
			t.Fatalf("not killed: %v", err)
		}
		if begunRun(t, dir) {
			args = []string{"resume", "last"}
		}
	}
}

// interfere kills a process after a random time, half of the time a moment after
// Ctrl-C, and returns how the process ended.
func (k *killer) interfere(c *exec.Cmd, ended chan error, most int, patience float64) error {
	if k.kills >= most {
		return <-ended
	}
	wait := func(least, most float64) (err error, over bool) {
		select {
		case err := <-ended:
			return err, true
		case <-time.After(time.Duration((least + (most-least)*k.rand.Float64()) * patience * float64(k.whole))):
			return nil, false
		}
	}
	if err, over := wait(0.1, 0.5); over {
		return err
	}
	if k.rand.IntN(2) == 0 && c.Process.Signal(os.Interrupt) == nil {
		if err, over := wait(0, 0.06); over {
			return err
		}
	}
	_ = c.Process.Kill()
	return <-ended
}

// resumable reports whether the run in dir can be resumed.
func resumable(t *testing.T, dir string) bool {
	return strings.Contains(must(t, dir, "runs"), "stopped")
}

// tidy fails unless a store holds one finished run and no superfluous files.
func tidy(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, store.DefaultDir, "runs", "*", ".*")); len(left) > 0 {
		t.Errorf("unfinished files are left: %v", left)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, store.DefaultDir, "runs", "*", "*")); len(files) > 4 {
		t.Errorf("files are left: %v", files)
	}
	list := must(t, dir, "runs")
	if strings.Count(list, "\n") != 2 || !strings.Contains(list, string(run.Finished)) {
		t.Errorf("want one finished run:\n%s", list)
	}
}

// begunRun reports whether the store of a folder has a run.
func begunRun(t *testing.T, dir string) bool {
	s, err := store.OpenReader(filepath.Join(dir, store.DefaultDir))
	if err != nil {
		return false // killed before the store was created
	}
	defer s.Close()
	runs, err := s.Runs()
	if err != nil {
		t.Fatal(err)
	}
	return len(runs) > 0
}

// follow starts the program and returns once a line of its output matches.
func follow(t *testing.T, c *exec.Cmd, pattern string) (rest func() string) {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if regexp.MustCompile(pattern).MatchString(lines.Text()) {
			return func() string {
				for lines.Scan() {
					text.WriteString(lines.Text() + "\n")
				}
				return text.String()
			}
		}
	}
	t.Fatalf("no line matches %s:\n%s", pattern, text.String())
	return nil
}

// Ctrl-C stops a run, and the command that is printed resumes it to the same bits.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	whole, _ := undisturbed(t)
	stopped := t.TempDir()
	c := program(stopped, append(slices.Clone(small), "--store", "my runs")...)
	rest := follow(t, c, "^ +5 +0.03 ")
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Skip("this system cannot interrupt a process: ", err)
	}
	text := rest()
	if _ = c.Wait(); c.ProcessState.ExitCode() != 130 {
		t.Fatalf("%v, want exit code 130\n%s", c.ProcessState, text)
	}
	m := regexp.MustCompile(`(?m)^(r[0-9a-f]{12}): stopped: .*\ngo on with: breakeven resume (r[0-9a-f]{12}) --store "my runs"$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no status and no command to go on with:\n%s", text)
	}
	if err := os.Rename(filepath.Join(stopped, "my runs"), filepath.Join(stopped, store.DefaultDir)); err != nil {
		t.Fatal(err)
	}
	if text := must(t, stopped, "runs"); !strings.Contains(text, "stopped") {
		t.Errorf("not stopped:\n%s", text)
	}
	must(t, stopped, "resume", m[2])
	same(t, whole, stopped)
}

// A process ended by the system has another exit code than one ended by the user, and a
// failed write of the output is a failure.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := program(dir, append(slices.Clone(small), "--steps", "100000")...)
	rest := follow(t, c, "^ +0 +0.00 ")
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Skip("this system cannot end a process so: ", err)
	}
	text := rest()
	if _ = c.Wait(); c.ProcessState.ExitCode() != 143 || !strings.Contains(text, "stopped") {
		t.Errorf("%v, want exit code 143\n%s", c.ProcessState, text)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no device that is full: ", err)
	}
	defer full.Close()
	for _, args := range [][]string{{"keys"}, {"runs"}, {"show", "last", "--json"}, {"models"}, {"--help"}, {"version"}} {
		var stderr bytes.Buffer
		c := program(dir, args...)
		c.Stdout, c.Stderr = full, &stderr
		if _ = c.Run(); c.ProcessState.ExitCode() != 1 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "could not be written") &&
			!strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%v: %v, %q", args, c.ProcessState, stderr.String())
		}
	}
}

// The bits do not depend on the number of cores.
func TestCores(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	eight := t.TempDir()
	c := program(eight, small...)
	c.Env = append(os.Environ(), oneProcessor+"=8")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	one, _ := undisturbed(t)
	same(t, one, eight)
}

// While one process works on a run, another cannot have that run, and can have others.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := program(dir, append(slices.Clone(small), "--steps", "100000")...)
	follow(t, first, "^ +0 +0.00 ")
	defer func() {
		_ = first.Process.Kill()
		_ = first.Wait()
	}()
	for _, args := range [][]string{{"resume", "last"}, {"runs", "delete", "last", "--yes"}} {
		var stderr bytes.Buffer
		second := program(dir, args...)
		second.Stderr = &stderr
		var exit *exec.ExitError
		if err := second.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%v: %v, want exit code 1", args, err)
		}
		want := fmt.Sprintf(`^breakeven: .*run r[0-9a-f]{12}: a process works on it \(%d\); wait for it, or stop that process first\n$`, first.Process.Pid)
		if !regexp.MustCompile(want).MatchString(stderr.String()) {
			t.Errorf("%v: %q, want %s", args, stderr.String(), want)
		}
	}
	must(t, dir, "runs", "name", "last", "first")
	must(t, dir, small...)
	if text := must(t, dir, "runs"); strings.Count(text, "running") != 1 || strings.Count(text, "finished") != 1 {
		t.Errorf("want one run that is running and one that is finished:\n%s", text)
	}
	must(t, dir, "show", "first")
}

// Two processes that run the same series share it: each run is made once. If one of them is killed the
// other one takes over its run, to the same bits.
func TestSeriesOfTwoProcesses(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	dir, alone := t.TempDir(), t.TempDir()
	series := append(slices.Clone(small), "--lr", "0.01,0.02")
	must(t, alone, series...)
	first := program(dir, series...)
	follow(t, first, "^ +5 +0.03 ")
	second := program(dir, series...)
	rest := follow(t, second, "^2 of 2: ") // the first of them is held
	_ = first.Process.Kill()
	_ = first.Wait()
	text := rest()
	if err := second.Wait(); err != nil || !strings.Contains(text, "1 of 2: learning rate 0.01, run r") {
		t.Fatalf("%v\n%s", err, text)
	}
	var ids [2]map[string]bool
	for i, d := range []string{alone, dir} {
		ids[i] = map[string]bool{}
		for line := range strings.Lines(must(t, d, "runs")) {
			if f := strings.Fields(line); strings.HasPrefix(f[0], "r") && f[0] != "run" {
				ids[i][f[0]] = f[1] == string(run.Finished)
			}
		}
	}
	if d := cmp.Diff(ids[0], ids[1]); d != "" || len(ids[0]) != 2 {
		t.Fatalf("(-alone +two)\n%s", d)
	}
	for id, ended := range ids[1] {
		if d := cmp.Diff(measured(must(t, alone, "export", id)), measured(must(t, dir, "export", id))); d != "" || !ended {
			t.Errorf("%s, ended %v (-alone +two)\n%s", id, ended, d)
		}
	}
}
