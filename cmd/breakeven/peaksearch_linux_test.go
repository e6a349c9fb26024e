package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"breakeven/spectrum"
)

// endedEarly returns how much less memory than announced the searches for eigenvectors
// took, given the JSON of a run or of a measurement of a network with so many
// parameters. Probe stability by itself searches too, but its records do not tell how
// many products that took.
func endedEarly(t *testing.T, args []string, records string, params int) int64 {
	t.Helper()
	if slices.Contains(args, "stability") {
		return (&spectrum.Settings{}).Bytes(params)
	}
	var r struct{ Records []any }
	var whole any
	for _, v := range []any{&r, &whole} {
		if err := json.Unmarshal([]byte(records), v); err != nil {
			t.Fatalf("%v\n%s", err, records)
		}
	}
	if r.Records == nil {
		return unused(products(whole), params)
	}
	var less []int64
	for i, record := range r.Records {
		n := unused(products(record), params)
		if i == 0 && strings.Contains(strings.Join(args, " "), "h5") {
			n += 4 * int64(params) * 7 // there are no eigenvectors of an earlier measurement
		}
		less = append(less, n)
	}
	return slices.Min(less)
}

// unused returns the bytes of a basis that stay empty after so many products, each of
// which adds a vector. Zero products mean that there was no search.
func unused(products, params int) int64 {
	vector := 4 * int64(params)
	if products == 0 {
		return 0
	}
	return max(0, (&spectrum.Settings{}).Bytes(params)-vector*int64(products))
}

// products returns the largest number of products of any search in a record.
func products(record any) (most int) {
	eachObject(record, func(how map[string]any) {
		if method, _ := how["method"].(string); !strings.HasPrefix(method, "Lanczos") {
			return
		}
		n, _ := how["products"].(float64)
		most = max(most, int(n))
		note, _ := how["note"].(string)
		if m := regexp.MustCompile("begun with ([0-9]+) products").FindStringSubmatch(note); m != nil {
			rough, _ := strconv.Atoi(m[1])
			most = max(most, rough)
		}
	})
	return most
}

// eachObject calls f for every object in what was read from JSON.
func eachObject(tree any, f func(map[string]any)) {
	switch v := tree.(type) {
	case map[string]any:
		f(v)
		for _, x := range v {
			eachObject(x, f)
		}
	case []any:
		for _, x := range v {
			eachObject(x, f)
		}
	}
}
