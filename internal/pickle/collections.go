package pickle

import (
	"errors"
	"fmt"
	"slices"
)

// Collections are Python's own kinds of lists, sets and dictionaries, and the
// ways in which old protocols write bytes.
var Collections = Classes{
	"collections.OrderedDict": newDict,
	"collections.defaultdict": func(args []any) (any, error) { return newDict(args[min(1, len(args)):]) }, // without what makes new values
	"builtins.dict":           newDict,
	"__builtin__.dict":        newDict,
	"builtins.list":           newList,
	"__builtin__.list":        newList,
	"builtins.set":            newSet,
	"__builtin__.set":         newSet,
	"builtins.frozenset":      newSet,
	"__builtin__.frozenset":   newSet,
	"builtins.bytearray":      newBytes,
	"__builtin__.bytearray":   newBytes,
	"builtins.bytes":          newBytes,
	"__builtin__.bytes":       newBytes,
	"_codecs.encode":          newBytes,
	"builtins.int":            nil, // of a defaultdict
	"__builtin__.int":         nil,
}

// newDict makes a dictionary of nothing, or of a list of pairs.
func newDict(args []any) (any, error) {
	d := &Dict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := Items(args[0])
	if !ok || len(args) > 1 {
		return nil, fmt.Errorf("a dictionary of %s", Describe(args[0]))
	}
	for _, p := range pairs {
		pair, ok := Items(p)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("a dictionary of pairs, one of which is %s", Describe(p))
		}
		if err := d.set(pair[0], pair[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func newList(args []any) (any, error) {
	items, err := itemsOf(args)
	return &List{items}, err
}

func newSet(args []any) (any, error) {
	items, err := itemsOf(args)
	return &Set{items}, err
}

func itemsOf(args []any) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	items, ok := Items(args[0])
	if !ok || len(args) > 1 {
		return nil, fmt.Errorf("it is made of %s, which is no list", Describe(args[0]))
	}
	return slices.Clone(items), nil
}

// newBytes makes bytes of nothing, of bytes, or of a text in Latin-1.
func newBytes(args []any) (any, error) {
	switch len(args) {
	case 0:
		return Bytes{}, nil
	case 1:
		if b, ok := Raw(args[0]); ok {
			return Bytes(b), nil
		}
	case 2:
		s, isText := Text(args[0])
		if code, _ := Text(args[1]); isText && (code == "latin1" || code == "latin-1") {
			return bytesOf(s)
		}
	}
	return nil, errors.New("bytes of neither bytes nor a Latin-1 text")
}

func bytesOf(s string) (Bytes, error) {
	b := make(Bytes, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, fmt.Errorf("%q is not in Latin-1", r)
		}
		b = append(b, byte(r))
	}
	return b, nil
}
