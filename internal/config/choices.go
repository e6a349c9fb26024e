package config

import (
	"math"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// choices reads what a part of a sweep, grid or random, sets fields to.
func (r *reader) choices(part string, n ast.Node) (list []choice) {
	before := len(r.errs)
	r.each("", n, func(field string, pair *ast.MappingValueNode) {
		if c, ok := r.choice(field, pair.Value); ok && r.take(part, field, place(pair.Key)) {
			list = append(list, c)
		}
	})
	if len(list) == 0 && len(r.errs) == before {
		r.fault(place(n), "%s: no setting is named, such as lr: [0.01, 0.1]", part)
	}
	return list
}

// take notes that a part of a sweep sets a field, and reports whether no other part, nor the same one, does.
func (r *reader) take(part, field string, at *token.Position) bool {
	before, taken := r.taken[field]
	if taken {
		r.fault(at, "%s: %s sets it already: what else it says of it would count for nothing", field, before)
	}
	r.taken[field] = part
	return !taken
}

// each calls f for each field of a mapping, also those in groups.
func (r *reader) each(prefix string, n ast.Node, f func(field string, pair *ast.MappingValueNode)) {
	for _, pair := range r.pairs(n) {
		switch key, ok := r.key(pair); {
		case !ok:
		case isGroup(prefix + key):
			r.each(prefix+key+".", pair.Value, f)
		default:
			f(prefix+key, pair)
		}
	}
}

// choice reads a list of values or a range.
func (r *reader) choice(field string, n ast.Node) (choice, bool) {
	c := choice{field: field, at: positionOf(n)}
	switch n := n.(type) {
	case *ast.SequenceNode:
		for _, v := range n.Values {
			c.values = append(c.values, r.given(v))
		}
		if len(c.values) == 0 {
			r.fault(&c.at, "%s: an empty list", field)
		}
		return c, len(c.values) > 0
	case *ast.MappingNode, *ast.MappingValueNode:
		return c, r.span(&c, n)
	}
	r.fault(&c.at, "%s: %v", field, wanted("a list of values, or {from: …, to: …, points: …}", n))
	return c, false
}

// span reads a range.
func (r *reader) span(c *choice, n ast.Node) bool {
	before := len(r.errs)
	ends, whole := 0, 0
	for _, pair := range r.pairs(n) {
		switch key, _ := r.key(pair); key {
		case "from", "to":
			v, err := floatOf(pair.Value)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				r.fault(place(pair.Value), "%s: %s: %v", c.field, key, wanted("a number", pair.Value))
			}
			if _, ok := pair.Value.(*ast.IntegerNode); ok {
				whole++
			}
			if ends++; key == "from" {
				c.span.from = v
			} else {
				c.span.to = v
			}
		case "points":
			c.span.points = r.whole(c.field+": points", pair.Value, 2)
		case "spacing":
			word, err := stringOf(pair.Value)
			if c.span.log = word == "log"; err != nil || word != "log" && word != "linear" {
				r.fault(place(pair.Value), "%s: spacing is log or linear", c.field)
			}
		default:
			r.fault(place(pair.Key), "%s: unknown key %q: a range has from, to, points and spacing", c.field, key)
		}
	}
	c.span.whole = whole == 2
	switch {
	case len(r.errs) > before:
	case ends < 2:
		r.fault(&c.at, "%s: a range has both from and to", c.field)
	case c.span.from >= c.span.to:
		r.fault(&c.at, "%s: from is not below to", c.field)
	case c.span.log && c.span.from <= 0:
		r.fault(&c.at, "%s: from must be above 0 where the spacing is log", c.field)
	}
	return len(r.errs) == before
}
