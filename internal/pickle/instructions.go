package pickle

import (
	"errors"
	"fmt"
	"slices"
)

// instructions are those of protocols 0 to 5, by their bytes. Their names and
// meanings are in Python's Lib/pickletools.py.
var instructions [256]func(m *machine) error

func init() {
	instructions = [256]func(m *machine) error{
		0x80: protocol,
		0x95: frame,
		'.':  func(m *machine) error { m.stopped = true; return nil },

		// The stack and the memory.
		'(':  func(m *machine) error { m.marks = append(m.marks, len(m.stack)); return nil },
		'0':  discard,
		'1':  func(m *machine) error { _, err := m.popMark(); return err },
		'2':  duplicate,
		'p':  func(m *machine) error { return m.put(m.decimal()) },
		'q':  func(m *machine) error { return m.put(m.number(1)) },
		'r':  func(m *machine) error { return m.put(m.number(4)) },
		0x94: func(m *machine) error { return m.put(uint64(len(m.memo)), nil) },
		'g':  func(m *machine) error { return m.get(m.decimal()) },
		'h':  func(m *machine) error { return m.get(m.number(1)) },
		'j':  func(m *machine) error { return m.get(m.number(4)) },

		// Single values.
		'N':  func(m *machine) error { return m.push(nil) },
		0x88: func(m *machine) error { return m.push(true) },
		0x89: func(m *machine) error { return m.push(false) },
		'I':  decimalInt,
		'L':  decimalLong,
		'J':  func(m *machine) error { n, err := m.number(4); m.push(int64(int32(n))); return err },
		'K':  func(m *machine) error { n, err := m.number(1); m.push(int64(n)); return err },
		'M':  func(m *machine) error { n, err := m.number(2); m.push(int64(n)); return err },
		0x8a: func(m *machine) error { return m.long(m.sized(1)) },
		0x8b: func(m *machine) error { return m.long(m.sized(4)) },
		'F':  decimalFloat,
		'G':  binaryFloat,
		'S':  quotedOld,
		'T':  func(m *machine) error { b, err := m.sized(4); m.push(Old(b)); return err },
		'U':  func(m *machine) error { b, err := m.sized(1); m.push(Old(b)); return err },
		'V':  escapedText,
		'X':  func(m *machine) error { return m.text(m.sized(4)) },
		0x8c: func(m *machine) error { return m.text(m.sized(1)) },
		0x8d: func(m *machine) error { return m.text(m.sized(8)) },
		'B':  func(m *machine) error { b, err := m.sized(4); m.push(Bytes(b)); return err },
		'C':  func(m *machine) error { b, err := m.sized(1); m.push(Bytes(b)); return err },
		0x8e: func(m *machine) error { b, err := m.sized(8); m.push(Bytes(b)); return err },
		0x96: func(m *machine) error { b, err := m.sized(8); m.push(Bytes(b)); return err },

		// Values of values.
		')':  func(m *machine) error { return m.push(Tuple{}) },
		't':  func(m *machine) error { list, err := m.popMark(); return m.tuple(list, err) },
		0x85: func(m *machine) error { list, err := m.pop(1); return m.tuple(list, err) },
		0x86: func(m *machine) error { list, err := m.pop(2); return m.tuple(list, err) },
		0x87: func(m *machine) error { list, err := m.pop(3); return m.tuple(list, err) },
		']':  func(m *machine) error { return m.push(&List{}) },
		'l':  func(m *machine) error { list, err := m.popMark(); m.push(&List{slices.Clone(list)}); return err },
		'a':  func(m *machine) error { list, err := m.pop(1); return m.extend(list, err) },
		'e':  func(m *machine) error { list, err := m.popMark(); return m.extend(list, err) },
		0x8f: func(m *machine) error { return m.push(&Set{}) },
		0x90: func(m *machine) error { list, err := m.popMark(); return m.extend(list, err) },
		0x91: func(m *machine) error { list, err := m.popMark(); m.push(&Set{slices.Clone(list)}); return err },
		'}':  func(m *machine) error { return m.push(&Dict{}) },
		'd':  dictionary,
		's':  func(m *machine) error { list, err := m.pop(2); return m.setItems(list, err) },
		'u':  func(m *machine) error { list, err := m.popMark(); return m.setItems(list, err) },

		// Objects.
		'c':  globalLines,
		0x93: globalTexts,
		'R':  func(m *machine) error { return m.reduce(2) },
		0x81: func(m *machine) error { return m.reduce(2) },
		0x92: newKeywords,
		'i':  instance,
		'o':  object,
		'b':  build,
		'P':  func(m *machine) error { id, err := m.line(); return m.persistent(id, err) },
		'Q':  persistentValue,

		// What cannot be looked up here.
		0x82: refuse("a class by a number of copyreg's extension registry"),
		0x83: refuse("a class by a number of copyreg's extension registry"),
		0x84: refuse("a class by a number of copyreg's extension registry"),
		0x97: refuse("a buffer that lies outside of the pickle"),
		0x98: refuse("a buffer that lies outside of the pickle"),
	}
}

