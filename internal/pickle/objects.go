package pickle

import (
	"fmt"
	"slices"
)

func globalLines(m *machine) error {
	module, err := m.line()
	if err != nil {
		return err
	}
	name, err := m.line()
	if err != nil {
		return err
	}
	return m.pushGlobal(module, name)
}

func (m *machine) pushGlobal(module, name string) error {
	g, err := m.global(module, name)
	if err != nil {
		return err
	}
	return m.push(g)
}

func globalTexts(m *machine) error {
	list, err := m.pop(2)
	if err != nil {
		return err
	}
	module, ok1 := list[0].(string)
	name, ok2 := list[1].(string)
	if !ok1 || !ok2 {
		return fmt.Errorf("damaged: a name of %s and %s", Describe(list[0]), Describe(list[1]))
	}
	return m.pushGlobal(module, name)
}

// reduce calls a class with a tuple; both are taken from the stack.
func (m *machine) reduce(n int) error {
	list, err := m.pop(n)
	if err != nil {
		return err
	}
	args, ok := list[1].(Tuple)
	if !ok {
		return fmt.Errorf("damaged: a class is called with %s", Describe(list[1]))
	}
	return m.call(list[0], args)
}

// call pushes what a class makes.
func (m *machine) call(class any, args []any) error {
	if o, ok := class.(*Object); ok { // a function that a function was to make
		return m.push(&Object{Class: o.Class, Args: args})
	}
	g, ok := class.(*Global)
	if !ok {
		return fmt.Errorf("damaged: %s is called", Describe(class))
	}
	v, err := g.New(args)
	if err != nil {
		return err
	}
	return m.push(v)
}

// newKeywords calls a class with a tuple and named arguments, of which there may
// be none.
func newKeywords(m *machine) error {
	list, err := m.pop(3)
	if err != nil {
		return err
	}
	args, ok1 := list[1].(Tuple)
	named, ok2 := list[2].(*Dict)
	if g, ok := list[0].(*Global); ok && ok1 && g.unknown {
		named = &Dict{} // an Object holds no named arguments
	}
	if !ok1 || !ok2 || len(named.Keys) > 0 {
		return fmt.Errorf("a class is called with %s and %s; named arguments are not read", Describe(list[1]), Describe(list[2]))
	}
	return m.call(list[0], args)
}

// instance calls a class that is named in the next two lines with what is above
// the mark.
func instance(m *machine) error {
	if err := globalLines(m); err != nil {
		return err
	}
	class, err := m.pop(1)
	if err != nil {
		return err
	}
	g := class[0]
	args, err := m.popMark()
	if err != nil {
		return err
	}
	return m.call(g, slices.Clone(args))
}

// object calls the class above the mark with what is above it.
func object(m *machine) error {
	list, err := m.popMark()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errStack
	}
	return m.call(list[0], slices.Clone(list[1:]))
}

// build hands a value its state.
func build(m *machine) error {
	list, err := m.pop(1)
	if err != nil {
		return err
	}
	state := list[0]
	v, err := m.top()
	if err != nil {
		return err
	}
	b, ok := v.(Builder)
	if !ok {
		return fmt.Errorf("%s is handed a state, and has none", Describe(v))
	}
	return b.Build(state)
}

func persistentValue(m *machine) error {
	list, err := m.pop(1)
	if err != nil {
		return err
	}
	return m.persistent(list[0], nil)
}

// persistent pushes what stands for something outside of the pickle.
func (m *machine) persistent(id any, err error) error {
	if err != nil {
		return err
	}
	if m.loader.Persistent == nil {
		return fmt.Errorf("it needs something that lies outside of it (%s)", Describe(id))
	}
	v, err := m.loader.Persistent(id)
	if err != nil {
		return err
	}
	return m.push(v)
}
