package grib2

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// be appends numbers, the highest byte first, by their type.
func be(b []byte, list ...any) []byte {
	for _, x := range list {
		var err error
		if b, err = binary.Append(b, binary.BigEndian, x); err != nil {
			panic(err)
		}
	}
	return b
}

// sign returns a number in the format's way: the first bit is the sign.
func sign(x int32) uint32 {
	if x < 0 {
		return uint32(-x) | 1<<31
	}
	return uint32(x)
}

// section returns a section with its head.
func section(number byte, body []byte) []byte {
	return append(be(nil, uint32(len(body)+5), number), body...)
}

// message puts sections between the first and the last one.
func message(sections ...[]byte) []byte {
	var all []byte
	for _, s := range sections {
		all = append(all, s...)
	}
	b := be([]byte("GRIB"), uint16(0), uint8(0), uint8(2), uint64(16+len(all)+4))
	return append(append(b, all...), "7777"...)
}

// identification is section 1: the analysis of 2013-08-01 06:00.
func identification() []byte {
	return section(1, be(nil, uint16(7), uint16(0), uint8(2), uint8(1), uint8(1), uint16(2013), uint8(8), uint8(1), uint8(6), uint8(0), uint8(0), uint8(0), uint8(1)))
}

// degrees is section 3 of a grid of latitudes and longitudes in millionths.
func degrees(cols, rows int, lat1, lon1, lat2, lon2 int32, scan uint8) []byte {
	b := be(nil, uint8(0), uint32(cols*rows), uint8(0), uint8(0), uint16(0))
	b = be(b, uint8(6), make([]byte, 15), uint32(cols), uint32(rows), uint32(0), uint32(math.MaxUint32))
	b = be(b, sign(lat1), sign(lon1), uint8(0x30), sign(lat2), sign(lon2), uint32(0), uint32(0), scan)
	return section(3, b)
}

// cone is section 3 of a Lambert grid like NCEP's grid 211.
func cone(cols, rows int, scan uint8) []byte {
	b := be(nil, uint8(0), uint32(cols*rows), uint8(0), uint8(0), uint16(30))
	b = be(b, uint8(1), uint8(0), uint32(6371200), make([]byte, 10), uint32(cols), uint32(rows))
	b = be(b, sign(12190000), sign(226541000), uint8(0x08), sign(25000000), sign(265000000), uint32(81270500), uint32(81270500), uint8(0), scan)
	return section(3, be(b, sign(25000000), sign(25000000), sign(-90000000), uint32(0)))
}

// product is section 4: a forecast by three hours at 250 hPa.
func product(p Parameter) []byte {
	b := be(nil, uint16(0), uint16(0), p.Category, p.Number, uint8(2), uint8(0), uint8(0), uint16(0), uint8(0), uint8(1), sign(3))
	return section(4, be(b, uint8(Isobaric), uint8(0), uint32(25000), uint8(255), uint8(0), uint32(0)))
}

// A bitWriter is the other side of a bitReader.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(x int64, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(x>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (w *bitWriter) align() { w.n = 8 * len(w.b) }

// A stored is what a field is stored as: value = (reference + X·2^binary) / 10^decimal.
type stored struct {
	reference       float32
	binary, decimal int
	x               []int64 // absent: missing
	missing         uint8   // how they are marked, in complex packing
	order           int     // of differences
}

func (s *stored) head(template uint16, bits int) []byte {
	b := be(nil, uint32(len(s.x)), template, math.Float32bits(s.reference))
	e, d := sign(int32(s.binary)), sign(int32(s.decimal))
	return be(b, uint16(e>>16|e&0x7fff), uint16(d>>16|d&0x7fff), uint8(bits), uint8(0))
}

// simple returns sections 5 and 7 of simple packing.
func (s *stored) simple() (five, seven []byte) {
	most := int64(0)
	for _, x := range s.x {
		most = max(most, x)
	}
	width := bits.Len64(uint64(most))
	var w bitWriter
	for _, x := range s.x {
		w.put(x, width)
	}
	return section(5, s.head(0, width)), section(7, w.b)
}

// difference replaces values by their differences less the least, and returns the descriptors.
func (s *stored) difference(x []int64) (descriptors []int64) {
	var there []*int64
	for i := range x {
		if x[i] != absent {
			there = append(there, &x[i])
		}
	}
	for i := range min(s.order, len(there)) {
		descriptors = append(descriptors, *there[i])
	}
	for len(descriptors) < s.order {
		descriptors = append(descriptors, 0)
	}
	for range s.order {
		for i := len(there) - 1; i > 0; i-- {
			*there[i] -= *there[i-1]
		}
	}
	least := int64(math.MaxInt64)
	for _, p := range there[min(s.order, len(there)):] {
		least = min(least, *p)
	}
	if least == math.MaxInt64 {
		least = 0
	}
	for i, p := range there {
		if *p -= least; i < s.order {
			*p = 0
		}
	}
	return append(descriptors, least)
}

// complex returns sections 5 and 7 of complex packing, with groups of several lengths.
func (s *stored) complex() (five, seven []byte) {
	const refBits, widthBits, lengthBits, extra = 20, 5, 4, 4
	x := append([]int64(nil), s.x...)
	var w, refs, widths, lengths, data bitWriter
	template := uint16(2)
	if s.order > 0 {
		template = 3
		for _, d := range s.difference(x) {
			w.put(int64(sign(int32(d))), 8*extra)
		}
	}
	groups, last := 0, 0
	for at := 0; at < len(x); groups++ {
		last = min(1+groups%5, len(x)-at)
		g := x[at : at+last]
		at += last
		ref, width := int64(math.MaxInt64), 0
		most, none := int64(0), true
		for _, v := range g {
			if v != absent {
				ref, most, none = min(ref, v), max(most, v), false
			}
		}
		switch {
		case none:
			ref = 1<<refBits - 1
		case most > ref || s.missing > 0:
			width = bits.Len64(uint64(most - ref + int64(s.missing)))
		}
		refs.put(ref, refBits)
		widths.put(int64(width-0), widthBits)
		lengths.put(int64(last-1), lengthBits)
		for i, v := range g {
			if v == absent { // alternately as primary and secondary
				v = ref + 1<<width - 1 - int64(i)%int64(max(s.missing, 1))
			}
			if !none {
				data.put(v-ref, width)
			}
		}
	}
	for _, part := range []*bitWriter{&refs, &widths, &lengths, &data} {
		w.align()
		w.b = append(w.b, part.b...)
	}
	b := s.head(template, refBits)
	b = be(b, uint8(1), s.missing, uint32(0), uint32(0), uint32(groups), uint8(0), uint8(widthBits), uint32(1), uint8(1), uint32(last), uint8(lengthBits))
	if s.order > 0 {
		b = be(b, uint8(s.order), uint8(extra))
	}
	return section(5, b), section(7, w.b)
}

// noBitmap is section 6 without one.
func noBitmap() []byte { return section(6, []byte{255}) }

// bitmap is section 6.
func bitmap(there []bool) []byte {
	var w bitWriter
	for _, is := range there {
		if is {
			w.put(1, 1)
		} else {
			w.put(0, 1)
		}
	}
	return section(6, append([]byte{0}, w.b...))
}
