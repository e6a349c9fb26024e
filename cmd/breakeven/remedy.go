package main

import (
	"errors"

	"breakeven/data"
	"breakeven/internal/store"
)

// remedy returns what to type about an error of a library, to be put behind its text,
// or "". Libraries know no commands and no flags.
func (a *app) remedy(err error) string {
	var files *data.FilesError
	switch {
	case errors.As(err, &files) && files.Missing:
		return ": breakeven data fetch " + files.Set + ", or --data-dir FOLDER"
	case errors.As(err, &files):
		return ": breakeven data fetch " + files.Set
	case errors.Is(err, data.ErrFolder):
		return " (--data-dir FOLDER)"
	case errors.Is(err, store.ErrNoStore):
		return "; `breakeven run" + a.storeWords() + "` begins one"
	case errors.Is(err, store.ErrNotFound):
		return "; `breakeven runs" + a.storeWords() + "` lists them"
	}
	return ""
}
