package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakeven/internal/config"
	"breakeven/internal/store"
	"breakeven/internal/testenv"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// four are four trials of a moment, as flags of run and of sweep.
var four = strings.Fields("--model tiny --batch 32 --steps 12 --every 2 --momentum 0.9 --lr 0.01,0.02,0.03,0.04 --probe loss,k --l 3 --m 16 --examples 32 --per-example 16")

// sweepOf returns the arguments that run four as a sweep without a report.
func sweepOf(more ...string) []string {
	return slices.Concat([]string{"sweep", "-o", "none", "--workers", "2"}, four, more)
}

// numbersOf returns the numbers of all runs of the store in a folder, by ID. Each must have ended.
func numbersOf(t *testing.T, dir string) map[string][][]string {
	t.Helper()
	s, err := store.OpenReader(filepath.Join(dir, store.DefaultDir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	runs, err := s.Runs()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][][]string{}
	for _, r := range runs {
		if r.Status != run.Finished || r.Working {
			t.Errorf("run %s is %s", r.ID, stateText(r))
		}
		text, _ := do(t, 0, "export", r.ID, "--store", s.Dir())
		all[r.ID] = measured(text)
	}
	return all
}

// alone returns the numbers of four, with more flags, as one process makes them.
func alone(t *testing.T, more ...string) map[string][][]string {
	t.Helper()
	dir := t.TempDir()
	must(t, dir, slices.Concat([]string{"run", "-q"}, four, more)...)
	return numbersOf(t, dir)
}

// A sweep whose processes, workers and the one that leads them, are all killed −9 again and again has
// each trial once, without a gap or a double, to the bits of a process that nobody disturbs.
func TestSweepOfKilledProcesses(t *testing.T) {
	t.Parallel()
	two := []string{"--lr", "0.01,0.02", "--steps", "6"}
	want := alone(t, two...)
	places := []string{"commit", "rename", "committed"}
	for _, place := range places[:testenv.Scale(1, len(places))] {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			dir, mishaps := t.TempDir(), "kill 4 "+place
			rounds, ended := 0, false
			for args := sweepOf(two...); !ended; args = []string{"sweep", "resume", "last", "-o", "none", "--workers", "2"} {
				if rounds++; rounds > 60 {
					t.Fatal("it comes to no end")
				}
				c := exec.Command("faulty", args...)
				c.Dir, c.Env = dir, append(os.Environ(), faultsEnv+"="+mishaps)
				out, err := c.CombinedOutput()
				if ended = err == nil; err != nil && c.ProcessState.Exited() {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			if d := cmp.Diff(want, numbersOf(t, dir)); d != "" {
				t.Errorf("after %d rounds (-alone +sweep)\n%s", rounds, d)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, store.DefaultDir, "runs", "*", ".*")); len(left) > 0 {
				t.Errorf("unfinished files are left: %v", left)
			}
		})
	}
}

// The long form: eight workers, one of which is killed −9 every quarter of a second, and many trials.
func TestSweepUnderFire(t *testing.T) {
	if !testenv.Long() {
		t.Skip("it takes minutes: BREAKEVEN_LONG=all")
	}
	trials := append(slices.Clone(four), "--lr", "0.02", "--steps", "6", "--probe", "loss", "--seeds", "1000")
	whole, dir := t.TempDir(), t.TempDir()
	must(t, whole, append([]string{"run", "-q"}, trials...)...)
	over := make(chan struct{})
	kills := make(chan int)
	go func() { kills <- shoot(filepath.Join(dir, store.DefaultDir, "writers"), over) }()
	args := append([]string{"sweep", "-q", "-o", "none", "--workers", "8", "--retries", "1000"}, trials...)
	out, err := program(dir, args...).CombinedOutput()
	close(over)
	if n := <-kills; err != nil || n < 20 {
		t.Fatalf("%d kills, %v\n%s", n, err, out)
	}
	if d := cmp.Diff(numbersOf(t, whole), numbersOf(t, dir)); d != "" {
		t.Errorf("(-alone +sweep)\n%s", d)
	}
}

