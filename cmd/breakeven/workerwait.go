package main

import (
	"errors"
	"fmt"
	"time"

	"breakeven/internal/store"
)

// awaitSweep is openSweep for a worker of whatever sweep there is. On a server, where workers may begin before
// anything is submitted, it waits for one. It returns no store if its user stops it meanwhile.
//
// It makes no tables: who submits says where the checkpoints are.
func (a *app) awaitSweep(args []string) (*store.Store, store.Sweep, error) {
	if len(args) > 0 && args[0] != "last" || !store.IsAddress(a.store) {
		return a.openSweep(args)
	}
	v := a.newView()
	defer v.close()
	ctx, cancel := a.interruptible(v)
	defer cancel()
	for told := false; ; told = true {
		s, w, err := a.openSweep(args)
		if !errors.Is(err, store.ErrNoStore) && !errors.Is(err, store.ErrNoSweep) {
			return s, w, err
		}
		if !told {
			if err := a.tellWaiting(); err != nil {
				return nil, w, err
			}
		}
		if sleep(ctx, 2*time.Second); ctx.Err() != nil {
			return nil, w, nil
		}
	}
}

// tellWaiting says in the log, or to standard error, what a worker waits for.
func (a *app) tellWaiting() error {
	const text = "waiting until a sweep is submitted"
	if a.log == "" || logsRecords(a.log) {
		_, err := fmt.Fprintf(a.stderr, "%s to %s\n", text, a.store)
		return err
	}
	log, err := newLog(a.stderr, a.log)
	if err == nil {
		log.Info(text)
	}
	return err
}
