package table

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// maxNPYHeader bounds the header of an array. The first version of the format
// allows as much; headers that are longer are of records with very many fields.
const maxNPYHeader = 1 << 16

// maxRank bounds the dimensions of an array, as NumPy does.
const maxRank = 64

// An npyHeader is what an npy array says of itself.
type npyHeader struct {
	dtype   dtype
	shape   []int
	fortran bool
	length  int64 // of the header with all before it, in bytes
}

// readNPYHeader reads the header of an array and judges it by itself.
func readNPYHeader(r io.Reader) (*npyHeader, error) {
	var first [12]byte
	if _, err := io.ReadFull(r, first[:10]); err != nil {
		return nil, fmt.Errorf("truncated: not even the header of an npy array is there")
	}
	if string(first[:6]) != "\x93NUMPY" {
		return nil, fmt.Errorf("not an npy array: it does not begin with \\x93NUMPY")
	}
	n, length := int64(binary.LittleEndian.Uint16(first[8:])), int64(10)
	switch first[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, first[10:]); err != nil {
			return nil, fmt.Errorf("truncated in its header")
		}
		n, length = int64(binary.LittleEndian.Uint32(first[8:])), 12
	default:
		return nil, fmt.Errorf("version %d of the npy format; 1, 2 and 3 are read", first[6])
	}
	if n > maxNPYHeader {
		return nil, fmt.Errorf("a header of %d bytes, more than the %d that are read", n, maxNPYHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("truncated in its header")
	}
	h, err := parseNPYHeader(string(text))
	if err != nil {
		return nil, fmt.Errorf("its header: %w", err)
	}
	h.length = length + n
	return h, nil
}

// column describes the array.
func (h *npyHeader) column(name string) Column {
	return Column{Name: name, Kind: h.dtype.kind, Bits: h.dtype.bits, Shape: h.shape, Why: h.dtype.why}
}

// check holds the array against the number of bytes that follow its header.
func (h *npyHeader) check(have int64) error {
	if need := h.bytes(); need != have {
		state := "truncated"
		if have > need {
			state = "damaged"
		}
		return fmt.Errorf("%s: %d bytes of values, and a shape of %v takes %d", state, have, h.shape, need)
	}
	return nil
}

// bytes returns how many bytes the values take. The shape was checked when it
// was read.
func (h *npyHeader) bytes() int64 { return int64(elements(h.shape)) * int64(h.dtype.size) }

// read reads the values from r into a sink.
func (h *npyHeader) read(r io.Reader, into sink, f *Field) error {
	n, size := elements(h.shape), h.dtype.size
	order := newOrder(h.shape, h.fortran)
	buf := make([]byte, max(1<<16/size, 1)*size)
	for done := 0; done < n; {
		part := buf[:min(len(buf)/size, n-done)*size]
		if k, err := io.ReadFull(r, part); err != nil {
			return fmt.Errorf("truncated or damaged after %d of its %d bytes of values (%w)", int64(done)*int64(size)+int64(k), h.bytes(), err)
		}
		for at := 0; at < len(part); at += size {
			if err := h.set(into, order.next(), part[at:at+size], f); err != nil {
				return err
			}
		}
		done += len(part) / size
	}
	return nil
}

