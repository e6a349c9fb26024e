package tensor

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Whether the compiler may fuse operations follows from the target that it compiles
// for.
func TestISA(t *testing.T) {
	fuses := slices.Contains([]string{"arm64", "ppc64", "ppc64le", "riscv64", "s390x", "loong64"}, runtime.GOARCH)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Skip("a test without build information")
	}
	for _, s := range info.Settings {
		if s.Key == "GOAMD64" {
			fuses = s.Value >= "v3"
		}
	}
	if got := strings.HasSuffix(ISA(), FusedSuffix); got != fuses {
		t.Errorf("ISA is %s; compiled for %s, %v", ISA(), runtime.GOARCH, info.Settings)
	}
}
