package table

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// maxThriftDepth bounds structures within structures. Parquet has eight or so.
	maxThriftDepth = 32
	// maxThriftItems bounds the elements of all lists together: the chunks of
	// 1,000 columns in 1,000 groups of rows are a million.
	maxThriftItems = 1 << 21
)

// thriftLength returns the length of the structure at the beginning of b, in Thrift's compact
// form, the form of Parquet's headers. It walks over the whole structure and checks that all
// lengths in it are within b. The library that reads Parquet allocates memory for such lengths
// before it has seen the data, so it is given only what has passed this check.
//
// The form: github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
func thriftLength(b []byte) (int, error) {
	t := thriftWalk{rest: b, items: maxThriftItems}
	if err := t.structure(0); err != nil {
		return 0, err
	}
	return len(b) - len(t.rest), nil
}

type thriftWalk struct {
	rest  []byte
	items int // elements of lists that are still allowed
}

var errThrift = errors.New("damaged: its header ends early or makes no sense")

func (t *thriftWalk) skip(n uint64) error {
	if n > uint64(len(t.rest)) {
		return errThrift
	}
	t.rest = t.rest[n:]
	return nil
}

func (t *thriftWalk) byte() (byte, error) {
	if len(t.rest) == 0 {
		return 0, errThrift
	}
	b := t.rest[0]
	t.rest = t.rest[1:]
	return b, nil
}

func (t *thriftWalk) number() (uint64, error) {
	u, n := binary.Uvarint(t.rest)
	if n <= 0 {
		return 0, errThrift
	}
	t.rest = t.rest[n:]
	return u, nil
}

func (t *thriftWalk) structure(depth int) error {
	if depth > maxThriftDepth {
		return errThrift
	}
	for {
		head, err := t.byte()
		if err != nil || head == 0 {
			return err
		}
		if head>>4 == 0 { // the number of the field follows
			if _, err := t.number(); err != nil {
				return err
			}
		}
		if kind := head & 0xf; kind == 1 || kind == 2 { // true and false are in the head
			continue
		}
		if err := t.value(head&0xf, depth); err != nil {
			return err
		}
	}
}

func (t *thriftWalk) value(kind byte, depth int) error {
	switch kind {
	case 1, 2, 3: // a byte
		return t.skip(1)
	case 4, 5, 6: // integers
		_, err := t.number()
		return err
	case 7: // a float
		return t.skip(8)
	case 8: // text
		n, err := t.number()
		if err != nil {
			return err
		}
		return t.skip(n)
	case 9, 10:
		return t.list(depth + 1)
	case 12:
		return t.structure(depth + 1)
	case 13: // a UUID
		return t.skip(16)
	}
	return errThrift // maps among them: Parquet has none
}

func (t *thriftWalk) list(depth int) error {
	head, err := t.byte()
	if err != nil || depth > maxThriftDepth {
		return errThrift
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = t.number(); err != nil {
			return err
		}
	}
	if n > uint64(len(t.rest)) {
		return errThrift
	}
	if n > uint64(t.items) {
		return fmt.Errorf("a header with more than %d entries", maxThriftItems)
	}
	t.items -= int(n)
	for range n {
		if err := t.value(head&0xf, depth); err != nil {
			return err
		}
	}
	return nil
}
