package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"breakeven/run"
)

// Without --examples as many of one's own are measured as there are, of each split, and one less where these cannot
// be cut into minibatches.
func TestMeasureFewExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct {
		rows, want int
		args       []string
	}{
		"forty":       {40, 40, nil},
		"a prime":     {41, 40, nil},
		"three":       {3, 3, nil},
		"the test":    {0, 1000, []string{"--data", "fashion-mnist-sample", "--split", "test"}},
		"as one says": {40, 6, []string{"--examples", "0:6"}},
	} {
		text := "a,b,label\n"
		for i := range c.rows {
			text += fmt.Sprintf("%d,%d,%d\n", i, i*i%7, i%2)
		}
		if err := os.WriteFile("own.csv", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		stdout, _ := do(t, 0, append([]string{"measure", "--model", "mlp", "--data", "own.csv", "--probe", "loss", "--json"}, c.args...)...)
		var values map[string]run.Value
		if err := json.Unmarshal([]byte(stdout), &values); err != nil {
			t.Fatal(name, err)
		}
		if got := values["loss"].How.Examples; got != c.want {
			t.Errorf("%s: %d examples are measured, want %d", name, got, c.want)
		}
	}
}

// A name that cannot be written to is named, and not that of the unfinished file.
func TestExportNames(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"folder": "writing folder: is a directory; name a file", "missing/x.csv": "writing missing/x.csv: no such file or directory; name a file"} {
		if _, stderr := do(t, 1, "export", "last", "-o", name); !strings.Contains(stderr, want) {
			t.Errorf("%s: %s", name, stderr)
		}
	}
	if stdout, _ := do(t, 0, "export", "last", "-o", os.DevNull); stdout != "" {
		t.Error(stdout)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}
