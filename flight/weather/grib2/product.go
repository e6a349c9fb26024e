package grib2

import (
	"encoding/binary"
	"fmt"
	"math"
)

// product reads section 4: what the values are, where and when.
func (m *Message) product(b []byte) {
	m.fault = ""
	if coordinates, template := binary.BigEndian.Uint16(b[5:]), binary.BigEndian.Uint16(b[7:]); template != 0 || coordinates != 0 {
		m.Parameter = Parameter{Discipline: m.Parameter.Discipline, Category: 255, Number: 255}
		m.fault = fmt.Sprintf("product template 4.%d with %d coordinates, where 4.0 without is read", template, coordinates)
		return
	}
	if len(b) < 34 {
		m.fault = fmt.Sprintf("a product section of %d bytes, where template 4.0 needs 34", len(b))
		return
	}
	m.Parameter.Category, m.Parameter.Number = b[9], b[10]
	m.Surface = b[22]
	m.Level = float64(binary.BigEndian.Uint32(b[24:])) * math.Pow10(-int(signed(b[23:24])))
	unit, ok := units[b[17]]
	if !ok {
		m.fault = fmt.Sprintf("a forecast time in unit %d of table 4.4", b[17])
	}
	m.Valid = m.Reference + float64(signed(b[18:22]))*unit
}

// units are the seconds of a unit of time in table 4.4.
var units = map[byte]float64{0: 60, 1: 3600, 2: 86400, 10: 3 * 3600, 11: 6 * 3600, 12: 12 * 3600, 13: 1}

// signed returns a number of one to four bytes whose first bit is its sign.
func signed(b []byte) int64 {
	n := int64(b[0] & 0x7f)
	for _, x := range b[1:] {
		n = n<<8 | int64(x)
	}
	if b[0]&0x80 != 0 {
		return -n
	}
	return n
}
