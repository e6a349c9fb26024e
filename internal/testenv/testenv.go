// Package testenv is what tests ask of their surroundings: a machine whose number
// of processors changes, the memory that is taken, and whether there is time for the
// long form of a test.
package testenv

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"

	"breakeven/internal/processors"
)

// LongEnv names the environment variable that asks for more than `go test ./...` does by itself, which takes a
// few minutes: BREAKEVEN_LONG=check, which ./check sets, leaves nothing out, and BREAKEVEN_LONG=all also runs tests
// that repeat something in their long form.
const LongEnv = "BREAKEVEN_LONG"

// Long reports whether tests shall run in their long form.
func Long() bool { return os.Getenv(LongEnv) == "all" }

// Whole reports whether tests shall leave nothing out.
func Whole() bool { return Long() || os.Getenv(LongEnv) == "check" }

// Slow skips a test that takes seconds, unless nothing is to be left out.
func Slow(t testing.TB) {
	t.Helper()
	if !Whole() {
		t.Skip("it takes seconds: " + LongEnv + "=check runs it, as ./check does")
	}
}

// Scale returns how often a test repeats something: short, or long in the long form.
func Scale(short, long int) int {
	if Long() {
		return long
	}
	return short
}

// OneProcessor makes the tests of a package run on one processor, but for those that set
// GOMAXPROCS. `go test` runs the packages beside each other, as many as there are
// processors; a second thread in each of them mostly waits for the first. Under the race
// detector, and in the long form, it changes nothing.
func OneProcessor() {
	if !Race && !Long() {
		runtime.GOMAXPROCS(1)
	}
}

// Allocated returns the bytes that f allocates.
func Allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// OnProcessors calls f with GOMAXPROCS at 1, 2 and 8, and once more while it changes.
// The argument says which, to follow the words of a message.
func OnProcessors(t testing.TB, f func(when string)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		f(fmt.Sprintf("with GOMAXPROCS at %d", n))
	}
	defer FlipProcessors(t)()
	f("while GOMAXPROCS changes")
}

// FlipProcessors sets GOMAXPROCS to 1 and to 8 in turn, as quickly as it can, until
// stop is called or the test ends. Meanwhile [processors.Now] gives another answer
// to each question, so that code which asks twice does not depend on luck to be
// caught.
func FlipProcessors(t testing.TB) (stop func()) {
	t.Helper()
	before := runtime.GOMAXPROCS(0)
	calm := processors.Alternate()
	end := make(chan struct{})
	var flipping sync.WaitGroup
	flipping.Go(func() {
		for n := 1; ; n = 9 - n {
			select {
			case <-end:
				return
			default:
				runtime.GOMAXPROCS(n)
				runtime.Gosched()
			}
		}
	})
	stop = sync.OnceFunc(func() {
		close(end)
		flipping.Wait()
		runtime.GOMAXPROCS(before)
		calm()
	})
	t.Cleanup(stop)
	return stop
}
