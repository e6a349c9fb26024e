package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// metadata is the one name in a header that is not a tensor's.
const metadata = "__metadata__"

// parse parses the JSON of a header. Unlike a decoder into a map it refuses repeated names and
// everything that does not belong in a header.
func (h *header) parse(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err := object(d, func(name string) error {
		if name == metadata {
			h.meta = map[string]string{}
			return within(name, object(d, func(key string) (err error) {
				h.meta[key], err = word(d)
				return err
			}))
		}
		e, err := tensor(d)
		e.name = name
		h.tensors = append(h.tensors, e)
		return within("tensor "+label(name), err)
	})
	if err != nil {
		return err
	}
	if t, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows after the header: %v", found(t, err))
	}
	return nil
}

// tensor parses the description of one tensor.
func tensor(d *json.Decoder) (e entry, err error) {
	fields := 0
	err = object(d, func(key string) (err error) {
		fields++
		switch key {
		case "dtype":
			e.dtype, err = word(d)
			if _, known := dtypes[e.dtype]; err == nil && !known {
				err = fmt.Errorf("dtype %s is not known; save it as F32", label(e.dtype))
			}
			return err
		case "shape":
			e.shape = []int{}
			return list(d, maxRank, func(n uint64) error {
				size, err := dimension(n)
				e.shape = append(e.shape, size)
				return err
			})
		case "data_offsets":
			offsets := make([]uint64, 0, 2)
			err := list(d, 2, func(n uint64) error {
				offsets = append(offsets, n)
				return nil
			})
			if err == nil && len(offsets) != 2 {
				err = fmt.Errorf("data_offsets: want 2 numbers, found %d", len(offsets))
			}
			if err == nil {
				e.begin, e.end = offsets[0], offsets[1]
			}
			return err
		}
		return fmt.Errorf("unknown field %s", label(key))
	})
	if err == nil && fields != 3 {
		err = fmt.Errorf("want dtype, shape and data_offsets")
	}
	return e, err
}

// object parses a JSON object; value parses the value of a key.
func object(d *json.Decoder, value func(key string) error) error {
	if err := delim(d, '{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := word(d)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%s stands there twice", label(key))
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	return delim(d, '}')
}

// list parses a JSON list of at most most non-negative whole numbers.
func list(d *json.Decoder, most int, value func(n uint64) error) error {
	if err := delim(d, '['); err != nil {
		return err
	}
	for count := 0; d.More(); count++ {
		if count == most {
			return fmt.Errorf("a list of more than %d numbers", most)
		}
		t, err := d.Token()
		number, ok := t.(json.Number)
		if err != nil || !ok {
			return fmt.Errorf("want a number, found %v", found(t, err))
		}
		n, err := strconv.ParseUint(number.String(), 10, 64)
		if err != nil {
			return fmt.Errorf("want a whole number from 0, found %s", label(number.String()))
		}
		if err := value(n); err != nil {
			return err
		}
	}
	return delim(d, ']')
}

// delim parses one bracket.
func delim(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err != nil || t != want {
		return fmt.Errorf("want %v, found %v", want, found(t, err))
	}
	return nil
}

// word parses a text. The decoder writes U+FFFD for half a surrogate pair, which could make two
// names equal, so no name may contain it.
func word(d *json.Decoder) (string, error) {
	t, err := d.Token()
	s, ok := t.(string)
	switch {
	case err != nil || !ok:
		return "", fmt.Errorf("want a text, found %v", found(t, err))
	case strings.ContainsRune(s, utf8.RuneError):
		return "", fmt.Errorf("%s is not Unicode text", label(s))
	}
	return s, nil
}

// found describes, in a few words, what was there instead.
func found(t json.Token, err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the end of the header"
	case errors.As(err, &syntax):
		return fmt.Sprintf("no JSON at byte %d (%v)", syntax.Offset, err)
	case err != nil:
		return err.Error()
	case t == nil:
		return "null"
	}
	return label(fmt.Sprint(t))
}

// within adds the part of a header to an error.
func within(part string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", part, err)
}
