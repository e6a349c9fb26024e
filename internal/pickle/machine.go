package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// machine is the machine that a pickle is a program for: a stack of values, marks
// in it, and a memory of numbered values.
type machine struct {
	loader  *Loader
	all     []byte // the pickle
	rest    []byte // what is left of it
	stack   []any
	marks   []int // lengths of the stack
	memo    map[uint64]any
	globals map[string]*Global
	steps   int // that may still come
	stopped bool
}

var (
	errEnd   = errors.New("truncated: it ends within a value")
	errStack = errors.New("damaged: a value is wanted where there is none")
	errMark  = errors.New("damaged: a mark is wanted where there is none")
)

// run runs the program to its end and returns its value.
func (m *machine) run() (any, error) {
	if len(m.rest) == 0 {
		return nil, errors.New("empty")
	}
	for !m.stopped {
		at := len(m.all) - len(m.rest)
		if err := m.step(); err != nil {
			return nil, fmt.Errorf("%w (at byte %d)", err, at)
		}
	}
	if len(m.stack) != 1 || len(m.marks) != 0 {
		return nil, errors.New("damaged: its program leaves more than one value")
	}
	return m.stack[0], nil
}

// step runs the next instruction.
func (m *machine) step() error {
	op, err := m.byte()
	if err != nil {
		return errors.New("truncated: its end is missing")
	}
	if m.steps--; m.steps < 0 {
		return errors.New("more values than are read")
	}
	f := instructions[op]
	if f == nil {
		return fmt.Errorf("not a pickle, or damaged: %q is no instruction", rune(op))
	}
	return f(m)
}

// take returns the next n bytes of the pickle.
func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.rest)) {
		return nil, errEnd
	}
	b := m.rest[:n]
	m.rest = m.rest[n:]
	return b, nil
}

func (m *machine) byte() (byte, error) {
	b, err := m.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// number returns the next unsigned number of so many bytes, little-endian.
func (m *machine) number(size int) (uint64, error) {
	b, err := m.take(uint64(size))
	if err != nil {
		return 0, err
	}
	var full [8]byte
	copy(full[:], b)
	return binary.LittleEndian.Uint64(full[:]), nil
}

// sized returns bytes whose length is the next number of so many bytes.
func (m *machine) sized(size int) ([]byte, error) {
	n, err := m.number(size)
	if err != nil {
		return nil, err
	}
	return m.take(n)
}

// line returns what comes before the next line feed.
func (m *machine) line() (string, error) {
	const most = 1 << 20
	for i, c := range m.rest[:min(len(m.rest), most)] {
		if c == '\n' {
			line := string(m.rest[:i])
			m.rest = m.rest[i+1:]
			return line, nil
		}
	}
	return "", errEnd
}

func (m *machine) push(v any) error {
	m.stack = append(m.stack, v)
	return nil
}

// floor is how long the stack was at the last mark.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

// pop takes n values from the stack, without passing a mark. They are the
// machine's until the next value is pushed.
func (m *machine) pop(n int) ([]any, error) {
	at := len(m.stack) - n
	if at < m.floor() {
		return nil, errStack
	}
	list := m.stack[at:]
	m.stack = m.stack[:at]
	return list, nil
}

// popMark takes all values above the last mark, and the mark. They are the
// machine's until the next value is pushed.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, errMark
	}
	at := m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	list := m.stack[at:]
	m.stack = m.stack[:at]
	return list, nil
}

// top returns the value that is above all others.
func (m *machine) top() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, errStack
	}
	return m.stack[len(m.stack)-1], nil
}
