package tensor

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

var pool = helpers{invite: make(chan invitation, 1024)}

// helpers are goroutines that wait for invitations. They are started as needed.
type helpers struct {
	mu      sync.Mutex
	started int
	free    []*call
	invite  chan invitation
}

// take returns a call that is not in use, and starts helpers until there are as many
// as asked for.
func (h *helpers) take(helpers int) *call {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ; h.started < helpers; h.started++ {
		go h.serve()
	}
	if k := len(h.free); k > 0 {
		c := h.free[k-1]
		h.free = h.free[:k-1]
		return c
	}
	return &call{done: make(chan struct{}, 1)}
}

func (h *helpers) give(c *call) {
	h.mu.Lock()
	h.free = append(h.free, c)
	h.mu.Unlock()
}

// serve is a helper. It has an operating system thread to itself: a thread that any
// goroutine uses tends to wake on the core of the one that wakes it, and the two share
// that core until the operating system notices, which takes tens of milliseconds.
func (h *helpers) serve() {
	runtime.LockOSThread()
	for {
		if in := h.next(); in.call.join(in.gen) {
			h.help(in.call)
		}
	}
}

// help does tasks of a call and leaves the call, however the tasks end. A task that
// calls runtime.Goexit ends its helper too; another is started when one is needed.
func (h *helpers) help(c *call) {
	returned := false
	defer func() {
		if value := recover(); value != nil {
			c.failure.CompareAndSwap(nil, failure(value))
			c.stop()
		} else if !returned {
			c.exited.Store(true)
			c.stop()
			h.mu.Lock()
			h.started--
			h.mu.Unlock()
		}
		c.leave()
	}()
	c.work(int(c.ids.Add(1)))
	returned = true
}

// failure returns the Panic for a value recovered on this goroutine. If calls are
// nested it is that of the inner one.
func failure(value any) *Panic {
	if p, ok := value.(*Panic); ok {
		return p
	}
	return &Panic{value, debug.Stack()}
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

// patience is how long a goroutine polls for work, or for the end of it, before it
// sleeps. Waking up takes 100 µs on a virtual machine, and a step of a deep network
// has hundreds of phases with less time than that between them.
const patience = 400 * time.Microsecond

// await polls done and reports whether it became true in time. Now and then it lets
// other goroutines run.
func await(done func() bool) bool {
	const asks = 256 // between two looks at the clock: some microseconds
	for start := time.Now(); ; {
		for range asks {
			if done() {
				return true
			}
		}
		if time.Since(start) > patience {
			return false
		}
		runtime.Gosched()
	}
}
