package run

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A field is one line of the canonical text: its name, with a dot for the
// fields of Measure, and where its value lives.
type field struct {
	name string
	at   any // *string, *int, *bool, *float64, *uint64 or *[]string
}

// fields returns the fields of s in canonical order, the order of the type.
func (s *Spec) fields() []field {
	return []field{
		{"data", &s.Data}, {"train", &s.Train}, {"valid", &s.Valid},
		{"preprocess", &s.Preprocess}, {"augment", &s.Augment},
		{"model", &s.Model}, {"init", &s.Init}, {"weights", &s.Weights},
		{"loss", &s.Loss}, {"method", &s.Method}, {"lr", &s.LR}, {"momentum", &s.Momentum},
		{"batch", &s.Batch}, {"epochs", &s.Epochs}, {"steps", &s.Steps}, {"until", &s.Until},
		{"seed", &s.Seed}, {"every", &s.Every}, {"probes", &s.Probes},
		{"measure.l", &s.Measure.L}, {"measure.m", &s.Measure.M},
		{"measure.examples", &s.Measure.Examples}, {"measure.per_example", &s.Measure.PerExample},
		{"measure.tolerance", &s.Measure.Tolerance},
	}
}

// Fields returns the names of all fields of a Spec in canonical order. Those
// of Measure are written with a dot: "measure.l".
func Fields() []string {
	var s Spec
	var names []string
	for _, f := range s.fields() {
		names = append(names, f.name)
	}
	return names
}

// Field returns a pointer to the field with the given name, as in Fields: a
// *string, *int, *bool, *float64, *uint64 or *[]string. It is nil for any
// other name.
func (s *Spec) Field(name string) any {
	for _, f := range s.fields() {
		if f.name == name {
			return f.at
		}
	}
	return nil
}

// String returns the canonical text of s: one line for each field, all fields,
// in a fixed order, numbers in the shortest form that reads back to the same
// bits. It is YAML, so that it can serve as a configuration file.
func (s Spec) String() string {
	var b strings.Builder
	group := ""
	for _, f := range s.fields() {
		name, indent := f.name, ""
		if before, after, nested := strings.Cut(f.name, "."); nested {
			if before != group {
				fmt.Fprintf(&b, "%s:\n", before)
				group = before
			}
			name, indent = after, "  "
		}
		fmt.Fprintf(&b, "%s%s: %s\n", indent, name, format(f.at))
	}
	return b.String()
}

// ID returns the short name of s: the first 12 hexadecimal digits of the
// SHA-256 of its canonical text.
func (s Spec) ID() string {
	sum := sha256.Sum256([]byte(s.String()))
	return hex.EncodeToString(sum[:])[:12]
}

// Parse reads a canonical text, exactly as String writes it. The values are
// not judged, which is the work of Validate.
func Parse(text string) (Spec, error) {
	var s Spec
	byName := map[string]field{}
	for _, f := range s.fields() {
		byName[f.name] = f
	}
	group, i := "", 0
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		i++
		name, value, ok := strings.Cut(line, ":")
		nested := strings.HasPrefix(name, "  ")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case ok && !nested && value == "":
			group = name
			continue
		case nested:
			name = group + "." + name
		}
		f, known := byName[name]
		if !ok || !known {
			return Spec{}, fmt.Errorf("spec line %d: %s is no field, or stands there twice", i, quote(name))
		}
		delete(byName, name)
		if err := scan(value, f.at); err != nil {
			return Spec{}, fmt.Errorf("spec line %d: %s: %w", i, name, err)
		}
	}
	for _, name := range Fields() {
		if _, missing := byName[name]; missing {
			return Spec{}, fmt.Errorf("spec: field %s is missing", name)
		}
	}
	if s.String() != text {
		return Spec{}, fmt.Errorf("spec: the text is not in canonical form")
	}
	return s, nil
}

// plain matches the words that need no quotes in YAML, but for those in
// reserved.
var plain = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

var reserved = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

func format(at any) string {
	switch p := at.(type) {
	case *string:
		return word(*p)
	case *int:
		return strconv.Itoa(*p)
	case *bool:
		return strconv.FormatBool(*p)
	case *uint64:
		return strconv.FormatUint(*p, 10)
	case *float64:
		return strconv.FormatFloat(*p, 'g', -1, 64)
	case *[]string:
		words := make([]string, len(*p))
		for i, w := range *p {
			words[i] = word(w)
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	panic(fmt.Sprintf("run: a Spec field of type %T has no canonical text", at))
}

func word(s string) string {
	if plain.MatchString(s) && !reserved[s] {
		return s
	}
	return strconv.Quote(s)
}

func scan(text string, at any) (err error) {
	switch p := at.(type) {
	case *string:
		var rest string
		*p, rest, err = unword(text)
		if err == nil && rest != "" {
			err = fmt.Errorf("text after the value: %s", quote(rest))
		}
	case *int:
		*p, err = strconv.Atoi(text)
	case *bool:
		*p, err = strconv.ParseBool(text)
	case *uint64:
		*p, err = strconv.ParseUint(text, 10, 64)
	case *float64:
		*p, err = strconv.ParseFloat(text, 64)
	case *[]string:
		*p, err = scanList(text)
	}
	var number *strconv.NumError
	if errors.As(err, &number) {
		err = fmt.Errorf("%s: %w", quote(text), number.Err)
	}
	return err
}

// quote quotes a text for a message, and cuts a long one.
func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strconv.Quote(s)
}

// scanList reads "[a, b]"; an empty list reads as nil.
func scanList(text string) ([]string, error) {
	rest, ok := strings.CutPrefix(text, "[")
	if !ok {
		return nil, fmt.Errorf("a list begins with [: %s", quote(text))
	}
	var list []string
	for rest != "]" {
		w, after, err := unword(rest)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
		switch {
		case strings.HasPrefix(after, ", "):
			rest = after[2:]
		case after == "]":
			rest = after
		default:
			return nil, fmt.Errorf("a list goes on with a comma or ends with ]: %s", quote(after))
		}
	}
	return list, nil
}

// unword reads one word, quoted or plain, from the beginning of text.
func unword(text string) (value, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", "", fmt.Errorf("broken quotes: %s", quote(text))
		}
		value, err = strconv.Unquote(quoted)
		return value, text[len(quoted):], err
	}
	end := strings.IndexAny(text, ",] ")
	if end < 0 {
		end = len(text)
	}
	if !plain.MatchString(text[:end]) {
		return "", "", fmt.Errorf("%s needs quotes", quote(text[:end]))
	}
	return text[:end], text[end:], nil
}
