package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/internal/testenv"

	"github.com/google/go-cmp/cmp"
)

// A fleet is worker processes that share a sweep on a server. When one has ended before the sweep has,
// another begins in its place.
type fleet struct {
	t      *testing.T
	server *servertest.Server
	at     string // address of the store
	dir    string
	over   chan struct{}
	group  sync.WaitGroup

	mu      sync.Mutex
	workers []*exec.Cmd // by place; nil: none now
	kills   int
}

// work keeps one worker at work.
func (f *fleet) work(i int) {
	for {
		select {
		case <-f.over:
			return
		default:
		}
		c := program(f.dir, "worker", "last", "-q", "--store", f.at)
		var said strings.Builder
		c.Stderr = &said
		f.mu.Lock()
		err := c.Start()
		f.workers[i] = c
		f.mu.Unlock()
		if err == nil {
			err = c.Wait()
		}
		f.mu.Lock()
		f.workers[i] = nil
		f.mu.Unlock()
		if err != nil && (c.ProcessState == nil || c.ProcessState.Exited()) {
			f.t.Errorf("a worker ended: %v\n%s", err, &said)
			return
		}
	}
}

// kill kills a worker −9, each in its turn. With forget the server takes it for dead at once, and not
// after a minute.
func (f *fleet) kill(forget bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range f.workers {
		f.kills++
		c := f.workers[f.kills%len(f.workers)]
		if c == nil || c.Process.Kill() != nil {
			continue
		}
		if forget {
			f.server.Exec(fmt.Sprintf("DELETE FROM breakeven.writers WHERE pid = %d", c.Process.Pid))
		}
		return
	}
}

// Workers on a server that are killed −9 again and again, while the server is started anew, after a
// crash too, run each trial once, without a gap or a double, to the bits of a process that nobody
// disturbs. The long form has eight workers and a thousand trials, and kills one each second.
func TestFleet(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the tests start no server on this system")
	}
	server := servertest.Start(t)
	trials := slices.Concat(four, []string{"--lr", "0.02", "--steps", "6", "--probe", "loss", "--seeds", fmt.Sprint(testenv.Scale(4, 1000))})
	whole := t.TempDir()
	must(t, whole, append([]string{"run", "-q"}, trials...)...)

	f := &fleet{t: t, server: server, at: server.Address(nil), dir: t.TempDir(), over: make(chan struct{}), workers: make([]*exec.Cmd, testenv.Scale(2, 8))}
	leader := program(f.dir, slices.Concat([]string{"sweep", "--no-work", "-o", "none", "--store", f.at}, trials)...)
	var stderr strings.Builder
	leader.Stderr = &stderr
	rest := follow(t, leader, "^sweep s")
	begun := time.Now()
	for i := range f.workers {
		f.group.Go(func() { f.work(i) })
	}
	ended := make(chan error, 1)
	var said string
	go func() {
		said = rest()
		ended <- leader.Wait()
	}()
	err := f.disturb(ended, !testenv.Long())
	close(f.over)
	f.group.Wait()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, said, &stderr)
	}
	t.Logf("%d kills in %.0f s", f.kills, time.Since(begun).Seconds())
	must(t, f.dir, "store", "copy", f.at, store.DefaultDir)
	if d := cmp.Diff(numbersOf(t, whole), numbersOf(t, f.dir)); d != "" {
		t.Errorf("(-alone +fleet)\n%s", d)
	}
}

// disturb kills workers until the sweep has ended, and starts the server anew twice.
func (f *fleet) disturb(ended <-chan error, short bool) error {
	pause, restarts := time.Second, []int{20, 60}
	if short {
		pause, restarts = 300*time.Millisecond, []int{3}
	}
	for n := 1; ; n++ {
		select {
		case err := <-ended:
			return err
		case <-time.After(pause):
		}
		if short && n > 3 {
			continue
		}
		if slices.Contains(restarts, n) {
			f.server.Restart(n%3 == 0)
			continue
		}
		f.kill(short)
	}
}

// SIGTERM lets a worker save a checkpoint and give its trial back at once. A sweep that is only followed
// ends when it is paused.
func TestWorkerTerminated(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system cannot interrupt a process")
	}
	dir := t.TempDir()
	leader := program(dir, slices.Concat([]string{"sweep", "--no-work", "-o", "none"}, four, []string{"--lr", "0.01", "--steps", "1000000", "--every", "1000000"})...)
	rest := follow(t, leader, "^sweep s")
	worker := program(dir, "worker")
	said := follow(t, worker, "^1 of 1, run r")
	if err := worker.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	text := said()
	if _ = worker.Wait(); worker.ProcessState.ExitCode() != 143 || !strings.Contains(text, "this worker has stopped; go on with: breakeven worker s") {
		t.Errorf("the worker ended: %v\n%s", worker.ProcessState, text)
	}
	if text := must(t, dir, "sweep", "status", "last"); !strings.Contains(text, "0 under way") || !strings.Contains(text, "stopped") {
		t.Errorf("the trial was not given back:\n%s", text)
	}
	must(t, dir, "sweep", "pause")
	if text := rest(); leader.Wait() != nil || !strings.Contains(text, "paused: 0 of 1 trials have ended\ngo on with: breakeven sweep resume s") || !strings.Contains(text, " --no-work\n") {
		t.Errorf("%v\n%s", leader.ProcessState, text)
	}
}
