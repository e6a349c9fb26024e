package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"breakeven/run"
)

func html(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wellFormed reports tags that do not close in order.
func wellFormed(page string) error {
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	open := []string{}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch x := token.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "meta", "link", "br":
			default:
				open = append(open, x.Name.Local)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != x.Name.Local {
				return fmt.Errorf("</%s> after %v", x.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("not closed: %v", open)
	}
	return nil
}

// elsewhere matches whatever would load something or run code.
var elsewhere = regexp.MustCompile(`(?i)<script|<iframe|<img|<object|<embed|<base|@import|url\(|\bon[a-z]+="|javascript:|(?:src|href)="(?:[^#d]|d[^a])`)

func TestStatesAreWellFormedAndSelfContained(t *testing.T) {
	for name, p := range pages() {
		page := html(t, p)
		if err := wellFormed(page); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if found := elsewhere.FindString(page); found != "" {
			t.Errorf("%s: the page holds %q", name, found)
		}
		if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "%!") {
			t.Errorf("%s: the template refused a value, or a format went wrong", name)
		}
	}
}

func TestStates(t *testing.T) {
	for name, wants := range map[string][]string{
		"empty":      {"<h1>No runs</h1>", "There are no runs to show."},
		"none yet":   {"no measurement yet", "nothing found yet", `badge status running`},
		"one record": {"1 measurement, at step 0"},
		"one run":    {"<h1>simplecnn on fashion-mnist-sample</h1>", "1 run · sgd · learning rate 0.1 · batch 32 · 361,898 parameters · 6,000 training examples"},
		"two runs": {"2 runs · sgd · batch 32", `badge good">held`, "max λ<sub>K</sub>¹", "24 measurements to step 1081, epoch 5.75",
			`<sup><a href="#note-3">3</a></sup>`, `<li id="note-3">One seed`, "Made by breakeven 1.0, instruction set avx512", "lr 0.01", "Spectrum of the Hessian",
			"It takes e<sub>H</sub>¹\u00a0=\u00a0±e<sub>K</sub>¹.", "Lanczos", "L = 25 of M = 128, 500 examples", "residual bound, tolerance 0.01", "14 products, 0.7 s (probe h)", "lr: 0.01\n",
			"Not measured: Smallest eigenvalue of K, λ<sub>K</sub>*; Gradient noise scale; Gradient in the top space", "Other measurements", "Largest eigenvalue of the Gauss-Newton matrix."},
		"diverged": {`badge status diverged">diverged`, "the loss became NaN at step 300", "300,1.6,loss,NaN,NaN", "300,1.6,h_max,-Inf,NaN"},
		"many":     {`<p class="key"><span><span class="swatch" aria-hidden="true" style="--run:#0072B2"></span>run 0`, `class="swatch dashed"`},
		"hostile":  {"&lt;script&gt;alert(", "&lt;b&gt;model", "&lt;u&gt;title", "&lt;i&gt;note", "&lt;iframe"},
		"only bad": {"1 measurement, at step 300"},
	} {
		page := html(t, pages()[name])
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in the page", name, want)
			}
		}
	}
	page := html(t, pages()["two runs"])
	if first, figure, last := strings.Index(page, "Break-even and maxima"), strings.Index(page, "<figure>"), strings.Index(page, "Closed form"); !(first < figure && figure < last) {
		t.Errorf("tables at %d and %d, first figure at %d", first, last, figure)
	}
	if strings.Contains(page, "Empty table") {
		t.Error("a table without rows is shown")
	}
}

func TestSamePageSameBytes(t *testing.T) {
	first := html(t, pages()["two runs"])
	if again := html(t, pages()["two runs"]); again != first {
		t.Error("two pages of the same runs differ")
	}
}

