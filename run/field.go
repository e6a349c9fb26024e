package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Field is one setting of a Spec, declared once: flags, configuration files,
// checks, completion, the canonical text, the JSON schema and the documents are made
// from it.
type Field struct {
	Name string // in files and texts: "lr", "measure.l" for what stands in a group
	Flag string // "" means the last part of the name with - for _
	Doc  string // one line
	Unit string // of a number; "" if it has none
	// Default is what holds where nothing is said: a string, int, bool, uint64,
	// float64, []string, []int or []float64, which is also the type of the field. It never changes: a
	// value at its default is not in the canonical text, and so a field that is
	// added later leaves the identity of earlier specs as it was.
	Default any
	// Choices are the words that the field may hold. Nil means any.
	Choices []string
	// Prefix begins other words that the field may hold beside its Choices, as output: does; "": none.
	Prefix string
	// Check returns what is wrong with the field's value in s and what to do, or "".
	// Words have been judged before, by Choices and Known.Words.
	Check func(f Field, s Spec, known Known) string
	// File says that the field may name a file in place of one of its words: a name
	// with a dot or a slash in it. What the file holds then decides the identity of a
	// spec, by another field, and not the name.
	File bool
	// Derived fields are filled in by the program from the content of files. They
	// are no flags.
	Derived bool
	// Percent says that users may write a number as 10%.
	Percent bool
	// Place fields say where something lies and not what it is: they are kept with
	// a spec and are no part of its identity. The name of one that a kind or a model
	// declares ends in _path, and no other's does.
	Place bool

	at func(*Spec) any // a pointer to the value; nil: in Spec.More
}

// FlagName returns the name of the field's flag.
func (f Field) FlagName() string {
	if f.Flag != "" {
		return f.Flag
	}
	return strings.ReplaceAll(f.Name[strings.LastIndex(f.Name, ".")+1:], "_", "-")
}

// Value returns the field's value in s.
func (f Field) Value(s Spec) any { return f.value(&s) }

// value is Value, without a copy of s for each field.
func (f Field) value(s *Spec) any {
	if f.at == nil {
		text, ok := s.More[f.Name]
		if !ok {
			return f.Default
		}
		v, err := scan(text, f.Default)
		if err != nil {
			panic(fmt.Sprintf("run: field %s was not checked: %v", f.Name, err))
		}
		return v
	}
	switch p := f.at(s).(type) {
	case *string:
		return *p
	case *int:
		return *p
	case *bool:
		return *p
	case *uint64:
		return *p
	case *float64:
		return *p
	case *[]string:
		return *p
	}
	panic(fmt.Sprintf("run: field %s of type %T", f.Name, f.at(s)))
}

// Set puts a value of the type of Default into s. Spec.More is not shared
// with other specs afterwards.
func (f Field) Set(s *Spec, v any) {
	if f.at == nil {
		s.More = maps.Clone(s.More)
		if f.IsDefault(v) {
			delete(s.More, f.Name)
			return
		}
		if s.More == nil {
			s.More = map[string]string{}
		}
		s.More[f.Name] = format(v)
		return
	}
	switch p := f.at(s).(type) {
	case *string:
		*p = v.(string)
	case *int:
		*p = v.(int)
	case *bool:
		*p = v.(bool)
	case *uint64:
		*p = v.(uint64)
	case *float64:
		*p = v.(float64)
	case *[]string:
		*p = slices.Clone(v.([]string))
	}
}

// Int, Ints, Float, Floats, Word and Bool return the value in s of a field of that type.
func (f Field) Int(s Spec) int { return f.Value(s).(int) }

func (f Field) Ints(s Spec) []int { return f.Value(s).([]int) }

func (f Field) Float(s Spec) float64 { return f.Value(s).(float64) }

func (f Field) Floats(s Spec) []float64 { return f.Value(s).([]float64) }

func (f Field) Word(s Spec) string { return f.Value(s).(string) }

func (f Field) Bool(s Spec) bool { return f.Value(s).(bool) }

// pathSuffix ends the names of declared fields that say where something lies: a spec can
// be read, and its identity computed, where its kind is not known.
const pathSuffix = "_path"

// IsFile reports whether a word that names one of several things, a data set for
// example, names a file instead.
func IsFile(word string) bool { return strings.ContainsAny(word, "./\\") }

// place reports whether the field says where something lies and not what it is.
func (f Field) place(s Spec) bool { return f.Place || f.File && IsFile(f.Text(s)) }

// IsDefault reports whether v is the field's default.
func (f Field) IsDefault(v any) bool {
	switch f.Default.(type) {
	case string, int, bool, uint64: // equal as texts if as values
		return v == f.Default
	}
	return format(v) == format(f.Default)
}

// DefaultText returns the default as a user would type it.
func (f Field) DefaultText() string {
	if word, ok := f.Default.(string); ok {
		return word
	}
	return strings.ReplaceAll(strings.Trim(format(f.Default), "[]"), ", ", ",")
}

// Group returns the group that the field stands in, "" if in none.
func (f Field) Group() string {
	group, _, nested := strings.Cut(f.Name, ".")
	if !nested {
		return ""
	}
	return group
}

// Text returns the text of the field's value in s: of a word the word itself, of
// everything else what stands in the canonical text.
func (f Field) Text(s Spec) string {
	if word, ok := f.Value(s).(string); ok {
		return word
	}
	return format(f.Value(s))
}

// Names returns the names of all fields that the specs have: those of every spec in
// canonical order, and those of More in the order of their names.
func Names(specs ...Spec) []string {
	var names []string
	for _, f := range Fields {
		names = append(names, f.Name)
	}
	more := map[string]bool{}
	for _, s := range specs {
		for name := range s.More {
			more[name] = true
		}
	}
	return append(names, slices.Sorted(maps.Keys(more))...)
}

// With returns s with the canonical text of a declared field, or without the field if the text
// is "". Spec.More is not shared with s.
func (s Spec) With(name, text string) Spec {
	s.More = maps.Clone(s.More)
	if text == "" {
		delete(s.More, name)
		return s
	}
	if s.More == nil {
		s.More = map[string]string{}
	}
	s.More[name] = text
	return s
}

// Text returns the text of the named field's value in s, "" where s has no such
// field.
func (s Spec) Text(name string) string {
	if f, ok := LookupField(name); ok {
		return f.Text(s)
	}
	return s.More[name]
}
