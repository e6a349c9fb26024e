package config

import (
	"errors"
	"maps"
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
		if parts[key] != nil {
			r.fault(place(pair.Key), "key %q stands there twice", key)
		}
		parts[key] = pair.Value
	}
	if len(parts) == 0 && len(r.errs) == 0 {
		r.fault(place(n), "a sweep has list, random with draws and draw_seed, or grid")
	}
	sets, r.taken = [][]setting{nil}, map[string]string{}
	if list := parts["list"]; list != nil {
		sets = r.list(list)
	}
	sets = r.random(sets, parts)
	if grid := parts["grid"]; grid != nil {
		for _, c := range r.choices("grid", grid) {
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
	case random == nil && parts["draw_seed"] != nil:
		r.fault(place(parts["draw_seed"]), "draw_seed of nothing: random says what is drawn")
	case random != nil && parts["draws"] == nil:
		r.fault(place(random), "draws is missing: how many there are")
	}
	if random == nil || n == 0 {
		return sets
	}
	choices := r.choices("random", random)
	for _, c := range choices {
		if c.span.points > 0 {
			r.fault(&c.at, "%s: points belong to a grid: draws says how many numbers are drawn", c.field)
		}
	}
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
	all := map[string]string{}
	for _, one := range list.Values {
		var set []setting
		r.taken = map[string]string{}
		r.each("", one, func(field string, pair *ast.MappingValueNode) {
			if r.take("list", field, place(pair.Key)) {
				set = append(set, setting{field, r.given(pair.Value)})
			}
		})
		maps.Copy(all, r.taken)
		sets = append(sets, set)
	}
	r.taken = all
	return sets
}
