package huang2020hierarchy

import (
	"math"
	"strings"
	"testing"

	"breakeven/rng"
	"breakeven/run"
	"breakeven/study"
	"breakeven/trial"
)

// Defaults and canonical texts here are those of the kind, and trials set nothing else.
func TestDefaults(t *testing.T) {
	spec := run.Default()
	spec.Kind = kind
	fields := map[string]run.Field{}
	for _, f := range trial.Declared(spec) {
		fields[f.Name] = f
	}
	for name, text := range defaults {
		if got := fields[name].Text(spec); got != text {
			t.Errorf("%s is %s by default, and %s here", name, got, text)
		}
	}
	for _, scale := range scales {
		for _, tr := range scale.Trials {
			for name := range tr.Spec.More {
				if _, ok := defaults[name]; !ok {
					t.Errorf("scale %s sets %s, whose default is not known here", scale.Name, name)
				}
			}
		}
	}
}

// made returns a run of so many networks with errors that scale as given in width, and in
// time as t^p.
func made(width int, more map[string]string, exponents [3]float64) study.Run {
	r := study.Run{Spec: run.Default(), Status: run.Finished}
	r.Spec.Kind = kind
	set(&r.Spec, "hidden_width", width)
	for k, v := range more {
		set(&r.Spec, k, v)
	}
	stream := rng.New(uint64(width), "test/made")
	for k := range 32 {
		times := []float64{0, 1. / 16, 1. / 8, 1. / 4, 1. / 2, 1}
		rec := run.Record{Step: k + 1}
		add := func(key string, v ...float64) {
			value := run.Value{Key: key, Value: v[len(v)-1]}
			if of, _ := run.LookupKey(key); of.Vector {
				value.Vector = v
			}
			rec.Values = append(rec.Values, value)
		}
		var f, k2, fPath, k2Path []float64
		for l, e := range exponents {
			size := math.Pow(float64(width), e) * math.Exp(stream.NormFloat64()/2)
			f, k2 = append(f, size), append(k2, size)
			for _, at := range times {
				fPath, k2Path = append(fPath, size*math.Pow(at, float64(l+2))), append(k2Path, size*math.Pow(at, float64(l+1)))
			}
		}
		add("flow_times", times...)
		add("f_error", f...)
		add("k2_error", k2...)
		add("f_error_path", fPath...)
		add("k2_error_path", k2Path...)
		add("k2_drift", f[0])
		add("k2_min", 0.5)
		add("k_size", 1, f[0], f[0], f[2])
		rec.Values = append(rec.Values, run.Value{Key: "f_k3", Value: (1 + stream.NormFloat64()) / float64(width)}, run.Value{Key: "f_k3_theory", Value: 1 / float64(width)},
			run.Value{Key: "k4_diagonal", Value: (9 + stream.NormFloat64()) / float64(width)}, run.Value{Key: "k4_theory", Value: 1 / float64(width)})
		r.Records = append(r.Records, rec)
	}
	return r
}

func analyzed(exponents [3]float64) study.Analysis {
	var runs []study.Run
	for _, width := range []int{32, 64, 128, 256} {
		runs = append(runs, made(width, nil, exponents), made(width, map[string]string{"draw": "orthogonal"}, exponents))
	}
	return analysis(runs)
}

func section(t *testing.T, a study.Analysis, title string) study.Section {
	t.Helper()
	for _, s := range a.Sections {
		if strings.Contains(s.Title, title) {
			return s
		}
	}
	t.Fatalf("no section on %s", title)
	return study.Section{}
}

