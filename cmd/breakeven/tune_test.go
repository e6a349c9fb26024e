package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The command that a tuning ends with can be given as it is, also where K does not have as many examples as usual.
func TestTuningOfFewExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	var rows strings.Builder
	rows.WriteString("a,b,target\n")
	for i := range 60 {
		fmt.Fprintf(&rows, "%d,%d,%d\n", i%7, i%11, i%7/4)
	}
	if err := os.WriteFile("few.csv", []byte(rows.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, text := in("tune", "--data", "few.csv", "--model", "mlp", "--hidden", "4", "--batch", "10", "--examples", "60", "--most", "2", "--epochs", "4", "--json", "--quiet")
	var found tuningJSON
	if err := json.Unmarshal([]byte(out), &found); code != 0 || err != nil {
		t.Fatal(code, err, text)
	}
	words := strings.Fields(found.Command)
	if len(words) < 2 || words[0] != "breakeven" {
		t.Fatalf("the command is %q", found.Command)
	}
	if code, _, text := in(append(words[1:], "--epochs", "1", "--probe", "loss,k")...); code != 0 {
		t.Errorf("%s: %s", found.Command, text)
	}
}
