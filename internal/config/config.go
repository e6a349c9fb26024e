// Package config reads a configuration file, a YAML form of run.Spec, and applies it to the
// defaults.
//
// # Laws
//
//   - All faults of a file are reported at once, up to twenty, each as one line
//     "file:line:column: what is wrong": text that is not YAML, unknown and repeated keys,
//     values of the wrong type, and everything that run.Spec.Validate finds.
//   - A file is hostile until read. Its size and depth are bounded, which bounds the memory
//     of reading to 16 MB; aliases, anchors, tags and directives are refused; no file makes
//     the package panic.
package config

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxFaults bounds how many faults of a file are reported.
const maxFaults = 20

// An Error is one fault of a file.
type Error struct {
	File         string
	Line, Column int // from 1; 0 if the fault has no place in the file
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

// Parse applies the text of the file with the given name to run.Default. If the file gives steps
// and not epochs, epochs become 0. The spec is in canonical form and valid as far as known goes.
// The error is of type Errors.
func Parse(name string, text []byte, known run.Known) (run.Spec, error) {
	return ParseOver(run.Default(), name, text, known)
}

// ParseOver is Parse with another spec in the place of run.Default: one of another kind, such
// that a file need not say which.
func ParseOver(base run.Spec, name string, text []byte, known run.Known) (run.Spec, error) {
	r := &reader{file: name, known: known, spec: base, places: map[string]token.Position{}}
	if body, ok := r.parse(text); ok {
		r.mapping("", body)
	}
	r.readDeclared()
	if r.complete(); len(r.errs) > 0 {
		return run.Spec{}, r.sorted()
	}
	return r.spec, nil
}

// complete brings a spec that was read without faults to canonical form, and checks it.
func (r *reader) complete() {
	if len(r.errs) > 0 {
		return
	}
	if r.has("steps") && !r.has("epochs") {
		r.spec.Epochs = 0
	}
	if r.has("overhead") && !r.has("every") { // of a base that says how often
		r.spec.Every = 0
	}
	r.spec = r.spec.Canonical(r.known)
	r.validate(r.known)
}

// sorted returns the faults in order of their places.
func (r *reader) sorted() Errors {
	slices.SortStableFunc(r.errs, func(a, b Error) int { return (a.Line-b.Line)<<20 + a.Column - b.Column })
	return r.errs
}

// A reader reads one file.
type reader struct {
	file   string
	known  run.Known
	spec   run.Spec
	later  []*ast.MappingValueNode   // keys that not every spec has: those of a kind or a model
	places map[string]token.Position // of the values that the file gives
	errs   Errors

	sweeps bool              // whether the file may ask for several trials
	sweep  ast.Node          // what it says of them
	taken  map[string]string // fields that it sets, and by which part
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
	if m, ok := n.(*ast.MappingValueNode); ok { // its own token would be the colon
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

// positionOf is place, or no position for a node without one.
func positionOf(n ast.Node) token.Position {
	if p := place(n); p != nil {
		return *p
	}
	return token.Position{}
}

// validate reports the faults that Validate finds, each at the place of its field in the file or,
// if the file does not have that, of another field that takes part in it.
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

// partners are the fields that can cause another field's fault.
var partners = map[string][]string{
	"batch":     {"train", "valid", "data"},
	"measure.m": {"train", "valid", "data"},
	"momentum":  {"method"},
	"epochs":    {"steps"},
	"steps":     {"epochs"},
}
