package tensor

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
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
			Parallel(n, func(task, _ int) { counts[task].Add(1) })
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
		busy := make([]atomic.Bool, Workers())
		for range 200 {
			Parallel(40, func(_, worker int) {
				if !busy[worker].CompareAndSwap(false, true) {
					t.Errorf("worker %d is two goroutines", worker)
				}
				runtime.Gosched()
				busy[worker].Store(false)
			})
		}
	})
}

// drain waits until no invitation is left of earlier calls. While the channel is
// full of them a call does without helpers.
func drain() {
	for len(pool.invite) > 0 {
		runtime.Gosched()
	}
}

// Helpers really take part: two tasks that wait for each other end only on two
// goroutines.
func TestParallelIsParallel(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	drain()
	var both sync.WaitGroup
	both.Add(2)
	Parallel(2, func(_, _ int) {
		both.Done()
		both.Wait()
	})
}

func TestParallelNests(t *testing.T) {
	onCores(t, func(t *testing.T) {
		const n = 9
		var counts [n][n][n]atomic.Int32
		Parallel(n, func(i, _ int) {
			Parallel(n, func(j, _ int) {
				Parallel(n, func(k, _ int) { counts[i][j][k].Add(1) })
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
					if e := recover(); e != "task is bad" {
						t.Errorf("recovered %v", e)
					}
				}()
				Parallel(20, func(task, _ int) {
					if task == bad {
						panic("task is bad")
					}
				})
				t.Errorf("panic of task %d is lost", bad)
			}()
			var ran atomic.Int32
			Parallel(20, func(_, _ int) { ran.Add(1) })
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
			Parallel(n, func(task, worker int) {
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
		if e := recover(); e != "helper is bad" {
			t.Errorf("recovered %v", e)
		}
	}()
	Parallel(2, func(_, worker int) {
		both.Done()
		both.Wait() // both goroutines have a task
		if worker != 0 {
			panic("helper is bad")
		}
	})
	t.Error("the helper's panic is lost")
}

// Many callers with short calls leave invitations that are answered after their
// call has returned, when its job serves another call. No task may run then, and
// no call may return before its tasks have.
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
				task := func(task, _ int) {
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
func failing(n int, f func(task, worker int)) {
	defer func() { _ = recover() }()
	Parallel(n, func(task, worker int) {
		f(task, worker)
		if task == n-1 {
			panic("last")
		}
	})
}

// An invitation counts for one call of Parallel: not before, not after, not for
// the next call that uses the same job.
func TestInvitationsExpire(t *testing.T) {
	j := &job{done: make(chan struct{}, 1)}
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
	f := func(task, _ int) { sum[task].Add(1) }
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
	f := func(_, _ int) {}
	for b.Loop() {
		Parallel(8, f)
	}
}
