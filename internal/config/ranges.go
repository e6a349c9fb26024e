package config

import (
	"fmt"
	"math"
	"strconv"

	"breakeven/rng"
	"breakeven/run"

	"github.com/goccy/go-yaml/token"
)

// A choice is what a field of a spec may be set to: one of several values, or a number of a range.
type choice struct {
	field  string
	at     token.Position
	values []value // nil: a range
	span   span
}

// A value is one that a file gives, or a number that follows from a range.
type value struct {
	at     token.Position
	read   func(f run.Field) (any, error)
	number float64
}

// A span is a range of numbers.
type span struct {
	from, to float64
	points   int  // how many numbers of it; 0: the whole ones, one after the other
	whole    bool // both ends are whole numbers
	log      bool // the numbers have the same ratio, not the same difference
}

// size returns how many values a choice has.
func (c choice) size() int {
	switch {
	case c.values != nil:
		return len(c.values)
	case c.span.points > 0:
		return c.span.points
	}
	return int(min(c.span.to-c.span.from, maxTrials)) + 1
}

// settings returns each value of a choice as the settings of a trial.
func (c choice) settings() (list [][]setting) {
	for _, v := range c.all() {
		list = append(list, []setting{{c.field, v}})
	}
	return list
}

// all returns the values of a choice.
func (c choice) all() []value {
	if c.values != nil {
		return c.values
	}
	n := c.size()
	values := make([]value, n)
	for i := range values {
		values[i] = value{at: c.at, number: c.span.part(float64(i) / float64(max(1, n-1)))}
	}
	return values
}

// part returns the number at a part 0 … 1 of the way, to six digits: the identity of a trial must not
// depend on how a library rounds. The ends are exact.
func (s span) part(p float64) float64 {
	switch {
	case p <= 0:
		return s.from
	case p >= 1:
		return s.to
	case s.log:
		return sixDigits(math.Exp(math.Log(s.from)*(1-p) + math.Log(s.to)*p))
	case s.points == 0 && s.whole:
		return math.Round(s.from + (s.to-s.from)*p)
	}
	return sixDigits(s.from + (s.to-s.from)*p)
}

func sixDigits(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64) // it has just been written
	return v
}

// draw returns n values of a choice. Each choice has a stream of its own, so that another one beside
// it, and a larger n, leave the values as they are.
func (c choice) draw(seed uint64, n int) []value {
	stream := rng.New(seed, "sweep "+c.field)
	values := make([]value, n)
	for i := range values {
		u := stream.Float64()
		switch {
		case c.values != nil:
			values[i] = c.values[int(u*float64(len(c.values)))]
		case c.span.whole && !c.span.log:
			values[i] = value{at: c.at, number: c.span.from + math.Floor(u*(c.span.to-c.span.from+1))}
		default:
			values[i] = value{at: c.at, number: c.span.part(u)}
		}
	}
	return values
}

// of returns a value as one of a field.
func (v value) of(f run.Field) (any, error) {
	if v.read != nil {
		return v.read(f)
	}
	switch f.Default.(type) {
	case float64:
		return v.number, nil
	case int:
		n, err := v.whole()
		return int(n), err
	case uint64:
		n, err := v.whole()
		if n < 0 {
			err = fmt.Errorf("must be 0 or more, not %d", n)
		}
		return uint64(n), err
	}
	return nil, errNoRange
}

// whole returns the whole number nearest to one of a range, which must be one of those that a float64 tells apart.
func (v value) whole() (int64, error) {
	const most = 1 << 53
	if n := math.Round(v.number); math.Abs(n) < most {
		return int64(n), nil
	}
	return 0, fmt.Errorf("%g: ranges of whole numbers end below %d; give a list of values", v.number, most)
}
