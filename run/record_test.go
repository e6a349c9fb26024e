package run

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sameBits compares floats by their bits, all NaN being one.
var sameBits = cmp.Comparer(func(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Float64bits(a) == math.Float64bits(b)
})

func TestValueJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Value{
			Key:    rapid.String().Draw(t, "key"),
			Unit:   rapid.String().Draw(t, "unit"),
			Value:  floats().Draw(t, "value"),
			Error:  floats().Draw(t, "error"),
			Sample: rapid.Float64Range(0, 1e3).Draw(t, "sample"),
			How: How{Probe: "k", Examples: rapid.Int().Draw(t, "examples"), Seed: rapid.Uint64().Draw(t, "seed"),
				Tolerance: rapid.Float64Range(1e-9, 1).Draw(t, "tolerance")},
		}
		if v := rapid.SliceOf(floats()).Draw(t, "vector"); len(v) > 0 {
			want.Vector, want.Errors, want.Samples = v, v, v
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Value
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(want, got, sameBits); d != "" {
			t.Fatalf("(-want +got)\n%s\n%s", d, text)
		}
	})
}

func TestValueJSONText(t *testing.T) {
	v := Value{Key: "h_top5", Unit: "nat", Value: math.Inf(1), Vector: []float64{math.NaN(), math.Inf(-1), 0.5}, Error: math.NaN(), How: How{Probe: "h"}}
	got, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"key":"h_top5","unit":"nat","value":"+Inf","vector":["NaN","-Inf",0.5],"error":"NaN","how":{"probe":"h"}}`
	if string(got) != want {
		t.Errorf("JSON\n%s\nwant\n%s", got, want)
	}
}

func TestValueJSONErrors(t *testing.T) {
	for _, text := range []string{`{"value":"nan"}`, `{"value":"1"}`, `{"value":1e999}`, `{"value":true}`, `{"vector":["Inf"]}`, `[]`} {
		var v Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s reads as %v, want an error", text, v)
		}
	}
}

func TestRecordGet(t *testing.T) {
	r := Record{Values: []Value{{Key: "a", Value: 1}, {Key: "b", Value: 2}}}
	if v, ok := r.Get("b"); !ok || v.Value != 2 {
		t.Errorf("Get(b) = %v, %v", v, ok)
	}
	if _, ok := r.Get("c"); ok {
		t.Error("Get finds what is not there")
	}
	if m := r.ByKey(); len(m) != 2 || m["a"].Value != 1 || m["b"].Value != 2 {
		t.Errorf("ByKey() = %v", m)
	}
}

func TestStatusValid(t *testing.T) {
	for s, want := range map[Status]bool{Running: true, Finished: true, Stopped: true, Diverged: true, "": false, "flying": false} {
		if s.Valid() != want {
			t.Errorf("%q is valid: %v", s, !want)
		}
	}
}

func TestStatusResumable(t *testing.T) {
	var got []string
	for _, s := range []Status{Running, Finished, Stopped, Diverged} {
		if s.Resumable() {
			got = append(got, string(s))
		}
	}
	if strings.Join(got, " ") != "running stopped" {
		t.Errorf("resumable: %v", got)
	}
}

// Keys that no row describes come last, with the unit of their values.
func TestMeasured(t *testing.T) {
	records := []Record{
		{Values: []Value{{Key: "own", Unit: "m"}, {Key: "h_max"}, {Key: "path", Vector: []float64{1}}}},
		{Values: []Value{{Key: "loss"}, {Key: "own", Unit: "m"}}},
	}
	var names []string
	keys := Measured(records)
	for _, k := range keys {
		names = append(names, k.Name)
	}
	if want := []string{"loss", "h_max", "own", "path"}; !slices.Equal(names, want) || keys[0].Symbol != "L" || keys[2].Unit != "m" || !keys[3].Vector {
		t.Errorf("%+v, want %v", keys, want)
	}
}
