package main

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"
)

// What was measured at a file is not measured again, wherever the file lies now, and a line that a killed program
// began is taken away.
func TestResults(t *testing.T) {
	dir := t.TempDir()
	name, first, second := filepath.Join(dir, "r.jsonl"), filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := cmp.Or(os.WriteFile(first, []byte("weights"), 0o666), os.WriteFile(second, []byte("others"), 0o666)); err != nil {
		t.Fatal(err)
	}
	measured := 0
	measure := func() (run.Record, error) {
		measured++
		return run.Record{Values: []run.Value{{Key: "k_max", Value: math.Inf(1)}, {Key: "loss", Value: float64(measured)}}}, nil
	}
	line := func(file string) run.Record {
		t.Helper()
		r, err := openResults(name, "s")
		if err != nil {
			t.Fatal(err)
		}
		defer r.close()
		l, err := r.line(file, measure)
		if err != nil || l.File != file {
			t.Fatalf("%+v (%v)", l, err)
		}
		return l.record()
	}
	line(first)
	text, err1 := os.ReadFile(name)
	err2 := os.WriteFile(name, append(text, text[:len(text)/2]...), 0o666)
	if err := cmp.Or(err1, err2, os.Rename(first, first+"-moved")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		text, err := os.ReadFile(name)
		if err != nil || strings.Count(string(text), "\n") != 2 || strings.Count(string(text), `{"file":`) != 2 {
			t.Errorf("%v:\n%s", err, text)
		}
	}()
	for range 2 {
		line(second)
		if r := line(first + "-moved"); measured != 2 || r.Values[0].Key != "loss" || r.Values[0].Value != 1 || !math.IsInf(r.Values[1].Value, 1) {
			t.Errorf("%d measurements, %+v", measured, r)
		}
	}
	if _, err := openResults(name, "other"); err == nil || !strings.Contains(err.Error(), "line 1 of "+name+" was measured with other settings") {
		t.Errorf("other settings: %v", err)
	}
}
