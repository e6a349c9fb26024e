package config

import (
	"errors"
	"maps"
	"math"
	"slices"

	"breakeven/run"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// sweepKey is the key of what makes several trials of one file.
const sweepKey = "sweep"

// maxTrials bounds how many trials a file can ask for: more is a mistake.
const maxTrials = 100_000

var errNoRange = errors.New("is no number, and has no range: give a list of values")

// ParseSweep is ParseOver for a file that may ask for several trials, under the key sweep:
//
//	sweep:
//	  list:                        # each of these,
//	    - {model: tiny}
//	    - {model: mlp, hidden: [100]}
//	  random:                      # with each of so many draws,
//	    lr: {from: 0.001, to: 1, spacing: log}
//	    momentum: {from: 0.5, to: 0.9}
//	  draws: 20
//	  draw_seed: 0
//	  grid:                        # with every combination of these
//	    batch: {from: 16, to: 1024, points: 4, spacing: log}
//	    preprocess: [unit, paper]
//	    seed: {from: 0, to: 4}
//
// Of trials that come out the same one is kept.
func ParseSweep(base run.Spec, name string, text []byte, known run.Known) ([]run.Spec, error) {
	r := &reader{file: name, known: known, spec: base, places: map[string]token.Position{}, sweeps: true}
	if body, ok := r.parse(text); ok {
		r.mapping("", body)
	}
	sets := [][]setting{nil}
	if r.sweep != nil && len(r.errs) == 0 {
		sets = r.settings(r.sweep)
	}
	var specs []run.Spec
	seen := map[string]bool{}
	for _, set := range sets {
		if len(r.errs) > 0 {
			break
		}
		one := r.with(set)
		if r.errs = one.errs; len(r.errs) == 0 && !seen[one.spec.ID()] {
			seen[one.spec.ID()] = true
			specs = append(specs, one.spec)
		}
	}
	if len(r.errs) > 0 {
		return nil, r.sorted()
	}
	return specs, nil
}

// A setting puts a value into a field.
type setting struct {
	field string
	value value
}

// with returns a reader of the same file with settings put over what it says.
func (r *reader) with(set []setting) *reader {
	one := *r
	one.places, one.errs = maps.Clone(r.places), slices.Clone(r.errs)
	one.later = slices.DeleteFunc(slices.Clone(r.later), func(pair *ast.MappingValueNode) bool {
		return slices.ContainsFunc(set, func(s setting) bool { return s.field == pair.Key.(*ast.StringNode).Value })
	})
	for _, s := range set {
		if f, ok := run.LookupField(s.field); ok {
			one.put(f, s.value)
		}
	}
	one.readDeclared()
	fields := r.known.FieldsOf(one.spec)
	for _, s := range set {
		if _, ok := run.LookupField(s.field); ok {
			continue
		}
		i := slices.IndexFunc(fields, func(f run.Field) bool { return f.Name == s.field })
		if i < 0 {
			one.fault(&s.value.at, "unknown key %q%s", s.field, one.hint("", s.field))
			continue
		}
		one.put(fields[i], s.value)
	}
	one.complete()
	return &one
}

// put puts a value into a field of the spec.
func (r *reader) put(f run.Field, v value) {
	r.places[f.Name] = v.at
	of, err := v.of(f)
	if err != nil {
		r.fault(&v.at, "%s: %v", f.Name, err)
		return
	}
	f.Set(&r.spec, of)
}

// settings returns the settings of every trial that a sweep asks for.
func (r *reader) settings(n ast.Node) (sets [][]setting) {
	parts := map[string]ast.Node{}
	for _, pair := range r.pairs(n) {
		key, ok := r.key(pair)
		if ok && !slices.Contains([]string{"list", "random", "draws", "draw_seed", "grid"}, key) {
			r.fault(place(pair.Key), "unknown key %q: a sweep has list, random with draws and draw_seed, and grid", key)
		}
		parts[key] = pair.Value
	}
	if len(parts) == 0 && len(r.errs) == 0 {
		r.fault(place(n), "a sweep has list, random with draws and draw_seed, or grid")
	}
	sets = [][]setting{nil}
	if list := parts["list"]; list != nil {
		sets = r.list(list)
	}
	sets = r.random(sets, parts)
	if grid := parts["grid"]; grid != nil {
		for _, c := range r.choices("", grid) {
			if c.values == nil && c.span.points == 0 && (c.span.log || !c.span.whole) {
				r.fault(&c.at, "%s: points is missing: how many numbers of the range", c.field)
			}
			sets = r.times(sets, c.at, c.size(), c.settings)
		}
	}
	return sets
}

// random multiplies sets by the draws of a sweep.
func (r *reader) random(sets [][]setting, parts map[string]ast.Node) [][]setting {
	n, seed := 0, uint64(0)
	if draws := parts["draws"]; draws != nil {
		n = r.whole("draws", draws, 1)
	}
	if from := parts["draw_seed"]; from != nil {
		seed = uint64(r.whole("draw_seed", from, 0))
	}
	random := parts["random"]
	switch {
	case random == nil && parts["draws"] != nil:
		r.fault(place(parts["draws"]), "draws of nothing: random says what is drawn")
	case random != nil && parts["draws"] == nil:
		r.fault(place(random), "draws is missing: how many there are")
	}
	if random == nil || n == 0 {
		return sets
	}
	choices := r.choices("", random)
	return r.times(sets, positionOf(random), n, func() [][]setting {
		drawn := make([][]setting, n)
		for _, c := range choices {
			for i, v := range c.draw(seed, n) {
				drawn[i] = append(drawn[i], setting{c.field, v})
			}
		}
		return drawn
	})
}

// times returns each of the sets with each of n others.
func (r *reader) times(sets [][]setting, at token.Position, n int, others func() [][]setting) (product [][]setting) {
	if n > maxTrials/max(1, len(sets)) {
		r.fault(&at, "these are more than %d trials", maxTrials)
		return nil
	}
	more := others()
	for _, set := range sets {
		for _, other := range more {
			product = append(product, slices.Concat(set, other))
		}
	}
	return product
}

// list reads the settings of a list of trials.
func (r *reader) list(n ast.Node) (sets [][]setting) {
	list, ok := n.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		r.fault(place(n), "list: %v", wanted("trials such as - {model: tiny}", n))
		return nil
	}
	for _, one := range list.Values {
		var set []setting
		r.each("", one, func(field string, pair *ast.MappingValueNode) {
			set = append(set, setting{field, r.given(pair.Value)})
		})
		sets = append(sets, set)
	}
	return sets
}

// choices reads what fields may be set to.
func (r *reader) choices(prefix string, n ast.Node) (list []choice) {
	r.each(prefix, n, func(field string, pair *ast.MappingValueNode) {
		if c, ok := r.choice(field, pair.Value); ok {
			list = append(list, c)
		}
	})
	return list
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
