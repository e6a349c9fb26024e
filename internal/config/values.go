package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"breakeven/run"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mapping reads the keys and values of a mapping. The names of its fields begin with prefix.
func (r *reader) mapping(prefix string, n ast.Node) {
	for _, pair := range r.pairs(n) {
		if r.full(place(pair.Key)) {
			return
		}
		r.pair(prefix, pair)
	}
}

// pairs returns the keys and values of a mapping.
func (r *reader) pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	r.fault(place(n), "want lines of the form `key: value`, found %s", describe(n))
	return nil
}

// key returns the key of a pair, and whether it is one.
func (r *reader) key(pair *ast.MappingValueNode) (string, bool) {
	key, ok := pair.Key.(*ast.StringNode)
	if !ok {
		r.fault(place(pair.Key), "want a key, found %s", describe(pair.Key))
		return "", false
	}
	return key.Value, true
}

// given returns the value of a node, which is read when its field is known.
func (r *reader) given(n ast.Node) value {
	return value{at: positionOf(n), read: func(f run.Field) (any, error) { return fieldOf(f, n) }}
}

// whole returns the whole number of a node, which must be at least so large.
func (r *reader) whole(what string, n ast.Node, least int) int {
	v, err := intOf(n)
	if err == nil && v < least {
		err = fmt.Errorf("must be %d or more, not %d", least, v)
	}
	if err != nil {
		r.fault(place(n), "%s: %v", what, err)
	}
	return v
}

// full reports whether there are enough faults. It then adds one that says so, at the place where
// reading ends.
func (r *reader) full(at *token.Position) bool {
	if len(r.errs) == maxFaults {
		r.fault(at, "these are many faults; what follows was not read")
	}
	return len(r.errs) > maxFaults
}

// pair reads one key and its value.
func (r *reader) pair(prefix string, pair *ast.MappingValueNode) {
	at := place(pair.Key)
	key, ok := r.key(pair)
	name := prefix + key
	switch {
	case !ok:
		return
	case r.has(name):
		r.fault(at, "key %q stands there twice", key)
		return
	case name == sweepKey && r.sweeps:
		r.sweep = pair.Value
		return
	case name == sweepKey:
		r.fault(at, "the file asks for a sweep of several trials, and one is asked for here")
		return
	}
	group := isGroup(name)
	field, known := run.LookupField(name)
	switch {
	case name == "format":
		r.format(pair.Value)
		return
	case !known && !group && prefix == "":
		r.places[name] = *at
		r.later = append(r.later, pair)
		return
	case !known && !group:
		r.fault(at, "unknown key %q%s", key, r.hint(prefix, key))
		return
	}
	r.places[name] = *at
	if group {
		r.mapping(name+".", pair.Value)
		return
	}
	r.read(field, pair.Value)
}

// readDeclared reads the keys that not every spec has, once the kind, the task and the model that
// may declare them are known.
func (r *reader) readDeclared() {
	fields := r.known.FieldsOf(r.spec)
	for _, pair := range r.later {
		if r.full(place(pair.Key)) {
			return
		}
		key := pair.Key.(*ast.StringNode).Value
		i := slices.IndexFunc(fields, func(f run.Field) bool { return f.Name == key })
		if i < 0 {
			r.fault(place(pair.Key), "unknown key %q%s", key, r.hint("", key))
			continue
		}
		r.read(fields[i], pair.Value)
	}
}

// format reads the number of the format, which a canonical text begins with.
func (r *reader) format(n ast.Node) {
	if i, ok := n.(*ast.IntegerNode); !ok || fmt.Sprint(i.Value) != fmt.Sprint(run.Format) {
		r.fault(place(n), "format: this program reads format %d", run.Format)
	}
}

// read stores the value of a node in a field.
func (r *reader) read(f run.Field, n ast.Node) {
	if p := place(n); p != nil {
		r.places[f.Name] = *p
	}
	v, err := fieldOf(f, n)
	if err != nil {
		p := r.places[f.Name]
		r.fault(&p, "%s: %v", f.Name, err)
		return
	}
	f.Set(&r.spec, v)
}