// set converts the bytes of one value and puts it to its place.
func (h *npyHeader) set(into sink, at int, b []byte, f *Field) error {
	v, err := h.dtype.value(b)
	if err == nil {
		err = into.set(at, v, f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", place(at, h.shape), err)
	}
	return nil
}

// order gives the places of the values of a file in a row-major array.
type order struct {
	at     int
	shape  []int // nil if the file is row-major itself
	index  []int
	stride []int
}

func newOrder(shape []int, fortran bool) *order {
	o := &order{at: -1}
	if !fortran || len(shape) < 2 {
		return o
	}
	o.shape, o.index, o.stride = shape, make([]int, len(shape)), make([]int, len(shape))
	step := 1
	for d := len(shape) - 1; d >= 0; d-- {
		o.stride[d] = step
		step *= shape[d]
	}
	return o
}

// next returns the place of the next value of the file.
func (o *order) next() int {
	if o.shape == nil || o.at < 0 {
		o.at++
		return o.at
	}
	for d := range o.shape { // the first index runs fastest
		o.index[d]++
		o.at += o.stride[d]
		if o.index[d] < o.shape[d] {
			break
		}
		o.at -= o.index[d] * o.stride[d]
		o.index[d] = 0
	}
	return o.at
}

// place writes the index of an element: value [3, 17].
func place(at int, shape []int) string {
	if len(shape) == 0 {
		return "value"
	}
	index := make([]string, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		index[d] = fmt.Sprint(at % shape[d])
		at /= shape[d]
	}
	return "value [" + strings.Join(index, ", ") + "]"
}

// A dtype is how a value is written in an npy array.
type dtype struct {
	kind  Kind
	bits  int // of a number
	size  int // bytes of a value
	why   string
	value func(b []byte) (value, error)
}

// parseDtype reads a description as <f4. What cannot be read is described.
func parseDtype(s string) (dtype, error) {
	order, kind, rest := binary.ByteOrder(binary.LittleEndian), byte(0), ""
	if len(s) >= 2 {
		kind, rest = s[1], s[2:]
	}
	if len(s) < 2 || !strings.Contains("<>|", s[:1]) {
		return dtype{}, fmt.Errorf("a type of %s is not known", label(s))
	}
	if s[0] == '>' {
		order = binary.BigEndian
	}
	if kind == 'M' || kind == 'm' {
		return timeType(kind, rest, order)
	}
	size, err := count(rest)
	if kind == 'O' {
		size, err = 8, nil
	}
	if err != nil {
		return dtype{}, fmt.Errorf("a type of %s is not known", label(s))
	}
	other := func(why string) (dtype, error) { return dtype{kind: Other, size: size, why: why}, nil }
	switch {
	case (kind == 'S' || kind == 'U') && size == 0:
		return other("of texts without letters")
	case kind == 'b' && size == 1:
		return dtype{Bool, 8, 1, "", boolOf}, nil
	case kind == 'i' && (size == 1 || size == 2 || size == 4 || size == 8):
		return dtype{Int, 8 * size, size, "", intOf(order, size)}, nil
	case kind == 'u' && (size == 1 || size == 2 || size == 4 || size == 8):
		return dtype{Int, 8 * size, size, "", uintOf(order, size)}, nil
	case kind == 'f' && (size == 2 || size == 4 || size == 8):
		return dtype{Float, 8 * size, size, "", floatOf(order, size)}, nil
	case kind == 'S':
		return dtype{String, 0, size, "", bytesOf}, nil
	case kind == 'U' && size <= 1<<28:
		return dtype{String, 0, 4 * size, "", lettersOf(order)}, nil
	case kind == 'f':
		return other(fmt.Sprintf("of floats of %d bits; save it with .astype(float)", 8*size))
	case kind == 'c':
		return other("of complex numbers; save their parts as two arrays")
	case kind == 'O':
		return other("of Python objects, which is a pickle and can hold a program; save it with a type, as in .astype(float)")
	case kind == 'V':
		return other("of bytes without a meaning (bfloat16 is saved so); save it with .astype('float32')")
	}
	return dtype{}, fmt.Errorf("a type of %s is not known", label(s))
}

// count reads a decimal number of at most nine digits.
func count(s string) (int, error) {
	n := 0
	if s == "" || len(s) > 9 {
		return 0, fmt.Errorf("%s is no number", label(s))
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%s is no number", label(s))
		}
		n = 10*n + int(c-'0')
	}
	return n, nil
}

func boolOf(b []byte) (value, error) {
	if b[0] > 1 {
		return value{}, fmt.Errorf("%d, where a bool is 0 or 1", b[0])
	}
	return value{kind: Bool, i: int64(b[0])}, nil
}

func intOf(order binary.ByteOrder, size int) func(b []byte) (value, error) {
	shift := 64 - 8*size
	read := unsigned(order, size)
	return func(b []byte) (value, error) {
		return value{kind: Int, i: int64(read(b)<<shift) >> shift}, nil
	}
}

func uintOf(order binary.ByteOrder, size int) func(b []byte) (value, error) {
	read := unsigned(order, size)
	return func(b []byte) (value, error) {
		u := read(b)
		if u > math.MaxInt64 {
			return value{}, fmt.Errorf("%d is beyond a 64-bit integer with a sign", u)
		}
		return value{kind: Int, i: int64(u)}, nil
	}
}

func floatOf(order binary.ByteOrder, size int) func(b []byte) (value, error) {
	read := unsigned(order, size)
	return func(b []byte) (value, error) {
		switch u := read(b); size {
		case 2:
			return value{kind: Float, f: half(uint16(u))}, nil
		case 4:
			return value{kind: Float, f: float64(math.Float32frombits(uint32(u)))}, nil
		default:
			return value{kind: Float, f: math.Float64frombits(u)}, nil
		}
	}
}

// unsigned returns the reader of an unsigned integer of so many bytes.
func unsigned(order binary.ByteOrder, size int) func(b []byte) uint64 {
	switch size {
	case 1:
		return func(b []byte) uint64 { return uint64(b[0]) }
	case 2:
		return func(b []byte) uint64 { return uint64(order.Uint16(b)) }
	case 4:
		return func(b []byte) uint64 { return uint64(order.Uint32(b)) }
	}
	return order.Uint64
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

// bytesOf reads text of one byte a letter, filled up with zeros.
func bytesOf(b []byte) (value, error) {
	s := strings.TrimRight(string(b), "\x00")
	if !utf8.ValidString(s) {
		return value{}, fmt.Errorf("%s is not UTF-8; save it with numpy.char.decode", label(s))
	}
	return value{kind: String, s: s}, nil
}

// lettersOf reads text of four bytes a letter, filled up with zeros.
func lettersOf(order binary.ByteOrder) func(b []byte) (value, error) {
	return func(b []byte) (value, error) {
		var s strings.Builder
		for ; len(b) > 0; b = b[4:] {
			u := order.Uint32(b)
			if u > utf8.MaxRune || !utf8.ValidRune(rune(u)) {
				return value{}, fmt.Errorf("%#x is no letter", u)
			}
			s.WriteRune(rune(u))
		}
		return value{kind: String, s: strings.TrimRight(s.String(), "\x00")}, nil
	}
}
