package main

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/store"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// specFlags are the flags of the fields of a Spec.
type specFlags struct {
	flags  *pflag.FlagSet
	fields []run.Field
	given  map[string]*specFlag // by field
}

// A specFlag is the flag of one field.
type specFlag struct {
	field  run.Field
	values []any // one, or several to be run one after the other
	text   string
}

// String returns what stands in the help: the default.
func (f *specFlag) String() string { return f.text }

// Set reads what the user typed: a value, or several with commas between if the field
// is no list and no name of a file.
func (f *specFlag) Set(text string) error {
	f.text, f.values = text, nil
	words := []string{text}
	if f.single(text) {
		words = strings.Split(text, ",")
	}
	for _, word := range words {
		if word = strings.TrimSpace(word); word == "" && len(words) > 1 {
			return fmt.Errorf("%q has nothing between two commas", text)
		}
		value, err := f.field.Read(word)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(f.values, func(v any) bool { return v == value }) {
			return fmt.Errorf("%s stands there twice", word)
		}
		f.values = append(f.values, value)
	}
	return nil
}

// single reports whether a comma of text stands between values, and not in one. A file may have commas in
// its name, and has a dot or a slash, which the names of networks and data sets have not.
func (f *specFlag) single(text string) bool {
	switch f.field.Default.(type) {
	case []string, []int, []float64, bool:
		return false
	}
	return !f.field.Place && !(f.field.File && strings.ContainsAny(text, `./\`))
}

// Type names the type of the value in the help.
func (f *specFlag) Type() string {
	switch f.field.Default.(type) {
	case []string:
		return "strings"
	case []int:
		return "ints"
	case []float64:
		return "floats"
	case bool:
		return "bool"
	case int:
		return "int"
	case uint64:
		return "uint"
	case float64:
		return "float"
	}
	return "string"
}

// addSpecFlags gives c a flag for each of the named fields, and all of those that a
// user can set if none is named.
func addSpecFlags(c *cobra.Command, names ...string) *specFlags {
	s := &specFlags{flags: c.Flags(), given: map[string]*specFlag{}}
	s.flags.SortFlags = false
	for _, f := range allFields() {
		if f.Derived || len(names) > 0 && !slices.Contains(names, f.Name) {
			continue
		}
		s.fields = append(s.fields, f)
		value := &specFlag{field: f, values: []any{f.Default}, text: f.DefaultText()}
		s.given[f.Name] = value
		flag := s.flags.VarPF(value, f.FlagName(), "", f.Doc)
		flag.Annotations = map[string][]string{groupAnnotation: {fieldGroups()[f.Name]}}
		if _, ok := f.Default.(bool); ok {
			flag.NoOptDefVal = "true"
		}
	}
	completeSpecFlags(c, s.fields)
	groupFlags(c)
	return s
}

// apply puts the flags that were given over base, and checks the result, which is one
// spec.
func (s *specFlags) apply(base run.Spec) (run.Spec, error) {
	for _, f := range s.fields {
		if v := s.given[f.Name].values; len(v) > 1 {
			return run.Spec{}, usagef("--%s: %d values are given, and one is measured at a time", f.FlagName(), len(v))
		}
	}
	specs, err := s.applyAll(base)
	if err != nil {
		return run.Spec{}, err
	}
	return specs[0], nil
}

// applyAll puts the flags that were given over base, and checks the results: one spec for
// each combination of values, the last flag varying fastest.
func (s *specFlags) applyAll(base run.Spec) ([]run.Spec, error) {
	specs := []run.Spec{base}
	for _, f := range s.fields {
		if !s.isGiven(f.Name) {
			continue
		}
		var all []run.Spec
		for _, spec := range specs {
			for _, v := range s.given[f.Name].values {
				fieldOf(spec, f).Set(&spec, v)
				all = append(all, spec)
			}
		}
		specs = all
	}
	for i := range specs {
		var err error
		if specs[i], err = s.completed(specs[i]); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

// fieldOf returns a field as the kind, the task or the model of a spec declares it: models may
// have fields of one name with other defaults.
func fieldOf(s run.Spec, f run.Field) run.Field {
	for _, own := range trial.Declared(s) {
		if own.Name == f.Name {
			return own
		}
	}
	return f
}

// settings is how many settings the flags ask for over one spec; beyond most it is one more.
func (s *specFlags) settings(most int) int {
	n := 1
	for _, f := range s.fields {
		if s.isGiven(f.Name) {
			n = min(most+1, n*len(s.given[f.Name].values))
		}
	}
	return n
}

// isGiven reports whether the flag of a field was given.
func (s *specFlags) isGiven(field string) bool {
	f := s.given[field]
	return f != nil && s.flags.Changed(f.field.FlagName())
}

// completed returns a spec with what follows from the flags that were given, and checks it.
func (s *specFlags) completed(base run.Spec) (run.Spec, error) {
	given := s.isGiven
	switch {
	case trial.Lacks(base, "epochs") != "": // neither means anything
	case given("steps") && !given("epochs"):
		base.Epochs = 0
	case given("epochs") && !given("steps"):
		base.Steps = 0
	}
	switch {
	case given("overhead") && !given("every"):
		base.Every = 0
	case given("every") && !given("overhead"):
		base.Overhead = 0
	}
	if given("momentum") && !given("method") && base.Momentum != 0 && base.Method == "sgd" {
		base.Method = "momentum"
	}
	if given("mean") && !given("preprocess") && trial.Lacks(base, "preprocess") == "" {
		base.Preprocess = "channel"
	}
	if len(base.Probes) == 0 && trial.Lacks(base, "probes") == "" {
		base.Probes = probe.Defaults()
	}
	base = base.Canonical(known())
	if err := base.Validate(known()); err != nil {
		return run.Spec{}, usageError{err}
	}
	return base, nil
}

// allFields returns the fields of all specs of this program.
func allFields() []run.Field { return slices.Concat(run.Fields, trial.AllDeclared()) }

// flagOf returns the name of the flag of a field.
func flagOf(field string) string {
	for _, f := range allFields() {
		if f.Name == field {
			return f.FlagName()
		}
	}
	return field
}

// The flags that several commands share.

func (a *app) storeFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.store, "store", store.DefaultDir, "folder that keeps the runs, or postgres://HOST/DATABASE")
	_ = c.MarkFlagDirname("store")
}

func (a *app) otherBitsFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.otherBits, "other-bits", false, "go on where another processor or version made the run, whose bits were others")
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
	c.Flags().StringVar(&a.memory, "memory", "", "memory that this may take, the program's own "+bytesText(programMemory)+" included, such as 2GB (default: what is free)")
}
