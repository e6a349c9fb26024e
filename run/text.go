package run

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// String returns the canonical text of s: the number of its format, and one line for
// each field that is not at its default, in the order of [Fields], then those of
// More in the order of their names. Numbers stand in the shortest form that reads
// back to the same bits. The text is YAML, and serves as a configuration file.
func (s Spec) String() string {
	return s.text(func(f Field) bool { return !f.IsDefault(f.Value(s)) })
}

// Full returns the text with all fields that s has, also those at their defaults.
func (s Spec) Full(known Known) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format: %d\n", Format)
	write(&b, s, known.FieldsOf(s), func(f Field) bool {
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
	text := own.text(func(f Field) bool { return !f.place(s) && !f.IsDefault(f.Value(s)) })
	sum := sha256.Sum256([]byte(text))
	return "r" + hex.EncodeToString(sum[:])[:12]
}

func (s Spec) text(keep func(Field) bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format: %d\n", Format)
	write(&b, s, Fields, keep)
	for _, name := range slices.Sorted(maps.Keys(s.More)) {
		fmt.Fprintf(&b, "%s: %s\n", name, s.More[name])
	}
	return b.String()
}

// write writes the lines of the fields of s that keep selects.
func write(b *strings.Builder, s Spec, fields []Field, keep func(Field) bool) {
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
			text = format(f.Value(s))
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

// plain matches the words that need no quotes in YAML, but for those in
// reserved.
var plain = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

var reserved = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// format returns the canonical text of a value.
func format(v any) string {
	switch v := v.(type) {
	case string:
		return word(v)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []string:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = word(w)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case []int:
		return strings.Join(strings.Fields(fmt.Sprint(v)), ", ")
	}
	panic(fmt.Sprintf("run: a field of type %T has no canonical text", v))
}

func word(s string) string {
	if plain.MatchString(s) && !reserved[s] {
		return s
	}
	return strconv.Quote(s)
}

// scan reads the canonical text of a value of the type of like.
func scan(text string, like any) (any, error) {
	v, err := scanned(text, like)
	var number *strconv.NumError
	if errors.As(err, &number) {
		err = fmt.Errorf("%s: %w", quote(text), number.Err)
	}
	return v, err
}

// quote quotes a text for a message, and cuts a long one.
func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strconv.Quote(s)
}

func scanned(text string, like any) (any, error) {
	switch like.(type) {
	case string:
		v, rest, err := unword(text)
		if err == nil && rest != "" {
			err = fmt.Errorf("text after the value: %s", quote(rest))
		}
		return v, err
	case int:
		return strconv.Atoi(text)
	case bool:
		return strconv.ParseBool(text)
	case uint64:
		return strconv.ParseUint(text, 10, 64)
	case float64:
		return strconv.ParseFloat(text, 64)
	case []string:
		return scanList(text)
	case []int:
		inner, ok := strings.CutPrefix(strings.TrimSuffix(text, "]"), "[")
		if !ok {
			return nil, fmt.Errorf("a list begins with [: %s", quote(text))
		}
		return numbers(inner)
	}
	panic(fmt.Sprintf("run: a field of type %T has no canonical text", like))
}

// numbers reads whole numbers with commas between them.
func numbers(text string) ([]int, error) {
	var list []int
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("%s is no whole number", quote(word))
		}
		list = append(list, n)
	}
	return list, nil
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