// shoot kills a process of the folder of writers every quarter of a second until over is closed, the
// leader of the sweep, which came first, excepted. It returns how many it has killed.
func shoot(folder string, over <-chan struct{}) (kills int) {
	leader := ""
	for {
		select {
		case <-over:
			return kills
		case <-time.After(250 * time.Millisecond):
		}
		files, _ := os.ReadDir(folder) // not there yet
		var pids []int
		for _, f := range files {
			name, _, _ := strings.Cut(f.Name(), "-")
			if leader == "" {
				leader = name
			}
			if pid, err := strconv.Atoi(name); err == nil && name != leader {
				pids = append(pids, pid)
			}
		}
		if len(pids) == 0 {
			continue
		}
		if p, err := os.FindProcess(pids[kills%len(pids)]); err == nil && p.Kill() == nil {
			kills++
		}
	}
}

// A trial that kills every worker is tried as often as is allowed, and shown with its error. When the
// cause is gone it is run.
func TestSweepOfFailingTrials(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command("faulty", sweepOf("--retries", "1", "--lr", "0.01,0.02")...)
	c.Dir, c.Env = dir, append(os.Environ(), faultsEnv+"=kill 1 doing")
	out, err := c.CombinedOutput()
	if err == nil || !c.ProcessState.Exited() || c.ProcessState.ExitCode() != 1 || !regexp.MustCompile(
		`(?s)trial 1 failed, 2 times in a row: its process ended.*trial 2 failed.*breakeven: 2 of 2 trials failed; when the cause is gone: breakeven sweep retry s[0-9a-f]{12}\n$`).Match(out) {
		t.Fatalf("%v\n%s", err, out)
	}
	if text := must(t, dir, "sweep", "status", "last"); strings.Count(text, "failed  ") != 2 {
		t.Errorf("want two failed trials:\n%s", text)
	}
	must(t, dir, "sweep", "retry", "-o", "none")
	if n := len(numbersOf(t, dir)); n != 2 {
		t.Errorf("%d runs", n)
	}
}

// Two processes that begin the same sweep share it, with a third one that helps.
func TestSweepOfTwoProcesses(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	want, dir := alone(t), t.TempDir()
	var group []*exec.Cmd
	for _, args := range [][]string{sweepOf(), sweepOf()} {
		c := program(dir, args...)
		rest := follow(t, c, "^sweep s")
		defer rest()
		group = append(group, c)
	}
	must(t, dir, "worker", "last", "-q")
	for _, c := range group {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	if d := cmp.Diff(want, numbersOf(t, dir)); d != "" {
		t.Errorf("(-alone +sweep)\n%s", d)
	}
	// What is there is not run again.
	if text := must(t, dir, sweepOf()...); strings.Contains(text, "run r") || !strings.Contains(text, "Which setting?") {
		t.Errorf("it was run again:\n%s", text)
	}
}

// A sweep writes one log of what its workers measure. Each line names its trial.
func TestSweepLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := must(t, dir, sweepOf("--steps", "2", "--every", "2", "--log", "jsonl", "--workers", "2")...)
	_, all := lines(t, text)
	trials := map[float64]string{}
	for _, line := range all {
		if sweep, _ := line["sweep"].(string); !strings.HasPrefix(sweep, "s") {
			t.Errorf("no sweep: %v", line)
		}
		trials[line["trial"].(float64)] += line["kind"].(string) + " "
	}
	const want = "begun record record ended "
	if d := cmp.Diff(map[float64]string{1: want, 2: want, 3: want, 4: want}, trials); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if _, stderr := do(t, 2, "sweep", "--no-work", "--log", "jsonl"); !strings.Contains(stderr, "give --log to `breakeven worker`") {
		t.Error(stderr)
	}
}

// A worker whose listener has gone still ends its trials.
func TestWorkerWithoutListener(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a lost pipe kills no process of this system")
	}
	dir := t.TempDir()
	leader := program(dir, slices.Concat([]string{"sweep", "--no-work", "-o", "none"}, four, []string{"--steps", "2", "--every", "2"})...)
	ended := follow(t, leader, "breakeven worker s")
	c := program(dir, "worker", "last", "--piped")
	listener, said, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout = said
	in, err := c.StdinPipe() // open as long as somebody wants the worker
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := errors.Join(listener.Close(), c.Start(), said.Close()); err != nil {
		t.Fatal(err)
	}
	if _ = c.Wait(); !c.ProcessState.Exited() {
		_ = leader.Process.Kill()
		t.Fatal(c.ProcessState)
	}
	if text := ended(); leader.Wait() != nil {
		t.Errorf("%v\n%s", leader.ProcessState, text)
	}
	if text := must(t, dir, "runs"); strings.Count(text, "finished") != 4 {
		t.Errorf("want four finished runs:\n%s", text)
	}
}

