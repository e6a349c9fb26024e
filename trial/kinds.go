package trial

import (
	"context"
	"slices"
	"strings"

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
	// Idle returns the fields that mean nothing beside a setting of s, and that setting; nil
	// where there are none.
	Idle func(s run.Spec) (fields []string, beside string)
	Open func(ctx context.Context, s run.Spec, env Env) (Job, error)
}

// Kinds lists all kinds.
var Kinds = []Kind{
	{Name: "descent", Doc: "trains a network and measures along the way", Fields: descentFields, Open: openDescent},
	{Name: "checkpoints", Doc: "measures along weights files of a network that was trained elsewhere",
		Fields: checkpointFields, Lacks: slices.Concat(without(untrained, "weight_decay"), []string{"epochs", "steps", "every", "overhead"}), Open: openCheckpoints},
	{Name: "kernel", Doc: "compares kernels of networks before training, of finite width, with those of infinite width (model wide)",
		Fields: kernelFields, Lacks: slices.Concat(untrained, unmeasured, []string{"loss", "lr", "epochs", "steps", "every", "overhead"}), Open: openKernels},
	{Name: "limit", Doc: "trains a network of infinite width by gradient descent on all examples, in closed form (model wide, loss mse)",
		Lacks: slices.Concat(untrained, unmeasured, []string{"overhead"}), Open: openLimit},
	{Name: "hierarchy", Doc: "compares the truncated tangent hierarchy with gradient flow, and measures its kernels",
		Fields: hierarchyFields, Lacks: hierarchyLacks, Idle: hierarchyIdle, Open: openHierarchy},
}

// Fields of every spec that mean nothing for kinds without stochastic training, and for
// those that ask no probes.
var (
	untrained  = []string{"augment", "measure.augment", "method", "momentum", "schedule", "warmup", "weight_decay", "decay", "clip", "until"}
	unmeasured = []string{"weights", "freeze", "batch", "probes", "measure.decay", "measure.l", "measure.m", "measure.examples", "measure.per_example", "measure.tolerance", "measure.layers"}
)

// without returns the words but for one.
func without(words []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == one })
}

// KindNames returns the names of all kinds.
func KindNames() []string {
	var names []string
	for _, k := range Kinds {
		names = append(names, k.Name)
	}
	return names
}

// Lacks says of what a field is no setting: the kind of s, another setting or its data; ""
// if it is one.
func Lacks(s run.Spec, field string) string {
	for _, k := range Kinds {
		if k.Name != s.Kind {
			continue
		}
		if slices.Contains(k.Lacks, field) {
			return "kind " + s.Kind
		}
		if k.Idle == nil {
			continue
		}
		if fields, beside := k.Idle(s); slices.Contains(fields, field) {
			return beside
		}
	}
	if m, ok := model.Lookup(s.Model); ok && slices.Contains(m.Lacks, field) {
		return "model " + s.Model
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

// DeclaredByTasks returns the fields that some task adds, once each.
func DeclaredByTasks() (all []run.Field) {
	for _, f := range task.Families {
		all = union(all, f.Fields)
	}
	return all
}

// DeclaredByNetworks returns those that some task or model adds, once each.
func DeclaredByNetworks() []run.Field {
	all := DeclaredByTasks()
	for _, m := range model.All {
		all = union(all, m.Fields)
	}
	return all
}

// union appends to all, which only the caller has, the fields that are not there by name. The text of a field
// that another model or kind declares too says what both are.
func union(all, fields []run.Field) []run.Field {
	for _, f := range fields {
		i := slices.IndexFunc(all, func(other run.Field) bool { return other.Name == f.Name })
		switch {
		case i < 0:
			all = append(all, f)
		case !strings.Contains(all[i].Doc, f.Doc):
			all[i].Doc += "; " + f.Doc
			if f.DefaultText() != all[i].DefaultText() {
				all[i].Doc += " (default " + f.DefaultText() + ")"
			}
		}
	}
	return all
}
