package run

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// A number is a float64 whose JSON also holds NaN and the infinities.
type number float64

// MarshalJSON writes NaN, +Inf and -Inf as strings.
func (n number) MarshalJSON() ([]byte, error) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"+Inf"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"NaN"`:
		*n = number(math.NaN())
		return nil
	case `"+Inf"`:
		*n = number(math.Inf(1))
		return nil
	case `"-Inf"`:
		*n = number(math.Inf(-1))
		return nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%s is not a number", b)
	}
	*n = number(f)
	return nil
}

// valueFields is Value without its methods; valueJSON hides its numbers
// behind ones that JSON can hold.
type valueFields Value

type valueJSON struct {
	valueFields
	Value   number   `json:"value"`
	Vector  []number `json:"vector,omitempty"`
	Errors  []number `json:"errors,omitempty"`
	Samples []number `json:"sampling_errors,omitempty"`
	Error   number   `json:"error"`
	Sample  number   `json:"sampling_error,omitempty"`
	How     How      `json:"how"`
}

// MarshalJSON writes v with NaN and the infinities as strings.
func (v Value) MarshalJSON() ([]byte, error) {
	j := valueJSON{valueFields: valueFields(v), Value: number(v.Value), Error: number(v.Error), Sample: number(v.Sample), How: v.How}
	j.Vector, j.Errors, j.Samples = convert[number](v.Vector), convert[number](v.Errors), convert[number](v.Samples)
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(b []byte) error {
	var j valueJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*v = Value(j.valueFields)
	v.Value, v.Error, v.Sample, v.How = float64(j.Value), float64(j.Error), float64(j.Sample), j.How
	v.Vector, v.Errors, v.Samples = convert[float64](j.Vector), convert[float64](j.Errors), convert[float64](j.Samples)
	return nil
}

func convert[To, From ~float64](list []From) (all []To) {
	for _, x := range list {
		all = append(all, To(x))
	}
	return all
}
