package task

import (
	"fmt"
	"slices"

	"breakeven/model"
	"breakeven/run"
)

// WithUsual returns the names of the families that have usual settings.
func WithUsual() []string {
	var names []string
	for _, f := range Families {
		if f.Usual != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// Usual returns the default spec with the settings that are usual for the data of the named
// family.
func Usual(family string) (run.Spec, error) {
	s := run.Default()
	for _, f := range Families {
		if f.Name != family || f.Usual == nil {
			continue
		}
		for name, text := range f.Usual {
			field, ok := run.LookupField(name)
			for _, own := range slices.Concat(f.Fields, modelFields(f.Usual["model"])) {
				if !ok && own.Name == name {
					field, ok = own, true
				}
			}
			if !ok {
				panic("task: no field is called " + name)
			}
			value, err := field.Read(text)
			if err != nil {
				panic("task: " + name + ": " + err.Error())
			}
			field.Set(&s, value)
		}
		return s, nil
	}
	hint := ""
	if near, ok := run.Nearest(family, WithUsual()); ok {
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	}
	return s, fmt.Errorf("task: no task with settings of its own is called %q%s; there is %s", family, hint, words(WithUsual()))
}

// modelFields returns the fields of the named model.
func modelFields(name string) []run.Field {
	m, _ := model.Lookup(name)
	return m.Fields
}
