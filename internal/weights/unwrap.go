package weights

import (
	"slices"
	"strings"

	"breakeven/run"
)

// State begins the names of the tensors of a checkpoint of this program that are no weights:
// what a run needs besides them to go on. No parameter of PyTorch has a slash in its name.
const State = "state/"

// unwrap removes the tensors under State, and the prefix that all names share if more of them
// are wanted ones without it: module. and _orig_mod., with which PyTorch wraps a network, or
// the name that a class gives to the network in it; or puts there what is missing, by lengthen. It returns both.
// Of several state dicts it first takes the one that fits.
func (h *header) unwrap(wanted []run.Tensor, rename func(string) string) (cut, put string, err error) {
	if err := h.choose(wanted, rename); err != nil {
		return "", "", err
	}
	h.tensors = slices.DeleteFunc(h.tensors, func(e entry) bool { return strings.HasPrefix(e.name, State) })
	names := namesOf(wanted)
	cut, _ = bestPrefix(h.tensors, func(name string) bool { return names[name] })
	for i := range h.tensors {
		h.tensors[i].name = h.tensors[i].name[len(cut):]
	}
	if rename == nil {
		put = h.lengthen(wanted, names)
	}
	return cut, put, nil
}

func namesOf(tensors []run.Tensor) map[string]bool {
	names := map[string]bool{}
	for _, t := range tensors {
		names[t.Name] = true
	}
	return names
}

// bestPrefix returns the prefix of all names without which most of them are wanted, and how many
// these are.
func bestPrefix(tensors []entry, wanted func(string) bool) (prefix string, most int) {
	for _, p := range prefixes(tensors) {
		count := 0
		for _, e := range tensors {
			if wanted(e.name[len(p):]) {
				count++
			}
		}
		if count > most {
			prefix, most = p, count
		}
	}
	return prefix, most
}

// prefixes returns the prefixes that all names share, "" and those that end with a dot, the
// shortest first.
func prefixes(tensors []entry) []string {
	list := []string{""}
	if len(tensors) == 0 {
		return list
	}
	shared := tensors[0].name
	for _, e := range tensors {
		for !strings.HasPrefix(e.name, shared) {
			shared = shared[:len(shared)-1]
		}
	}
	return append(list, dotted(shared)...)
}
