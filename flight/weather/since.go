package weather

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// since reads a unit of time of the CF conventions, as in "hours since 1900-01-01 00:00:0.0", in
// lower case: n of them are n·factor + offset seconds since 1970, UTC.
func since(unit, calendar string) (factor, offset float64, err error) {
	switch strings.ToLower(calendar) {
	case "", "standard", "gregorian", "proleptic_gregorian":
	default:
		return 0, 0, fmt.Errorf("times are in the calendar %q, and the Gregorian is read", calendar)
	}
	step, epoch, _ := strings.Cut(unit, " since ")
	switch strings.TrimSuffix(strings.TrimSpace(step), "s") {
	case "second", "sec", "":
		factor = 1
	case "minute", "min":
		factor = 60
	case "hour", "hr", "h":
		factor = 3600
	case "day", "d":
		factor = 86400
	}
	t, ok := epochOf(epoch)
	if factor == 0 || !ok {
		return 0, 0, fmt.Errorf("the unit of time %q is not known; write it as in: hours since 1970-01-01 00:00:00", unit)
	}
	return factor, float64(t.Unix()), nil
}

// epochOf reads a day and a time of it in UTC. Numbers may have fewer digits than usual.
func epochOf(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, utc := range []string{"z", "utc", "+00:00", "+0:00"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, utc))
	}
	fields := strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == 't' || c == ':' })
	if len(fields) < 1 || len(fields) > 4 {
		return time.Time{}, false
	}
	var n [6]int
	days := strings.Split(fields[0], "-")
	if len(days) != 3 {
		return time.Time{}, false
	}
	for i, text := range append(days, fields[1:]...) {
		whole, fraction, _ := strings.Cut(text, ".")
		x, err := strconv.ParseUint(whole, 10, 16)
		if err != nil || strings.Trim(fraction, "0") != "" || fraction != "" && i != 5 {
			return time.Time{}, false
		}
		n[i] = int(x)
	}
	if n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 24 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, false
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC), true
}
