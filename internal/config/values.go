package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mapping reads the keys and values of a mapping. The names of its fields
// begin with prefix.
func (r *reader) mapping(prefix string, n ast.Node) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.fault(place(n), "want lines of the form `key: value`, found %s", describe(n))
		return
	}
	for _, pair := range pairs {
		if len(r.errs) == maxFaults {
			r.fault(place(pair.Key), "these are many faults; what follows was not read")
		}
		if len(r.errs) > maxFaults {
			return
		}
		r.pair(prefix, pair)
	}
}

// pair reads one key and its value.
func (r *reader) pair(prefix string, pair *ast.MappingValueNode) {
	at := place(pair.Key)
	key, ok := pair.Key.(*ast.StringNode)
	if !ok {
		r.fault(at, "want a key, found %s", describe(pair.Key))
		return
	}
	name := prefix + key.Value
	if r.has(name) {
		r.fault(at, "key %q stands there twice", key.Value)
		return
	}
	group := isGroup(name)
	field := r.spec.Field(name)
	if !group && field == nil {
		r.fault(at, "unknown key %q%s", key.Value, hint(prefix, key.Value))
		return
	}
	r.places[name] = *at
	if group {
		r.mapping(name+".", pair.Value)
		return
	}
	if p := place(pair.Value); p != nil {
		r.places[name] = *p
	}
	if err := assign(field, pair.Value); err != nil {
		p := r.places[name]
		r.fault(&p, "%s: %v", name, err)
	}
}

// assign puts the value of a node into a field of a Spec.
func assign(field any, n ast.Node) error {
	if i, ok := n.(*ast.IntegerNode); ok && i.Token.Type == token.OctetIntegerType && !strings.Contains(i.Token.Value, "o") {
		return fmt.Errorf("%s begins with 0, and is then another number to some programs than to others; leave the 0 out", shorten(i.Token.Value))
	}
	switch p := field.(type) {
	case *string:
		return assignString(p, n)
	case *[]string:
		return assignList(p, n)
	case *bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return wanted("true or false", n)
		}
		*p = b.Value
	case *float64:
		return assignFloat(p, n)
	case *int:
		i, ok := n.(*ast.IntegerNode)
		if !ok {
			return wanted("a whole number", n)
		}
		switch v := i.Value.(type) {
		case int64:
			*p = int(v)
		case uint64:
			if v > math.MaxInt {
				return fmt.Errorf("%d is too large", v)
			}
			*p = int(v)
		}
	case *uint64:
		i, ok := n.(*ast.IntegerNode)
		if !ok {
			return wanted("a whole number", n)
		}
		switch v := i.Value.(type) {
		case uint64:
			*p = v
		case int64:
			if v < 0 {
				return fmt.Errorf("must be 0 or more, not %d", v)
			}
			*p = uint64(v)
		}
	default:
		panic(fmt.Sprintf("config: a Spec field of type %T cannot be read", field))
	}
	return nil
}

func assignString(p *string, n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return wanted("a word", n)
	}
	*p = s.Value
	return nil
}

func assignFloat(p *float64, n ast.Node) error {
	switch n := n.(type) {
	case *ast.FloatNode:
		*p = n.Value
	case *ast.InfinityNode:
		*p = n.Value
	case *ast.NanNode:
		*p = math.NaN()
	case *ast.IntegerNode:
		switch v := n.Value.(type) {
		case int64:
			*p = float64(v)
		case uint64:
			*p = float64(v)
		}
	case *ast.StringNode:
		// The YAML library reads 1e-2, without a dot, as a text, as YAML 1.1
		// has it; in YAML 1.2 it is a number.
		if n.Token.Type != token.StringType || !exponential.MatchString(n.Value) {
			return wanted("a number", n)
		}
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return fmt.Errorf("%s is too large", shorten(n.Value))
		}
		*p = v
	default:
		return wanted("a number", n)
	}
	return nil
}

var exponential = regexp.MustCompile(`^[-+]?[0-9]+[eE][-+]?[0-9]+$`)

func assignList(p *[]string, n ast.Node) error {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return wanted("a list such as [loss, k]", n)
	}
	*p = nil
	for _, v := range list.Values {
		var word string
		if err := assignString(&word, v); err != nil {
			return err
		}
		*p = append(*p, word)
	}
	return nil
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
