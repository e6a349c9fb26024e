package main

import (
	"os"
	"strings"
	"testing"
)

// A folder or a file whose name lacks what tells it from a word is recognised.
func TestHints(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("photos", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("net.onnx", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ flag, word, want string }{
		{"--data", "photos", "write photos/"},
		{"--model", "net", "the file net.onnx?"},
		{"--probe", "k_max", "which probe k measures"},
		{"--model", "tinny", `did you mean "tiny"?`},
	} {
		if code, _, text := in("run", c.flag, c.word); code != 2 || !strings.Contains(text, c.want) {
			t.Errorf("%s %s: %d, %s", c.flag, c.word, code, text)
		}
	}
}
