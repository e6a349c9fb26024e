package tensor

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// onCores runs f as a subtest for several values of GOMAXPROCS.
func onCores(t *testing.T, f func(t *testing.T)) {
	for _, cores := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("cores=%d", cores), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			f(t)
		})
	}
}

func TestParallelRunsEachTaskOnce(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for n := range 70 {
			counts := make([]atomic.Int32, n)
			Parallel(n, func(task int) { counts[task].Add(1) })
			for i := range counts {
				if c := counts[i].Load(); c != 1 {
					t.Fatalf("task %d of %d ran %d times", i, n, c)
				}
			}
		}
	})
}

func TestParallelWorkersAreUnique(t *testing.T) {
	onCores(t, func(t *testing.T) {
		const workers = 3
		var busy [workers]atomic.Bool
		for range 200 {
			ParallelOn(workers, 40, func(_, worker int) {
				if !busy[worker].CompareAndSwap(false, true) {
					t.Errorf("worker %d is two goroutines", worker)
				}
				runtime.Gosched()
				busy[worker].Store(false)
			})
		}
	})
}

// value returns the value of a panic, whichever goroutine it came from.
func value(recovered any) any {
	if p, ok := recovered.(*Panic); ok {
		return p.Value
	}
	return recovered
}

// drain waits until no invitation of earlier calls is left. While the channel is full
// of them a call gets no helpers.
func drain() {
	for len(pool.invite) > 0 {
		runtime.Gosched()
	}
}

// Helpers do take part: two tasks that wait for each other can end only on two
// goroutines.
func TestParallelIsParallel(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	drain()
	var both sync.WaitGroup
	both.Add(2)
	Parallel(2, func(int) {
		both.Done()
		both.Wait()
	})
}

func TestParallelNests(t *testing.T) {
	onCores(t, func(t *testing.T) {
		const n = 9
		var counts [n][n][n]atomic.Int32
		Parallel(n, func(i int) {
			Parallel(n, func(j int) {
				Parallel(n, func(k int) { counts[i][j][k].Add(1) })
			})
		})
		for i := range n * n * n {
			if c := counts[i/n/n][i/n%n][i%n].Load(); c != 1 {
				t.Fatalf("task %d ran %d times", i, c)
			}
		}
	})
}

func TestParallelPanics(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for bad := range 20 {
			func() {
				defer func() {
					if e := recover(); value(e) != "task is bad" {
						t.Errorf("recovered %v", e)
					}
				}()
				Parallel(20, func(task int) {
					if task == bad {
						panic("task is bad")
					}
				})
				t.Errorf("panic of task %d is lost", bad)
			}()
			var ran atomic.Int32
			Parallel(20, func(int) { ran.Add(1) })
			if ran.Load() != 20 {
				t.Fatalf("%d of 20 tasks ran after a panic", ran.Load())
			}
		}
	})
}

// After a panic, on one goroutine or on another, no new tasks begin.
func TestParallelStopsAtPanic(t *testing.T) {
	const n = 1 << 22
	for _, cores := range []int{1, 2} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		drain()
		var ran atomic.Int64
		var all sync.WaitGroup
		all.Add(cores)
		panicked := make(chan struct{})
		func() {
			defer func() { _ = recover() }()
			ParallelOn(cores, n, func(task, worker int) {
				if task < cores {
					all.Done()
					all.Wait() // each goroutine has a task
					if worker == cores-1 {
						defer close(panicked)
						panic("stop")
					}
					<-panicked
				}
				ran.Add(1)
			})
		}()
		if ran.Load() > n/2 {
			t.Errorf("%d of %d tasks ran on %d cores though one of the first panicked", ran.Load(), n, cores)
		}
	}
}

// A panic on a helper reaches the caller, not the helper's goroutine.
func TestParallelPanicsOnHelper(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	drain()
	var both sync.WaitGroup
	both.Add(2)
	defer func() {
		p, ok := recover().(*Panic)
		if !ok || p.Value != "helper is bad" {
			t.Errorf("recovered %v", p)
		}
		if !strings.Contains(string(p.Stack), "badTask") || !strings.Contains(p.Error(), "helper is bad") {
			t.Errorf("the stack of the task is lost:\n%v", p)
		}
	}()
	ParallelOn(2, 2, func(_, worker int) {
		both.Done()
		both.Wait() // both goroutines have a task
		if worker != 0 {
			badTask()
		}
	})
	t.Error("the helper's panic is lost")
}

