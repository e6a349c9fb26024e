//go:build !race

package testenv

// Race reports whether the race detector watches.
const Race = false
