package probe

import (
	"fmt"
	"slices"
	"strings"
)

// KeyNames returns the names of the keys that a probe makes.
func (p Probe) KeyNames() []string {
	var names []string
	for _, k := range p.Keys {
		names = append(names, k.Name)
	}
	return names
}

// Names returns the names of all probes.
func Names() []string {
	names := make([]string, len(All))
	for i, p := range All {
		names[i] = p.Name
	}
	return names
}

// Everything returns the names of the probes that measure everything where none is named.
func Everything() []string {
	var names []string
	for _, p := range All {
		if !p.Asked {
			names = append(names, p.Name)
		}
	}
	return names
}

// Defaults returns the names of the probes of a spec that names none.
func Defaults() []string {
	var names []string
	for _, p := range All {
		if p.Default {
			names = append(names, p.Name)
		}
	}
	return names
}

// Select returns the named probes in their fixed order.
func Select(names []string) ([]Probe, error) {
	var ps []Probe
	for _, n := range names {
		if !slices.Contains(Names(), n) {
			return nil, fmt.Errorf("unknown probe %q: use some of %s", n, strings.Join(Names(), ", "))
		}
	}
	for _, p := range All {
		if slices.Contains(names, p.Name) && !(p.Name == "h" && slices.Contains(names, "h5")) {
			ps = append(ps, p)
		}
	}
	return ps, nil
}
