package config

import (
	"fmt"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var known = run.Known{
	Words: map[string][]string{
		"data":   {"fashion-mnist-sample", "cifar10"},
		"model":  {"mlp", "simplecnn"},
		"probes": {"loss", "k", "h"},
	},
	Declared: func(s run.Spec) []run.Field {
		if s.Model == "mlp" {
			return []run.Field{{Name: "width", Default: 300}, {Name: "shares", Default: []float64(nil)}}
		}
		return nil
	},
}

func TestParse(t *testing.T) {
	text := `# an experiment
data: cifar10      # the whole of it
augment: true
model: "simplecnn"
lr: 1e-2
momentum: 0
steps: 500
seed: 18446744073709551615
probes: [h, loss]
measure:
  l: 10
  tolerance: 0.5
`
	want := run.Default()
	want.Data, want.Augment, want.LR, want.Steps, want.Epochs = "cifar10", true, 0.01, 500, 0
	want.Seed, want.Probes, want.Measure.L, want.Measure.Tolerance = 1<<64-1, []string{"loss", "h"}, 10, 0.5
	got, err := Parse("x.yaml", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Keys that the model declares may stand before the line that names it.
func TestDeclared(t *testing.T) {
	s, err := Parse("x.yaml", []byte("format: 2\nwidth: 7\nmodel: mlp\n"), known)
	if err != nil || s.More["width"] != "7" {
		t.Fatalf("%v, %v", s.More, err)
	}
	s, err = Parse("x.yaml", []byte("model: mlp\nshares: [0.5, 1, 1e-3]\n"), known)
	if err != nil || s.More["shares"] != "[0.5, 1, 0.001]" {
		t.Errorf("a list of numbers: %v, %v", s.More, err)
	}
	for text, want := range map[string]string{
		"model: mlp\nshares: 5":      `x.yaml:2:9: shares: want a list of numbers such as [0.5, 0.25], found "5"`,
		"model: mlp\nshares: [1, x]": `x.yaml:2:9: shares: want a number, found the text "x"`,
		"model: mlp\nwidht: 7":       `x.yaml:2:1: unknown key "widht" (did you mean "width"?)`,
		"width: 7":                   `x.yaml:1:1: unknown key "width"`,
		"model: mlp\nwidth: x":       `x.yaml:2:8: width: want a whole number, found the text "x"`,
		"width: 7\nwidth: 8":         `x.yaml:2:1: not YAML: mapping key "width" already defined`,
		"format: 3":                  `x.yaml:1:9: format: this program reads format 2`,
	} {
		if _, err := Parse("x.yaml", []byte(text), known); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// The text that show prints of a run is a configuration file of the same run.
func TestCanonicalTextIsAConfiguration(t *testing.T) {
	want := run.Default()
	want.Weights, want.LR, want.Probes = "a \"strange\"\tname: [λ] #\x01\u2028.safetensors", 1e-300, []string{"loss"}
	got, err := Parse("x.yaml", []byte(want.String()), known)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestCommentsAreTheDefault(t *testing.T) {
	for _, text := range []string{"# nothing\n", "---\n"} {
		got, err := Parse("x.yaml", []byte(text), known)
		if d := cmp.Diff(run.Default(), got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("%q: error %v (-want +got)\n%s", text, err, d)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"lerning_rate: 0.1", `x.yaml:1:1: unknown key "lerning_rate" (did you mean "lr"?)`},
		{"data: cifar10\nmeasure:\n  l: 3\n  tolerence: 1", `x.yaml:4:3: unknown key "tolerence" (did you mean "tolerance"?)`},
		{"tolerance: 0.1", `x.yaml:1:1: unknown key "tolerance" (did you mean "measure.tolerance"?)`},
		{"modle: mlp", `x.yaml:1:1: unknown key "modle" (did you mean "model"?)`},
		{"zebra: 1", `x.yaml:1:1: unknown key "zebra"`},
		{"\nlr: -0.1", `x.yaml:2:5: lr: the learning rate must be a positive number, not -0.1`},
		{"lr: .nan", `x.yaml:1:5: lr: the learning rate must be a positive number, not NaN`},
		{"lr: fast", `x.yaml:1:5: lr: want a number, found the text "fast"`},
		{"lr: '1e-1'", `x.yaml:1:5: lr: want a number, found the text "1e-1"`},
		{"lr: 1e999", `x.yaml:1:5: lr: "1e999" is too large`},
		{"lr: '0.1'", `x.yaml:1:5: lr: want a number, found the text "0.1"`},
		{"lr:", `x.yaml:1:5: lr: want a number, found nothing`},
		{"batch: 1.5", `x.yaml:1:8: batch: want a whole number, found "1.5"`},
		{"batch: 18446744073709551615", `x.yaml:1:8: batch: 18446744073709551615 is too large`},
		{"batch: 99999999999999999999999", `x.yaml:1:8: batch: want a whole number, found `},
		{"seed: -1", `x.yaml:1:7: seed: must be 0 or more, not -1`},
		{"augment: yes", `x.yaml:1:10: augment: want true or false, found the text "yes"`},
		{"model: [mlp]", `x.yaml:1:8: model: want a word, found a list`},
		{"model: {a: b}", `x.yaml:1:8: model: want a word, found a group of keys`},
		{"model: mpl", `x.yaml:1:8: model: unknown model "mpl" (did you mean "mlp"?); known: mlp, simplecnn`},
		{"measure: 3", `x.yaml:1:10: want lines of the form`},
		{"measure:\n  l: 1", `x.yaml:2:6: measure.l: must be 2 or more, not 1`},
		{"probes: loss", `x.yaml:1:9: probes: want a list such as [loss, k], found the text "loss"`},
		{"probes: [loss, 3]", `x.yaml:1:9: probes: want a word, found "3"`},
		{"probes: [loss, zz]", `x.yaml:1:9: probes: unknown probe "zz"`},
		{"lr: 0.1\nlr: 0.2", `x.yaml:2:1: `},
		{"train: 50\nmeasure: {m: 50}", `x.yaml:1:8: batch: 128 is more than the 50 training examples`},
		{"epochs: 1\nsteps: 5", `x.yaml:2:8: steps: epochs (1) and steps (5) are both given; give one`},
		{"method: momentum", `x.yaml:1:9: momentum: method momentum needs`},
		{"- a\n- b", `x.yaml:1:1: want lines of the form`},
		{"just words", `x.yaml:1:1: want lines of the form`},
		{"lr: &a 0.1", `x.yaml:1:5: lr: want a number, found a reference of YAML`},
		{"lr: *a", `x.yaml:1:5: lr: want a number, found a reference of YAML`},
		{"<<: {lr: 1}", `x.yaml:1:1: want a key, found a reference of YAML`},
		{"lr: !!float 1", `x.yaml:1:5: lr: want a number, found a tag of YAML`},
		{"? lr\n: 1", `x.yaml:1:1: want a key`},
		{"3: 1", `x.yaml:1:1: want a key, found "3"`},
		{"lr: 1\n---\nlr: 2", `x.yaml:3:1: a second document`},
		{"lr: [", `x.yaml:1:5: not YAML: `},
		{"lr: 1\n\tbatch: 2", `x.yaml:2:`},
		{"a: b: c", `x.yaml:1:4: not YAML: `},
		{"batch: 017", `x.yaml:1:8: batch: "017" begins with 0, and is then another number to some programs than to others; leave the 0 out`},
		{"lr: 010", `x.yaml:1:5: lr: "010" begins with 0`},
		{"{lr: 1, batch: 2, lr: 3}", `x.yaml:1:19: not YAML: mapping key "lr" already defined`},
		{"measure:\n  l: 3\nlr: 1\nmeasure:\n  m: 3", `x.yaml:4:1: not YAML: mapping key "measure" already defined`},
		{"&a lr: 1", `x.yaml:1:1: want a key, found a reference of YAML`},
		{"<<: *a", `x.yaml:1:1: want a key, found a reference of YAML`},
		{"%YAML 1.2\n---\nlr: 1", `x.yaml:1:1: a directive of YAML, which is not read here; leave the line out`},
		{"lr: 1\n...\nlr: 2", `x.yaml:3:1: a second document`},
		{"\tlr: 1", `x.yaml:1:3: not YAML: tab character`},
		{"measure:\n\tl: 3", `x.yaml:2:1: not YAML: found character`},
		{"", `x.yaml: is empty: it should hold settings, such as "model: mlp"`},
		{"\ufeff \n\n", `x.yaml: is empty`},
		{"\ufefflr: -1", `x.yaml:1:5: lr: the learning rate`},
		{"lr: 0.1\x00", `x.yaml:1:5: lr: want a number`},
		{"lr: 1\n" + strings.Repeat("k", maxKey+1) + ": 3", `x.yaml:2:1: a key of 65 characters`},
		{"{" + strings.Repeat("k", 10000) + ": [1, 2]}", `x.yaml:1:2: a key of 10000 characters`},
		{strings.Repeat("a:\n", maxKeys+1), `x.yaml:201:1: more than 200 keys`},
		{"weights: " + strings.Repeat("w", 10000) + ": 3", `x.yaml:1:10: a key of 10000 characters`},
		{"lr: [[[[[[[[[]]]]]]]]]", `x.yaml:1:12: lists and groups nest more than 8 deep`},
		{"a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}", `x.yaml:1:32: lists and groups nest more than 8 deep`},
		{"- - - - - - - - - a", `x.yaml:1:17: lists and groups nest more than 8 deep`},
		{"a:\n b:\n  c:\n   d:\n    e:\n     f:\n      g:\n       h: {i: 1}", `x.yaml:8:11: lists and groups nest more than 8 deep`},
		{"\xff", `x.yaml: is not UTF-8 text`},
		{strings.Repeat("#", MaxSize+1), `x.yaml: has more than 16384 bytes, the most that a configuration may have`},
	} {
		_, err := Parse("x.yaml", []byte(test.text), known)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q\nerror %v\nwant  %s", test.text, err, test.want)
		}
	}
}

func TestAllFaultsInOrder(t *testing.T) {
	_, err := Parse("x.yaml", []byte("bath: 3\nlr: fast\nmodel: 3\n"), known)
	want := `x.yaml:1:1: unknown key "bath" (did you mean "batch"?)
x.yaml:2:5: lr: want a number, found the text "fast"
x.yaml:3:8: model: want a word, found "3"`
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	_, err = Parse("x.yaml", []byte("lr: -1\nbatch: -2\nmodel: vgg\n"), known)
	if errs, ok := err.(Errors); !ok || len(errs) != 3 || errs[0].Line != 1 || errs[2].Line != 3 {
		t.Errorf("error\n%v\nwant one for each line", err)
	}
}

// Groups beside each other do not count as nested, however they are indented.
func TestGroupsSideBySide(t *testing.T) {
	var text strings.Builder
	for i := range 2 * maxDepth {
		fmt.Fprintf(&text, "a%d:\n%sb: [1, {c: 2}]\n", i, strings.Repeat(" ", i+1))
	}
	if _, err := Parse("x.yaml", []byte(text.String()), known); err == nil || strings.Contains(err.Error(), "nest") {
		t.Errorf("error %v, want unknown keys", err)
	}
}

// Of a file with many faults the first ones are listed.
func TestManyFaults(t *testing.T) {
	var text strings.Builder
	for i := range maxKeys - 1 {
		fmt.Fprintf(&text, "k%d: 1\n", i)
	}
	for indent, first := range map[string]int{"": 1, "measure:\n  ": 2} {
		prefix, space, _ := strings.Cut(indent, "\n")
		lines := strings.ReplaceAll("\n"+strings.TrimSpace(text.String()), "\n", "\n"+space)
		_, err := Parse("x.yaml", []byte(prefix+lines+"\n"), known)
		errs, _ := err.(Errors)
		if prefix == "" {
			first++ // an empty line comes first
		}
		if len(errs) != maxFaults+1 || errs[maxFaults].Line != first+maxFaults || !strings.HasPrefix(errs[maxFaults].Msg, "these are many faults") {
			t.Errorf("in %q: %v", prefix, err)
		}
	}
}

// A byte-order mark at the beginning is not part of the text.
func TestByteOrderMark(t *testing.T) {
	got, err := Parse("x.yaml", []byte("\ufefflr: 0.5\r\nbatch: 32\r\n"), known)
	if err != nil || got.LR != 0.5 || got.Batch != 32 {
		t.Errorf("lr %v, batch %d, error %v", got.LR, got.Batch, err)
	}
}

// mostMemory is what reading a file may take, in bytes.
const mostMemory = 16e6

// The worst input of the largest size takes little memory and ends with a short error.
func TestHostileFiles(t *testing.T) {
	var keys strings.Builder
	for i := 0; keys.Len() < MaxSize-20; i++ {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	laughs := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	fill := func(unit string) string { return strings.Repeat(unit, (MaxSize-200)/len(unit)) }
	for name, text := range map[string]string{
		"billion laughs": laughs, "keys": keys.String(), "same key": fill("a: 1\n"), "documents": fill("---\na\n"),
		"long key":    strings.Repeat("k", MaxSize/2) + ": [" + strings.Repeat("1,", MaxSize/4-8) + "]",
		"nested keys": "{" + strings.Repeat("k", maxKey) + ": {" + strings.Repeat("k", maxKey) + ": {" + fill("k,"),
		"commas":      "a: [" + fill(","), "empty lists": "a: [" + fill("[],"), "anchors": fill("&a "), "aliases": "a: [" + fill("*a,") + "]",
		"tags": fill("!!a "), "merge keys": fill("<<: {a: 1}\n"), "colons": fill(": "), "entries": "a:\n" + fill("- \n"),
		"long line": "weights: " + fill("x"), "long quotes": "weights: \"" + fill("\\n") + "\"", "literal": "weights: |\n" + fill(" x\n"),
		"continued": "weights: " + fill("x\n  "), "escapes": "weights: \"" + fill("\\U0001F600") + "\"", "questions": fill("? "), "tabs": fill("\t"),
	} {
		var err error
		taken := testenv.Allocated(func() { _, err = Parse("x.yaml", []byte(text), known) })
		if taken > mostMemory {
			t.Errorf("%s: %d bytes were taken for %d", name, taken, len(text))
		}
		if err != nil && len(err.Error()) > 3000 {
			t.Errorf("%s: an error of %d characters", name, len(err.Error()))
		}
	}
}

// The deepest nesting that fits into a file ends soon, without a crash.
func TestHostileDepth(t *testing.T) {
	for _, unit := range []string{"[", "{", "{a: ", "[{a: ", "- ", "? ", "&a ", "!!a ", "a: &a\n", "\"", "|", "'\n", "- a\n ", "a: {"} {
		var err error
		taken := testenv.Allocated(func() { _, err = Parse("x.yaml", []byte(strings.Repeat(unit, MaxSize/len(unit))), known) })
		if taken > mostMemory {
			t.Errorf("%q over and over: %d bytes were taken", unit, taken)
		}
		if err == nil || len(err.Error()) > 200*len(err.(Errors)) {
			t.Errorf("%q over and over: error %v, want a short one", unit, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{run.Default().String(), "lr: {a: [*b, &c d]}\n", "? a\n: !!b |\n  c\n", "%TAG ! a\n---\n{}"} {
		f.Add([]byte(text))
	}
	f.Add([]byte("\ufeffprobes:\n- loss\n- k\n# c\nmeasure: {l: 3, m: 0x10}\n"))
	f.Add([]byte("a: &a [x, x]\nb: [*a, *a]\n<<: *a\n---\nc: |\n d\n..."))
	f.Add([]byte("weights: \"a\\u00e9\\\n b\"\nlr: 'x''y'\n\tbatch: 017\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var spec run.Spec
		var err error
		taken := testenv.Allocated(func() { spec, err = Parse("x.yaml", text, known) })
		if taken > mostMemory {
			t.Errorf("%d bytes were taken for %d", taken, len(text))
		}
		if err != nil {
			if len(err.Error()) > 10000 {
				t.Errorf("an error of %d characters", len(err.Error()))
			}
			return
		}
		if err := spec.Validate(known); err != nil {
			t.Errorf("the spec read is not valid: %v", err)
		}
		if again, err := run.Parse(spec.String()); err != nil || again.ID() != spec.ID() {
			t.Errorf("its canonical text reads back as %v, error %v", again, err)
		}
	})
}
