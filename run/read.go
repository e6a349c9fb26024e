package run

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Read returns the value that a user's text means for the field, such as that of a
// flag. A list has commas between its words.
func (f Field) Read(text string) (any, error) {
	want := fmt.Errorf("want %s, not %q", f.want(), text)
	switch f.Default.(type) {
	case string:
		return text, nil
	case bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, want
		}
		return v, nil
	case int:
		v, err := strconv.ParseInt(text, 10, strconv.IntSize)
		if err != nil {
			return nil, orRange(err, want, text)
		}
		return int(v), nil
	case uint64:
		v, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, orRange(err, want, text)
		}
		return v, nil
	case float64:
		number, percent := text, false
		if f.Percent {
			number, percent = strings.CutSuffix(text, "%")
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil && math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s is too large", text)
		}
		if err != nil {
			return nil, want
		}
		if percent {
			v /= 100
		}
		return v, nil
	case []string:
		var words []string
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				words = append(words, word)
			}
		}
		return words, nil
	case []int:
		v, err := numbers(text, "whole number", strconv.Atoi)
		if err != nil {
			return nil, want
		}
		return v, nil
	case []float64:
		v, err := numbers(text, "number", readFloat)
		if err != nil {
			return nil, want
		}
		return v, nil
	}
	panic(fmt.Sprintf("run: field %s of type %T", f.Name, f.Default))
}

// orRange tells a number that is too large from a text that is none.
func orRange(err, want error, text string) error {
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		return fmt.Errorf("%s is too large", text)
	}
	return want
}