func badTask() { panic("helper is bad") }

// The original value of a Panic is available, also through nested calls.
func TestParallelPanicsNested(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for range 50 {
		drain()
		func() {
			defer func() {
				e := recover()
				if err, ok := e.(error); !ok || !errors.Is(err, os.ErrInvalid) {
					t.Fatalf("recovered %v", e)
				}
				if p, ok := e.(*Panic); ok && value(p.Value) != os.ErrInvalid {
					t.Fatalf("a panic within a panic: %v", p)
				}
			}()
			Parallel(4, func(int) {
				Parallel(4, func(task int) {
					if task == 3 {
						panic(os.ErrInvalid)
					}
				})
			})
		}()
	}
}

// A task that ends its goroutine, as t.FailNow does, ends that of the caller, and
// helpers are still available afterwards.
func TestParallelGoexit(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for _, bad := range []int{0, 1} { // on the caller's goroutine, on a helper
		for range 20 {
			drain()
			returned, deferred := false, false
			var caller sync.WaitGroup
			caller.Go(func() {
				defer func() { deferred = true }()
				var both sync.WaitGroup
				both.Add(2)
				ParallelOn(2, 2, func(_, worker int) {
					both.Done()
					both.Wait()
					if worker == bad {
						runtime.Goexit()
					}
				})
				returned = true
			})
			caller.Wait()
			if returned || !deferred {
				t.Fatalf("worker %d exits: returned %v, deferred calls made %v", bad, returned, deferred)
			}
			TestParallelIsParallel(t)
		}
	}
}

// An idle helper sleeps: it does not poll.
func TestAwaitGivesUp(t *testing.T) {
	looks := 0
	start := time.Now()
	if await(func() bool { looks++; time.Sleep(10 * time.Microsecond); return false }) {
		t.Error("await says yes")
	}
	if looks > 1<<10 || time.Since(start) < patience {
		t.Errorf("gave up after %d looks and %v", looks, time.Since(start))
	}
}

// Many callers with short calls leave invitations that are answered after their call
// has returned, when its job is used by another call. Then no task may run, and no call
// may return before its tasks are done.
func TestParallelStaleInvitations(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	const callers, calls = 16, 1500
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for k := range calls {
				n := 1 + (c+k)%7
				counts := make([]atomic.Int32, n)
				var returned atomic.Bool
				task := func(task int) {
					if returned.Load() {
						t.Error("a task runs after its call has returned")
					}
					counts[task].Add(1)
				}
				if k%50 == 0 {
					failing(n, task)
				} else {
					Parallel(n, task)
				}
				returned.Store(true)
				for i := range counts {
					if x := counts[i].Load(); x > 1 || x == 0 && k%50 != 0 {
						t.Errorf("task %d of %d ran %d times", i, n, x)
					}
				}
			}
		})
	}
	wg.Wait()
}

// failing is Parallel with a panic in the last task, recovered.
func failing(n int, f func(task int)) {
	defer func() { _ = recover() }()
	Parallel(n, func(task int) {
		f(task)
		if task == n-1 {
			panic("last")
		}
	})
}

// An invitation is valid for one call of Parallel, not for an earlier or later one that
// uses the same job.
func TestInvitationsExpire(t *testing.T) {
	j := &call{done: make(chan struct{}, 1)}
	first := j.open()
	if j.join(first+1) || j.join(first-1) {
		t.Error("joined with the invitation of another call")
	}
	if !j.join(first) {
		t.Error("cannot join an open job")
	}
	j.leave()
	j.close()
	if j.join(first) {
		t.Error("joined a closed job")
	}
	second := j.open()
	if j.join(first) {
		t.Error("joined a later call with a stale invitation")
	}
	if !j.join(second) {
		t.Error("cannot join the later call")
	}
	go j.leave()
	j.close() // waits for the helper inside
}

func TestParallelAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	var sum [64]atomic.Int64
	f := func(task int) { sum[task].Add(1) }
	Parallel(64, f)
	least := ^uint64(0)
	for range 10 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 20 {
			Parallel(64, f)
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.Mallocs-before.Mallocs)
	}
	if least > 0 {
		t.Errorf("20 calls allocate %d times", least)
	}
}

func BenchmarkParallelOverhead(b *testing.B) {
	f := func(int) {}
	for b.Loop() {
		Parallel(8, f)
	}
}
