package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"breakeven/run"
)

func TestTexts(t *testing.T) {
	for _, test := range [][2]string{
		{num(1.0 / 3), "0.3333"}, {num(math.NaN()), "NaN"}, {num(math.Inf(-1)), "-Inf"}, {num(591274), "5.913e+05"},
		{bytesText(1), "1 kB"}, {bytesText(1500), "2 kB"}, {bytesText(2_500_000), "2 MB"}, {bytesText(3_250_000_000), "3.2 GB"},
		{duration(59 * time.Second), "59s"}, {duration(61 * time.Second), "1m01s"}, {duration(3 * time.Hour), "3h00m"},
		{plural(1, "run"), "1 run"}, {plural(2, "run"), "2 runs"},
		{shellWord("a/b-c.d"), "a/b-c.d"}, {shellWord("my runs"), `"my runs"`}, {shellWord("a$b"), `"a$b"`},
		{numbers(run.Value{Vector: []float64{1, 2}}), "1 2"},
		{numbers(run.Value{Vector: make([]float64, 7)}), "0 0 0 0 0 … (7 numbers)"},
		{plusMinus(run.Value{Error: 0.5, How: run.How{Error: "standard error"}}), "0.5 standard error"},
		{plusMinus(run.Value{}), ""},
		{wrap("one two three four", 9, "  "), "one two\n  three\n  four"},
		{flat("a\nb\r\nc\n"), "a; b; c"},
	} {
		if test[0] != test[1] {
			t.Errorf("got %q, want %q", test[0], test[1])
		}
	}
}

func TestTable(t *testing.T) {
	tab := &table{head: []string{"name", "λ", "what"}}
	tab.add("a", "1.5", "x")
	tab.add("longer", "-20", "")
	var b strings.Builder
	if err := tab.write(&b); err != nil {
		t.Fatal(err)
	}
	want := "name      λ  what\na       1.5  x\nlonger  -20\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "512B": 512, "1kB": 1000, "2 GB": 2e9, "1.5MiB": 3 << 19, "3g": 3e9, "2TiB": 2 << 40,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2", "512", "1.5", "GB", "-1GB", "1e9", "1 i", "2 XB", "99999999999999TB", "1,5GB"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestRanges(t *testing.T) {
	if from, to, err := parseRange("5:64"); from != 5 || to != 64 || err != nil {
		t.Errorf("5:64 is %d, %d, %v", from, to, err)
	}
	for _, text := range []string{"", "5", "5:", ":5", "5:5", "6:5", "-1:5", "a:b", "1:2:3", "0:99999999999999999999"} {
		if _, _, err := parseRange(text); err == nil {
			t.Errorf("%q is a range", text)
		}
	}
	for n, want := range map[int]int{1: 1, 7: 7, 29: 1, 64: 16, 100: 25, 256: 16} {
		if got := evenParts(n); got != want {
			t.Errorf("evenParts(%d) = %d, want %d", n, got, want)
		}
	}
}
