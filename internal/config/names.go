package config

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
)

// isGroup reports whether name stands for several fields: "measure".
func isGroup(name string) bool {
	if name == "" {
		return false
	}
	return slices.ContainsFunc(run.Fields, func(f run.Field) bool { return f.Group() == name })
}

// synonyms are names of fields in other programs.
var synonyms = map[string]string{
	"dataset": "data", "train_size": "train", "validation": "valid", "val": "valid", "augmentation": "augment",
	"network": "model", "architecture": "model", "checkpoint": "weights", "criterion": "loss",
	"optimizer": "method", "optimiser": "method", "algorithm": "method",
	"learning_rate": "lr", "learningrate": "lr", "learning-rate": "lr", "eta": "lr", "step_size": "lr", "beta": "momentum",
	"batch_size": "batch", "batchsize": "batch", "batch-size": "batch", "num_epochs": "epochs", "max_epochs": "epochs",
	"iterations": "steps", "max_steps": "steps", "random_seed": "seed", "interval": "every", "frequency": "every",
	"metrics": "probes", "tol": "measure.tolerance", "per_sample": "measure.per_example",
}

// hint returns " (did you mean …?)" for an unknown key, or "" if no known one is similar.
func (r *reader) hint(prefix, key string) string {
	var choices []string
	for _, f := range r.known.FieldsOf(r.spec) {
		choices = append(choices, f.Name)
		if group, last, nested := strings.Cut(f.Name, "."); nested {
			choices = append(choices, group, last)
		}
	}
	for s := range synonyms {
		choices = append(choices, s)
	}
	near, ok := run.Nearest(strings.ToLower(key), choices)
	if !ok {
		return ""
	}
	if s, ok := synonyms[near]; ok {
		near = s
	}
	for _, f := range run.Fields { // the full name of a field of a group
		if group, last, nested := strings.Cut(f.Name, "."); nested && near == last {
			near = group + "." + last
		}
	}
	if rest, ok := strings.CutPrefix(near, prefix); ok {
		near = rest
	}
	return fmt.Sprintf(" (did you mean %q?)", near)
}
