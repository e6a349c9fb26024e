package table

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/numpy"
)

// parseNPYHeader reads the header of an npy array. It is a dictionary as Python
// writes it, of three entries in any order:
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//
// The text is parsed as such a dictionary and never executed.
func parseNPYHeader(text string) (*npyHeader, error) {
	p := &literal{rest: text}
	h := &npyHeader{}
	var seen []string
	if err := p.want("{"); err != nil {
		return nil, err
	}
	for !p.accept("}") {
		key, err := p.quoted()
		if err == nil {
			err = p.want(":")
		}
		if err != nil {
			return nil, err
		}
		if slices.Contains(seen, key) {
			return nil, fmt.Errorf("%s stands twice", label(key))
		}
		seen = append(seen, key)
		switch key {
		case "descr":
			h.dtype, err = p.dtype()
		case "fortran_order":
			h.fortran, err = p.bool()
		case "shape":
			h.shape, err = p.shape()
		default:
			err = errors.New("it does not belong there")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", bare(key), err)
		}
		if !p.accept(",") {
			if err := p.want("}"); err != nil {
				return nil, err
			}
			break
		}
	}
	if p.space(); p.rest != "" {
		return nil, fmt.Errorf("something follows it: %s", label(p.rest))
	}
	if len(seen) != 3 {
		return nil, errors.New("want descr, fortran_order and shape")
	}
	_, err := numpy.Elements(h.shape)
	return h, err
}

// literal is the rest of a text that is being parsed.
type literal struct{ rest string }

func (p *literal) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// accept skips the given characters if they come next.
func (p *literal) accept(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, s)
	p.rest = rest
	return ok
}

func (p *literal) want(s string) error {
	if !p.accept(s) {
		return fmt.Errorf("want %s, found %s", s, p.found())
	}
	return nil
}

// found describes what comes next, for a message.
func (p *literal) found() string {
	if p.rest == "" {
		return "its end"
	}
	return label(p.rest[:min(len(p.rest), 20)])
}

// quoted parses a string. Names and types contain nothing that needs a backslash.
func (p *literal) quoted() (string, error) {
	p.space()
	if p.rest == "" || (p.rest[0] != '\'' && p.rest[0] != '"') {
		return "", fmt.Errorf("want a text in quotes, found %s", p.found())
	}
	s, rest, ok := strings.Cut(p.rest[1:], p.rest[:1])
	if !ok || strings.ContainsAny(s, "\\\n") {
		return "", fmt.Errorf("want a text in quotes, found %s", p.found())
	}
	p.rest = rest
	return s, nil
}

// dtype parses a type. A list is a type of records.
func (p *literal) dtype() (numpy.DType, error) {
	if p.accept("[") {
		return numpy.DType{}, errRecords
	}
	s, err := p.quoted()
	if err != nil {
		return numpy.DType{}, err
	}
	return numpy.ParseDType(s)
}

// errRecords is the error for a structured type.
var errRecords = errors.New("an array of records (a structured dtype); save each of its fields as an array")

func (p *literal) bool() (bool, error) {
	switch {
	case p.accept("True"):
		return true, nil
	case p.accept("False"):
		return false, nil
	}
	return false, fmt.Errorf("want True or False, found %s", p.found())
}

// shape parses a tuple of dimensions: (), (3,) or (3, 4). Old versions of NumPy wrote an L after
// long integers.
func (p *literal) shape() ([]int, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	shape := []int{}
	for !p.accept(")") {
		if p.space(); len(shape) == numpy.MaxRank {
			return nil, fmt.Errorf("more than %d dimensions", numpy.MaxRank)
		}
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		d, err := strconv.ParseInt(digits, 10, strconv.IntSize)
		if err != nil {
			return nil, fmt.Errorf("want a dimension, found %s", p.found())
		}
		p.rest = strings.TrimPrefix(p.rest[len(digits):], "L")
		shape = append(shape, int(d))
		if !p.accept(",") {
			if len(shape) == 1 {
				return nil, fmt.Errorf("want a comma, found %s", p.found())
			}
			return shape, p.want(")")
		}
	}
	return shape, nil
}
