package run

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The table of keys in docs/formats.md is that of Keys, line by line.
func TestFormatsDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, k := range Keys {
		name := "`" + k.Name + "`"
		if k.Vector {
			name += " (vector)"
		}
		fmt.Fprintf(&want, "| %s | %s | %s | %s |\n", name, strings.ReplaceAll(k.Symbol, "|", `\|`), k.Unit, k.Meaning)
	}
	if !strings.Contains(string(text), want.String()) {
		t.Errorf("docs/formats.md does not hold the table of Keys:\n%s", want.String())
	}
	if full := Default().Full(Known{}); !strings.Contains(string(text), "```yaml\n"+full+"```\n") {
		t.Errorf("docs/formats.md does not hold the default spec:\n%s", full)
	}
	want.Reset()
	for _, f := range Fields {
		fmt.Fprintf(&want, "| `%s` | %v | %s | %s |\n", f.Name, format(f.Default), f.Unit, f.Doc)
	}
	if !strings.Contains(string(text), want.String()) {
		t.Errorf("docs/formats.md does not hold the table of Fields:\n%s", want.String())
	}
}
