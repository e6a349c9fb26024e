package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A FieldError is one fault of a Spec.
type FieldError struct {
	Field string // its name: "lr", "measure.l"
	Msg   string // what is wrong and what to do, without the field's name
}

// Error returns the field and the message.
func (e FieldError) Error() string { return e.Field + ": " + e.Msg }

// Faults are all faults of one Spec, in canonical order of their fields.
type Faults []FieldError

// Error returns one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, e := range f {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Known is what other rooms know of specs. The zero Known knows nothing, and judges
// nothing by it.
type Known struct {
	// Words are the words that a field may hold, by its name: kinds, data sets,
	// models, and probes in canonical order. A field without an entry may hold
	// any.
	Words map[string][]string
	// Declared returns the fields that the kind and the model of s add.
	Declared func(s Spec) []Field
	// Lacks says why a field of every spec means nothing in s: "kind checkpoints", "model
	// wide" or "the data imdb", of which it is no setting. "" if it means something.
	Lacks func(s Spec, field string) string
	// Hint says what a word that a field does not know may have meant, or "".
	Hint func(field, word string) string
	// TrainSize returns how many examples s trains on, and whether that can be
	// said without the data at hand.
	TrainSize func(s Spec) (n int, ok bool)
	// Minibatches reports whether a probe of s reads the minibatches of K. Nil: one does.
	Minibatches func(s Spec) bool
}

// declared returns the fields that s adds, and whether that is known.
func (k Known) declared(s Spec) ([]Field, bool) {
	if k.Declared == nil {
		return nil, false
	}
	return k.Declared(s), true
}

// trainSize returns the number of training examples where it is known.
func (k Known) trainSize(s Spec) (int, bool) {
	if k.TrainSize != nil {
		if n, ok := k.TrainSize(s); ok {
			return n, true
		}
	}
	return s.Train, s.Train > 0
}

// FieldsOf returns all fields of s: those of every spec, and those that it adds.
func (k Known) FieldsOf(s Spec) []Field {
	declared, _ := k.declared(s)
	return slices.Concat(Fields, declared)
}

// Canonical returns s with its words as they are known, if they differ in the case of
// letters alone, and with its probes in the order of the known ones; names that are not
// known come last, in their own order.
func (s Spec) Canonical(known Known) Spec {
	s = s.folded(Fields, known)
	if declared, ok := known.declared(s); ok {
		s = s.folded(declared, known)
	}
	place := func(name string) int {
		if i := slices.Index(known.Words["probes"], name); i >= 0 {
			return i
		}
		return len(known.Words["probes"])
	}
	s.Probes = slices.Clone(s.Probes)
	slices.SortStableFunc(s.Probes, func(a, b string) int { return place(a) - place(b) })
	return s
}

// folded returns s with the words of the given fields as they are known.
func (s Spec) folded(fields []Field, known Known) Spec {
	for _, f := range fields {
		choices := known.choices(f)
		if text, ok := s.More[f.Name]; choices == nil || f.at == nil && (!ok || !readable(text, f.Default)) {
			continue
		}
		switch v := f.Value(s).(type) {
		case string:
			f.Set(&s, fold(v, choices))
		case []string:
			words := slices.Clone(v)
			for i, word := range words {
				words[i] = fold(word, choices)
			}
			f.Set(&s, words)
		}
	}
	return s
}

// choices returns the words that a field may hold; nil if it may hold any.
func (k Known) choices(f Field) []string {
	if words, ok := k.Words[f.Name]; ok {
		return words
	}
	return f.Choices
}

// readable reports whether a text is that of a value of the type of v.
func readable(text string, v any) bool {
	_, err := scan(text, v)
	return err == nil
}

// fold returns the choice that a word is but for the case of letters, else the word.
func fold(word string, choices []string) string {
	for _, c := range choices {
		if strings.EqualFold(c, word) {
			return c
		}
	}
	return word
}

