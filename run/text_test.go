package run

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"breakeven/internal/testenv"
)

// specs draws any Spec, sensible or not.
func specs() *rapid.Generator[Spec] {
	return rapid.Custom(func(t *rapid.T) Spec {
		s := Default()
		for _, f := range append(slices.Clone(Fields), width, slope, names) {
			switch f.Default.(type) {
			case string:
				f.Set(&s, words().Draw(t, f.Name))
			case int:
				f.Set(&s, rapid.Int().Draw(t, f.Name))
			case bool:
				f.Set(&s, rapid.Bool().Draw(t, f.Name))
			case uint64:
				f.Set(&s, rapid.Uint64().Draw(t, f.Name))
			case float64:
				f.Set(&s, floats().Draw(t, f.Name))
			case []string:
				f.Set(&s, rapid.SliceOf(words()).Draw(t, f.Name))
			}
		}
		return s
	})
}

func words() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z][a-z0-9-]*`),
		rapid.SampledFrom([]string{"true", "null", "", "[", "a, b", "] ", "x: y", "a\nb", "\xff", `"`, "1e5", "#"}),
		rapid.String())
}

func floats() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64(),
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, math.MaxFloat64, 0.1}))
}

func TestParseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := specs().Draw(t, "spec")
		got, err := Parse(want.String())
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, want)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
		if got.String() != want.String() || got.ID() != want.ID() {
			t.Fatal("the text read back has another text or ID")
		}
		for _, f := range Fields { // no UTF-8 is not JSON
			if !utf8.ValidString(fmt.Sprint(f.Value(want))) {
				return
			}
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var back Spec
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if x := slope.Float(want); !math.IsNaN(x) && !math.IsInf(x, 0) && slope.Float(back) != x {
			t.Fatalf("slope %v, want %v\n%s", slope.Float(back), x, text)
		}
		back.More, want.More = nil, nil
		if d := cmp.Diff(want, back, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("JSON (-want +got)\n%s\n%s", d, text)
		}
	})
}

// Each field of the type has its row in the table, and each row its own place.
func TestFieldsCoverTheType(t *testing.T) {
	places := map[any]string{}
	var s Spec
	for _, f := range Fields {
		if other, ok := places[f.at(&s)]; ok {
			t.Errorf("%s and %s are one place", f.Name, other)
		}
		places[f.at(&s)] = f.Name
		if f.Doc == "" || strings.Contains(f.Doc, "\n") {
			t.Errorf("%s: doc %q", f.Name, f.Doc)
		}
	}
	count := reflect.TypeFor[Spec]().NumField() - 2 + reflect.TypeFor[Measure]().NumField() // without Measure and More
	if len(Fields) != count {
		t.Errorf("%d rows for the %d fields of Spec", len(Fields), count)
	}
}

// other returns a value of a field that is not its default.
func other(f Field) any {
	switch v := f.Default.(type) {
	case string:
		return v + "x"
	case int:
		return v + 1
	case bool:
		return !v
	case uint64:
		return v + 1
	case float64:
		return math.Nextafter(v, 2)
	case []string:
		return append(slices.Clone(v), "x")
	}
	return nil
}

// The identity depends on every field that affects the numbers, and not on those that
// say where something lies.
func TestIdentity(t *testing.T) {
	seen := map[string]string{Default().ID(): "the default"}
	for _, f := range append(slices.Clone(Fields), width, slope, names) {
		s := Default()
		f.Set(&s, other(f))
		before, ok := seen[s.ID()]
		switch {
		case f.Place && before != "the default":
			t.Errorf("%s changes the identity", f.Name)
		case !f.Place && ok:
			t.Errorf("a change of %s gives the identity of %s", f.Name, before)
		}
		if !f.Place {
			seen[s.ID()] = f.Name
		}
	}
	if got := Default().ID(); len(got) != 13 || got[0] != 'r' || strings.Trim(got[1:], "0123456789abcdef") != "" {
		t.Errorf("ID %q is not r and 12 hexadecimal digits", got)
	}
}

