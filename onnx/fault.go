package onnx

import (
	"fmt"
	"strings"
)

// A fault is what the functions of a builder panic with: the error of one node.
type fault struct{ error }

func failf(format string, args ...any) { panic(fault{fmt.Errorf(format, args...)}) }

// faultOf returns as an error what functions of a builder, or of package nn, have panicked with.
func faultOf(r any, where string) error {
	switch r := r.(type) {
	case fault:
		return fmt.Errorf("%s: %w", where, r.error)
	case string:
		if text, ours := strings.CutPrefix(r, "nn: "); ours {
			return fmt.Errorf("%s: %s", where, text)
		}
	}
	panic(r)
}
