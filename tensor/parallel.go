package tensor

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"

	"breakeven/internal/processors"
)

func sqrt(x float64) float64 { return math.Sqrt(x) }

// Workers returns how many goroutines can run at the same time now: GOMAXPROCS. It
// may change at any time. Code that splits work, or sizes memory, by the number of
// workers asks once and passes the answer on, to [ParallelOn] or [Product.Cut].
func Workers() int { return processors.Now() }

// Parallel calls f(task) once for each task in 0…n-1, on all cores, and returns when
// all are done. Any goroutine may take any task, so each task must write to memory of
// its own. Parallel allocates nothing and may be nested.
//
// If a task panics or calls [runtime.Goexit], no new tasks begin, and Parallel does
// the same once the running ones have ended. A panic on another goroutine than the
// caller's arrives as a [Panic].
func Parallel(n int, f func(task int)) {
	parallel(min(Workers(), n), job{n: int64(n), f: f})
}

// ParallelOn is [Parallel] with at most the given number of workers. The calling
// goroutine is worker 0. A worker number is used by one goroutine at a time, so it may
// index scratch memory for that many workers.
func ParallelOn(workers, n int, f func(task, worker int)) {
	parallel(min(workers, n), job{n: int64(n), on: f})
}

// A Panic is a panic of a task that ran on another goroutine than its caller's.
type Panic struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

// Error returns the value and the stack.
func (p *Panic) Error() string {
	return fmt.Sprintf("%v\n\nin a task of tensor.Parallel:\n%s", p.Value, p.Stack)
}

// Unwrap returns the value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

func parallel(workers int, work job) {
	if workers <= 1 {
		for i := range int(work.n) {
			work.do(i, 0)
		}
		return
	}
	c := pool.take(workers - 1)
	c.job = work
	returned := false
	defer func() {
		if end := c.end(); returned {
			end.repeat()
		}
	}()
	gen := c.open()
	for range workers - 1 {
		select {
		case pool.invite <- invitation{c, gen}:
		default: // every helper is busy: go on without
		}
	}
	c.work(0)
	returned = true
}

// A job is tasks 0…n-1, for f or for on.
type job struct {
	n  int64
	f  func(task int)
	on func(task, worker int)
}

func (j *job) do(task, worker int) {
	if j.f != nil {
		j.f(task)
	} else {
		j.on(task, worker)
	}
}

// A call is one call of Parallel. Its state packs a generation, a closed bit and
// the number of helpers inside, so that an invitation that arrives after the call
// has returned finds a different generation and is dropped.
type call struct {
	job
	next    atomic.Int64
	ids     atomic.Int32
	state   atomic.Uint64 // generation<<32 | closed<<31 | helpers inside
	done    chan struct{} // cap 1: the last helper has left a closed call
	failure atomic.Pointer[Panic]
	exited  atomic.Bool // a helper's task has called runtime.Goexit
}

const closed = 1 << 31

type invitation struct {
	call *call
	gen  uint64
}

// open lets helpers in. It returns the generation that invites them.
func (c *call) open() uint64 {
	c.next.Store(0)
	c.ids.Store(0)
	gen := (c.state.Load()>>32 + 1) & math.MaxUint32
	c.state.Store(gen << 32)
	return gen
}

func (c *call) join(gen uint64) bool {
	for {
		s := c.state.Load()
		if s>>32 != gen || s&closed != 0 {
			return false
		}
		if c.state.CompareAndSwap(s, s+1) {
			return true
		}
	}
}

func (c *call) leave() {
	if s := c.state.Add(^uint64(0)); s&math.MaxUint32 == closed {
		c.done <- struct{}{}
	}
}

// close lets no more helpers in and waits for those inside.
func (c *call) close() {
	alone := func() bool {
		s := c.state.Load()
		return s&math.MaxUint32 == 0 && c.state.CompareAndSwap(s, s|closed)
	}
	if await(alone) {
		return
	}
	for {
		s := c.state.Load()
		if c.state.CompareAndSwap(s, s|closed) {
			if s&math.MaxUint32 != 0 {
				<-c.done
			}
			return
		}
	}
}

// work does tasks until none is left.
func (c *call) work(worker int) {
	for {
		i := c.next.Add(1) - 1
		if i >= c.n {
			return
		}
		c.do(int(i), worker)
	}
}

// stop begins no more tasks.
func (c *call) stop() { c.next.Store(c.n) }

// end waits for the helpers, and returns how their tasks ended.
func (c *call) end() ending {
	c.stop()
	c.close()
	e := ending{c.failure.Swap(nil), c.exited.Swap(false)}
	c.job = job{}
	pool.give(c)
	return e
}

// An ending is how the tasks of helpers ended, if they did not return.
type ending struct {
	failure *Panic
	exited  bool
}

// repeat panics or exits in the same way on this goroutine.
func (e ending) repeat() {
	if e.failure != nil {
		panic(e.failure)
	}
	if e.exited {
		runtime.Goexit()
	}
}
