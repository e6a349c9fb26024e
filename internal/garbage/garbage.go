// Package garbage says how much garbage may lie until the Go runtime collects it.
//
// Go's default is as much again as is in use. In use are few large vectors, quickly
// looked through; while something runs there is little garbage, and what there is
// counts as part of the memory that was announced.
package garbage

import (
	"os"
	"runtime/debug"
)

// Garbage that may lie, in percent of the memory in use: while nothing runs, and
// while a network is trained or measured.
const (
	Usual   = 20
	Running = 3
)

// Limit sets how much garbage may lie, unless the user's GOGC does, and returns a
// function that sets it back.
func Limit(percent int) (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}
