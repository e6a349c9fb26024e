package main

import (
	"errors"

	"breakeven/data"
	"breakeven/internal/store"
	"breakeven/model"
	"breakeven/task"
)

// remedy returns what to type about an error of a library, to be put behind its text,
// or "". Libraries know no commands and no flags.
func (a *app) remedy(err error) string {
	var files *data.FilesError
	var content *model.ContentError
	var key *task.KeyError
	switch {
	case errors.As(err, &key):
		return ": --key-file FILE, or the environment variable " + keyVariable
	case errors.As(err, &content) && content.Holds == model.Graphs:
		return "; or run with --task graph, for what is usual"
	case errors.As(err, &content) && content.Holds == model.Tracks:
		return "; or run with --task flights, for what is usual"
	case errors.As(err, &files) && byHand(files.Set) != "":
		return ": get " + byHand(files.Set) + ", or --data-dir FOLDER"
	case errors.As(err, &files) && files.Missing:
		return ": breakeven data fetch " + files.Set + ", or --data-dir FOLDER"
	case errors.As(err, &files):
		return ": breakeven data fetch " + files.Set
	case errors.Is(err, data.ErrFolder):
		return " (--data-dir FOLDER)"
	case errors.Is(err, store.ErrHeld):
		return "; wait for it, or stop that process first"
	case errors.Is(err, store.ErrNoStore):
		return "; `breakeven run" + a.storeWords() + "` begins one"
	case errors.Is(err, store.ErrNumerics):
		return "; use that version, or submit the sweep again by `breakeven sweep`: all its trials are run anew"
	case errors.Is(err, store.ErrNoSweep):
		return "; `breakeven sweep status" + a.storeWords() + "` lists them"
	case errors.Is(err, store.ErrNotFound):
		return "; `breakeven runs" + a.storeWords() + "` lists them"
	}
	return ""
}

// byHand says which files of a data set users get themselves, and where; "" if none.
func byHand(set string) string {
	in, err := task.Lookup(set)
	if err != nil || in.ByHand == "" {
		return ""
	}
	return in.ByHand + " from " + in.Source
}
