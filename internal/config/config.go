// Package config reads a configuration file, a YAML form of run.Spec, on top
// of the defaults.
//
// # Laws
//
//   - Every fault of a file is reported at once, up to twenty, each as one
//     line "file:line:column: what is wrong": text that is no YAML, unknown
//     and repeated keys, values of the wrong type, and all that
//     run.Spec.Validate finds.
//   - A file is hostile until read: it is bounded in size and depth, which
//     bounds the memory that reading takes to 16 MB; aliases, anchors, tags
//     and directives are refused; no file makes the package panic.
package config

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxFaults bounds how many faults of a file are told.
const maxFaults = 20

// An Error is one fault of a file.
type Error struct {
	File         string
	Line, Column int // from 1; 0 where the fault has no place in the file
	Msg          string
}

// Error returns "file:line:column: message".
func (e Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// Errors are all faults of a file, in order of their places.
type Errors []Error

// Error returns one line for each fault.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Parse reads the text of the file with the given name on top of
// run.Default. Where the file gives steps and not epochs, epochs become 0.
// The spec is in canonical form and valid as far as known goes. The error is
// of type Errors.
func Parse(name string, text []byte, known run.Known) (run.Spec, error) {
	r := &reader{file: name, known: known, spec: run.Default(), places: map[string]token.Position{}}
	if body, ok := r.parse(text); ok {
		r.mapping("", body)
	}
	r.readDeclared()
	if len(r.errs) == 0 {
		if r.has("steps") && !r.has("epochs") {
			r.spec.Epochs = 0
		}
		r.validate(known)
	}
	if len(r.errs) > 0 {
		slices.SortStableFunc(r.errs, func(a, b Error) int { return (a.Line-b.Line)<<20 + a.Column - b.Column })
		return run.Spec{}, r.errs
	}
	return r.spec.Canonical(known), nil
}

// A reader reads one file.
type reader struct {
	file   string
	known  run.Known
	spec   run.Spec
	later  []*ast.MappingValueNode   // keys that no spec has; the kind or the model may
	places map[string]token.Position // of the values that the file gives
	errs   Errors
}

func (r *reader) has(field string) bool {
	_, ok := r.places[field]
	return ok
}

// fault reports a fault; a nil place is the whole file.
func (r *reader) fault(at *token.Position, format string, args ...any) {
	e := Error{File: r.file, Msg: fmt.Sprintf(format, args...)}
	if at != nil {
		e.Line, e.Column = at.Line, at.Column
	}
	r.errs = append(r.errs, e)
}

// syntax reports an error of the YAML parser.
func (r *reader) syntax(err error) {
	if e, ok := err.(interface {
		GetMessage() string
		GetToken() *token.Token
	}); ok && e.GetToken() != nil {
		r.fault(e.GetToken().Position, "not YAML: %s", oneLine(e.GetMessage()))
		return
	}
	r.fault(nil, "not YAML: %s", oneLine(err.Error()))
}

// oneLine shortens a message that may hold part of a file.
func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}

// place returns where a node begins.
func place(n ast.Node) *token.Position {
	if m, ok := n.(*ast.MappingValueNode); ok { // its own token is the colon
		return place(m.Key)
	}
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return place(m.Values[0])
	}
	if t := n.GetToken(); t != nil {
		return t.Position
	}
	return nil
}

// validate reports what Validate finds, each fault where its field stands in
// the file, or else where another field stands that has a part in it.
func (r *reader) validate(known run.Known) {
	faults, _ := r.spec.Validate(known).(run.Faults)
	for _, f := range faults {
		var at *token.Position
		for _, field := range append([]string{f.Field}, partners[f.Field]...) {
			if p, ok := r.places[field]; ok {
				at = &p
				break
			}
		}
		r.fault(at, "%s", f.Error())
	}
}

// partners are the fields that can be the cause of another field's fault.
var partners = map[string][]string{
	"batch":     {"train", "valid", "data"},
	"measure.m": {"train", "valid", "data"},
	"momentum":  {"method"},
	"epochs":    {"steps"},
	"steps":     {"epochs"},
}
