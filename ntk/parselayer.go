package ntk

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// activations are those that texts name without numbers.
var activations = map[string]Activation{
	"relu": ReLU, "tanh": Tanh, "erf": Erf, "gelu": GELU, "abs": Abs, "sign": Sign, "identity": Identity,
}

// layer reads one layer.
func (p *parser) layer(words []string) (Layer, error) {
	name, rest := words[0], words[1:]
	if name == "global" && len(rest) > 0 {
		name, rest = name+" "+rest[0], rest[1:]
	}
	if a, ok := activations[name]; ok && len(rest) == 0 {
		return a, nil
	}
	switch name {
	case "flatten", "global avgpool", "global sumpool":
		if len(rest) > 0 {
			return nil, p.fault("%s has no settings, and there is %q", name, rest[0])
		}
		if name == "flatten" {
			return Flatten{}, nil
		}
		return GlobalAvgPool{Sum: name == "global sumpool"}, nil
	case "dense", "conv", "avgpool", "sumpool", "layernorm":
		s := settings{parser: p, words: rest, name: name}
		return s.read()
	}
	return p.function(name, rest)
}

// function reads an activation with numbers.
func (p *parser) function(name string, words []string) (Layer, error) {
	counts := map[string][2]int{"leaky": {1, 1}, "abrelu": {2, 2}, "sin": {0, 3}, "cos": {0, 3}, "rbf": {1, 1}, "monomial": {1, 1}, "rectified": {1, 1}}
	count, ok := counts[name]
	if !ok {
		return nil, p.fault("%q is no layer", strings.Join(append([]string{name}, words...), " "))
	}
	v, err := p.numbers(words, count[0], count[1])
	if err != nil {
		return nil, err
	}
	wave := append(v, []float64{1, 1, 0}[min(3, len(v)):]...)
	switch name {
	case "leaky":
		return LeakyReLU(v[0]), nil
	case "abrelu":
		return ABReLU(v[0], v[1]), nil
	case "sin":
		return Sin(wave[0], wave[1], wave[2]), nil
	case "cos":
		return Cos(wave[0], wave[1], wave[2]), nil
	case "rbf":
		if v[0] < 0 {
			return nil, p.fault("rbf of %v: its γ must be 0 or more", v[0])
		}
		return RBF(v[0]), nil
	}
	n := int(v[0])
	if float64(n) != v[0] || n < 0 || n > 20 {
		return nil, p.fault("%s %v: a degree is a whole number from 0 to 20", name, v[0])
	}
	if name == "monomial" {
		return Monomial(n), nil
	}
	return RectifiedMonomial(n), nil
}

// settings reads what stands behind the name of a layer.
type settings struct {
	*parser
	name  string
	words []string

	weights
	window, stride Size
	pad            Padding
	norm           LayerNorm
	inside         bool
}

// allowed lists the settings of each layer: width and window stand for numbers and sizes.
var allowed = map[string][]string{
	"dense":     {"width", "var", "bias", "law", "zerobias"},
	"conv":      {"width", "window", "pad", "var", "bias", "law", "zerobias"},
	"avgpool":   {"window", "pad", "inside"},
	"sumpool":   {"window", "pad"},
	"layernorm": {"whole", "eps"},
}

func (s *settings) read() (Layer, error) {
	s.weights = weights{sigmaW: s.style.SigmaW, sigmaB: s.style.SigmaB, law: s.style.Law}
	for len(s.words) > 0 {
		word := s.words[0]
		s.words = s.words[1:]
		if err := s.setting(word); err != nil {
			return nil, err
		}
	}
	if slices.Contains(allowed[s.name], "window") && s.window == (Size{}) {
		return nil, s.fault("%s needs a window, such as 3x3", s.name)
	}
	if s.zeroBias {
		s.sigmaB = 0
	}
	switch s.name {
	case "dense":
		return Dense{s.width, s.sigmaW, s.sigmaB, s.law, s.zeroBias}, nil
	case "conv":
		return Conv{s.width, s.window, s.stride, s.pad, s.sigmaW, s.sigmaB, s.law, s.zeroBias}, nil
	case "layernorm":
		return s.norm, nil
	}
	return AvgPool{s.window, s.stride, s.pad, s.name == "sumpool", s.inside}, nil
}

// setting reads one of them, whose first word is taken already.
func (s *settings) setting(word string) (err error) {
	kind := word
	number, isNumber := strconv.Atoi(word)
	switch {
	case isNumber == nil:
		kind = "width"
	case strings.ContainsRune(word, 'x') && word[0] >= '0' && word[0] <= '9':
		kind = "window"
	case slices.Contains([]string{"same", "circular", "valid"}, word):
		kind = "pad"
	case slices.Contains([]string{"gaussian", "orthogonal", "delta-orthogonal"}, word):
		kind = "law"
	}
	if !slices.Contains(allowed[s.name], kind) {
		return s.fault("%s has no setting %q", s.name, word)
	}
	switch kind {
	case "width":
		if s.width = number; number < 1 {
			return s.fault("%s of a width of %d", s.name, number)
		}
	case "window":
		return s.sizes(word)
	case "pad":
		return s.padding(word)
	case "law":
		s.law = map[string]Law{"gaussian": Gaussian, "orthogonal": Orthogonal, "delta-orthogonal": DeltaOrthogonal}[word]
	case "var":
		s.sigmaW, err = s.deviation(word)
	case "bias":
		s.sigmaB, err = s.deviation(word)
	case "eps":
		s.norm.Eps, err = s.number(word)
	case "zerobias":
		s.zeroBias = true
	case "whole":
		s.norm.Whole = true
	case "inside":
		s.inside = true
	}
	return err
}

// number reads the number behind a word.
func (s *settings) number(word string) (float64, error) {
	v, err := s.numbers(s.words[:min(1, len(s.words))], 1, 1)
	if err != nil {
		return 0, s.fault("after %q there must be a number", word)
	}
	s.words = s.words[1:]
	return v[0], nil
}

// deviation reads a variance and returns its root.
func (s *settings) deviation(word string) (float64, error) {
	v, err := s.number(word)
	if err == nil && v < 0 {
		err = s.fault("a variance of %v", v)
	}
	return math.Sqrt(v), err
}

// padding reads same, circular, valid or the number behind pad.
func (s *settings) padding(word string) error {
	switch word {
	case "same":
		s.pad = Same
	case "circular":
		s.pad = Circular
	case "valid":
		s.pad = Valid
	default:
		v, err := s.number(word)
		if err != nil || v != math.Trunc(v) || v < 0 || v > 1<<20 {
			return s.fault("after pad there must be a number of zeros")
		}
		s.pad = Padding(v)
	}
	return nil
}

// sizes reads ROWSxCOLUMNS or ROWSxCOLUMNS/STRIDE, where a stride is a number or two.
func (s *settings) sizes(word string) error {
	window, stride, strided := strings.Cut(word, "/")
	two := func(text string) (size Size, ok bool) {
		rows, columns, both := strings.Cut(text, "x")
		if !both {
			columns = rows
		}
		for i, part := range []string{rows, columns} {
			n, err := strconv.Atoi(part)
			if err != nil || n < 1 || n > 1<<20 {
				return size, false
			}
			size[i] = n
		}
		return size, true
	}
	var ok bool
	if s.window, ok = two(window); ok && strided {
		s.stride, ok = two(stride)
	}
	if !ok {
		return s.fault("%q is no window; write it like 3x3 or 3x3/2", word)
	}
	return nil
}
