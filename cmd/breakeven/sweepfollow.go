package main

import (
	"errors"
	"fmt"
	"time"

	"breakeven/internal/store"
)

// followSweep shows how the trials of a sweep get on that workers elsewhere run, until all have ended
// or failed for good, the sweep is no longer active, or its user has seen enough.
func (a *app) followSweep(s *store.Store, w store.Sweep) error {
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	fmt.Fprintf(v.lines, "sweep %s: %s; workers: breakeven worker %s%s\n", w.ID, countText(w.Trials, "trial"), w.ID, a.storeWords())
	m := v.meter(w.Title, 0)
	err := func() error {
		for {
			begun := time.Now()
			n, err := s.Tally(w.ID, origin())
			state, err2 := s.State(w.ID)
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			left := w.Trials - n.Ended - n.Failed
			m.set(1-float64(left)/float64(max(1, w.Trials)), tallyText(n, w.Trials))
			if left == 0 || state != store.Active || ctx.Err() != nil {
				return nil
			}
			sleep(ctx, max(time.Second/2, 20*time.Since(begun))) // a question about many trials is not asked all the time
		}
	}()
	cancel()
	m.end(err == nil)
	v.close()
	return err
}

// tallyText says how many trials have ended and how many are under way.
func tallyText(n store.Tally, trials int) string {
	text := fmt.Sprintf("%d of %d ended, %d under way", n.Ended, trials, n.Underway)
	if n.Failed > 0 {
		text += fmt.Sprintf(", %d failed", n.Failed)
	}
	return text
}