// A sweep is paused from another process, and cancelled.
func TestSweepPause(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := program(dir, sweepOf("--steps", "1000000", "--every", "100000")...)
	rest := follow(t, c, "^2 of 4: ")
	if text := must(t, dir, "sweep", "pause"); !strings.Contains(text, "is paused; go on with: breakeven sweep resume s") {
		t.Errorf("pause says:\n%s", text)
	}
	if text := rest(); c.Wait() != nil || !regexp.MustCompile(`sweep s[0-9a-f]{12}: paused: 0 of 4 trials have ended\ngo on with: breakeven sweep resume s`).MatchString(text) {
		t.Errorf("%v\n%s", c.ProcessState, text)
	}
	must(t, dir, "worker") // takes nothing
	must(t, dir, "sweep", "cancel", "last")
	var sweeps []sweepJSON
	if err := json.Unmarshal([]byte(must(t, dir, "sweep", "status", "--json")), &sweeps); err != nil || len(sweeps) != 1 || sweeps[0].State != "cancelled" || sweeps[0].Underway != 0 {
		t.Errorf("%+v, %v", sweeps, err)
	}
	if text := must(t, dir, "runs"); strings.Count(text, "stopped") != 2 {
		t.Errorf("want two stopped runs:\n%s", text)
	}
}

// Ctrl-C stops a sweep, and its workers with it; so does the end of the process that leads them.
func TestSweepInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("this system cannot interrupt a process")
	}
	for _, signal := range []os.Signal{os.Interrupt, os.Kill} {
		dir := t.TempDir()
		c := program(dir, sweepOf("--steps", "1000000", "--every", "100000")...)
		rest := follow(t, c, "^2 of 4: ")
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		text := rest()
		if _ = c.Wait(); signal == os.Interrupt && (c.ProcessState.ExitCode() != 130 || !strings.Contains(text, "stopped: 0 of 4 trials have ended\ngo on with: breakeven sweep resume s")) {
			t.Errorf("%v\n%s", c.ProcessState, text)
		}
		deadline := time.Now().Add(time.Minute)
		for strings.Count(must(t, dir, "runs"), "stopped") != 2 { // not killed: each has given its run back
			if time.Now().After(deadline) {
				t.Fatalf("after %v the workers go on:\n%s", signal, must(t, dir, "runs"))
			}
		}
	}
}

// The file that the help shows is one.
func TestSweepHelp(t *testing.T) {
	c, _, err := new(app).root().Find([]string{"sweep"})
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?m)(^    (\S|  +\S).*\n)+`).FindString(c.Long)
	specs, err := config.ParseSweep(run.Default(), "help", []byte(strings.ReplaceAll("\n"+block, "\n    ", "\n")), known())
	if err != nil || len(specs) != 2*5*4*2*3 {
		t.Errorf("%d trials, error %v\n%s", len(specs), err, block)
	}
}

// Processors and memory are divided among the workers.
func TestCrew(t *testing.T) {
	for _, test := range []struct {
		workers, left, cores int
		need, limit          int64
		size, each           int
		memory               int64
	}{
		{0, 10, 8, 100, 1000, 8, 1, 125},
		{0, 3, 8, 100, 1000, 3, 2, 333},  // no more than trials
		{0, 10, 8, 100, 450, 4, 2, 112},  // no more than memory allows
		{0, 10, 8, 100, 50, 1, 8, 50},    // one at least, which says what it lacks
		{2, 10, 8, 100, 1000, 2, 4, 500}, // as asked for
		{20, 40, 8, 100, 1000, 20, 1, 50},
		{5, 1, 8, 100, 1000, 1, 8, 1000},
	} {
		c := &crew{left: test.left}
		c.divide(test.workers, test.cores, test.need, test.limit)
		if c.size != test.size || c.cores != test.each || c.memory != test.memory {
			t.Errorf("%+v: %d workers, each with %d processors and %d bytes", test, c.size, c.cores, c.memory)
		}
	}
}
