package tracks

import (
	"fmt"
	"slices"
)

// notes collects what is wrong with rows and flights, one line for each kind of fault.
type notes struct {
	kinds []*note
	said  []string
}

// A note is one kind of fault: where it came first, and how often it came.
type note struct {
	kind, text, first string
	times             int
	of                string // what has it: "flights" or "plans"
	names             map[string]bool
}

// add records a fault of a flight at a place, FILE:LINE.
func (n *notes) add(text, place, flight string) { n.addKind("flights", text, text, place, flight) }

// addPlan is add for a plan and a text that says more than the kind of fault; of a kind the first is
// shown.
func (n *notes) addPlan(kind, text, place, plan string) { n.addKind("plans", kind, text, place, plan) }

func (n *notes) addKind(of, kind, text, place, name string) {
	at := slices.IndexFunc(n.kinds, func(k *note) bool { return k.kind == kind })
	if at < 0 {
		at = len(n.kinds)
		n.kinds = append(n.kinds, &note{kind: kind, text: text, first: place, of: of, names: map[string]bool{}})
	}
	k := n.kinds[at]
	k.times++
	k.names[name] = true
}

// forget takes back a kind of fault.
func (n *notes) forget(kind string) {
	n.kinds = slices.DeleteFunc(n.kinds, func(k *note) bool { return k.kind == kind })
}

// say records a line as it is.
func (n *notes) say(format string, args ...any) {
	n.said = append(n.said, fmt.Sprintf(format, args...))
}

// list returns the lines.
func (n *notes) list() []string {
	var list []string
	for _, k := range n.kinds {
		line := k.first + ": " + k.text
		switch {
		case k.times > 1 && len(k.names) > 1:
			line += fmt.Sprintf(" (%d times, in %d %s)", k.times, len(k.names), k.of)
		case k.times > 1:
			line += fmt.Sprintf(" (%d times)", k.times)
		}
		list = append(list, line)
	}
	return append(list, n.said...)
}

// nothing is the error when no flight is left.
func (n *notes) nothing(file string) error {
	if list := n.list(); len(list) > 0 {
		return fmt.Errorf("%s: no flight is left; the first fault: %s", file, list[0])
	}
	return fmt.Errorf("%s: no flights in it", file)
}
