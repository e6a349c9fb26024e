package pickle

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"breakeven/internal/regular"
)

// A Constructor makes a value of what a pickle hands to a class or a function. It
// must not panic, whatever it is handed.
type Constructor func(args []any) (any, error)

// Classes are the names that a pickle may use, as module.name, and what is made
// of them. A nil constructor stands for a name that may be mentioned and not
// called.
type Classes map[string]Constructor

// Join returns the classes of all lists.
func Join(lists ...Classes) Classes {
	all := Classes{}
	for _, c := range lists {
		maps.Copy(all, c)
	}
	return all
}

// A Global is a name of Python's that a pickle mentions and its reader knows.
type Global struct {
	Name    string // module.name
	make    Constructor
	unknown bool // makes an Object
}

// New makes a value of the class.
func (g *Global) New(args []any) (any, error) {
	if g.make == nil {
		return nil, fmt.Errorf("%s is called, and must only be mentioned", g.Name)
	}
	v, err := g.make(args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.Name, err)
	}
	return v, nil
}

// A Builder is a value that a pickle hands its state to after it was made.
type Builder interface {
	Build(state any) error
}

// A Loader reads pickles. Its zero value reads those that hold no objects.
type Loader struct {
	Classes Classes

	// Unknown is told the names that are not among Classes, each once. What is made of them
	// are Objects. Nil refuses such names.
	Unknown func(name string)

	// Persistent returns what stands for something outside of the pickle, by
	// its id. Nil refuses it.
	Persistent func(id any) (any, error)

	// Most bounds the steps of the machine, each of which takes about 100 bytes
	// at most. 0 is DefaultMost.
	Most int
}

const (
	// DefaultMost allows a list of thirty million numbers.
	DefaultMost = 1 << 25
	// maxFile bounds a pickle in a file.
	maxFile = 4 << 30
)

// File reads the pickle in the named file. Errors name the file.
func (l *Loader) File(name string) (any, error) {
	b, err := regular.Read(name, maxFile)
	if err != nil {
		return nil, err
	}
	v, err := l.Load(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// Load reads a pickle, which must be all of b. Values share b's memory, which must not change.
func (l *Loader) Load(b []byte) (any, error) {
	v, rest, err := l.Next(b)
	if err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("pickle: %d bytes follow its end", len(rest))
	}
	return v, err
}

// Next reads the pickle at the beginning of b and returns what follows it.
func (l *Loader) Next(b []byte) (v any, rest []byte, err error) {
	m := &machine{loader: l, all: b, rest: b, memo: map[uint64]any{}, steps: l.Most}
	if m.steps <= 0 {
		m.steps = DefaultMost
	}
	v, err = m.run()
	if err != nil {
		return nil, nil, fmt.Errorf("pickle: %w", err)
	}
	return v, m.rest, nil
}

// global returns the value of a name.
func (m *machine) global(module, name string) (*Global, error) {
	full := module + "." + name
	if g, ok := m.globals[full]; ok {
		return g, nil
	}
	makes, ok := m.loader.Classes[full]
	switch {
	case !ok && m.loader.Unknown != nil:
		m.loader.Unknown(full)
		makes = newObject(full)
	case !ok:
		return nil, fmt.Errorf("it needs %s of Python, which is not among what is read; no code of a pickle is ever run", label(full))
	}
	if m.globals == nil {
		m.globals = map[string]*Global{}
	}
	g := &Global{full, makes, !ok}
	m.globals[full] = g
	return g, nil
}

// label quotes a text from a pickle for a message.
func label(text string) string {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}
