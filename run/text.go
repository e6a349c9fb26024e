package run

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// String returns the canonical text of s: the number of its format, and one line for
// each field that is not at its default, in the order of [Fields], then those of
// More in the order of their names. Numbers stand in the shortest form that reads
// back to the same bits. The text is YAML, and serves as a configuration file.
func (s Spec) String() string {
	return s.text(func(f Field) bool { return !f.IsDefault(f.value(&s)) })
}

// Full returns the text with all fields that s has, also those at their defaults.
func (s Spec) Full(known Known) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format: %d\n", Format)
	write(&b, &s, known.FieldsOf(s), func(f Field) bool {
		return f.foreign(s, known) == "" && !(f.Derived && f.IsDefault(f.Value(s)))
	})
	return b.String()
}

// ID returns the short name of s: r and the first 12 hexadecimal digits of the
// SHA-256 of its canonical text without the fields that only say where something
// lies. It begins with a letter, so that no reader of tables takes it for a number.
func (s Spec) ID() string {
	own := s
	own.More = maps.Clone(s.More)
	maps.DeleteFunc(own.More, func(name, _ string) bool { return strings.HasSuffix(name, pathSuffix) })
	text := own.text(func(f Field) bool { return !f.IsDefault(f.value(&s)) && !f.place(s) })
	sum := sha256.Sum256([]byte(text))
	return "r" + hex.EncodeToString(sum[:])[:12]
}

func (s Spec) text(keep func(Field) bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format: %d\n", Format)
	write(&b, &s, Fields, keep)
	for _, name := range slices.Sorted(maps.Keys(s.More)) {
		fmt.Fprintf(&b, "%s: %s\n", name, s.More[name])
	}
	return b.String()
}

// write writes the lines of the fields of s that keep selects.
func write(b *strings.Builder, s *Spec, fields []Field, keep func(Field) bool) {
	group := ""
	for _, f := range fields {
		if !keep(f) {
			continue
		}
		name, indent := f.Name, ""
		if g := f.Group(); g != "" {
			if g != group {
				fmt.Fprintf(b, "%s:\n", g)
			}
			name, indent = name[len(g)+1:], "  "
		}
		group = f.Group()
		text, ok := s.More[f.Name]
		if !ok {
			text = format(f.value(s))
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, name, text)
	}
}

// Parse reads a canonical text, exactly as String writes it, or as programs before
// format 2 did. Values are not judged, which is the work of Validate, and a field
// that is not known here is kept in More: a text of a newer program can be read.
func Parse(text string) (Spec, error) {
	first, _, _ := strings.Cut(text, "\n")
	number, ok := strings.CutPrefix(first, "format: ")
	if !ok {
		return parseFormat1(text)
	}
	if n, err := strconv.Atoi(number); err != nil || n != Format {
		return Spec{}, fmt.Errorf("spec: format %s; this program reads formats 1 and %d", quote(number), Format)
	}
	s := Default()
	lines, err := split(text)
	if err != nil {
		return Spec{}, err
	}
	for _, l := range lines[1:] {
		f, known := LookupField(l.name)
		if !known {
			if s.More == nil {
				s.More = map[string]string{}
			}
			s.More[l.name] = l.value
			continue
		}
		v, err := scan(l.value, f.Default)
		if err != nil {
			return Spec{}, fmt.Errorf("spec line %d: %s: %w", l.number, l.name, err)
		}
		f.Set(&s, v)
	}
	if s.String() != text {
		return Spec{}, fmt.Errorf("spec: the text is not in canonical form")
	}
	return s, nil
}

// parseFormat1 reads the text of a program before format 2: all fields of that
// time, also those at their defaults.
func parseFormat1(text string) (Spec, error) {
	s := Default()
	lines, err := split(text)
	if err != nil {
		return Spec{}, err
	}
	missing := map[string]bool{}
	for _, name := range format1 {
		missing[name] = true
	}
	for _, l := range lines {
		if !missing[l.name] {
			return Spec{}, fmt.Errorf("spec line %d: %s is no field of format 1, or stands there twice", l.number, quote(l.name))
		}
		delete(missing, l.name)
		f, _ := LookupField(l.name)
		v, err := scan(l.value, f.Default)
		if err != nil {
			return Spec{}, fmt.Errorf("spec line %d: %s: %w", l.number, l.name, err)
		}
		f.Set(&s, v)
	}
	for _, name := range format1 {
		if missing[name] {
			return Spec{}, fmt.Errorf("spec: field %s is missing", name)
		}
	}
	return s, nil
}

// format1 are the fields that a text of format 1 has.
var format1 = strings.Fields(`data train valid preprocess augment model init weights loss method lr momentum
	batch epochs steps until seed every probes
	measure.l measure.m measure.examples measure.per_example measure.tolerance`)

// A line is one field of a text.
type line struct {
	number      int
	name, value string
}

// split cuts a text into its fields. The names of those in a group begin with it.
func split(text string) ([]line, error) {
	var lines []line
	group, i := "", 0
	for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		i++
		name, value, ok := strings.Cut(l, ":")
		nested := strings.HasPrefix(name, "  ")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || name == "":
			return nil, fmt.Errorf("spec line %d: %s is no field", i, quote(l))
		case !nested && value == "":
			group = name
			continue
		case nested:
			name = group + "." + name
		}
		lines = append(lines, line{i, name, value})
	}
	return lines, nil
}
