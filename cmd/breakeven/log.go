package main

import (
	"io"
	"log/slog"
	"time"

	"breakeven/internal/store"
)

// newLog returns a log in a format: json or text.
func newLog(out io.Writer, format string) (*slog.Logger, error) {
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(out, nil)), nil
	case "text":
		return slog.New(slog.NewTextHandler(out, nil)), nil
	}
	return nil, usagef("--log: %q is none of json and text", format)
}

// logEvery is how often the progress of a trial is logged.
const logEvery = 30 * time.Second

// logEvents returns what logs the events of a worker of a sweep.
func logEvents(log *slog.Logger, w store.Sweep) func(event) {
	log = log.With("sweep", w.ID)
	last := time.Now()
	return func(e event) {
		if e.Kind == going {
			if time.Since(last) < logEvery {
				return
			}
			last = time.Now()
		}
		var args []any
		if e.Place > 0 {
			args = append(args, "trial", e.Place, "run", e.Run)
		}
		switch e.Kind {
		case going:
			args = append(args, "done", e.Part)
		case ended:
			args = append(args, "status", e.Status)
		}
		if e.Text != "" {
			args = append(args, "text", e.Text)
		}
		switch e.Kind {
		case failed, givingUp:
			log.Error(e.Kind, args...)
		case lost, warning:
			log.Warn(e.Kind, args...)
		default:
			log.Info(e.Kind, args...)
		}
	}
}
