package main

import (
	"fmt"
	"strings"

	"breakeven/internal/store"
	"breakeven/probe"
	"breakeven/run"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// specFlags are the flags of the fields of a Spec.
type specFlags struct {
	flags *pflag.FlagSet
	spec  run.Spec // what the flags say; the defaults where they were not given
}

// flagDocs says what each field means. Its keys are those of run.Fields.
var flagDocs = map[string]string{
	"data":                "data set; see: breakeven data list",
	"train":               "training examples; 0: all that --valid leaves",
	"valid":               "examples at the end of the training file held out for validation; 0: use the test file",
	"preprocess":          "unit: x/255; channel: mean and deviation of each channel; paper: mean of each pixel, one deviation",
	"augment":             "flip and shift training batches (never measurements)",
	"model":               "network; see: breakeven models",
	"init":                "initial weights: glorot, he, gaussian or orthogonal",
	"weights":             "safetensors file to start from, in place of --init",
	"loss":                "cross-entropy or mse",
	"method":              "sgd, momentum, nesterov or adam",
	"lr":                  "learning rate η",
	"momentum":            "of the methods momentum (implied when this is given) and nesterov",
	"batch":               "examples in a training batch, S",
	"epochs":              "passes over the training examples",
	"steps":               "parameter updates, in place of --epochs",
	"until":               "stop when the measured training accuracy reaches this; 0: never",
	"seed":                "decides initial weights, order of examples and samples",
	"every":               "steps between measurements; 0: once an epoch",
	"probes":              "what to measure, names with commas between; see: breakeven probes",
	"measure.l":           "minibatch gradients in the covariance K",
	"measure.m":           "examples in each of them",
	"measure.examples":    "training examples in the measurement set of loss, gradient and H",
	"measure.per_example": "examples in the covariance of per-example gradients",
	"measure.tolerance":   "residual asked for, relative to the eigenvalue",
}

// flagOf returns the name of the flag of a field.
func flagOf(field string) string {
	if field == "probes" {
		return "probe"
	}
	_, last, nested := strings.Cut(field, ".")
	if !nested {
		last = field
	}
	return strings.ReplaceAll(last, "_", "-")
}

// addSpecFlags gives c a flag for each of the fields, all of them if there is
// none.
func addSpecFlags(c *cobra.Command, fields ...string) *specFlags {
	s := &specFlags{flags: c.Flags(), spec: run.Default()}
	if len(fields) == 0 {
		fields = run.Fields()
	}
	s.flags.SortFlags = false
	for _, field := range fields {
		name, doc := flagOf(field), flagDocs[field]
		switch p := s.spec.Field(field).(type) {
		case *string:
			s.flags.StringVar(p, name, *p, doc)
		case *[]string:
			s.flags.StringSliceVar(p, name, *p, doc)
		case *bool:
			s.flags.BoolVar(p, name, *p, doc)
		case *int:
			s.flags.IntVar(p, name, *p, doc)
		case *uint64:
			s.flags.Uint64Var(p, name, *p, doc)
		case *float64:
			s.flags.Float64Var(p, name, *p, doc)
		default:
			panic(fmt.Sprintf("breakeven: field %s of type %T has no flag", field, p))
		}
	}
	completeSpecFlags(c, fields)
	return s
}

// apply puts the flags that were given over base, and checks the result.
func (s *specFlags) apply(base run.Spec) (run.Spec, error) {
	given := func(field string) bool {
		f := s.flags.Lookup(flagOf(field))
		return f != nil && f.Changed
	}
	for _, field := range run.Fields() {
		if !given(field) {
			continue
		}
		switch from := s.spec.Field(field).(type) {
		case *string:
			*base.Field(field).(*string) = *from
		case *[]string:
			*base.Field(field).(*[]string) = *from
		case *bool:
			*base.Field(field).(*bool) = *from
		case *int:
			*base.Field(field).(*int) = *from
		case *uint64:
			*base.Field(field).(*uint64) = *from
		case *float64:
			*base.Field(field).(*float64) = *from
		}
	}
	switch {
	case given("steps") && !given("epochs"):
		base.Epochs = 0
	case given("epochs") && !given("steps"):
		base.Steps = 0
	}
	if given("momentum") && !given("method") && base.Momentum != 0 && base.Method == "sgd" {
		base.Method = "momentum"
	}
	if len(base.Probes) == 0 {
		base.Probes = probe.Defaults()
	}
	base = base.Canonical(known())
	if err := base.Validate(known()); err != nil {
		return run.Spec{}, usageError{err}
	}
	return base, nil
}

// The flags that several commands share.

func (a *app) storeFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.store, "store", store.DefaultDir, "folder that keeps the runs")
	_ = c.MarkFlagDirname("store")
}

func (a *app) dataFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.dataDir, "data-dir", "", "folder of the data sets (default: $BREAKEVEN_DATA, or breakeven/data in the user's cache folder)")
	_ = c.MarkFlagDirname("data-dir")
}

func (a *app) jsonFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.json, "json", false, "print the result as JSON, and no progress")
}

func (a *app) quietFlag(c *cobra.Command) {
	c.Flags().BoolVarP(&a.quiet, "quiet", "q", false, "print no progress")
}

func (a *app) memoryFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.memory, "memory", "", "memory that this may take, such as 2GB (default: what is free)")
}
