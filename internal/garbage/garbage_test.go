package garbage

import (
	"runtime/debug"
	"testing"
)

// percent returns the present limit.
func percent() int {
	p := debug.SetGCPercent(-1)
	debug.SetGCPercent(p)
	return p
}

// The limit holds until it is reset, and a limit set by the user takes precedence.
func TestLimit(t *testing.T) {
	t.Setenv("GOGC", "")
	before := percent()
	restore := Limit(Running)
	if got := percent(); got != Running {
		t.Errorf("limit %d, want %d", got, Running)
	}
	restore()
	if got := percent(); got != before {
		t.Errorf("set back to %d, want %d", got, before)
	}
	t.Setenv("GOGC", "50")
	Limit(Running)()
	if got := percent(); got != before {
		t.Errorf("limit %d in spite of GOGC", got)
	}
}
