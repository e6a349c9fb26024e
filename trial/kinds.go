package trial

import (
	"slices"

	"breakeven/model"
	"breakeven/run"
)

// A Kind is a family of trials: what Spec.Kind names.
type Kind struct {
	Name   string
	Doc    string      // one line
	Fields []run.Field // of a spec, beside those that every spec has
}

// Kinds lists all kinds.
var Kinds = []Kind{
	{Name: "descent", Doc: "trains a network and measures along the way"},
}

// KindNames returns the names of all kinds.
func KindNames() []string {
	var names []string
	for _, k := range Kinds {
		names = append(names, k.Name)
	}
	return names
}

// Declared returns the fields that the kind and the model of a spec add.
func Declared(s run.Spec) []run.Field {
	var fields []run.Field
	for _, k := range Kinds {
		if k.Name == s.Kind {
			fields = append(fields, k.Fields...)
		}
	}
	if m, ok := model.Lookup(s.Model); ok {
		fields = append(fields, m.Fields...)
	}
	return fields
}

// AllDeclared returns the fields that some kind or model adds, once each.
func AllDeclared() []run.Field {
	var all []run.Field
	add := func(fields []run.Field) {
		for _, f := range fields {
			if !slices.ContainsFunc(all, func(other run.Field) bool { return other.Name == f.Name }) {
				all = append(all, f)
			}
		}
	}
	for _, k := range Kinds {
		add(k.Fields)
	}
	for _, m := range model.All {
		add(m.Fields)
	}
	return all
}