func refuse(what string) func(m *machine) error {
	return func(m *machine) error { return fmt.Errorf("it needs %s, which is not read", what) }
}

func protocol(m *machine) error {
	n, err := m.byte()
	if n > 5 {
		return fmt.Errorf("of protocol %d; 0 to 5 are read", n)
	}
	return err
}

// frame names the bytes up to the next frame, which must be there.
func frame(m *machine) error {
	n, err := m.number(8)
	if err == nil && n > uint64(len(m.rest)) {
		return errEnd
	}
	return err
}

// discard takes one value away, or the mark if there is none above it.
func discard(m *machine) error {
	if len(m.marks) > 0 && len(m.stack) == m.floor() {
		_, err := m.popMark()
		return err
	}
	_, err := m.pop(1)
	return err
}

func duplicate(m *machine) error {
	v, err := m.top()
	m.push(v)
	return err
}

// put gives the uppermost value a number.
func (m *machine) put(n uint64, err error) error {
	if err != nil {
		return err
	}
	v, err := m.top()
	m.memo[n] = v
	return err
}

// get pushes the value with a number.
func (m *machine) get(n uint64, err error) error {
	if err != nil {
		return err
	}
	v, ok := m.memo[n]
	if !ok {
		return fmt.Errorf("damaged: no value has the number %d", n)
	}
	return m.push(v)
}

func (m *machine) tuple(list []any, err error) error {
	if err != nil {
		return err
	}
	return m.push(Tuple(slices.Clone(list)))
}

// extend adds items to the list or set below them.
func (m *machine) extend(items []any, err error) error {
	if err != nil {
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case *List:
		v.Items = append(v.Items, items...)
	case *Set:
		v.Items = append(v.Items, items...)
	case *Object: // of a kind of list
	default:
		return fmt.Errorf("items are added to %s, which is no list", Describe(v))
	}
	return nil
}

func dictionary(m *machine) error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	d := &Dict{}
	if err := d.setAll(items); err != nil {
		return err
	}
	return m.push(d)
}

// setItems adds keys and values to the dictionary below them.
func (m *machine) setItems(items []any, err error) error {
	if err != nil {
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case *Dict:
		return v.setAll(items)
	case *Object:
		return v.Items.setAll(items)
	}
	return fmt.Errorf("keys are set in %s, which is no dictionary", Describe(v))
}

// setAll sets keys to values, which follow each other in turn.
func (d *Dict) setAll(items []any) error {
	if len(items)%2 == 1 {
		return errors.New("damaged: a key without a value")
	}
	for i := 0; i < len(items); i += 2 {
		if err := d.set(items[i], items[i+1]); err != nil {
			return err
		}
	}
	return nil
}
