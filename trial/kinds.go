package trial

import (
	"context"
	"slices"

	"breakeven/model"
	"breakeven/run"
	"breakeven/task"
)

// A Kind is a family of trials: what Spec.Kind names.
type Kind struct {
	Name   string
	Doc    string      // one line
	Fields []run.Field // of a spec, beside those that every spec has
	Lacks  []string    // fields of every spec that mean nothing here
	Open   func(ctx context.Context, s run.Spec, env Env) (Job, error)
}

// Kinds lists all kinds.
var Kinds = []Kind{
	{Name: "descent", Doc: "trains a network and measures along the way", Fields: descentFields, Open: openDescent},
	{Name: "checkpoints", Doc: "measures along weights files of a network that was trained elsewhere",
		Fields: checkpointFields, Lacks: []string{"augment", "method", "momentum", "schedule", "warmup", "weight_decay", "decay", "clip", "epochs", "steps", "until", "every"}, Open: openCheckpoints},
}

// KindNames returns the names of all kinds.
func KindNames() []string {
	var names []string
	for _, k := range Kinds {
		names = append(names, k.Name)
	}
	return names
}

// Lacks says of what a field of every spec is no setting, the kind or the data of s, and
// "" if it is one of both.
func Lacks(s run.Spec, field string) string {
	for _, k := range Kinds {
		if k.Name == s.Kind && slices.Contains(k.Lacks, field) {
			return "kind " + s.Kind
		}
	}
	if slices.Contains(task.Lacks(s), field) {
		return "the data " + s.Data
	}
	return ""
}

// Declared returns the fields that the kind, the task and the model of a spec add.
func Declared(s run.Spec) []run.Field {
	var fields []run.Field
	for _, k := range Kinds {
		if k.Name == s.Kind {
			fields = append(fields, k.Fields...)
		}
	}
	if f, ok := task.FamilyOf(s); ok {
		fields = append(fields, f.Fields...)
	}
	if m, ok := model.Lookup(s.Model); ok {
		fields = append(fields, m.Fields...)
	}
	return fields
}

// AllDeclared returns the fields that some kind, task or model adds, once each.
func AllDeclared() []run.Field {
	all := DeclaredByNetworks()
	for _, k := range Kinds {
		all = union(all, k.Fields)
	}
	return all
}

// DeclaredByNetworks returns those that some task or model adds, once each.
func DeclaredByNetworks() (all []run.Field) {
	for _, f := range task.Families {
		all = union(all, f.Fields)
	}
	for _, m := range model.All {
		all = union(all, m.Fields)
	}
	return all
}

// union adds to all the fields that are not there by name.
func union(all, fields []run.Field) []run.Field {
	for _, f := range fields {
		if !slices.ContainsFunc(all, func(other run.Field) bool { return other.Name == f.Name }) {
			all = append(all, f)
		}
	}
	return all
}