// A field that is added later, at its default, changes no identity.
func TestAddedFieldChangesNoIdentity(t *testing.T) {
	s := Default()
	width.Set(&s, 300)
	if s.String() != Default().String() || s.More != nil {
		t.Errorf("a declared field at its default is in the text:\n%s", s)
	}
	before := map[string]string{
		"":    "format: 2\n",
		"lr":  "format: 2\nlr: 0.01\n",
		"mlp": "format: 2\nmodel: mlp\nseed: 3\nmeasure:\n  l: 5\nwidth: 10\n",
	}
	for name, text := range before {
		s, err := Parse(text)
		if err != nil || s.String() != text {
			t.Errorf("%s: %v\n%s", name, err, s)
		}
	}
}

// Fields of another program's spec that are not known here are kept.
func TestUnknownFieldsAreKept(t *testing.T) {
	const text = "format: 2\nlr: 0.5\nfuture: 1e-3\nheads: [a, \"b c\"]\n"
	s, err := Parse(text)
	if err != nil || s.String() != text || s.LR != 0.5 {
		t.Fatalf("%v\n%s", err, s)
	}
	j, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(j), `"future":1e-3`) || !strings.Contains(string(j), `"heads":["a","b c"]`) {
		t.Errorf("%v: %s", err, j)
	}
	if err := s.Validate(known); err == nil || strings.Count(err.Error(), "is no field") != 2 {
		t.Errorf("Validate says %v", err)
	}
}

func TestFieldAccess(t *testing.T) {
	s := Default()
	copied := s
	width.Set(&s, 7)
	slope.Set(&s, 3)
	names.Set(&s, "batch")
	if width.Int(s) != 7 || slope.Float(s) != 3 || names.Word(s) != "batch" || width.Int(copied) != 300 {
		t.Errorf("width %d, slope %v, norm %s; before %d", width.Int(s), slope.Float(s), names.Word(s), width.Int(copied))
	}
	again := s
	width.Set(&again, 8)
	if width.Int(s) != 7 {
		t.Error("two specs share their fields")
	}
	l, ok := LookupField("measure.l")
	if !ok || l.Group() != "measure" || l.FlagName() != "l" || l.Int(s) != 25 {
		t.Errorf("measure.l: %v, %+v", ok, l)
	}
	if f, _ := LookupField("measure.per_example"); f.FlagName() != "per-example" {
		t.Errorf("flag %s", f.FlagName())
	}
	if _, ok := LookupField("measure"); ok {
		t.Error("a group is no field")
	}
}

