package main

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEncodings holds every form of vector instruction, with low, middle and high operands, to
// what GNU's assembler (binutils 2.40) makes of its text.
func TestEncodings(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "encodings.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(text)) {
		word, instruction, _ := strings.Cut(strings.TrimSpace(line), " ")
		want[instruction] = word
	}
	for _, name := range slices.Sorted(maps.Keys(encodings)) {
		for _, operands := range examples(name) {
			word, instruction := encode(name, operands...)
			if got := fmt.Sprintf("%08x", word); got != want[instruction] {
				t.Errorf("%s is %s, want %q", instruction, got, want[instruction])
			}
		}
	}
}

// examples returns operands for an instruction.
func examples(name string) [][]int {
	e := encodings[name]
	switch {
	case name == "fmla.d":
		return [][]int{{0, 31, 10, 0}, {31, 10, 0, 1}, {10, 0, 31, 1}}
	case e.last != nil && strings.Count(e.format, "%d") == 4:
		return [][]int{{0, 31, 10, 0}, {31, 10, 0, 1}, {10, 0, 31, 2}, {1, 2, 3, 3}}
	case e.last != nil:
		return [][]int{{0, 31, 1}, {31, 10, 23}, {10, 0, 31}}
	case name == "dup.4s.w":
		return [][]int{{0, 30}, {31, 10}, {10, 0}}
	case strings.Count(e.format, "%d") == 2 || slices.Contains([]string{"fneg.4s", "fabs.4s", "frintn.4s", "fcvtns.4s"}, name):
		return [][]int{{0, 31}, {31, 10}, {10, 0}}
	}
	return [][]int{{0, 31, 10}, {31, 10, 0}, {10, 0, 31}}
}

// TestAssembler holds every word of the generated file to what GNU's assembler makes of the
// comment behind it.
func TestAssembler(t *testing.T) {
	as, err := exec.LookPath("aarch64-linux-gnu-as")
	if err != nil {
		t.Skip("no aarch64-linux-gnu-as (Debian: binutils-aarch64-linux-gnu)")
	}
	objcopy, err := exec.LookPath("aarch64-linux-gnu-objcopy")
	if err != nil {
		t.Skip("no aarch64-linux-gnu-objcopy")
	}
	files := map[string][]byte{}
	if err := generateNEON(files); err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`WORD +\$0x([0-9a-f]{8}) // (.*)`).FindAllSubmatch(files["neon_arm64.s"], -1)
	var source strings.Builder
	for _, m := range found {
		fmt.Fprintf(&source, "%s\n", m[2])
	}
	dir := t.TempDir()
	object, raw := filepath.Join(dir, "all.o"), filepath.Join(dir, "all.bin")
	cmd := exec.Command(as, "-o", object, "-")
	cmd.Stdin = strings.NewReader(source.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command(objcopy, "-O", "binary", "-j", ".text", object, raw).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code, err := os.ReadFile(raw)
	if err != nil || len(code) != 4*len(found) {
		t.Fatalf("%d bytes for %d instructions, %v", len(code), len(found), err)
	}
	for i, m := range found {
		if word := fmt.Sprintf("%08x", binary.LittleEndian.Uint32(code[4*i:])); word != string(m[1]) {
			t.Errorf("%s is %s, want %s", m[2], m[1], word)
		}
	}
}
