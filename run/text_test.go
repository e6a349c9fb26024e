package run

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// specs draws any Spec, sensible or not.
func specs() *rapid.Generator[Spec] {
	return rapid.Custom(func(t *rapid.T) Spec {
		var s Spec
		for _, f := range s.fields() {
			switch p := f.at.(type) {
			case *string:
				*p = words().Draw(t, f.name)
			case *int:
				*p = rapid.Int().Draw(t, f.name)
			case *bool:
				*p = rapid.Bool().Draw(t, f.name)
			case *uint64:
				*p = rapid.Uint64().Draw(t, f.name)
			case *float64:
				*p = floats().Draw(t, f.name)
			case *[]string:
				if list := rapid.SliceOf(words()).Draw(t, f.name); len(list) > 0 {
					*p = list
				}
			default:
				t.Fatalf("field %s: no generator for %T", f.name, p)
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
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
		if got.String() != want.String() || got.ID() != want.ID() {
			t.Fatal("the text read back has another text or ID")
		}
	})
}

// The table of fields and the type must name the same fields in the same order.
func TestFieldsCoverTheType(t *testing.T) {
	var want []string
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			yaml, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			json, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if yaml == "" || yaml != json {
				t.Errorf("field %s: yaml %q, json %q", f.Name, yaml, json)
			}
			if f.Type.Kind() == reflect.Struct {
				walk(prefix+yaml+".", f.Type)
				continue
			}
			want = append(want, prefix+yaml)
		}
	}
	walk("", reflect.TypeFor[Spec]())
	if d := cmp.Diff(want, Fields()); d != "" {
		t.Errorf("fields of the type against Fields (-type +Fields)\n%s", d)
	}
}

func TestEveryFieldChangesTheIdentity(t *testing.T) {
	seen := map[string]string{Default().ID(): "the default"}
	for i, name := range Fields() {
		s := Default()
		switch p := s.fields()[i].at.(type) {
		case *string:
			*p += "x"
		case *int:
			*p++
		case *bool:
			*p = !*p
		case *uint64:
			*p++
		case *float64:
			*p = math.Nextafter(*p, 2)
		case *[]string:
			*p = append(*p, "x")
		}
		if other, ok := seen[s.ID()]; ok {
			t.Errorf("a change of %s gives the identity of %s", name, other)
		}
		seen[s.ID()] = name
	}
}

func TestField(t *testing.T) {
	var s Spec
	for _, name := range Fields() {
		if s.Field(name) == nil {
			t.Errorf("field %s is not found", name)
		}
	}
	*s.Field("measure.l").(*int) = 7
	if s.Measure.L != 7 {
		t.Error("the pointer to measure.l points elsewhere")
	}
	if s.Field("measure") != nil || s.Field("") != nil {
		t.Error("Field finds what is not there")
	}
}

func TestCanonicalText(t *testing.T) {
	s := Default()
	s.Probes = []string{"loss", "minibatch K"}
	want := `data: fashion-mnist-sample
train: 0
valid: 0
preprocess: paper
augment: false
model: simplecnn
init: glorot
weights: ""
loss: cross-entropy
method: sgd
lr: 0.1
momentum: 0
batch: 128
epochs: 10
steps: 0
until: 0
seed: 0
every: 0
probes: [loss, "minibatch K"]
measure:
  l: 25
  m: 128
  examples: 2250
  per_example: 256
  tolerance: 0.01
`
	if d := cmp.Diff(want, s.String()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if got := s.ID(); len(got) != 12 || strings.Trim(got, "0123456789abcdef") != "" {
		t.Errorf("ID %q is not 12 hexadecimal digits", got)
	}
}

func TestParseErrors(t *testing.T) {
	text := Default().String()
	for name, test := range map[string]struct{ text, want string }{
		"empty":     {"", "no field"},
		"missing":   {strings.Replace(text, "lr: 0.1\n", "", 1), "lr is missing"},
		"twice":     {text + "  l: 25\n", `"measure.l" is no field, or stands there twice`},
		"unknown":   {strings.Replace(text, "lr:", "ln:", 1), `line 11: "ln" is no field`},
		"no number": {strings.Replace(text, "lr: 0.1", "lr: fast", 1), "line 11: lr:"},
		"canonical": {strings.Replace(text, "lr: 0.1", "lr: 1e-1", 1), "not in canonical form"},
		"no end":    {strings.TrimSuffix(text, "\n"), "not in canonical form"},
	} {
		if _, err := Parse(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// bounded fails unless Parse takes memory for a small multiple of the text, and
// an error is a short one.
func bounded(t *testing.T, text string) (s Spec, err error) {
	taken := allocated(func() { s, err = Parse(text) })
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
		strings.Repeat("measure:\n", 1<<16),
	} {
		if _, err := bounded(t, text); err == nil {
			t.Errorf("no error for %.50q", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	s := Default()
	s.Weights, s.Probes, s.LR = "a \"b\"\n\u2028", []string{"loss", "true", "x y"}, 1e-300
	for _, text := range []string{Default().String(), s.String(), "", "measure:\n  l: 3\n", "probes: [a, \"b\"]\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := bounded(t, text); err == nil && s.String() != text {
			t.Errorf("Parse took a text that is not canonical: %q", text)
		}
	})
}

func TestKeys(t *testing.T) {
	// Every key of the measurement table.
	want := strings.Fields(`loss accuracy valid_loss valid_accuracy grad_norm k_max k_min k_trace k_rank k_condition
		k_example_max k_example_min k_example_trace k_example_rank k_example_condition
		h_max h_min h_top5 h_trace h_condition5 h_density ggn_max alignment alignment_example curvature_variance
		stability step_margin batch_sharpness noise_scale topspace bn_scale ntk_max ntk_trace predicted_h_max`)
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