func TestRunsOfOneNameAreToldApart(t *testing.T) {
	runs := []Run{madeUp("same", 0.1, 3), madeUp("same", 0.2, 3), madeUp("other", 0.3, 3)}
	page := html(t, Page{Runs: runs})
	for _, want := range []string{"same (" + runs[0].Spec.ID() + ")", "same (" + runs[1].Spec.ID() + ")", "\nother,0,0,loss"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if runs[0].Name != "same" || runs[0].ID != "" {
		t.Error("Write changed the runs of its caller")
	}
}

// Every value of every run must stand in the page as text, once.
func TestNumbersAreInThePage(t *testing.T) {
	r := madeUp("one", 0.1, 24)
	page := html(t, Page{Runs: []Run{r}})
	for _, rec := range r.Records {
		for _, v := range rec.Values {
			line := fmt.Sprintf("\none,%d,%.8g,%s,%.8g,%.8g\n", rec.Step, rec.Epoch, v.Key, v.Value, v.Error)
			if v.Key != "h_density" && strings.Count(page, line) != 1 {
				t.Errorf("%d times %q", strings.Count(page, line), line)
			}
		}
	}
}

// The swatches of the page must have the colours of the curves.
func TestColoursAreThoseOfTheCurves(t *testing.T) {
	for i, colour := range colours {
		var runs []Run
		for range i + 1 {
			runs = append(runs, Run{Name: "r"})
		}
		runs[i] = madeUp("r", 0.1, 4)
		d, ok, err := figure{keys: []string{"loss"}}.draw(runs)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if !strings.Contains(string(d.SVG), "fill:none;stroke:"+colour+";stroke-width:1.7") {
			t.Errorf("curve %d is not drawn in %s", i+1, colour)
		}
	}
}

func TestMarksAndLevels(t *testing.T) {
	runs := []Run{madeUp("a", 0.01, 4), madeUp("b", 0.1, 4), madeUp("c", 0.1, 4)}
	f := figure{keys: []string{"h_max"}, levelOf: edge, name: "2/η"}
	var levels, lines int
	for _, m := range f.marks(runs, "epoch") {
		if m.Level {
			levels++
		} else {
			lines++
		}
	}
	if levels != 2 || lines != 6 {
		t.Errorf("%d levels and %d vertical lines, want 2 (0.1 once) and 6", levels, lines)
	}
	runs = append(runs, madeUp("d", 1, 4))
	for _, m := range f.marks(runs, "epoch") {
		if m.Name != "" || !m.Level && m.At != 1.25 {
			t.Errorf("among many runs there is the mark %+v", m)
		}
	}
	for _, m := range f.marks(runs, "step") {
		if !m.Level {
			t.Error("an epoch is marked on an axis of steps")
		}
	}
}

func TestLogarithmic(t *testing.T) {
	for _, test := range []struct {
		values  []float64
		welcome bool
		want    bool
	}{
		{nil, true, false}, {[]float64{1, 2, 40}, true, true}, {[]float64{1, 2, 40}, false, false},
		{[]float64{0, 2, 4000}, true, false}, {[]float64{-1, 2, 4000}, true, false}, {[]float64{1, 2, 4000}, false, true},
	} {
		if got := logarithmic(test.values, test.welcome); got != test.want {
			t.Errorf("%v, welcome %v: %v", test.values, test.welcome, got)
		}
	}
}

// Every scalar key must have a picture when it is measured.
func TestEveryKeyIsDrawn(t *testing.T) {
	r := Run{Name: "all", Spec: run.Default()}
	for i := range 3 {
		rec := run.Record{Step: i, Epoch: float64(i)}
		for _, k := range run.Keys {
			if !k.Vector {
				rec.Values = append(rec.Values, run.Value{Key: k.Name, Value: 1.5 + float64(i)})
			}
		}
		r.Records = append(r.Records, rec)
	}
	page := html(t, Page{Runs: []Run{r}})
	for _, k := range run.Keys {
		if !k.Vector && !strings.Contains(page, "\nall,2,2,"+k.Name+",3.5,0\n") {
			t.Errorf("%s has no picture", k.Name)
		}
	}
	if strings.Contains(page, "Not measured") {
		t.Error("the page says that something was not measured")
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	if err := Save(path, pages()["one run"]); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != html(t, pages()["one run"]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := Save(filepath.Join(dir, "none", "report.html"), Page{}); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
