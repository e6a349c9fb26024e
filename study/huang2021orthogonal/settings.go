package huang2021orthogonal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// model is the model whose kernels at infinite width are known.
const model = "wide"

// defaults are those of the fields that the model and the kinds declare.
var defaults = map[string]string{
	"network": `"n*(dense; relu); dense"`, "width": "512", "repeats": "3", "law": "gaussian", "parameters": "ntk",
	"weight_variance": "2", "bias_variance": "0", "nets": "8", "kernel_examples": "20", "normal_inputs": "0",
}

// with returns a spec with declared fields, given as names and canonical texts by turns.
func with(s run.Spec, pairs ...string) run.Spec {
	for i := 0; i < len(pairs); i += 2 {
		s = s.With(pairs[i], "")
		if defaults[pairs[i]] != pairs[i+1] {
			s = s.With(pairs[i], pairs[i+1])
		}
	}
	return s
}

// text returns a declared field of a spec.
func text(s run.Spec, name string) string {
	if t, ok := s.More[name]; ok {
		return t
	}
	return defaults[name]
}

// number returns a declared field that is a number.
func number(s run.Spec, name string) float64 {
	v, _ := strconv.ParseFloat(text(s, name), 64)
	return v
}

// The laws of weights, in the order in which they are shown.
var laws = []string{"gaussian", "orthogonal", "delta-orthogonal"}

// colour is the place of a law's colour.
func colour(law string) int { return slices.Index(laws, law) + 1 }

// repeated reports whether a network is n*(…) and one more layer with weights, as most here
// are.
func repeated(s run.Spec) bool {
	return strings.HasPrefix(strings.Trim(text(s, "network"), `"`), "n*(")
}

// layers returns the number of layers with weights of a network that is repeated, as the
// paper counts them.
func layers(s run.Spec) int { return int(number(s, "repeats")) + 1 }

// activation returns the first activation of a network.
func activation(s run.Spec) string {
	for _, word := range strings.FieldsFunc(text(s, "network"), func(r rune) bool { return strings.ContainsRune(` ;()|"`, r) }) {
		if slices.Contains([]string{"relu", "tanh", "erf", "gelu", "sin", "cos", "abs", "leaky"}, word) {
			return word
		}
	}
	return "linear"
}

// shape says how deep and wide a network is.
func shape(s run.Spec) string {
	width := "width " + text(s, "width")
	if repeated(s) {
		return fmt.Sprintf("L = %d, %s", layers(s), width)
	}
	return width
}

// label names a run.
func label(s run.Spec) string {
	if s.Model != model {
		return fmt.Sprintf("%s, η = %s, seed %d", s.Model, digits.Significant(s.LR, 6), s.Seed)
	}
	net := activation(s)
	if strings.Contains(text(s, "network"), "conv") {
		net += " convolutions"
	}
	words := []string{text(s, "law") + " " + net, shape(s)}
	if s.Kind == "limit" {
		words = []string{"infinitely wide " + net, fmt.Sprintf("L = %d", layers(s))}
	}
	if s.Kind != "kernel" {
		words = append(words, "η = "+digits.Significant(s.LR, 6))
	}
	if s.Seed != 0 {
		words = append(words, fmt.Sprintf("seed %d", s.Seed))
	}
	return strings.Join(words, ", ")
}

// A cell is runs that differ in the seed alone, or in the length of training.
type cell struct {
	spec run.Spec
	runs []study.Run
}

// cells joins runs that are alike but for their seeds, in order of first appearance.
func cells(runs []study.Run) []cell {
	var list []cell
	place := map[string]int{}
	for _, r := range runs {
		s := r.Spec
		s.Seed, s.Steps, s.Epochs = 0, 0, 0
		at, ok := place[s.String()]
		if !ok {
			at = len(list)
			place[s.String()] = at
			list = append(list, cell{spec: r.Spec})
		}
		list[at].runs = append(list[at].runs, r)
	}
	return list
}

// families splits cells into those that differ in the named fields alone.
func families(list []cell, but ...string) [][]cell {
	var all [][]cell
	place := map[string]int{}
	for _, c := range list {
		s := c.spec
		s.Seed, s.Steps, s.Epochs, s.LR = 0, 0, 0, 1
		for _, name := range append(but, "nets") {
			s = with(s, name, defaults[name])
		}
		at, ok := place[s.String()]
		if !ok {
			at = len(all)
			place[s.String()] = at
			all = append(all, nil)
		}
		all[at] = append(all[at], c)
	}
	return all
}

// pick returns the runs for which keep holds.
func pick(runs []study.Run, keep func(r study.Run) bool) []study.Run {
	var list []study.Run
	for _, r := range runs {
		if r.Spec.Model == model && keep(r) {
			list = append(list, r)
		}
	}
	return list
}

// has reports whether some record of a run has a key.
func has(r study.Run, key string) bool {
	return slices.ContainsFunc(r.Records, func(rec run.Record) bool { _, ok := rec.Get(key); return ok })
}

// last returns the last value of a key.
func last(r study.Run, key string) (run.Value, bool) {
	for i := len(r.Records) - 1; i >= 0; i-- {
		if v, ok := r.Records[i].Get(key); ok {
			return v, true
		}
	}
	return run.Value{}, false
}