// Scales that are as the paper says are found to be, and others are not.
func TestVerdicts(t *testing.T) {
	good := analyzed([3]float64{-1, -1, -2})
	for _, title := range []string{"Truncation error", "Drift", "Sizes", "Growth in time"} {
		if s := section(t, good, title); s.Badge != held || s.Tone != "good" || len(s.Lines) != 1 {
			t.Errorf("%s: %s\n%q\n%q", title, s.Badge, s.Lines, s.Rows)
		}
	}
	if text := section(t, good, "Truncation error").Lines[0]; !strings.Contains(text, "as the theorem says") {
		t.Error(text)
	}
	bad := analyzed([3]float64{-0.2, -0.2, -0.2})
	for _, title := range []string{"Truncation error", "Drift"} {
		if s := section(t, bad, title); s.Badge == held || s.Tone == "good" {
			t.Errorf("%s: %s\n%q", title, s.Badge, s.Rows)
		}
	}
	if text := section(t, bad, "Truncation error").Lines[0]; strings.Contains(text, "as the theorem says") {
		t.Error(text)
	}
	if s := section(t, good, "averages over networks"); !strings.Contains(s.Lines[0], "8 of 16 averages are within three") {
		t.Errorf("%q %q", s.Lines, s.Rows)
	}
	if s := section(t, good, "orthogonal"); len(s.Rows) != 4 {
		t.Errorf("%q", s.Rows)
	}
	for _, s := range good.Data.([]Scaling) {
		if s.Verdict != held {
			t.Errorf("%+v", s)
		}
	}
	if f := good.Lead[0].Figures[0]; len(f.Curves) != 6 || f.Name != "f_error" || good.Headline == "" {
		t.Errorf("the page begins with %q and %+v", good.Headline, f)
	}
}

// Series are what differs in width alone, in ascending order, named by what they do not share.
func TestSeries(t *testing.T) {
	var trials []Trial
	for _, width := range []int{128, 32, 64} {
		trials = append(trials, trialOf(made(width, nil, [3]float64{})), trialOf(made(width, map[string]string{"hidden_layers": "3", "networks": "5"}, [3]float64{})))
	}
	trials = append(trials, trialOf(study.Run{Spec: trials[0].Spec})) // without records
	all := seriesOf(trials)
	if len(all) != 2 || all[0].Name != "H = 2" || all[1].Name != "H = 3" || len(all[0].Trials) != 3 {
		t.Fatalf("%d series: %+v", len(all), all)
	}
	all = append(all, seriesOf([]Trial{trialOf(made(64, map[string]string{"rate": "0.1"}, [3]float64{}))})...)
	if got := distinct(all); len(got) != 2 || got[1].Name != "H = 3" {
		t.Errorf("%d series differ by more than the rate", len(got))
	}
	for i, want := range []int{32, 64, 128} {
		if all[1].Trials[i].Width != want {
			t.Errorf("width %d at %d", all[1].Trials[i].Width, i)
		}
	}
}

// The median's interval covers the true median about 95 times of 100, and so does that of a
// slope its exponent.
func TestIntervals(t *testing.T) {
	stream, inMedian, inSlope := rng.New(1, "test/intervals"), 0, 0
	const tries = 400
	for range tries {
		var x []float64
		var y []Median
		for k := range 5 {
			var values []float64
			for range 32 {
				values = append(values, math.Pow(2, -float64(k))*math.Exp(stream.NormFloat64()))
			}
			m, _ := medianOf(values)
			if k == 0 && m.Lo <= 1 && 1 <= m.Hi {
				inMedian++
			}
			x, y = append(x, math.Pow(2, float64(k))), append(y, m)
		}
		if s, ok := fit(x, y); ok && math.Abs(s.Value+1) <= s.Error {
			inSlope++
		}
	}
	for name, n := range map[string]int{"median": inMedian, "slope": inSlope} {
		if share := float64(n) / tries; share < 0.91 || share > 0.99 {
			t.Errorf("the interval of the %s holds it in %.3f of the cases", name, share)
		}
	}
}

func TestStatistics(t *testing.T) {
	if _, ok := medianOf([]float64{math.NaN()}); ok {
		t.Error("a median of nothing")
	}
	if m, _ := medianOf([]float64{3, math.Inf(1), 1, math.NaN(), 2}); m.Value != 2 || m.Count != 3 {
		t.Errorf("%+v", m)
	}
	if _, ok := fit([]float64{1, 1}, []Median{{1, 1, 1, 1}, {2, 2, 2, 1}}); ok {
		t.Error("a slope of one place")
	}
	if got := (Slope{-1.004, 0.3}).String(); got != "−1.00 ± 0.30" {
		t.Error(got)
	}
	for _, c := range []struct {
		off, err float64
		want     string
	}{{0.35, 0.5, held}, {0, 0.6, open}, {0.5, 0.2, open}, {0.5, 0.1, notHeld}} {
		if got := verdict(c.off, c.err); got != c.want {
			t.Errorf("off by %v ± %v: %s", c.off, c.err, got)
		}
	}
}
