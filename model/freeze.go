package model

import (
	"errors"
	"fmt"

	"breakeven/nn"
	"breakeven/run"
)

// frozen returns which of the parameters a spec freezes, by their names. Each of its patterns must fit one, and one
// must be left.
func frozen(s run.Spec, params []nn.Param) (func(name string) bool, error) {
	names := map[string]bool{}
	for _, pattern := range s.Freeze {
		found := false
		for _, p := range params {
			fits, err := p.Fits(pattern)
			if err != nil {
				return nil, fmt.Errorf("freeze: %q is no pattern: write names with * for any letters, such as conv*", pattern)
			}
			if fits {
				found, names[p.Name] = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("freeze: no parameter of %s is called %s%s", s.Model, pattern, run.Among(pattern, nn.Operations(params)))
		}
	}
	if len(names) == len(params) {
		return nil, errors.New("freeze: all parameters are frozen: leave one or more of them")
	}
	return func(name string) bool { return names[name] }, nil
}
