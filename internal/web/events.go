package web

import (
	"fmt"
	"net/http"
	"time"
)

// heartbeat is how often a stream without news says that it lives, so that nobody on the way cuts it.
const heartbeat = 15 * time.Second

// events tells a page when the runs that it shows have changed. The data of each event is the version of
// the list of runs that the page carries too.
func (v *server) events(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "run")
	if err != nil {
		return err
	}
	list, err := v.feed.now()
	if err != nil {
		return err
	}
	for _, id := range q["run"] {
		if _, ok := list.byID[id]; !ok {
			return failf(http.StatusNotFound, "There is no run %s.", id)
		}
	}
	watcher, ok := v.feed.watch(q["run"])
	if !ok {
		w.Header().Set("Retry-After", "60")
		return failf(http.StatusServiceUnavailable, "%d pages are followed already: this one stands still until it is loaded again.", mostWatchers)
	}
	defer v.feed.leave(watcher)
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	message := "retry: 2000\nevent: version\ndata: " + v.feed.latest().version + "\n\n"
	for {
		_ = out.SetWriteDeadline(time.Now().Add(answered)) // not all writers have one
		if _, err := fmt.Fprint(w, message); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
		if err := out.Flush(); err != nil {
			return nil //nolint:nilerr // the same
		}
		select {
		case <-watcher.changed:
			message = "event: changed\ndata: " + v.feed.latest().version + "\n\n"
		case <-beat.C:
			message = ": still here\n\n"
		case <-r.Context().Done():
			return nil
		case <-v.ctx.Done():
			return nil
		}
	}
}
