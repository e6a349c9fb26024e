package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"breakeven/internal/testenv"
)

// The processors that a run may use change while it runs, as `taskset -a -p` and the
// limit of a cgroup change them: the bits are those of an undisturbed run. The Go
// runtime notices a change within about a second, so the runs take several seconds. The
// long form (see CONTRIBUTING.md) makes 50 runs, also of a network with convolutions and batch norm.
func TestAffinityChanges(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Skip("this system has no processor affinity: ", err)
	}
	if all.Count() < 2 {
		t.Skip("one processor only: there is nothing to change")
	}
	one := first(all)
	changes := []struct {
		name string
		sets []unix.CPUSet // the sets used one after the other, from the first at the beginning to the last until the end
		loop bool
	}{
		{"1 to 2", []unix.CPUSet{one, all}, false},
		{"2 to 1", []unix.CPUSet{all, one}, false},
		{"toggled", []unix.CPUSet{one, all}, true},
	}
	specs := map[string]string{
		"mlp":          "--steps 2500 --every 500 --batch 64 --valid 100 --probe loss,k,h --l 4 --m 16 --examples 64",
		"simplecnn-bn": "--steps 90 --every 30 --batch 32 --valid 100 --train 2000 --probe loss,k,h --l 4 --m 16 --examples 32",
	}
	whole := map[string]string{}
	for k := range testenv.Scale(1, 50) {
		model := []string{"mlp", "simplecnn-bn"}[k%2]
		args := strings.Fields("run --quiet --model " + model + " --seed 1 " + specs[model])
		if whole[model] == "" {
			whole[model] = t.TempDir()
			must(t, whole[model], args...)
		}
		change := changes[(2+k)%len(changes)]
		t.Run(fmt.Sprintf("%s/%s/%d", model, change.name, k), func(t *testing.T) {
			dir := t.TempDir()
			c := onAllProcessors(program(dir, args...))
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() { done <- c.Wait() }()
			restrict(c, change.sets[0])
			for i := 1; ; i++ {
				select {
				case err := <-done:
					if err != nil {
						t.Fatalf("the run ends with %v", err)
					}
					same(t, whole[model], dir)
					return
				case <-time.After(900 * time.Millisecond):
					if change.loop || i < len(change.sets) {
						restrict(c, change.sets[i%len(change.sets)])
					}
				}
			}
		})
	}
}

// first returns the first processor of a set.
func first(s unix.CPUSet) (one unix.CPUSet) {
	for cpu := range len(s) * strconv.IntSize {
		if s.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	return one
}

// restrict limits a process to the given processors. Threads that end meanwhile do not
// matter.
func restrict(c *exec.Cmd, to unix.CPUSet) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", c.Process.Pid))
	for _, task := range tasks {
		if id, err := strconv.Atoi(filepath.Base(task)); err == nil {
			_ = unix.SchedSetaffinity(id, &to)
		}
	}
}
