package folder

import "sync"

// A room is a number of pixels that goroutines share.
type room struct {
	mu    sync.Mutex
	freed sync.Cond
	free  int
}

func newRoom(n int) *room {
	r := &room{free: n}
	r.freed.L = &r.mu
	return r
}

// take waits until n are free. Nobody takes twice before it gives back, so that nobody waits
// forever.
func (r *room) take(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.free < n {
		r.freed.Wait()
	}
	r.free -= n
}

func (r *room) give(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free += n
	r.freed.Broadcast()
}
