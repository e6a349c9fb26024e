package run

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// aRecord has every field.
func aRecord() Record {
	return Record{Step: 12, Epoch: 0.5, Time: time.Date(2026, 11, 27, 1, 2, 3, 456000, time.UTC), Values: []Value{
		{Key: "k_max", Unit: "nat²", Value: -1.5e-9, Error: math.NaN(), Sample: 1e300, How: How{
			Probe: "k", Method: "Lanczos, η < 1", Error: "residual bound", Sampling: "slopes", Examples: 1, L: 2, M: 3, LR: 0.1, Batch: 4, N: 5, Products: 6,
			Seed: math.MaxUint64, Tolerance: 0.01, Rounding: 1e-8, Seconds: 0.25, Note: "none"}},
		{Key: "h_top5", Value: math.Inf(1), Vector: []float64{1, math.Inf(-1), 0}},
		{Key: "loss", Value: 2, How: How{Probe: "loss", Examples: 7, Seconds: 0.125}},
	}, Omitted: []Omission{{"k_rank", "K is 0"}}}
}

// What is read is what package json reads, and without its help.
func TestRecordReader(t *testing.T) {
	many := aRecord()
	for range 2 {
		text, err := json.Marshal(many)
		if err != nil {
			t.Fatal(err)
		}
		var want Record
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		var r RecordReader
		for range 2 {
			got, err := r.Read(string(text))
			if err != nil || !same(got, want) {
				t.Errorf("%+v, error %v, want %+v", got, err, want)
			}
		}
		s := recordScan{text: string(text), reader: &r}
		if s.record(); s.failed || s.at != len(text) {
			t.Errorf("it is left to package json at %d: %s", s.at, text[s.at:])
		}
		many.Values, many.Omitted = many.Values[:0], nil
	}
}

// same compares all bits: NaN is NaN.
func same(a, b Record) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y) && a.Time.Equal(b.Time) && (a.Values == nil) == (b.Values == nil) && (a.Omitted == nil) == (b.Omitted == nil)
}

// Whatever the text, it is read as package json reads it, or refused as it does, also after a whole record.
func TestRecordReaderOfAnything(t *testing.T) {
	whole, err := json.Marshal(aRecord())
	if err != nil {
		t.Fatal(err)
	}
	pieces := []string{"", " ", "null", "-", "0", "01", "1.", ".5", "+1", "1e5", "1E+5", "1e", "0x1p3", "Inf", "1_0", `"`, `\`, `\n`, `"NaN"`, `"-Inf"`, `"inf"`, "{", "}", "[", "]", ",", ":", "true",
		`"key":"k"`, `"KEY":"k"`, `"step":1`, `"error":0`, "\xff", "é", "\x01", `2026-02-30T25:00:00Z`, "+00:00", "99999999999999999999"}
	rapid.Check(t, func(t *rapid.T) {
		text := string(whole)
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			cut := rapid.IntRange(at, min(len(text), at+rapid.SampledFrom([]int{0, 1, 3, 30}).Draw(t, "most"))).Draw(t, "cut")
			text = text[:at] + rapid.SampledFrom(pieces).Draw(t, "piece") + text[cut:]
		}
		var want Record
		wrong := json.Unmarshal([]byte(text), &want)
		var reader RecordReader
		if _, err := reader.Read(string(whole)); err != nil {
			t.Fatal(err)
		}
		got, err := reader.Read(text)
		if (err == nil) != (wrong == nil) || err == nil && !same(got, want) {
			t.Fatalf("%s\n%+v, error %v\n%+v, error %v", text, got, err, want, wrong)
		}
	})
}

// Texts that come again are kept once.
func TestRecordReaderKeepsTextsOnce(t *testing.T) {
	text, err := json.Marshal(aRecord())
	if err != nil {
		t.Fatal(err)
	}
	var r RecordReader
	if _, err := r.Read(string(text)); err != nil {
		t.Fatal(err)
	}
	body := string(text)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := r.Read(body); err != nil {
			t.Fatal(err)
		}
	}); n > 24 {
		t.Errorf("%v allocations for a record read again", n)
	}
}

func BenchmarkRecordReader(b *testing.B) {
	one := aRecord()
	for len(one.Values) < 20 {
		one.Values = append(one.Values, one.Values[0])
	}
	text, err := json.Marshal(one)
	if err != nil {
		b.Fatal(err)
	}
	var r RecordReader
	body := strings.Clone(string(text))
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := r.Read(body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("package json", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var one Record
			if err := json.Unmarshal(text, &one); err != nil {
				b.Fatal(err)
			}
		}
	})
}
