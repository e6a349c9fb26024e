package table

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// A value is one value as a file holds it.
type value struct {
	kind Kind    // Bool, Int, Float, String, Time, or none if it is missing
	i    int64   // Bool: 0 or 1; Int; Time: nanoseconds since 1970, UTC
	f    float64 // Float
	s    string  // String
}

// none is the kind of a missing value.
const none Kind = ""

// absent reports whether v counts as missing for a destination of the type of x.
func (v value) absent(x any) bool {
	switch v.kind {
	case none:
		return true
	case Float:
		return math.IsNaN(v.f)
	case String:
		if _, text := x.(*string); text {
			return v.s == ""
		}
		return missing(v.s)
	}
	return false
}

// absence says why v counts as missing.
func (v value) absence() string {
	switch {
	case v.kind == Float:
		return "NaN"
	case v.kind == String && v.s != "":
		return label(v.s)
	}
	return "empty"
}

// missing reports whether a text means a missing number.
func missing(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > 4 {
		return false
	}
	switch strings.ToLower(s) {
	case "", "na", "n/a", "nan", "null", "none":
		return true
	}
	return false
}

// store converts v to the type that x points to.
func (v value) store(x any) (err error) {
	switch x := x.(type) {
	case *float64:
		*x, err = v.float(64)
	case *float32:
		var f float64
		f, err = v.float(32)
		*x = float32(f)
	case *int64:
		*x, err = v.int()
	case *int32:
		var i int64
		i, err = v.int()
		if err == nil && int64(int32(i)) != i {
			err = fmt.Errorf("%d is beyond a 32-bit integer", i)
		}
		*x = int32(i)
	case *bool:
		*x, err = v.bool()
	case *string:
		*x, err = v.text()
	}
	return err
}

// float returns v rounded to a float of size bits.
func (v value) float(size int) (float64, error) {
	f := v.f
	switch v.kind {
	case Bool, Int:
		f = float64(v.i)
		if size == 32 {
			f = float64(float32(v.i)) // rounded once
		}
	case String:
		return parseFloat(v.s, size)
	case Time:
		return 0, v.wrong()
	}
	if size == 32 && math.IsInf(float64(float32(f)), 0) && !math.IsInf(f, 0) {
		return 0, fmt.Errorf("%g is beyond a 32-bit float", f)
	}
	return f, nil
}

// parseFloat reads a decimal number.
func parseFloat(s string, size int) (float64, error) {
	s = strings.TrimSpace(s)
	f, err := strconv.ParseFloat(s, size)
	switch {
	case err == nil && !strings.ContainsAny(s, "xX_"):
		return f, nil
	case err != nil && math.IsInf(f, 0):
		return 0, fmt.Errorf("%s is beyond a %d-bit float", label(s), size)
	case strings.Contains(s, ","):
		return 0, fmt.Errorf("%s is no number; write 3.5 for three and a half and 1000 for a thousand", label(s))
	}
	return 0, fmt.Errorf("%s is no number", label(s))
}

// int returns v, which must be whole.
func (v value) int() (int64, error) {
	switch v.kind {
	case Bool, Int:
		return v.i, nil
	case Float:
		return whole(v.f, strconv.FormatFloat(v.f, 'g', -1, 64))
	case String:
		s := strings.TrimSpace(v.s)
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return i, nil
		}
		f, err := parseFloat(s, 64)
		if err != nil {
			return 0, err
		}
		return whole(f, label(s))
	}
	return 0, v.wrong()
}

// whole returns f as an integer. Beyond 2^53 not every integer is a float, so such an f is
// refused.
func whole(f float64, s string) (int64, error) {
	switch {
	case f != math.Trunc(f):
		return 0, fmt.Errorf("%s is no whole number", s)
	case math.Abs(f) > 1<<53:
		return 0, fmt.Errorf("%s is too large for a whole number", s)
	}
	return int64(f), nil
}

func (v value) bool() (bool, error) {
	s := strings.TrimSpace(v.s)
	switch {
	case (v.kind == Bool || v.kind == Int) && (v.i == 0 || v.i == 1):
		return v.i == 1, nil
	case v.kind == Float && (v.f == 0 || v.f == 1):
		return v.f == 1, nil
	case v.kind == String && (s == "1" || strings.EqualFold(s, "true")):
		return true, nil
	case v.kind == String && (s == "0" || strings.EqualFold(s, "false")):
		return false, nil
	}
	return false, fmt.Errorf("%s is neither true (1) nor false (0)", v)
}

func (v value) text() (string, error) {
	switch v.kind {
	case String:
		return v.s, nil
	case Int:
		return strconv.FormatInt(v.i, 10), nil
	}
	return "", fmt.Errorf("%s, of kind %s, is no text", v, v.kind)
}

// seconds returns a time as a number of seconds since 1970, UTC. A number already is one.
func (v value) seconds() (value, error) {
	if v.kind == String {
		if _, err := parseFloat(v.s, 64); err == nil {
			return v, nil
		}
		t, err := parseTime(v.s)
		if err != nil {
			return v, err
		}
		if t.Year() < 1678 || t.Year() > 2261 {
			return v, fmt.Errorf("%s is beyond the years 1678 to 2261", label(v.s))
		}
		v = value{kind: Time, i: t.UnixNano()}
	}
	if v.kind != Time {
		return v, nil
	}
	const second = int64(time.Second)
	if v.i%second == 0 {
		return value{kind: Int, i: v.i / second}, nil
	}
	return value{kind: Float, f: float64(v.i/second) + float64(v.i%second)/1e9}, nil
}

// layouts are the forms of a time: RFC 3339, with a blank for the T, without a zone, and a day.
// Seconds may have a fraction.
var layouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02",
}

func parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is no time; write seconds since 1970 (UTC), or as in 2013-08-01T00:56:00Z", label(s))
}

// timeOf returns the time n units after 1970; a unit is a number of nanoseconds. The smallest n
// means a missing time.
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

// wrong is the error for a time in place of a number.
func (v value) wrong() error {
	return fmt.Errorf("a time (%s), where a number is wanted", v)
}

// String writes v for a message.
func (v value) String() string {
	switch v.kind {
	case Bool:
		return strconv.FormatBool(v.i == 1)
	case Int:
		return strconv.FormatInt(v.i, 10)
	case Float:
		return strconv.FormatFloat(v.f, 'g', -1, 64)
	case Time:
		return time.Unix(0, v.i).UTC().Format(time.RFC3339Nano)
	}
	return label(v.s)
}

// label quotes a text from a file for a message: shortened, and without control characters.
func label(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}

// bare is label without the quotes, if they make no difference.
func bare(text string) string {
	quoted := label(text)
	if inner := quoted[1 : len(quoted)-1]; inner != "" && !strings.ContainsAny(inner, "\\ ,") {
		return inner
	}
	return quoted
}