// Validate returns nil, or Faults with everything that is wrong with s.
func (s Spec) Validate(known Known) error {
	declared, isKnown := known.declared(s)
	faults := s.faults(slices.Concat(Fields, declared), known)
	for _, name := range slices.Sorted(maps.Keys(s.More)) {
		if _, ok := lookup(declared, name); isKnown && !ok {
			faults = append(faults, FieldError{name, fmt.Sprintf("is no field of kind %s and model %s%s", s.Kind, s.Model, fieldHint(name, known.FieldsOf(s)))})
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// Check returns nil, or Faults with what is wrong with the given fields of s. Who
// reads declared fields of a spec that may come from anywhere checks them first.
func (s Spec) Check(fields []Field) error {
	if faults := s.faults(fields, Known{}); len(faults) > 0 {
		return faults
	}
	return nil
}

func (s Spec) faults(fields []Field, known Known) (faults Faults) {
	for _, f := range fields {
		if msg := f.fault(s, known); msg != "" {
			faults = append(faults, FieldError{f.Name, msg})
		}
	}
	return faults
}

// fieldHint suggests the field that a name may have meant.
func fieldHint(name string, fields []Field) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	if near, ok := Nearest(name, names); ok {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// fault returns what is wrong with the field's value in s, or "".
func (f Field) fault(s Spec, known Known) string {
	if text, ok := s.More[f.Name]; ok && f.at == nil {
		if _, err := scan(text, f.Default); err != nil {
			return fmt.Sprintf("want %s, not %s", f.want(), quote(text))
		}
	}
	if why := f.foreign(s, known); why != "" {
		if f.IsDefault(f.Value(s)) {
			return ""
		}
		return fmt.Sprintf("means nothing for %s; leave it out", why)
	}
	choices := known.choices(f)
	switch v := f.Value(s).(type) {
	case string:
		if msg := f.wordFault(v, choices, known); msg != "" {
			return msg
		}
	case []string:
		for i, word := range v {
			if slices.Contains(v[:i], word) {
				return fmt.Sprintf("%q stands there twice", word)
			}
			if msg := f.wordFault(word, choices, known); msg != "" {
				return msg
			}
		}
	}
	if f.Check == nil {
		return ""
	}
	return f.Check(f, s, known)
}

// foreign is Known.Lacks of the field.
func (f Field) foreign(s Spec, known Known) string {
	if known.Lacks == nil {
		return ""
	}
	return known.Lacks(s, f.Name)
}

// want says what values the field takes.
func (f Field) want() string {
	if f.Percent {
		return "a share such as 10% or 0.1"
	}
	switch f.Default.(type) {
	case int, uint64:
		return "a whole number"
	case float64:
		return "a number"
	case bool:
		return "true or false"
	case []string:
		return "a list such as [a, b]"
	case []int:
		return "a list of whole numbers such as [300, 100]"
	case []float64:
		return "a list of numbers such as [0.5, 0.25]"
	}
	return "a word"
}

// wordFault returns what is wrong with a word; nil choices allow any. A field whose
// default is empty may be.
func (f Field) wordFault(word string, choices []string, known Known) string {
	switch {
	case word == "" && f.IsDefault(word):
		return ""
	case word == "":
		return "is empty"
	case !utf8.ValidString(word):
		return fmt.Sprintf("%q is not valid UTF-8", word)
	case f.File && IsFile(word), f.Prefix != "" && strings.HasPrefix(word, f.Prefix):
		return ""
	case choices != nil && !slices.Contains(choices, word):
		hint := ""
		if near, ok := Nearest(word, choices); ok {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		if known.Hint != nil && known.Hint(f.Name, word) != "" {
			hint = " (" + known.Hint(f.Name, word) + ")"
		}
		return fmt.Sprintf("unknown %s %q%s; known: %s", f.noun(), word, hint, strings.Join(choices, ", "))
	}
	return ""
}

// noun is what a value of the field is called.
func (f Field) noun() string {
	switch f.Name {
	case "data":
		return "data set"
	case "probes":
		return "probe"
	}
	return f.Name
}
