// Package processors says how many processors the program may use.
//
// The Go runtime changes that number while a program runs, when its processor
// affinity or the limit of its cgroup changes. Whatever is cut or sized by it has
// to ask once and pass the answer on. Tests make sure of that with [Alternate]:
// then two questions in a row have different answers.
package processors

import (
	"runtime"
	"sync/atomic"
)

var (
	alternating atomic.Int32
	asked       atomic.Uint32
)

// Now returns GOMAXPROCS.
func Now() int {
	if alternating.Load() > 0 {
		return [...]int{1, 8, 3}[asked.Add(1)%3]
	}
	return runtime.GOMAXPROCS(0)
}

// Alternate makes Now answer 1, 8 and 3 in turn until stop is called. It is for
// tests.
func Alternate() (stop func()) {
	alternating.Add(1)
	return func() { alternating.Add(-1) }
}
