package jastrzebski2020breakeven

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// variedKeys are the maxima that [Variations] compares.
var variedKeys = []string{"k_max", "k_rank"}

// Variations returns the table of settings that differ from a base in one field each, η and S aside:
// what the largest λ_K¹ depends on besides these two, which the paper is about. The base is the setting
// from which most others differ in that way. It has no rows if they do not vary two fields or more.
func Variations(runs []Findings) study.Table {
	usable := slices.DeleteFunc(slices.Clone(runs), func(f Findings) bool { return f.Records == 0 })
	settings := group(usable, func(f Findings) string { s := f.Spec; s.Seed = 0; return s.String() })
	base := mostVaried(settings)
	varied := variationsOf(base, settings)
	t := study.Table{Title: "What the largest λ_K¹ depends on", Head: []string{"varied", "seeds"}}
	if !slices.ContainsFunc(varied, func(v variation) bool { return v.field != varied[0].field }) {
		return t
	}
	for _, key := range variedKeys {
		t.Head = append(t.Head, "max "+symbol(key), "factor")
	}
	t.Head = append(t.Head, "at epoch")
	t.Rows = append(t.Rows, variation{runs: base}.row(base))
	for _, v := range varied {
		t.Rows = append(t.Rows, v.row(base))
	}
	t.Note = "Means over seeds, with the errors of the maxima and that over seeds, and factors to the first row with the interval of 95 % over seeds. " +
		"λ_K¹ is that of minibatches of M, in inverse proportion to M. The maximum of more measurements is larger by chance alone." + published(base[0].Spec)
	return t
}

// A variation is a setting that differs from a base in one field.
type variation struct {
	field string // "" is the base itself
	runs  []Findings
}

// mostVaried returns the setting with most variations, the first of several; nil if none has any.
func mostVaried(settings [][]Findings) (base []Findings) {
	var specs []run.Spec
	for _, g := range settings {
		specs = append(specs, g[0].Spec)
	}
	var fields []string
	for _, name := range run.Names(specs...) {
		if name != "seed" && differ(specs, name) {
			fields = append(fields, name)
		}
	}
	without := func(s run.Spec, field string) string { // what variations of that field have in common
		words := []string{field}
		for _, name := range fields {
			if name != field {
				words = append(words, s.Text(name))
			}
		}
		return strings.Join(words, "\n")
	}
	varied := slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return slices.Contains(swept, name) })
	alike := map[string]int{}
	for _, s := range specs {
		for _, field := range varied {
			alike[without(s, field)]++
		}
	}
	most := 0
	for i, s := range specs {
		variations := -len(varied) // a setting is none of itself
		for _, field := range varied {
			variations += alike[without(s, field)]
		}
		if variations > most {
			base, most = settings[i], variations
		}
	}
	return base
}

// variationsOf returns the settings that differ from a base in one field, which is neither η nor S. Nothing has none.
func variationsOf(base []Findings, settings [][]Findings) []variation {
	var list []variation
	if base == nil {
		return nil
	}
	for _, g := range settings {
		var fields []string
		for _, name := range run.Names(base[0].Spec, g[0].Spec) {
			if name != "seed" && base[0].Spec.Text(name) != g[0].Spec.Text(name) {
				fields = append(fields, name)
			}
		}
		if len(fields) == 1 && !slices.Contains(swept, fields[0]) {
			list = append(list, variation{fields[0], g})
		}
	}
	return list
}

// row returns the cells of a variation, with the factors between it and the base.
func (v variation) row(base []Findings) []string {
	cells := []string{v.name(base[0].Spec), fmt.Sprint(len(v.runs))}
	for _, key := range variedKeys {
		factor := ""
		if v.field != "" {
			factor = effect(Setting{of: base}, Setting{of: v.runs}, key).String()
		}
		cells = append(cells, Setting{of: v.runs}.maximum(key).String(), factor)
	}
	var epochs []float64
	for _, f := range v.runs {
		if e := f.Maximum("k_max"); e.Count > 0 {
			epochs = append(epochs, e.At.Epoch)
		}
	}
	return append(cells, between(epochs))
}

// name returns "padding valid, not same".
func (v variation) name(base run.Spec) string {
	if v.field == "" {
		return "nothing"
	}
	return fmt.Sprintf("%s %s, not %s", strings.ReplaceAll(v.field, "_", " "), v.text(v.runs[0].Spec), v.text(base))
}

// text is that of the field in a spec that may lack it, as its default leaves it out.
func (v variation) text(s run.Spec) string {
	if text := s.Text(v.field); text != "" {
		return text
	}
	return "the usual one"
}

// between returns "4.25 to 5.5", one number if all are the same, and a dash of none.
func between(x []float64) string {
	if len(x) == 0 {
		return study.Empty
	}
	lo, hi := digits.Significant(slices.Min(x), 3), digits.Significant(slices.Max(x), 3)
	if lo == hi {
		return lo
	}
	return lo + " to " + hi
}

// published is what the submitted version of the paper has for a setting (Sec. 4.2), as a sentence; "" if nothing.
func published(s run.Spec) string {
	if s.Model != "simplecnn" || s.Data != "cifar10" || s.Batch != 128 {
		return ""
	}
	switch s.LR {
	case 0.1:
		return " The paper has λ_K¹ = 0.87 and Tr K / λ_K¹ = 14.29."
	case 0.01:
		return " The paper has λ_K¹ = 3.01 and Tr K / λ_K¹ = 10.69."
	}
	return ""
}
