package tensor

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

func sqrt(x float64) float64 { return math.Sqrt(x) }

// Workers returns how many workers [Parallel] uses: GOMAXPROCS.
func Workers() int { return runtime.GOMAXPROCS(0) }

// Parallel calls f(task, worker) once for each task in 0…n-1 and returns when
// all are done. The calling goroutine is worker 0; up to Workers()-1 others
// help. A worker number is used by one goroutine at a time, so it may index
// scratch memory. Which worker takes which task is not fixed: tasks must write
// to places of their own. Parallel allocates nothing and may be nested.
func Parallel(n int, f func(task, worker int)) {
	w := min(Workers(), n)
	if w <= 1 {
		for i := range n {
			f(i, 0)
		}
		return
	}
	j := pool.take(w - 1)
	j.f, j.n = f, int64(n)
	j.next.Store(0)
	j.ids.Store(0)
	gen := j.open()
	for range w - 1 {
		select {
		case pool.invite <- invitation{j, gen}:
		default: // every helper is busy: do without
		}
	}
	j.work(0)
	j.close()
	if e := j.failure.Swap(nil); e != nil {
		pool.give(j)
		panic(*e)
	}
	pool.give(j)
}

// A job is one call of Parallel. Its state packs a generation, a closed bit
// and the number of helpers inside, so that an invitation that arrives after
// the call has returned finds a different generation and is dropped.
type job struct {
	f       func(task, worker int)
	n       int64
	next    atomic.Int64
	ids     atomic.Int32
	state   atomic.Uint64 // generation<<32 | closed<<31 | helpers inside
	done    chan struct{} // cap 1: the last helper has left a closed job
	failure atomic.Pointer[any]
}

const closed = 1 << 31

type invitation struct {
	job *job
	gen uint64
}

func (j *job) open() uint64 {
	gen := (j.state.Load()>>32 + 1) & math.MaxUint32
	j.state.Store(gen << 32)
	return gen
}

func (j *job) join(gen uint64) bool {
	for {
		s := j.state.Load()
		if s>>32 != gen || s&closed != 0 {
			return false
		}
		if j.state.CompareAndSwap(s, s+1) {
			return true
		}
	}
}

func (j *job) leave() {
	if s := j.state.Add(^uint64(0)); s&math.MaxUint32 == closed {
		j.done <- struct{}{}
	}
}

// patience is how often an idle side looks for work, or for the end of it, before
// it sleeps: for some 100 µs. To be woken takes as long on a virtual machine, and
// a step of a deep network has hundreds of phases.
const patience = 1 << 17

// await asks until done says yes, and reports whether it did in time. Now and
// then it lets other goroutines run.
func await(done func() bool) bool {
	for i := range patience {
		if done() {
			return true
		}
		if i%1024 == 1023 {
			runtime.Gosched()
		}
	}
	return false
}

// close lets no more helpers in and waits for those inside.
func (j *job) close() {
	alone := func() bool {
		s := j.state.Load()
		return s&math.MaxUint32 == 0 && j.state.CompareAndSwap(s, s|closed)
	}
	if await(alone) {
		return
	}
	for {
		s := j.state.Load()
		if j.state.CompareAndSwap(s, s|closed) {
			if s&math.MaxUint32 != 0 {
				<-j.done
			}
			return
		}
	}
}

func (j *job) work(worker int) {
	defer func() {
		if e := recover(); e != nil {
			failure := e // allocated only here
			j.failure.CompareAndSwap(nil, &failure)
			j.next.Store(j.n)
		}
	}()
	for {
		i := j.next.Add(1) - 1
		if i >= j.n {
			return
		}
		j.f(int(i), worker)
	}
}

var pool = helpers{invite: make(chan invitation, 1024)}

// helpers are the goroutines that wait for invitations, started as needed.
type helpers struct {
	mu      sync.Mutex
	started int
	free    []*job
	invite  chan invitation
}

func (h *helpers) take(helpers int) *job {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ; h.started < helpers; h.started++ {
		go h.serve()
	}
	if k := len(h.free); k > 0 {
		j := h.free[k-1]
		h.free = h.free[:k-1]
		return j
	}
	return &job{done: make(chan struct{}, 1)}
}

func (h *helpers) give(j *job) {
	j.f = nil
	h.mu.Lock()
	h.free = append(h.free, j)
	h.mu.Unlock()
}

// serve is a helper. It has a thread to itself: threads that any goroutine uses
// tend to wake on the core of the one that wakes them, and two share it until
// the operating system notices, which takes tens of milliseconds.
func (h *helpers) serve() {
	runtime.LockOSThread()
	for {
		in := h.next()
		if in.job.join(in.gen) {
			in.job.work(int(in.job.ids.Add(1)))
			in.job.leave()
		}
	}
}

// next returns the next invitation.
func (h *helpers) next() (in invitation) {
	invited := func() bool {
		select {
		case in = <-h.invite:
			return true
		default:
			return false
		}
	}
	if !await(invited) {
		in = <-h.invite
	}
	return in
}
