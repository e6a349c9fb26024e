package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// MarshalJSON writes all fields of s in canonical order, those of a group in an
// object, and then those of More. Numbers that JSON lacks are the strings "NaN",
// "+Inf" and "-Inf".
func (s Spec) MarshalJSON() ([]byte, error) {
	o := object{}
	o.put("format", Format)
	groups := map[string]*object{}
	for _, f := range Fields {
		v := f.value(&s)
		if f.Derived && f.IsDefault(v) {
			continue
		}
		to, name := &o, f.Name
		if g := f.Group(); g != "" {
			if groups[g] == nil {
				groups[g] = &object{}
				o.put(g, groups[g])
			}
			to, name = groups[g], f.Name[len(g)+1:]
		}
		to.put(name, jsonValue(v))
	}
	for _, name := range slices.Sorted(maps.Keys(s.More)) {
		o.put(name, jsonText(s.More[name]))
	}
	return o.MarshalJSON()
}

// UnmarshalJSON reads what MarshalJSON writes. Fields that are missing are at their
// defaults; those that are not known here are kept in More, where numbers are
// finite.
func (s *Spec) UnmarshalJSON(text []byte) error {
	*s = Default()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := s.member(name, members[name]); err != nil {
			return err
		}
	}
	return nil
}

// member reads a member of the JSON of a spec.
func (s *Spec) member(name string, text json.RawMessage) error {
	if name == "format" {
		if string(text) != strconv.Itoa(Format) {
			return fmt.Errorf("spec: format %s; this program reads format %d", text, Format)
		}
		return nil
	}
	if f, ok := LookupField(name); ok {
		v, err := f.fromJSON(text)
		if err != nil {
			return fmt.Errorf("spec: %s: %w", name, err)
		}
		f.Set(s, v)
		return nil
	}
	if !slices.ContainsFunc(Fields, func(f Field) bool { return f.Group() == name }) {
		if s.More == nil {
			s.More = map[string]string{}
		}
		s.More[name] = canonical(text)
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return fmt.Errorf("spec: %s: %w", name, err)
	}
	for _, inner := range slices.Sorted(maps.Keys(members)) {
		if err := s.member(name+"."+inner, members[inner]); err != nil {
			return err
		}
	}
	return nil
}

// fromJSON returns the value of the field that a JSON text holds.
func (f Field) fromJSON(text json.RawMessage) (any, error) {
	switch f.Default.(type) {
	case string:
		return decoded[string](text)
	case int:
		return decoded[int](text)
	case bool:
		return decoded[bool](text)
	case uint64:
		return decoded[uint64](text)
	case float64:
		v, err := decoded[number](text)
		return float64(v), err
	}
	list, err := decoded[[]string](text)
	if len(list) == 0 {
		list = nil
	}
	return list, err
}

func decoded[T any](text json.RawMessage) (v T, err error) {
	err = json.Unmarshal(text, &v)
	return v, err
}

// canonical returns the canonical text of a value in JSON whose field is not known.
func canonical(text json.RawMessage) string {
	if word, err := decoded[string](text); err == nil {
		return format(word)
	}
	if list, err := decoded[[]string](text); err == nil {
		return format(list)
	}
	if list, err := decoded[[]json.Number](text); err == nil { // as they stand there
		words := make([]string, len(list))
		for i, n := range list {
			words[i] = n.String()
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	return string(text)
}

// jsonValue returns what stands in JSON for the value of a field.
func jsonValue(v any) any {
	switch v := v.(type) {
	case float64:
		return number(v)
	case []string:
		return append([]string{}, v...)
	case []float64:
		return append([]float64{}, v...)
	}
	return v
}

// jsonText returns what stands in JSON for the canonical text of a value whose field
// is not known here: a text that is JSON stands as it is.
func jsonText(text string) any {
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	if list, err := scanList(text); err == nil {
		return list
	}
	if word, err := scan(text, ""); err == nil {
		return word
	}
	return text
}

// An object is a JSON object whose members keep their order.
type object struct {
	names  []string
	values []any
}

func (o *object) put(name string, v any) {
	o.names, o.values = append(o.names, name), append(o.values, v)
}

// MarshalJSON writes the members in order.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{name, o.values[i]} {
			text, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Schema returns the JSON schema (2020-12) of a configuration file with the given
// fields. Words are the words that a field may hold, as in [Known].
func Schema(fields []Field, words map[string][]string) ([]byte, error) {
	root := schema{groups: map[string]*schema{}}
	root.properties.put("format", map[string]any{"const": Format})
	for _, f := range fields {
		if f.Derived {
			continue
		}
		to, name := &root, f.Name
		if g := f.Group(); g != "" {
			if root.groups[g] == nil {
				root.groups[g] = &schema{}
				root.properties.put(g, root.groups[g])
			}
			to, name = root.groups[g], f.Name[len(g)+1:]
		}
		to.properties.put(name, f.schema(words[f.Name]))
	}
	root.properties.put("sweep", map[string]any{"type": "object", "description": "several trials in one file: list, random, draws, draw_seed, grid"})
	return json.MarshalIndent(&root, "", "  ")
}

// A schema is that of an object that has no other members.
type schema struct {
	properties object
	groups     map[string]*schema
}

// MarshalJSON writes the schema.
func (s *schema) MarshalJSON() ([]byte, error) {
	o := object{}
	if s.groups != nil {
		o.put("$schema", "https://json-schema.org/draft/2020-12/schema")
	}
	o.put("type", "object")
	o.put("additionalProperties", false)
	o.put("properties", &s.properties)
	return o.MarshalJSON()
}

// schema returns the schema of the field's values.
func (f Field) schema(words []string) *object {
	if words == nil {
		words = f.Choices
	}
	word := map[string]any{"type": "string"}
	switch {
	case words != nil && f.File: // or a name with a dot or a slash
		word["anyOf"] = []any{map[string]any{"enum": words}, map[string]any{"pattern": `[./\\]`}}
	case words != nil && f.Prefix != "":
		word["anyOf"] = []any{map[string]any{"enum": words}, map[string]any{"pattern": "^" + f.Prefix}}
	case words != nil:
		word["enum"] = words
	}
	o := &object{}
	switch f.Default.(type) {
	case string:
		for _, k := range slices.Sorted(maps.Keys(word)) {
			o.put(k, word[k])
		}
	case []string:
		o.put("type", "array")
		o.put("items", word)
	case []int:
		o.put("type", "array")
		o.put("items", map[string]any{"type": "integer"})
	case []float64:
		o.put("type", "array")
		o.put("items", map[string]any{"type": "number"})
	case bool:
		o.put("type", "boolean")
	case int, uint64:
		o.put("type", "integer")
	case float64:
		o.put("type", "number")
	}
	o.put("default", jsonValue(f.Default))
	o.put("description", f.Doc)
	return o
}
