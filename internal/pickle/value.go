package pickle

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

type (
	// Bytes are the bytes of Python 3. They share the memory of the pickle.
	Bytes []byte
	// Old is a str of Python 2, of which only its use says whether it is text.
	Old []byte
	// Tuple is a tuple.
	Tuple []any
)

// A List is a list.
type List struct{ Items []any }

// A Set is a set, whose items have no order in Python.
type Set struct{ Items []any }

// A Dict is a dictionary in the order in which its keys came.
type Dict struct {
	Keys, Values []any
	Attributes   any // of an OrderedDict, what it has beside its items; nil mostly
	at           map[any]int
}

// Get returns the value of a key. Text finds an Old key of the same Latin-1 text.
func (d *Dict) Get(k any) (v any, ok bool) {
	hashed, err := key(k)
	if err != nil {
		return nil, false
	}
	i, ok := d.at[hashed]
	if !ok {
		return nil, false
	}
	return d.Values[i], true
}

// set sets the value of a key.
func (d *Dict) set(k, v any) error {
	hashed, err := key(k)
	if err != nil {
		return err
	}
	if i, ok := d.at[hashed]; ok {
		d.Values[i] = v
		return nil
	}
	if d.at == nil {
		d.at = map[any]int{}
	}
	d.at[hashed] = len(d.Keys)
	d.Keys, d.Values = append(d.Keys, k), append(d.Values, v)
	return nil
}

// Build takes what a kind of dictionary has beside its items.
func (d *Dict) Build(state any) error {
	d.Attributes = state
	return nil
}

// keys of a map that stand for other keys than texts and numbers.
type (
	bytesKey string
	tupleKey string
	bigKey   string
)

// key returns what stands for k in a map: keys that are equal in Python have
// equal ones.
func key(k any) (any, error) {
	switch k := k.(type) {
	case nil, int64, string, *Global, *Object:
		return k, nil
	case bool:
		if k {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<63 {
			return int64(k), nil
		}
		return k, nil
	case Old:
		return latin1(string(k)), nil
	case Bytes:
		return bytesKey(k), nil
	case *big.Int:
		if k.BitLen() > maxKeyBits {
			return nil, errors.New("a key that is too large")
		}
		return bigKey(k.Text(16)), nil
	case Tuple:
		var s strings.Builder
		err := tupleText(&s, k)
		return tupleKey(s.String()), err
	}
	return nil, fmt.Errorf("%s as a key of a dictionary", Describe(k))
}

const (
	// maxKeyText bounds the text of a tuple that is a key, with all tuples in it:
	// the same ones, again and again, can be in it.
	maxKeyText = 1 << 16
	// maxKeyBits bounds an integer that is a key.
	maxKeyBits = 1 << 12
)

// tupleText writes a text that is equal for equal tuples of simple keys.
func tupleText(s *strings.Builder, t Tuple) error {
	fmt.Fprintf(s, "(%d", len(t))
	for _, item := range t {
		if s.Len() > maxKeyText {
			return errors.New("a key that is too large")
		}
		if inner, ok := item.(Tuple); ok {
			if err := tupleText(s, inner); err != nil {
				return err
			}
			continue
		}
		k, err := key(item)
		if err != nil {
			return err
		}
		fmt.Fprintf(s, ",%T:%q", k, fmt.Sprint(k))
	}
	s.WriteByte(')')
	return nil
}

// Text returns a str of Python 3, or one of Python 2 as Latin-1.
func Text(v any) (s string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case Old:
		return latin1(string(v)), true
	}
	return "", false
}

// latin1 returns the text that bytes are in Latin-1.
func latin1(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			runes := make([]rune, len(s))
			for i := range len(s) {
				runes[i] = rune(s[i])
			}
			return string(runes)
		}
	}
	return s
}

// Raw returns the bytes of a bytes object, or of a str of Python 2.
func Raw(v any) (b []byte, ok bool) {
	switch v := v.(type) {
	case Bytes:
		return v, true
	case Old:
		return v, true
	}
	return nil, false
}

// Items returns the items of a list or tuple.
func Items(v any) ([]any, bool) {
	switch v := v.(type) {
	case *List:
		return v.Items, true
	case Tuple:
		return v, true
	}
	return nil, false
}

// Ints returns the integers of a list, a tuple, or an array of integers.
func Ints(v any) ([]int64, error) {
	if a, ok := v.(*Array); ok {
		return a.Int64s()
	}
	items, ok := Items(v)
	if !ok {
		return nil, fmt.Errorf("%s, where integers are wanted", Describe(v))
	}
	list := make([]int64, len(items))
	for i, item := range items {
		switch item := item.(type) {
		case int64:
			list[i] = item
		case *big.Int:
			return nil, fmt.Errorf("item %d is beyond a 64-bit integer", i)
		default:
			return nil, fmt.Errorf("item %d is %s, no integer", i, Describe(item))
		}
	}
	return list, nil
}

// Describe says what a value is, for messages: a list of 3 items.
func Describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64, *big.Int:
		return "an integer"
	case float64:
		return "a float"
	case string, Old:
		return "a text"
	case Bytes:
		return fmt.Sprintf("%d bytes", len(v))
	case Tuple:
		return fmt.Sprintf("a tuple of %d items", len(v))
	case *List:
		return fmt.Sprintf("a list of %d items", len(v.Items))
	case *Set:
		return fmt.Sprintf("a set of %d items", len(v.Items))
	case *Dict:
		return fmt.Sprintf("a dictionary of %d items", len(v.Keys))
	case *Global:
		return "the name " + v.Name
	case *Object:
		return "an object of " + label(v.Class)
	case *Tensor:
		return fmt.Sprintf("a tensor of shape %v", v.Shape)
	case *Storage:
		return "the memory of a tensor"
	case *Array:
		return fmt.Sprintf("an array of shape %v", v.Shape)
	case *CSR:
		return fmt.Sprintf("a sparse matrix of shape %v", v.Shape)
	}
	return fmt.Sprintf("a value of type %T", v)
}
