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

	"breakeven/study"
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
			case "meta", "link", "br", "input":
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
			`<sup><a href="#note-5">5</a></sup>`, `<li id="note-5">One seed`, "η\u00a0=\u00a00.1, S\u00a0=\u00a032, not decided: The maximum of Tr H", "Made by breakeven 1.0, instruction set avx512", "lr 0.01", "Spectrum of the Hessian",
			"It takes e<sub>H</sub>¹\u00a0=\u00a0±e<sub>K</sub>¹.", "Lanczos", "L = 25 of M = 128, 500 examples", "residual bound, tolerance 0.01", "14 products, 0.7 s (probe h)", "lr: 0.01\n",
			"Not measured: Smallest eigenvalue of K, λ<sub>K</sub>*; Gradient noise scale.", "Other measurements", "Largest eigenvalue of the Gauss-Newton matrix."},
		"diverged": {`badge status diverged">diverged`, "the loss became NaN at step 300", "300,1.6,loss,NaN,NaN", "300,1.6,h_max,-Inf,NaN"},
		"many":     {`checked><span class="swatch run1" aria-hidden="true"></span>run 0`, `class="swatch run8 dashed"`},
		"hostile":  {"&lt;script&gt;alert(", "&lt;b&gt;model", "&lt;u&gt;title", "&lt;i&gt;note", "&lt;s&gt;paper", "&lt;iframe"},
		"only bad": {"1 measurement, at step 300"},
	} {
		page := html(t, pages()[name])
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in the page", name, want)
			}
		}
	}
	if strings.Contains(html(t, pages()["two runs"]), "Empty table") {
		t.Error("a table without rows is shown")
	}
}

func TestSamePageSameBytes(t *testing.T) {
	first := html(t, pages()["two runs"])
	if again := html(t, pages()["two runs"]); again != first {
		t.Error("two pages of the same runs differ")
	}
}

// Every value of every run must stand in the page as text, once.
func TestNumbersAreInThePage(t *testing.T) {
	r := madeUp("one", 0.1, 24)
	page := html(t, pageOf(r))
	for _, rec := range r.Records {
		for _, v := range rec.Values {
			line := fmt.Sprintf("\none,%d,%.8g,%s,%.8g,%.8g,%.8g\n", rec.Step, rec.Epoch, v.Key, v.Value, v.Error, v.Sample)
			if v.Key != "h_density" && strings.Count(page, line) != 1 {
				t.Errorf("%d times %q", strings.Count(page, line), line)
			}
		}
	}
}

// The swatches of the page must have the colours of the curves, on dark paper too.
func TestColoursAreThoseOfTheCurves(t *testing.T) {
	var all []example
	for i := range 9 {
		all = append(all, madeUp(fmt.Sprint("run ", i), 0.1, 2))
	}
	page := html(t, pageOf(all...))
	light, dark, _ := strings.Cut(page, "@media screen and (prefers-color-scheme: dark) {\n.run1")
	dark = ".run1" + dark
	colour := regexp.MustCompile(`--run: (#[0-9a-f]{6});`)
	for i := range all {
		_, rule, _ := strings.Cut(light, fmt.Sprintf(".run%d { ", i+1))
		drawn := colour.FindStringSubmatch(rule)
		_, rule, _ = strings.Cut(dark, fmt.Sprintf(".run%d { ", i+1))
		night := colour.FindStringSubmatch(rule)
		d, err := draw(study.Figure{Curves: []study.Curve{{Run: i + 1, X: []float64{0, 1, 2}, Y: []float64{1, 2, 4}}}})
		if err != nil || drawn == nil || night == nil {
			t.Fatal(err, drawn, night)
		}
		if !strings.Contains(string(d.SVG), fmt.Sprintf(`fill="none" stroke=%q stroke-width="1.7"`, drawn[1])) {
			t.Errorf("curve %d is not drawn in %s", i+1, drawn[1])
		}
		if !strings.Contains(dark, fmt.Sprintf("svg [stroke=%q] { stroke: %s; }", drawn[1], night[1])) {
			t.Errorf("curve %d is not drawn in %s on dark paper", i+1, night[1])
		}
		if !strings.Contains(page, fmt.Sprintf(`<input type="checkbox" id="show%d" checked><span class="swatch run%d`, i+1, i+1)) ||
			!strings.Contains(page, fmt.Sprintf("body:has(#show%d:not(:checked)) svg .run%d { display: none; }", i+1, i+1)) ||
			!strings.Contains(page, fmt.Sprintf(`<g class="run%d">`, i+1)) {
			t.Errorf("run %d cannot be hidden", i+1)
		}
	}
	if one := html(t, pageOf(all[0])); strings.Contains(one, "checkbox") {
		t.Error("a single run can be hidden")
	}
}

