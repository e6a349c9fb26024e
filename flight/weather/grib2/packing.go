package grib2

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A packing is section 5: how values are stored. Value = (reference + X·2^binary) / 10^decimal,
// where X is what the data section has.
type packing struct {
	template  uint16
	short     bool // the section is too short for its template
	n         int  // values that are stored
	reference float64
	binary    int
	decimal   int
	bits      int // of X, or of the references of the groups
	groups    groups
}

// groups is what complex packing adds.
type groups struct {
	split        uint8
	missing      uint8 // 0 none, 1 primary, 2 primary and secondary missing values
	n            uint32
	width        uint8 // reference for the widths
	widthBits    uint8
	length       uint32 // reference for the lengths
	increment    uint8
	last         uint32 // length of the last group
	lengthBits   uint8
	order, extra uint8 // of spatial differences, and the bytes of their descriptors
}

// packingOf reads section 5.
func packingOf(b []byte) packing {
	p := packing{n: int(binary.BigEndian.Uint32(b[5:])), template: binary.BigEndian.Uint16(b[9:])}
	need := map[uint16]int{0: 21, 2: 47, 3: 49}[p.template]
	if p.short = len(b) < need; p.short || need == 0 {
		return p
	}
	p.reference = float64(math.Float32frombits(binary.BigEndian.Uint32(b[11:])))
	p.binary, p.decimal, p.bits = int(signed(b[15:17])), int(signed(b[17:19])), int(b[19])
	if p.template == 0 {
		return p
	}
	u := func(octet int) uint32 { return binary.BigEndian.Uint32(b[octet-1:]) }
	p.groups = groups{
		split: b[21], missing: b[22], n: u(32), width: b[35], widthBits: b[36],
		length: u(38), increment: b[41], last: u(43), lengthBits: b[46],
	}
	if p.template == 3 {
		p.groups.order, p.groups.extra = b[47], b[48]
	}
	return p
}

// names of data templates that files have and that are not read.
var packings = map[uint16]string{
	1: "matrix values", 4: "IEEE floats", 40: "JPEG 2000", 41: "PNG", 42: "CCSDS", 50: "spectral", 51: "spectral", 61: "logarithms", 200: "run lengths",
}

// check returns an error if the packing is not one that is read.
func (p *packing) check() error {
	name := packings[p.template]
	if name != "" {
		name = " (" + name + ")"
	}
	g := &p.groups
	switch {
	case p.template != 0 && p.template != 2 && p.template != 3:
		return fmt.Errorf("data template 5.%d%s, where 5.0, 5.2 and 5.3 are read; repack it, as with: grib_set -r -s packingType=grid_simple", p.template, name)
	case p.short:
		return fmt.Errorf("a section 5 too short for data template 5.%d", p.template)
	case p.n < 0 || p.n > MaxPoints:
		return fmt.Errorf("%d values, more than the %d that are read", p.n, MaxPoints)
	case p.bits > 32 || g.widthBits > 32 || g.lengthBits > 32:
		return fmt.Errorf("numbers of %d, %d and %d bits, more than 32", p.bits, g.widthBits, g.lengthBits)
	case p.template == 0:
		return nil
	case g.split != 1:
		return fmt.Errorf("method %d of splitting into groups (table 5.4), where 1 is read", g.split)
	case g.missing > 2:
		return fmt.Errorf("method %d of missing values (table 5.5)", g.missing)
	case uint64(g.n) > uint64(p.n):
		return fmt.Errorf("%d groups of %d values", g.n, p.n)
	case p.template == 3 && (g.order != 1 && g.order != 2 || g.extra < 1 || g.extra > 4):
		return fmt.Errorf("spatial differences of order %d, with descriptors of %d bytes", g.order, g.extra)
	}
	return nil
}

// absent marks a missing value among the integers X.
const absent = math.MinInt64

// scale writes the values of the integers x to dst, NaN for those that are missing.
func (p *packing) scale(dst []float32, x []int64) error {
	step, unit := math.Ldexp(1, p.binary), math.Pow10(-p.decimal)
	for i, k := range x {
		if k == absent {
			dst[i] = float32(math.NaN())
			continue
		}
		v := (p.reference + float64(k)*step) * unit
		if !(math.Abs(v) <= math.MaxFloat32) {
			return fmt.Errorf("value %d is %g, beyond a 32-bit float", i+1, v)
		}
		dst[i] = float32(v)
	}
	return nil
}

// unpack returns the integers X of a data section without its head.
func (p *packing) unpack(data []byte) ([]int64, error) {
	b := &bitReader{data: data}
	if p.template != 0 {
		return p.unpackGroups(b)
	}
	if err := b.need(uint64(p.n) * uint64(p.bits)); err != nil {
		return nil, err
	}
	x := make([]int64, p.n)
	for i := range x {
		x[i] = b.take(p.bits)
	}
	return x, nil
}

// A bitReader reads numbers of bits, the highest first. Call need before take.
type bitReader struct {
	data []byte
	at   uint64 // bit
}

// need returns an error unless so many bits are left.
func (b *bitReader) need(bits uint64) error {
	if left := uint64(len(b.data))*8 - b.at; bits > left {
		return fmt.Errorf("%d bits of data are needed, and %d are left: it is damaged", bits, left)
	}
	return nil
}

// take returns the next number of at most 32 bits.
func (b *bitReader) take(bits int) int64 {
	var x uint64
	for got := 0; got < bits; {
		rest := 8 - int(b.at&7)
		n := min(rest, bits-got)
		piece := uint64(b.data[b.at>>3]) >> (rest - n) & (1<<n - 1)
		x = x<<n | piece
		b.at += uint64(n)
		got += n
	}
	return int64(x)
}

// align goes to the next whole byte.
func (b *bitReader) align() { b.at = (b.at + 7) &^ 7 }

// numbers returns n numbers of some bits each, and goes to the next whole byte.
func (b *bitReader) numbers(n, bits int) ([]int64, error) {
	if err := b.need(uint64(n) * uint64(bits)); err != nil {
		return nil, err
	}
	list := make([]int64, n)
	for i := range list {
		list[i] = b.take(bits)
	}
	b.align()
	return list, nil
}
