package config

import (
	"strings"
	"testing"

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
			return []run.Field{{Name: "width", Default: 300}}
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
	for text, want := range map[string]string{
		"model: mlp\nwidht: 7":     `x.yaml:2:1: unknown key "widht" (did you mean "width"?)`,
		"width: 7":                 `x.yaml:1:1: unknown key "width"`,
		"model: mlp\nwidth: x":     `x.yaml:2:8: width: want a whole number, found the text "x"`,
		"width: 7\nwidth: 8":       `x.yaml:2:1: not YAML: mapping key "width" already defined`,
		"format: 3":                `x.yaml:1:9: format: this program reads format 2`,
		"data_sha256: a\nmodel: x": `x.yaml:2:8: model: unknown model "x"`,
	} {
		if _, err := Parse("x.yaml", []byte(text), known); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// What show prints of a run is a file that begins the same run.
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

func TestEmptyFileIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n"} {
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
		{"\xff", `x.yaml: is not UTF-8 text`},
		{strings.Repeat("#", maxSize+1), `x.yaml: has 16385 bytes`},
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
	_, err = Parse("x.yaml", []byte("lr: -1\nbatch: 0\nmodel: vgg\n"), known)
	if errs, ok := err.(Errors); !ok || len(errs) != 3 || errs[0].Line != 1 || errs[2].Line != 3 {
		t.Errorf("error\n%v\nwant one for each line", err)
	}
}

// The deepest nestings that fit into a file end soon and without a crash.
func TestHostileDepth(t *testing.T) {
	for _, unit := range []string{"[", "{", "{a: ", "[{a: ", "- ", "? ", "&a ", "!!a ", "a: &a\n", "\"", "|", "'\n", "- a\n ", "a: {"} {
		_, err := Parse("x.yaml", []byte(strings.Repeat(unit, maxSize/len(unit))), known)
		if err == nil || len(err.Error()) > 200*len(err.(Errors)) {
			t.Errorf("%q over and over: error %v, want a short one", unit, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{run.Default().String(), "lr: {a: [*b, &c d]}\n", "? a\n: !!b |\n  c\n", "%TAG ! a\n---\n{}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		spec, err := Parse("x.yaml", text, known)
		if err != nil {
			return
		}
		if err := spec.Validate(known); err != nil {
			t.Errorf("the spec read is not valid: %v", err)
		}
	})
}
