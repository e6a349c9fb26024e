package nn

import "sync/atomic"

// A stopper holds the function that can stop passes, and its first error.
type stopper struct {
	ask    func() error
	failed atomic.Pointer[error]
}

// SetStop sets a function that every pass asks, before each piece of its work and on several
// goroutines, whether to stop; nil means never. At its first error the current pass ends,
// later ones do nothing, and Err returns that error: their results are undefined. SetStop
// clears an earlier error.
func (p *Plan) SetStop(stop func() error) {
	p.stopper.ask = stop
	p.stopper.failed.Store(nil)
}

// Err returns the error that stopped a pass, or nil.
func (p *Plan) Err() error {
	if e := p.stopper.failed.Load(); e != nil {
		return *e
	}
	return nil
}

// Stopped asks whether to stop, as passes do, for work between them. It returns Err.
func (p *Plan) Stopped() error {
	p.stopped()
	return p.Err()
}

// stopped asks whether to stop, and keeps the first error.
func (p *Plan) stopped() bool {
	b := &p.stopper
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

// unlessStopped returns run with a check before each task.
func (p *Plan) unlessStopped(run func(task, worker int)) func(task, worker int) {
	return func(task, worker int) {
		if !p.stopped() {
			run(task, worker)
		}
	}
}