func TestCanonicalText(t *testing.T) {
	s := Default()
	s.Probes = []string{"loss", "minibatch K"}
	s.Model, s.LR, s.Epochs, s.Steps, s.Measure.M, s.Measure.Tolerance = "mlp", 1e-21, 0, 5, 64, 0.5
	width.Set(&s, 10)
	names.Set(&s, "batch")
	want := `format: 2
model: mlp
lr: 1e-21
epochs: 0
steps: 5
probes: [loss, "minibatch K"]
measure:
  m: 64
  tolerance: 0.5
norm: batch
width: 10
`
	if d := cmp.Diff(want, s.String()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// format1Text is a text that programs before format 2 wrote.
const format1Text = `data: cifar10
train: 0
valid: 5000
preprocess: paper
augment: false
model: simplecnn
init: glorot
weights: ""
loss: cross-entropy
method: sgd
lr: 0.01
momentum: 0
batch: 128
epochs: 10
steps: 0
until: 0
seed: 0
every: 0
probes: [loss, k]
measure:
  l: 25
  m: 128
  examples: 2250
  per_example: 256
  tolerance: 0.01
`

func TestParseFormat1(t *testing.T) {
	want := Default()
	want.Data, want.Valid, want.LR, want.Probes = "cifar10", 5000, 0.01, []string{"loss", "k"}
	got, err := Parse(format1Text)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
}

func TestParseErrors(t *testing.T) {
	text := "format: 2\nlr: 0.01\nmeasure:\n  l: 5\n"
	for name, test := range map[string]struct{ text, want string }{
		"empty":        {"", "no field"},
		"other format": {strings.Replace(text, "2", "3", 1), `format "3"; this program reads formats 1 and 2`},
		"twice":        {text + "  l: 5\n", "canonical form"},
		"no number":    {strings.Replace(text, "0.01", "fast", 1), "line 2: lr:"},
		"canonical":    {strings.Replace(text, "0.01", "1e-2", 1), "not in canonical form"},
		"a default":    {strings.Replace(text, "0.01", "0.1", 1), "not in canonical form"},
		"no end":       {strings.TrimSuffix(text, "\n"), "not in canonical form"},
		"no value":     {text + "word\n", "is no field"},
		"1: missing":   {strings.Replace(format1Text, "lr: 0.01\n", "", 1), "lr is missing"},
		"1: twice":     {format1Text + "  l: 25\n", `"measure.l" is no field of format 1, or stands there twice`},
		"1: unknown":   {strings.Replace(format1Text, "lr:", "ln:", 1), `line 11: "ln" is no field`},
		"1: no number": {strings.Replace(format1Text, "lr: 0.01", "lr: fast", 1), "line 11: lr:"},
	} {
		if _, err := Parse(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
}

// The JSON schema takes what a configuration file takes.
func TestSchema(t *testing.T) {
	text, err := Schema(append(slices.Clone(Fields), width, names), known.Words)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct {
			Type       string
			Enum       []string
			Default    any
			Items      struct{ Enum []string }
			AnyOf      []struct{ Enum []string }
			Properties map[string]struct{ Type string }
		}
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	p := s.Properties
	if p["lr"].Type != "number" || p["lr"].Default != 0.1 || p["measure"].Properties["l"].Type != "integer" ||
		!slices.Contains(p["model"].AnyOf[0].Enum, "tiny") || !slices.Contains(p["init"].Enum, "he") || !slices.Contains(p["probes"].Items.Enum, "loss") ||
		p["width"].Type != "integer" || p["norm"].Default != "none" {
		t.Errorf("the schema is\n%s", text)
	}
	if _, ok := p["weights_sha256"]; ok {
		t.Error("the schema has a field that the program fills in")
	}
}

// bounded fails unless Parse takes memory in proportion to the text, and returns short
// errors.
func bounded(t *testing.T, text string) (s Spec, err error) {
	taken := testenv.Allocated(func() { s, err = Parse(text) })
	if taken > 1<<16+64*int64(len(text)) {
		t.Errorf("%d bytes were taken for %d: %.100q", taken, len(text), text)
	}
	if err != nil && len(err.Error()) > 500 {
		t.Errorf("an error of %d characters for %.100q", len(err.Error()), text)
	}
	return s, err
}

func TestParseIsBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("\n", 1<<20), strings.Repeat("x", 1<<20), "lr: " + strings.Repeat("1", 1<<20), "train: " + strings.Repeat("1", 1<<20),
		"probes: [" + strings.Repeat("a, ", 1<<18), "probes: [" + strings.Repeat(`"", `, 1<<18), "probes: " + strings.Repeat("[", 1<<20),
		"weights: \"" + strings.Repeat("x", 1<<20), "weights: " + strings.Repeat("x", 1<<20) + "\"", "weights: \"\"" + strings.Repeat("x", 1<<20),
		strings.Repeat("measure:\n", 1<<16), strings.Repeat("a:b\n", 1<<18), "format: " + strings.Repeat("2", 1<<20),
	} {
		for _, begin := range []string{"", "format: 2\n"} {
			if _, err := bounded(t, begin+text); err == nil {
				t.Errorf("no error for %.50q", begin+text)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	s := Default()
	s.Weights, s.Probes, s.LR = "a \"b\"\n\u2028", []string{"loss", "true", "x y"}, 1e-300
	for _, text := range []string{Default().String(), s.String(), format1Text, "format: 2\nlr: 0.5\nmeasure:\n  l: 3\nfuture: [a]\n", "", "measure:\n  l: 3\n", "probes: [a, \"b\"]\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := bounded(t, text)
		if err == nil && strings.HasPrefix(text, "format: ") && s.String() != text {
			t.Errorf("Parse took a text that is not canonical: %q", text)
		}
	})
}

func TestKeys(t *testing.T) {
	// Every key of the measurement table.
	want := strings.Fields(`loss accuracy absolute_error step_error train_loss valid_loss valid_accuracy valid_absolute_error valid_step_error valid_track_error test_loss test_accuracy predictions
		task_loss task_accuracy valid_task_loss valid_task_accuracy other_key_loss other_key_accuracy carrier_h_max carrier_k_max carrier_k_trace grad_norm k_max k_min k_trace k_rank k_condition
		k_example_max k_example_min k_example_trace k_example_rank k_example_condition
		h_max h_min h_top5 h_trace h_condition5 h_density ggn_max alignment alignment_example curvature_variance
		stability k_curvature k_curvature_variance stability_k ph_max edge step_margin step_along_k critical_sharpness batch_sharpness top_noise sharpening stabilisation sharpness_gap edge_distance noise_scale grad_square example_variance noise_scale_unbiased critical_batch fisher_trace h_overlap topspace bn_scale ntk_max ntk_trace
		ntk_change weight_change linear_gap nngp_error ntk_error nngp_mean_error ntk_mean_error nngp_spread ntk_spread ntk_diagonal predicted_h_max predicted_h_max_k predicted_k_max constant_loss lr
		flow_times flow_loss f_error k2_error f_error_path k2_error_path k2_drift k_size k2_min k2_max k2_max_path
		test_error test_agreement f_k3 k4_diagonal f_k3_theory k4_theory descent_error indefinite`)
	var got []string
	for _, k := range Keys {
		if slices.Contains(got, k.Name) {
			t.Errorf("%s stands there twice", k.Name)
		}
		if k.Unit == "" || k.Meaning == "" || strings.Contains(k.Meaning, "\n") {
			t.Errorf("%s: unit %q, meaning %q", k.Name, k.Unit, k.Meaning)
		}
		if found, ok := LookupKey(k.Name); !ok || found != k {
			t.Errorf("LookupKey(%q) = %v, %v", k.Name, found, ok)
		}
		got = append(got, k.Name)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if _, ok := LookupKey("no such key"); ok {
		t.Error("LookupKey finds what is not there")
	}
}

// Lists of numbers read back to the same bits, as a text, as JSON and as a user types them.
func TestListsOfNumbers(t *testing.T) {
	for _, x := range [][]float64{nil, {0.1}, {1, -2.5e-300, 1.0 / 3}, {math.Inf(1), 4}} {
		s := Default()
		shares.Set(&s, x)
		sizes.Set(&s, []int{7, 8})
		back, err := Parse(s.String())
		if err != nil || !slices.Equal(shares.Floats(back), x) || back.ID() != s.ID() {
			t.Errorf("%v: read back %v, %v", x, shares.Floats(back), err)
		}
		if typed, err := shares.Read(strings.Trim(shares.Text(s), "[]")); err != nil || !slices.Equal(typed.([]float64), x) {
			t.Errorf("%v: typed %v, %v", x, typed, err)
		}
		if slices.Contains(x, math.Inf(1)) { // JSON has none
			continue
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again Spec
		if err := json.Unmarshal(text, &again); err != nil || again.String() != s.String() || again.ID() != s.ID() {
			t.Errorf("%v: JSON gives another spec, %v\n%s\n%s", x, err, text, again)
		}
	}
	if _, err := shares.Read("1,x"); err == nil || !strings.Contains(err.Error(), "want a list of numbers") {
		t.Errorf("no list: %v", err)
	}
}
