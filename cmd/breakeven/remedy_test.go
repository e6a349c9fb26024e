package main

import (
	"errors"
	"fmt"
	"testing"

	"breakeven/data"
	"breakeven/internal/store"
)

// To an error that says what is wrong the program adds what to type.
func TestRemedy(t *testing.T) {
	a := &app{store: store.DefaultDir}
	gone := errors.New("folder d has no x")
	for _, test := range []struct {
		err  error
		want string
	}{
		{&data.FilesError{Set: "s", Missing: true, Err: gone}, "breakeven: open: folder d has no x; fetch the set, or name the folder that has it: breakeven data fetch s, or --data-dir FOLDER"},
		{&data.FilesError{Set: "s", Err: gone}, "breakeven: open: folder d has no x; fetch it again: breakeven data fetch s"},
		{fmt.Errorf("d is a folder; move it away, or %w", data.ErrFolder), "breakeven: open: d is a folder; move it away, or name another folder for the data sets (--data-dir FOLDER)"},
		{store.ErrNoStore, "breakeven: open: no runs are kept here; `breakeven run` begins one"},
		{store.ErrNotFound, "breakeven: open: no such run; `breakeven runs` lists them"},
		{gone, "breakeven: open: folder d has no x"},
	} {
		if got := a.errorLines(fmt.Errorf("open: %w", test.err)); len(got) != 1 || got[0] != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
