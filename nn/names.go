package nn

import (
	"path"
	"slices"
	"strings"
)

// Operation returns the name of the operation of a parameter: conv1 of conv1.weight.
func (p Param) Operation() string {
	if i := strings.LastIndexByte(p.Name, '.'); i > 0 {
		return p.Name[:i]
	}
	return p.Name
}

// Operations returns the names of the operations of parameters, each once.
func Operations(params []Param) (names []string) {
	for _, p := range params {
		if name := p.Operation(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Fits reports whether the name of a parameter, or that of its operation, fits a pattern of a shell, as conv1 and
// conv1.weight fit conv*. The error is that of [path.Match].
func (p Param) Fits(pattern string) (bool, error) {
	own, err := path.Match(pattern, p.Name)
	if err != nil {
		return false, err
	}
	whole, err := path.Match(pattern, p.Operation())
	return own || whole, err
}