// The page begins with the finding and its pictures; then come the tables, the runs, and the rest.
func TestOrder(t *testing.T) {
	p := pages()["two runs"]
	p.Analysis.Headline, p.Analysis.Lead, p.Analysis.Groups = "λ_K¹ fell.", p.Analysis.Groups[:1], p.Analysis.Groups[1:]
	page, at := html(t, p), -1
	for _, part := range []string{"<h1>", `<p class="headline">λ<sub>K</sub>¹ fell.</p>`, "<fieldset", "Left side of Eq. 1", "Break-even and maxima", "Run by run",
		"<h2>Gradient noise</h2>", "Closed form", "How it was made", "<h2>Notes</h2>"} {
		i := strings.Index(page, part)
		if i <= at {
			t.Errorf("%q at %d, what comes before it at %d", part, i, at)
		}
		at = max(at, i)
	}
}

// What a study hands over as data is drawn: names while there is room for them,
// marks, axes, caption, and every number as text.
func TestFigureAsData(t *testing.T) {
	x, y := []float64{1, 10, 100}, []float64{1, 2, 4}
	f := study.Figure{Title: "Error", Caption: "It falls.", X: "width", Y: "error (nat)", LogX: true, LogY: true,
		Curves: []study.Curve{{Name: "first", Run: 1, X: x, Y: y, Lo: y, Hi: []float64{2, 3, 5}}, {Name: "theory", X: x, Y: y, Dashed: true}},
		Marks:  []study.Mark{{At: 10, Name: "here", Run: 1, Minor: true}, {At: 3, Name: "limit", Level: true}}}
	d, err := draw(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">first<", ">theory<", ">here<", ">limit<", ">width<", ">error (nat)<", ">100<"} {
		if !strings.Contains(string(d.SVG), want) {
			t.Errorf("no %s in the picture", want)
		}
	}
	if d.Caption != "It falls. Logarithmic axes." || !strings.HasPrefix(d.Numbers, "curve,width,error (nat),low,high\nfirst,1,1,1,2\n") ||
		!strings.Contains(d.Numbers, "\ntheory,100,4,,\n") {
		t.Errorf("caption %q, numbers\n%s", d.Caption, d.Numbers)
	}
	for i := range few {
		f.Curves = append(f.Curves, study.Curve{Name: "more", Run: i + 2, X: x, Y: y})
	}
	if d, err = draw(f); err != nil {
		t.Fatal(err)
	}
	for want, there := range map[string]bool{">theory<": true, ">limit<": true, ">first<": false, ">here<": false} {
		if strings.Contains(string(d.SVG), want) != there {
			t.Errorf("%s among many runs: want %v", want, there)
		}
	}
	f.Curves[0].Lo = f.Curves[0].Lo[:1]
	if _, err = draw(f); err == nil {
		t.Error("no error for a band that is shorter than its curve")
	}
}

// What one group shows and another lacks was measured.
func TestNotMeasured(t *testing.T) {
	p := pages()["one run"]
	p.Analysis.Groups = append(p.Analysis.Groups, study.Group{Title: "Second", Figures: []study.Figure{{Title: "Loss"}, {Title: "Nowhere"}}})
	page := html(t, p)
	if _, list, ok := strings.Cut(page, "Not measured: "); !ok || strings.Contains(list[:strings.Index(list, "</p>")], "Loss") || !strings.Contains(list, "Nowhere.") {
		t.Errorf("the page says %q", list[:min(len(list), 200)])
	}
}

func TestAnalysisOfOtherRuns(t *testing.T) {
	p := pages()["two runs"]
	p.Runs = p.Runs[:1]
	if err := Write(io.Discard, p); err == nil {
		t.Error("no error for findings of more runs than there are")
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
