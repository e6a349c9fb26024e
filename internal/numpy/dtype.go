package numpy

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Kind is what values are.
type Kind int

// The kinds of values.
const (
	Other Kind = iota // cannot be read; see DType.Why
	Bool
	Int
	Uint
	Float
	Bytes // text of one byte a letter
	Text  // text of four bytes a letter
	Time  // since 1970
)

// A DType is how a value is written.
type DType struct {
	Kind  Kind
	Size  int    // bytes of a value
	Unit  int64  // of a Time, in nanoseconds
	Why   string // "of complex numbers; …": what it is and what to do, if it cannot be read
	order binary.ByteOrder
}

// ParseDType reads a description as <f4: the order of bytes, the kind, the size.
func ParseDType(s string) (DType, error) {
	unknown := fmt.Errorf("a type of %s is not known", label(s))
	if len(s) < 2 || !strings.Contains("<>|", s[:1]) {
		return DType{}, unknown
	}
	d := DType{order: binary.LittleEndian}
	if s[0] == '>' {
		d.order = binary.BigEndian
	}
	kind, rest := s[1], s[2:]
	switch kind {
	case 'M', 'm':
		return d.time(kind, rest), nil
	case 'O':
		return other(8, "of Python objects, which is a pickle and can hold a program; save it with a type, as in .astype(float)"), nil
	}
	size, err := strconv.ParseUint(rest, 10, 28)
	if err != nil || rest[0] == '+' {
		return DType{}, unknown
	}
	d.Size = int(size)
	power := size == 1 || size == 2 || size == 4 || size == 8
	switch {
	case (kind == 'S' || kind == 'U') && size == 0:
		return other(0, "of texts without letters"), nil
	case kind == 'b' && size == 1:
		d.Kind = Bool
	case kind == 'i' && power:
		d.Kind = Int
	case kind == 'u' && power:
		d.Kind = Uint
	case kind == 'f' && power && size > 1:
		d.Kind = Float
	case kind == 'S':
		d.Kind = Bytes
	case kind == 'U':
		d.Kind, d.Size = Text, 4*d.Size
	case kind == 'f':
		return other(d.Size, fmt.Sprintf("of floats of %d bits; save it with .astype(float)", 8*size)), nil
	case kind == 'c':
		return other(d.Size, "of complex numbers; save their parts as two arrays"), nil
	case kind == 'V':
		return other(d.Size, "of bytes without a meaning (bfloat16 is saved so); save it with .astype('float32')"), nil
	default:
		return DType{}, unknown
	}
	return d, nil
}

func other(size int, why string) DType { return DType{Size: size, Why: why} }

// units are the units of times in nanoseconds. Months and years have no fixed
// length.
var units = map[string]int64{
	"W": 7 * 24 * 3600e9, "D": 24 * 3600e9, "h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1,
}

// time reads the rest of a description as <M8[ns].
func (d DType) time(kind byte, rest string) DType {
	unit, isTime := strings.CutPrefix(rest, "8[")
	unit, closed := strings.CutSuffix(unit, "]")
	length, known := units[unit]
	switch {
	case !isTime || !closed:
		return other(8, "of times without a unit; save it with .astype('datetime64[s]')")
	case kind == 'm':
		return other(8, "of durations; save it as numbers, divided by numpy.timedelta64(1, 's')")
	case !known:
		return other(8, "of times in units of "+label(unit)+"; save it with .astype('datetime64[s]')")
	}
	d.Kind, d.Size, d.Unit = Time, 8, length
	return d
}

// bits returns the value at the beginning of b as an unsigned integer.
func (d *DType) bits(b []byte) uint64 {
	switch d.Size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(d.order.Uint16(b))
	case 4:
		return uint64(d.order.Uint32(b))
	}
	return d.order.Uint64(b)
}

// Int returns a value of kind Bool, Int, Uint or Time; of a Time, the number of
// units since 1970.
func (d *DType) Int(b []byte) (int64, error) {
	u := d.bits(b)
	switch {
	case d.Kind == Bool && u > 1:
		return 0, fmt.Errorf("%d, where a bool is 0 or 1", u)
	case d.Kind == Int:
		shift := 64 - 8*d.Size
		return int64(u<<shift) >> shift, nil
	case d.Kind == Uint && u > math.MaxInt64:
		return 0, fmt.Errorf("%d is beyond a 64-bit integer with a sign", u)
	}
	return int64(u), nil
}

// Float returns a value of kind Float.
func (d *DType) Float(b []byte) float64 {
	switch u := d.bits(b); {
	case d.Size == 2:
		return half(uint16(u))
	case d.Size == 4:
		return float64(math.Float32frombits(uint32(u)))
	default:
		return math.Float64frombits(u)
	}
}

// String returns a value of kind Bytes or Text, without the zeros that fill it
// up.
func (d *DType) String(b []byte) (string, error) {
	if d.Kind == Bytes {
		s := strings.TrimRight(string(b), "\x00")
		if !utf8.ValidString(s) {
			return "", fmt.Errorf("%s is not UTF-8; save it with numpy.char.decode", label(s))
		}
		return s, nil
	}
	var s strings.Builder
	for ; len(b) > 0; b = b[4:] {
		u := d.order.Uint32(b)
		if u > utf8.MaxRune || !utf8.ValidRune(rune(u)) {
			return "", fmt.Errorf("%#x is no letter", u)
		}
		s.WriteRune(rune(u))
	}
	return strings.TrimRight(s.String(), "\x00"), nil
}

// half returns the value of an IEEE 754 float of 16 bits.
func half(u uint16) float64 {
	sign, exponent, fraction := 1.0, int(u>>10&0x1f), float64(u&0x3ff)
	if u>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 0x1f:
		if fraction != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// label quotes a text from a file for a message.
func label(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}
