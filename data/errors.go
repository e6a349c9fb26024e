package data

import (
	"errors"
	"io/fs"
)

// ErrFolder says that the folder of the data sets cannot be used, and another one can.
var ErrFolder = errors.New("name another folder for the data sets")

// A FilesError says that files of a data set are missing, or are not the published
// ones. Fetch downloads them.
type FilesError struct {
	Set     string // its name
	Missing bool   // not where they were looked for: they may be in another folder
	Err     error
}

// Error says what is wrong and what to do.
func (e *FilesError) Error() string {
	if e.Missing {
		return e.Err.Error() + "; fetch the set, or name the folder that has it"
	}
	return e.Err.Error() + "; fetch it again"
}

// Unwrap returns the error that says what is wrong.
func (e *FilesError) Unwrap() error { return e.Err }

// absent is the error for missing files.
type absent string

func (e absent) Error() string { return string(e) }

// Is says that the error wraps fs.ErrNotExist.
func (e absent) Is(target error) bool { return target == fs.ErrNotExist }