// fieldOf returns the value of a node, as one of a field.
func fieldOf(f run.Field, n ast.Node) (any, error) {
	if text, ok := n.(*ast.StringNode); ok && f.Percent && strings.HasSuffix(text.Value, "%") {
		return f.Read(text.Value)
	}
	return valueOf(f.Default, n)
}

// valueOf returns the value of a node, of the type of like.
func valueOf(like any, n ast.Node) (any, error) {
	if i, ok := n.(*ast.IntegerNode); ok && i.Token.Type == token.OctetIntegerType && !strings.Contains(i.Token.Value, "o") {
		return nil, fmt.Errorf("%s begins with 0, and is then another number to some programs than to others; leave the 0 out", shorten(i.Token.Value))
	}
	switch like.(type) {
	case string:
		return stringOf(n)
	case []string:
		return listOf(n, stringOf, "a list such as [loss, k]")
	case []int:
		return listOf(n, intOf, "a list of whole numbers such as [300, 100]")
	case []float64:
		return listOf(n, floatOf, "a list of numbers such as [0.5, 0.25]")
	case bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return nil, wanted("true or false", n)
		}
		return b.Value, nil
	case float64:
		return floatOf(n)
	case int:
		return intOf(n)
	case uint64:
		i, ok := n.(*ast.IntegerNode)
		if !ok {
			return nil, wanted("a whole number", n)
		}
		if v, ok := i.Value.(int64); ok {
			if v < 0 {
				return nil, fmt.Errorf("must be 0 or more, not %d", v)
			}
			return uint64(v), nil
		}
		return i.Value.(uint64), nil
	}
	panic(fmt.Sprintf("config: a field of type %T cannot be read", like))
}

func stringOf(n ast.Node) (string, error) {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return "", wanted("a word", n)
	}
	return s.Value, nil
}

func floatOf(n ast.Node) (float64, error) {
	switch n := n.(type) {
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.InfinityNode:
		return n.Value, nil
	case *ast.NanNode:
		return math.NaN(), nil
	case *ast.IntegerNode:
		if v, ok := n.Value.(uint64); ok {
			return float64(v), nil
		}
		return float64(n.Value.(int64)), nil
	case *ast.StringNode:
		// The YAML library reads 1e-2, without a dot, as a text, as in YAML 1.1; in YAML 1.2
		// it is a number.
		if n.Token.Type != token.StringType || !exponential.MatchString(n.Value) {
			return 0, wanted("a number", n)
		}
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return 0, fmt.Errorf("%s is too large", shorten(n.Value))
		}
		return v, nil
	}
	return 0, wanted("a number", n)
}

var exponential = regexp.MustCompile(`^[-+]?[0-9]+[eE][-+]?[0-9]+$`)

func intOf(n ast.Node) (int, error) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, wanted("a whole number", n)
	}
	if v, ok := i.Value.(uint64); ok {
		if v > math.MaxInt {
			return 0, fmt.Errorf("%d is too large", v)
		}
		return int(v), nil
	}
	return int(i.Value.(int64)), nil
}

// listOf reads a list of values that one reads; want describes it for a message.
func listOf[T any](n ast.Node, one func(ast.Node) (T, error), want string) ([]T, error) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return nil, wanted(want, n)
	}
	var all []T
	for _, v := range list.Values {
		x, err := one(v)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

func wanted(what string, n ast.Node) error {
	return fmt.Errorf("want %s, found %s", what, describe(n))
}

// describe says what a node is, in one short line.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group of keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.LiteralNode:
		return "a text of several lines"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.MappingKeyNode:
		return "a reference of YAML, which is not read here"
	case *ast.TagNode:
		return "a tag of YAML, which is not read here"
	case *ast.StringNode:
		return "the text " + shorten(n.Value)
	}
	if t := n.GetToken(); t != nil {
		return shorten(t.Value)
	}
	return "something else"
}

// shorten quotes a text and cuts a long one.
func shorten(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
