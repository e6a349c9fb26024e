package ntk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Style is what holds for the layers of a text that do not say otherwise.
type Style struct {
	SigmaW, SigmaB float64
	Law            Law
	Width          int // of Dense and Conv, except the last
	Outputs        int // the width of the last
	Repeats        int // what n stands for in n*(…)
}

// Parse reads layers from a text: one after the other with ";" between, such as
//
//	conv 3x3 same; relu; 2*(conv 64 3x3 same; relu); avgpool 2x2; flatten; dense
//
// with these layers, where what stands in brackets may be left out:
//
//	dense [WIDTH] [var VARIANCE] [bias VARIANCE] [LAW] [zerobias]
//	conv [WIDTH] ROWSxCOLUMNS[/STRIDE] [same|circular|valid|pad N] [var …] [bias …] [LAW] [zerobias]
//	avgpool, sumpool ROWSxCOLUMNS[/STRIDE] [same|circular|pad N] [inside]
//	global avgpool, global sumpool, flatten, layernorm [whole] [eps NUMBER]
//	relu, tanh, erf, gelu, abs, sign, identity
//	leaky A, abrelu A B, sin [A B C], cos [A B C], rbf G, monomial N, rectified N
//	N*(LAYERS), or n*(LAYERS): the layers N times, or as often as the style says
//	residual(LAYERS), the sum of these and their input; sum(LAYERS | LAYERS | …)
//
// A LAW is gaussian, orthogonal or delta-orthogonal; variances are σ_w² and σ_b².
func Parse(text string, s Style) (Layer, error) {
	p := &parser{text: text, style: s}
	layers, err := p.list("")
	switch {
	case err != nil:
		return nil, err
	case len(layers) == 0:
		return nil, fmt.Errorf("ntk: a network of no layers: %q", text)
	}
	return widen(layers, s.Width, s.Outputs), nil
}

// A parser reads a text from at on.
type parser struct {
	text  string
	at    int
	depth int // of brackets
	style Style
}

const (
	deepest    = 20     // brackets in brackets
	mostLayers = 100000 // of a text
)

func (p *parser) fault(format string, args ...any) error {
	return fmt.Errorf("ntk: network %q: %s", p.text, fmt.Sprintf(format, args...))
}

// list reads layers up to the end of the text or one of the given characters, which it
// leaves.
func (p *parser) list(ends string) (Serial, error) {
	var all Serial
	if p.depth++; p.depth > deepest {
		return nil, p.fault("brackets are nested more than %d deep", deepest)
	}
	defer func() { p.depth-- }()
	for {
		word := p.upTo(ends + "();|")
		var layers Serial
		var err error
		if p.next('(') {
			layers, err = p.group(word)
			if err == nil && strings.TrimSpace(p.upTo(ends+"();|")) != "" {
				err = p.fault("after a bracket there must be %q", ";")
			}
		} else if word != "" {
			var l Layer
			if l, err = p.layer(strings.Fields(strings.ToLower(word))); err == nil {
				layers = Serial{l}
			}
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, layers...); len(all) > mostLayers {
			return nil, p.fault("more than %d layers", mostLayers)
		}
		switch {
		case p.next(';'):
		case p.at == len(p.text) && ends == "", p.at < len(p.text) && strings.IndexByte(ends, p.text[p.at]) >= 0:
			return all, nil
		case p.at == len(p.text):
			return nil, p.fault("a bracket is not closed")
		default:
			return nil, p.fault("unexpected %q", p.text[p.at:p.at+1])
		}
	}
}

// upTo returns the text before the next of some characters, and goes there.
func (p *parser) upTo(ends string) string {
	n := strings.IndexAny(p.text[p.at:], ends)
	if n < 0 {
		n = len(p.text) - p.at
	}
	word := strings.TrimSpace(p.text[p.at : p.at+n])
	p.at += n
	return word
}

// next reports whether the next character is c, and goes past it.
func (p *parser) next(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// group reads what stands in brackets after a word.
func (p *parser) group(word string) (Serial, error) {
	word = strings.ToLower(strings.Join(strings.Fields(word), ""))
	times, repeated := strings.CutSuffix(word, "*")
	if !repeated && word != "residual" && word != "sum" {
		return nil, p.fault("before a bracket stands N*, residual or sum, not %q", word)
	}
	var branches Sum
	for {
		layers, err := p.list("|)")
		if err != nil {
			return nil, err
		}
		branches = append(branches, layers)
		if p.next(')') {
			break
		}
		p.next('|')
	}
	if word == "sum" {
		return Serial{branches}, nil
	}
	if len(branches) > 1 {
		return nil, p.fault("%q stands in a sum alone", "|")
	}
	body := branches[0].(Serial)
	if word == "residual" {
		return Serial{Residual(body...)}, nil
	}
	n := p.style.Repeats
	if times != "n" {
		var err error
		if n, err = strconv.Atoi(times); err != nil {
			return nil, p.fault("%q is no number of times", times)
		}
	}
	if n < 0 || len(body) > 0 && n > mostLayers/len(body) {
		return nil, p.fault("layers %d times", n)
	}
	var all Serial
	for range n {
		all = append(all, body...)
	}
	return all, nil
}

// numbers reads words as numbers.
func (p *parser) numbers(words []string, least, most int) ([]float64, error) {
	if len(words) < least || len(words) > most {
		return nil, p.fault("%d numbers where %d to %d are needed", len(words), least, most)
	}
	var list []float64
	for _, w := range words {
		v, err := strconv.ParseFloat(w, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, p.fault("%q is no number", w)
		}
		list = append(list, v)
	}
	return list, nil
}

// widen gives widths to layers that have none: outputs to the last Dense or Conv.
func widen(layers Serial, width, outputs int) Serial {
	set := func(w, to int) int {
		if w == 0 {
			return to
		}
		return w
	}
	out := make(Serial, len(layers))
	for i := len(layers) - 1; i >= 0; i-- {
		switch l := layers[i].(type) {
		case Dense:
			l.Width, outputs = set(l.Width, outputs), width
			out[i] = l
		case Conv:
			l.Width, outputs = set(l.Width, outputs), width
			out[i] = l
		case Serial:
			out[i], outputs = widen(l, width, outputs), width
		case Sum:
			var sum Sum
			weights := false
			for _, branch := range l {
				sum = append(sum, widen(branch.(Serial), width, outputs))
				weights = weights || len(branch.(Serial)) > 0
			}
			if out[i] = sum; weights {
				outputs = width
			}
		default:
			out[i] = l
		}
	}
	return out
}

// Outputs returns the width of the last Dense or Conv of layers, and whether there is one
// that has a width.
func Outputs(l Layer) (n int, ok bool) {
	switch l := l.(type) {
	case Dense:
		return l.Width, l.Width > 0
	case Conv:
		return l.Width, l.Width > 0
	case Serial:
		for i := len(l) - 1; i >= 0; i-- {
			if n, ok = Outputs(l[i]); ok {
				return n, ok
			}
		}
	case Sum:
		for _, branch := range l {
			if n, ok = Outputs(branch); ok {
				return n, ok
			}
		}
	}
	return 0, false
}

// BeginsDense reports whether the first layer is a Dense, which reads vectors alone.
func BeginsDense(l Layer) bool {
	switch l := l.(type) {
	case Dense:
		return true
	case Serial:
		return len(l) > 0 && BeginsDense(l[0])
	}
	return false
}
