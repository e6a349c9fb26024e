package trial

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/tensor"
)

var update = flag.Bool("update", false, "write the bits of this instruction set")

// The bits of three runs on each instruction set, and of one of flights, are those that
// Numerics stands for: a change of any of them raises it. With -update the line of the present
// set is written, once for BREAKEVEN_ISA=generic, avx2 and avx512, and once with GOARCH=arm64 and
// -exec qemu-aarch64-static.
func TestNumerics(t *testing.T) {
	for file, specs := range map[string][]run.Spec{"numerics.txt": nets, "numerics_flights.txt": {flightNet}} {
		t.Run(file, func(t *testing.T) { testNumerics(t, "testdata/"+file, specs) })
	}
}

func testNumerics(t *testing.T, file string, nets []run.Spec) {
	h := sha256.New()
	for _, spec := range nets {
		got, _ := runAll(t, spec)
		for _, step := range []int{0, 2, 4} {
			r := got.records[step]
			// It came later, and no other number depends on it.
			r.Values = slices.DeleteFunc(slices.Clone(r.Values), func(v run.Value) bool { return v.Key == "train_loss" })
			fmt.Fprintln(h, bits(r))
		}
	}
	isa := tensor.ISA() + assembly
	line := fmt.Sprintf("%d %s %x", Numerics, isa, h.Sum(nil))
	text, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, " "+isa+" ") })
	switch {
	case *update:
		if at >= 0 {
			lines[at] = line
		} else {
			lines = append(lines, line)
		}
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	case at < 0:
		t.Skipf("%s has no line for %s", file, isa)
	case lines[at] != line:
		t.Errorf("these are not the bits of numerics %d on %s: if the change is meant, raise Numerics and write the file anew with -update\n%s\n%s", Numerics, isa, line, lines[at])
	}
}
