package nn

import "sync/atomic"

// A brake ends passes that are no longer wanted.
type brake struct {
	ask    func() error
	failed atomic.Pointer[error]
}

// SetStop makes stop what every pass asks, before each piece of its work and on
// several goroutines, whether to give up; nil says never. With its first error the
// pass under way ends, later ones do nothing, and Err returns the error: what they
// leave behind has no meaning. SetStop takes an earlier error back.
func (p *Plan) SetStop(stop func() error) {
	p.brake.ask = stop
	p.brake.failed.Store(nil)
}

// Err returns the error with which passes were given up, or nil.
func (p *Plan) Err() error {
	if e := p.brake.failed.Load(); e != nil {
		return *e
	}
	return nil
}

// stopped asks whether to go on, and keeps the first error.
func (p *Plan) stopped() bool {
	b := &p.brake
	switch {
	case b.ask == nil:
		return false
	case b.failed.Load() != nil:
		return true
	}
	err := b.ask()
	if err == nil {
		return false
	}
	failure := err // allocated only here
	b.failed.CompareAndSwap(nil, &failure)
	return true
}

// unlessStopped is run, which asks before each task.
func (p *Plan) unlessStopped(run func(task, worker int)) func(task, worker int) {
	return func(task, worker int) {
		if !p.stopped() {
			run(task, worker)
		}
	}
}
