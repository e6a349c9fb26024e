package hierarchy

import "sync/atomic"

// A stopper holds the function that can end a computation, and its first error. A
// nil stopper never ends one.
type stopper struct {
	ask    func() error
	failed atomic.Pointer[error]
}

// newStopper returns the stopper of a function that may be nil.
func newStopper(ask func() error) *stopper {
	if ask == nil {
		return nil
	}
	return &stopper{ask: ask}
}

// err asks whether to stop, on any goroutine, and keeps the first error.
func (s *stopper) err() error {
	if s == nil {
		return nil
	}
	if e := s.failed.Load(); e != nil {
		return *e
	}
	if err := s.ask(); err != nil {
		s.failed.CompareAndSwap(nil, &err)
		return err
	}
	return nil
}
