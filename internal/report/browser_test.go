package report

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"breakeven/internal/browsertest"
	"breakeven/study"
)

// A seen is what the browser finds in the page.
type seen struct {
	Headings []string
	Figures  int
	Curves   int      // paths with colour and room
	Flat     []string // titles of pictures without room
	Unnamed  int      // pictures without a title or a caption
	Hidden   int      // headings without room
	Wide     float64  // how far the page reaches beyond its window
	Small    float64  // the smallest letters of a picture, in pixels
}

const look = `(() => {
	const box = e => e.getBoundingClientRect();
	const room = e => box(e).width > 0 && box(e).height > 0;
	const figures = [...document.querySelectorAll('figure')];
	const svgs = [...document.querySelectorAll('figure svg')];
	const headings = [...document.querySelectorAll('h1, h2')];
	return {
		Headings: headings.map(h => h.textContent),
		Figures: figures.length,
		Curves: [...document.querySelectorAll('figure svg path')].filter(p => getComputedStyle(p).strokeWidth == '1.7px' && box(p).width > 50 && box(p).height > 20).length,
		Flat: svgs.filter(s => !room(s) || ![...s.querySelectorAll('path')].some(room)).map(s => s.getAttribute('aria-label')),
		Unnamed: figures.filter(f => f.querySelector('svg[role=img]').getAttribute('aria-label') == '' || f.querySelector('figcaption').textContent == '').length,
		Hidden: headings.filter(h => !room(h)).length,
		Wide: document.documentElement.scrollWidth - window.innerWidth,
		Small: Math.min(...[...document.querySelectorAll('figure svg text')].map(t => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a)),
	};
})()`

// hide takes the first run out of the figures and puts it back.
const hide = `(() => {
	const seen = () => [...document.querySelectorAll('svg .run1 path')].filter(p => p.getBoundingClientRect().width > 0).length;
	const counts = [seen()];
	for (let i = 0; i < 2; i++) {
		document.getElementById('show1').click();
		counts.push(seen());
	}
	return counts;
})()`

// Tables of several runs stand whole in a window of 1,280 pixels, and on a telephone.
func TestTablesAreNotCutOff(t *testing.T) {
	ctx := browsertest.Open(t)
	for _, n := range []int{3, 6} {
		p := pages()["two runs"]
		head, row, runs := []string{""}, []string{"λ_K¹, largest"}, []example{}
		for i := range n {
			name := fmt.Sprintf("η = 0.0%d, S = 128, nesterov", i+1)
			runs = append(runs, madeUp(name, 0.1, 3))
			head, row = append(head, name), append(row, "19.6221 ± 0.0001 at step 1,081")
		}
		choice := study.Table{Title: "Which setting?", Head: []string{"", "seeds", "final loss", "lowest loss", "valid. loss", "valid. accuracy", "break-even step", "λ_H¹ at the end", ""}}
		choice.Rows = [][]string{{"η = 0.01, S = 128, nesterov, weight decay 0.0005", "5", "0.123 ± 0.004", "0.120 ± 0.004", "0.223 ± 0.014", "0.9123 ± 0.0014", "188 to 235", "115.04 ± 0.62", "best by 0.0023 ± 0.0015"}}
		p = pageOf(runs...)
		p.Analysis.Choice, p.Analysis.Summary = choice, study.Table{Title: "Summary", Head: head, Rows: [][]string{row}}
		file := filepath.Join(t.TempDir(), "report.html")
		if err := Save(file, p); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int64{1280, 390} {
			if err := chromedp.Do(ctx, chromedp.Steps(chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file))); err != nil {
				t.Fatal(err)
			}
			over, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`[...document.querySelectorAll('.wide')].filter(w => w.offsetParent).map(w => w.scrollWidth - w.clientWidth)`))
			if err != nil || len(over) < 2 || slices.Max(over) > 0 {
				t.Errorf("%d runs, a window of %d: tables reach %v pixels beyond their place, %v", n, width, over, err)
			}
		}
	}
}

func TestInChromium(t *testing.T) {
	ctx := browsertest.Open(t)
	file := filepath.Join(t.TempDir(), "report.html")
	if err := Save(file, pages()["two runs"]); err != nil {
		t.Fatal(err)
	}
	complaints, requests := browsertest.Watch(t, ctx)
	silence := func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}
	if err := chromedp.Do(ctx, chromedp.Func(silence)); err != nil {
		t.Fatal(err)
	}
	for name, width := range map[string]int64{"desktop": 1280, "telephone": 400} {
		open := chromedp.Steps(chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file))
		if err := chromedp.Do(ctx, open); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[seen](look))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Figures != 14 || got.Curves < 2*got.Figures || len(got.Flat) > 0 || got.Unnamed > 0 {
			t.Errorf("%s: %d figures with %d curves, without room %q, %d without title or caption", name, got.Figures, got.Curves, got.Flat, got.Unnamed)
		}
		if h := strings.Join(got.Headings, "|"); got.Hidden > 0 ||
			h != "simplecnn on fashion-mnist-sample|What was found|Break-even and maxima|Run by run|Break-even|Gradient noise|Curvature|Training|Other measurements|Closed form|How it was made|Notes" {
			t.Errorf("%s: %d hidden headings of %s", name, got.Hidden, h)
		}
		if got.Wide > 0 {
			t.Errorf("%s: the page is %v pixels wider than its window", name, got.Wide)
		}
		if got.Small < 5.5 {
			t.Errorf("%s: letters of %.1f pixels in a picture", name, got.Small)
		}
	}
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[[]int](hide))
	if err != nil || len(shown) != 3 || shown[0] < 10 || shown[1] != 0 || shown[2] != shown[0] {
		t.Errorf("parts of run 1 that are seen at first, without it, with it again: %v, %v", shown, err)
	}
	if c := complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
	for _, url := range requests() {
		if url != "file://"+file {
			t.Errorf("the page asks for %s", url)
		}
	}
}
