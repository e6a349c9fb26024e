package table

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// units are the units of NumPy's times in nanoseconds. Months and years have no
// fixed length.
var units = map[string]int64{
	"W": 7 * 24 * 3600e9, "D": 24 * 3600e9, "h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1,
}

// timeType reads the rest of a description as <M8[ns].
func timeType(kind byte, rest string, order binary.ByteOrder) (dtype, error) {
	if len(rest) < 3 || rest[:2] != "8[" || rest[len(rest)-1] != ']' {
		return dtype{kind: Other, size: 8, why: "of times without a unit; save it with .astype('datetime64[s]')"}, nil
	}
	unit, known := units[rest[2:len(rest)-1]]
	switch {
	case kind == 'm':
		return dtype{kind: Other, size: 8, why: "of durations; save it as numbers, divided by numpy.timedelta64(1, 's')"}, nil
	case !known:
		return dtype{kind: Other, size: 8, why: fmt.Sprintf("of times in units of %s; save it with .astype('datetime64[s]')", bare(rest[2:len(rest)-1]))}, nil
	}
	return dtype{Time, 64, 8, "", func(b []byte) (value, error) {
		return timeOf(int64(order.Uint64(b)), unit)
	}}, nil
}

// timeOf returns a time of n units of so many nanoseconds since 1970. The
// smallest number stands for no time.
func timeOf(n, unit int64) (value, error) {
	if n == math.MinInt64 {
		return value{}, nil
	}
	over, low := bits.Mul64(uint64(max(n, -n)), uint64(unit))
	if over > 0 || low > math.MaxInt64 {
		return value{}, fmt.Errorf("a time beyond the years 1678 to 2261")
	}
	return value{kind: Time, i: n * unit}, nil
}
