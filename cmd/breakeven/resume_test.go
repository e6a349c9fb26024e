package main

import (
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/tensor"
	"breakeven/trial"
)

// A run is resumed with the arithmetic that it began with; otherwise the message says
// how to get it.
func TestCheckArithmetic(t *testing.T) {
	here := tensor.ISA()
	kernels, fused := strings.CutSuffix(here, tensor.FusedSuffix)
	otherKernels, otherCompiler := "sse9", kernels+tensor.FusedSuffix
	if fused {
		otherKernels, otherCompiler = "sse9"+tensor.FusedSuffix, kernels
	}
	for begun, want := range map[string]string{here: "", otherKernels: "set BREAKEVEN_ISA=sse9 ", otherCompiler: "compiled as the first one"} {
		err := checkArithmetic(store.Run{ID: "abc", Origin: store.Origin{ISA: begun, Numerics: trial.Numerics}})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", begun, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), begun)):
			t.Errorf("%s: %v, want %q", begun, err, want)
		}
	}
	old := store.Run{ID: "abc", Origin: store.Origin{Program: "v0.1", ISA: here, Numerics: trial.Numerics - 1}}
	if err := checkArithmetic(old); err == nil || !strings.Contains(err.Error(), "version v0.1") || !strings.Contains(err.Error(), "--other-bits") {
		t.Errorf("other numerics: %v", err)
	}
}
