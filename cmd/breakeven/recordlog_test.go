package main

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"
)

// lines reads a record log: of each line its kind, and of records the step, such as "record 2".
func lines(t *testing.T, text string) (kinds []string, all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		kind := m["kind"].(string)
		if step, ok := m["step"].(float64); ok {
			kind += " " + num(step)
		}
		kinds, all = append(kinds, kind), append(all, m)
	}
	return kinds, all
}

// With a log of records on standard output nothing else is there.
func TestLogOnStandardOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	stdout, stderr := do(t, 0, short[:len(short)-1]...) // not quiet
	if !strings.Contains(stdout, "finished") {
		t.Fatal(stdout, stderr)
	}
	logged, stderr := do(t, 0, append(short[:len(short)-1:len(short)-1], "--log", "jsonl", "--again")...)
	kinds, all := lines(t, logged)
	if got := strings.Join(kinds, ", "); got != "begun 0, record 0, record 2, record 4, ended" || !strings.Contains(stderr, "finished") {
		t.Fatalf("%s\n%s", got, stderr)
	}
	s, err := store.OpenReader(store.DefaultDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Find("last")
	if err != nil || all[0]["spec"].(map[string]any)["model"] != "tiny" || all[4]["status"] != "finished" || all[4]["run"] != r.ID {
		t.Errorf("%v, %v, error %v", all[0], all[4], err)
	}
	records, err := s.Records(r.ID)
	if err != nil || len(records) != 3 {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	for i, record := range records {
		for _, v := range record.Values {
			values, errs := all[i+1]["values"].(map[string]any), all[i+1]["errors"].(map[string]any)
			if values[v.Key] != v.Value || v.Combined() > 0 && errs[v.Key] != v.Combined() {
				t.Errorf("step %d: %s is %v ± %v, logged %v ± %v", record.Step, v.Key, v.Value, v.Combined(), values[v.Key], errs[v.Key])
			}
		}
	}
}

// A log in a file is added to. A run that goes on repeats its last record, which a killed program may not
// have logged, and no other; half a line of that one is taken away.
func TestLogInFile(t *testing.T) {
	t.Chdir(t.TempDir())
	const name = "records.jsonl"
	stdout, _ := do(t, 0, append(short[:len(short):len(short)], "--log", name, "--json")...)
	var result runJSON
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || result.Count != 3 {
		t.Fatalf("%v\n%s", err, stdout)
	}
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const half = `{"kind":"rec`
	if err := os.WriteFile(name, append(before, half...), 0o666); err != nil {
		t.Fatal(err)
	}
	inStore(t, "UPDATE runs SET status = 'stopped'")
	if err := os.Truncate(lastFile(t, "4"), 0); err != nil { // it goes on from step 2
		t.Fatal(err)
	}
	do(t, 0, "resume", "last", "--quiet", "--log", name)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	after, ok := strings.CutPrefix(string(text), string(before))
	if kinds, _ := lines(t, after); !ok || strings.Join(kinds, ", ") != "begun 2, record 4, ended" {
		t.Errorf("%s", text)
	}
	for want, args := range map[string][]string{
		`--log: "csv" is neither jsonl`:      {"run", "--log", "csv"},
		`write the log to a file`:            {"run", "--log", "jsonl", "--json"},
		`nor json or text`:                   {"worker", "--log", "xml"},
		`neither jsonl, which is standard o`: {"resume", "last", "--log", "json"},
	} {
		if _, stderr := do(t, 2, args...); !strings.Contains(stderr, want) {
			t.Errorf("%v: %s", args, stderr)
		}
	}
	if _, stderr := do(t, 1, "resume", "last", "--log", "missing/records.jsonl"); !strings.Contains(stderr, "--log: open missing/records.jsonl") {
		t.Error(stderr)
	}
}

// Numbers that JSON has no words for are texts.
func TestLogOfNoNumbers(t *testing.T) {
	var out strings.Builder
	l := &recordLog{out: &output{Writer: &out}}
	l.record("r1", run.Record{Step: 3, Values: []run.Value{{Key: "loss", Value: math.NaN(), Error: math.Inf(1)}, {Key: "h_top5", Value: 2, Vector: []float64{2, math.Inf(-1)}}}})
	if !strings.Contains(out.String(), `"values":{"h_top5":[2,"-Inf"],"loss":"NaN"},"errors":{"loss":"+Inf"}}`) {
		t.Error(out.String())
	}
}

// What follows the last end of a line is taken away if it is the beginning of an object, however long; other text, and a
// whole object, get an end.
func TestAppendTo(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 1<<17)
	for before, want := range map[string]string{
		"":                         "",
		"{}\n":                     "{}\n",
		"{}\n{\"a\":":              "{}\n",
		"{}\n" + long:              "{}\n",
		long:                       "",
		"{}\n" + long + `"}`:       "{}\n" + long + "\"}\n",
		"somebody's notes":         "somebody's notes\n",
		"{}\n{\"file\":\"a\"}\n{}": "{}\n{\"file\":\"a\"}\n{}\n",
	} {
		name := filepath.Join(t.TempDir(), "a.jsonl")
		if err := os.WriteFile(name, []byte(before), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := appendTo(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteString("new\n")
		got, err2 := os.ReadFile(name)
		if err := cmp.Or(err, err2, f.Close()); err != nil || string(got) != want+"new\n" {
			t.Errorf("%.40q became %.60q (%v), want %.40q and a new line", before, got, err, want)
		}
	}
}
