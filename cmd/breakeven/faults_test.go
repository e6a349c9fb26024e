package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"breakeven/internal/fault"
	"breakeven/internal/store"

	"github.com/google/go-cmp/cmp"
)

// faultsEnv lists what happens to the program "faulty" at which of the places where it
// changes what is on disk (package fault). "kill 3 rename" kills it at the third place
// whose name begins with rename; without a name, at the third place of any kind.
// "interrupt" sends Ctrl-C instead, and the program continues once it has noticed.
// Several are separated by commas.
const faultsEnv = "BREAKEVEN_TEST_FAULTS"

// placesEnv names a file to which faulty writes the places that it reaches.
const placesEnv = "BREAKEVEN_TEST_PLACES"

// A mishap is one entry of faultsEnv.
type mishap struct {
	action string
	n      int
	place  string
}

// faulty is the program with mishaps.
func faulty() {
	programName = "faulty" // so are its workers
	var mishaps []mishap
	for words := range strings.SplitSeq(os.Getenv(faultsEnv), ",") {
		if f := append(strings.Fields(words), ""); len(f) > 2 {
			n, _ := strconv.Atoi(f[1])
			mishaps = append(mishaps, mishap{f[0], n, f[2]})
		}
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	stderr := &listener{heard: make(chan struct{})}
	fault.Hook = func(place string) error {
		onDisk := !strings.HasPrefix(place, "doing ")
		if onDisk {
			logPlace(place)
		}
		for i := range mishaps {
			m := &mishaps[i]
			if !strings.HasPrefix(place, m.place) || m.place == "" && !onDisk {
				continue
			}
			switch m.n--; {
			case m.n != 0:
			case m.action == "kill":
				_ = self.Kill()
				select {} // until the signal arrives
			case m.action == "interrupt":
				_ = self.Signal(os.Interrupt)
				<-stderr.heard
			}
		}
		return nil
	}
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, stderr))
}

func logPlace(place string) {
	name := os.Getenv(placesEnv)
	if name == "" {
		return
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, place)
	f.Close()
}

// A listener is the standard error of the program. It notices the message about Ctrl-C.
type listener struct {
	heard chan struct{}
	once  sync.Once
}

func (l *listener) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(stopping)) {
		l.once.Do(func() { close(l.heard) })
	}
	return os.Stderr.Write(b)
}

// brief is a run of two measurements, the first of step 0.
var brief = strings.Fields("run --model tiny --batch 32 --steps 2 --every 2 --valid 100 --momentum 0.9 --lr 0.02 --seed 3 " +
	"--probe loss,h,stability --l 5 --m 32 --examples 64 --per-example 32")

// atStep0 interrupts a run while it measures step 0.
const atStep0 = "interrupt 1 doing h"

// unlucky runs the program with mishaps in a folder. It reports whether the program
// ended by itself; an interrupted one ends by stopping.
func unlucky(t *testing.T, dir, mishaps, places string, args ...string) bool {
	t.Helper()
	c := exec.Command("faulty", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), faultsEnv+"="+mishaps, placesEnv+"="+places)
	out, err := c.CombinedOutput()
	interrupted := strings.Contains(mishaps, "interrupt") && c.ProcessState.ExitCode() == 130
	if interrupted {
		return true
	}
	if err != nil && (c.ProcessState.Exited() || !strings.Contains(mishaps, "kill")) {
		t.Fatalf("%s: %v\n%s", mishaps, err, out)
	}
	return err == nil
}

// result returns the numbers of a run and its final weights.
func result(t *testing.T, dir string) (numbers [][]string, weights string) {
	t.Helper()
	at := filepath.Join(dir, store.DefaultDir)
	rows, _ := do(t, 0, "export", "last", "--store", at)
	weights, _ = do(t, 0, "export", "last", "--store", at, "--format", "safetensors")
	return measured(rows), weights
}

// goOn resumes a run, or begins it if there is none yet, and fails unless it ends with
// the expected numbers and weights.
func goOn(t *testing.T, dir string, numbers [][]string, weights string) {
	t.Helper()
	args := []string{"resume", "last"}
	if !begunRun(t, dir) {
		args = brief
	}
	do(t, 0, append(args, "--store", filepath.Join(dir, store.DefaultDir))...)
	gotNumbers, gotWeights := result(t, dir)
	if d := cmp.Diff(numbers, gotNumbers); d != "" {
		t.Errorf("records (-want +got)\n%s", d)
	}
	if weights != gotWeights {
		t.Error("other final weights")
	}
}

// stoppedAtStep0 returns the folder of a run that was interrupted while it
// measured step 0.
func stoppedAtStep0(t *testing.T, places string) string {
	t.Helper()
	dir := t.TempDir()
	unlucky(t, dir, atStep0, places, brief...)
	if text := must(t, dir, "show", "last"); !strings.Contains(text, "stopped at step 0 of 2") {
		t.Fatalf("not stopped at step 0:\n%s", text)
	}
	return dir
}

// places returns the places that a process has reached.
func places(t *testing.T, name string) []string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}

// A run is interrupted while it measures step 0, resumed, and killed at any place where
// one of the two processes changes what is on disk: it ends with the same bits. The
// first process is killed from the interruption on, the second until all of step 0 is
// saved. Earlier and later places are tested in package store.
func TestKilledAroundStep0(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("this system cannot interrupt a process")
	}
	whole, log := t.TempDir(), t.TempDir()
	must(t, whole, brief...)
	numbers, weights := result(t, whole)

	first, second := filepath.Join(log, "first"), filepath.Join(log, "second")
	stopped := stoppedAtStep0(t, first)
	again := t.TempDir()
	if err := os.CopyFS(again, os.DirFS(stopped)); err != nil {
		t.Fatal(err)
	}
	unlucky(t, again, "", second, "resume", "last")

	kill := func(at int, place string, prepare func(t *testing.T) (dir, mishaps string, args []string)) {
		word, _, _ := strings.Cut(place, " ")
		t.Run(fmt.Sprintf("%d_%s", at, word), func(t *testing.T) {
			t.Parallel()
			dir, mishaps, args := prepare(t)
			if unlucky(t, dir, fmt.Sprintf("%s,kill %d", mishaps, at), "", args...) {
				t.Fatal("not killed")
			}
			goOn(t, dir, numbers, weights)
		})
	}
	kills, committed := 0, 0
	for i, place := range places(t, first) {
		if committed >= 1 {
			kill(i+1, place, func(t *testing.T) (string, string, []string) { return t.TempDir(), atStep0, brief })
			kills++
		}
		if place == "committed" {
			committed++
		}
	}
	for i, place := range places(t, second) {
		kills++
		kill(i+1, place, func(t *testing.T) (string, string, []string) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(stopped)); err != nil {
				t.Fatal(err)
			}
			return dir, "", []string{"resume", "last"}
		})
		if strings.HasPrefix(place, "remove ") {
			break
		}
	}
	if kills != 18 {
		t.Errorf("killed at %d places, want 9 in the first process and 9 in the second", kills)
	}
}
