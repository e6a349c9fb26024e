package main

import (
	"os"
	"runtime/debug"
)

// Garbage, in percent of the memory in use, that may lie until it is collected:
// Go's default is as much again. In use are few large vectors, quickly looked
// through; while something runs there is little garbage, and what there is counts
// as part of the memory that was announced.
const (
	usualGarbage = 20
	runGarbage   = 3
)

// collectAt sets how much garbage may lie, unless the user's GOGC does, and returns
// a function that sets it back.
func collectAt(percent int) (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}
