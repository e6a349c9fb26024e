package show

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"breakeven/flight"
	"breakeven/internal/browsertest"
)

// browser opens a browser. It returns what pages complain of, and requests for anything but a page of a test.
func browser(t *testing.T) (ctx context.Context, said func() []string) {
	t.Helper()
	ctx = browsertest.Open(t)
	complaints, requests := browsertest.Watch(t, ctx)
	return ctx, func() []string {
		list := complaints()
		for _, url := range requests() {
			if !strings.HasPrefix(url, "file:") || !strings.HasSuffix(url, ".html") {
				list = append(list, "asks for "+url)
			}
		}
		return list
	}
}

// A seen is what the browser finds in the page.
type seen struct {
	Title, Heading, What string
	Flights              []string
	Ellipses             int      // with room
	Lines                []string // classes of lines with room
	Outside              int      // parts of the flight outside of the map
	Degrees              int      // labels of meridians and parallels
	Rows, Charts         int
	Wide                 float64 // how far the page reaches beyond its window
	Clock, Scale         string
}

const lookAt = `(() => {
	const box = e => e.getBoundingClientRect(), room = e => box(e).width + box(e).height > 3;
	const all = s => [...document.querySelectorAll(s)], m = box(document.getElementById('map'));
	const flown = all('#map path.known, #map path.truth, #map path.predicted, #map path.plan').filter(room);
	return {
		Title: document.title, Heading: document.querySelector('h1').textContent, What: document.getElementById('what').textContent,
		Flights: all('#flight option').map(o => o.textContent),
		Ellipses: all('#map circle.ellipse').filter(room).length,
		Lines: [...new Set(flown.map(p => p.classList[0]))].sort(),
		Outside: flown.filter(p => box(p).left < m.left || box(p).right > m.right || box(p).top < m.top || box(p).bottom > m.bottom).length,
		Degrees: all('text.degrees').filter(room).length,
		Rows: all('#now tr').length,
		Charts: all('figure svg path').filter(room).length,
		Wide: document.documentElement.scrollWidth - window.innerWidth,
		Clock: document.getElementById('clock').textContent, Scale: document.getElementById('miles').textContent,
	};
})()`

// open shows a page in a window of a width.
func open(t *testing.T, ctx context.Context, p Page, width int64) seen {
	t.Helper()
	file := filepath.Join(t.TempDir(), "map.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(HTML(f, p), f.Close()); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Steps(chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file))); err != nil {
		t.Fatal(err)
	}
	return browsertest.Ask[seen](t, ctx, lookAt)
}

// do runs a script, and looks.
func do(t *testing.T, ctx context.Context, script string) seen {
	t.Helper()
	browsertest.Ask[bool](t, ctx, script+"; true")
	return browsertest.Ask[seen](t, ctx, lookAt)
}

func TestInChromium(t *testing.T) {
	ctx, said := browser(t)
	for _, width := range []int64{1400, 800, 390} {
		got := open(t, ctx, Page{Title: hostile, By: hostile, Predictions: cases(), Notes: []string{hostile}}, width)
		if got.Title != hostile || got.Heading != hostile || len(got.Flights) != 5 || got.Flights[1] != hostile || !strings.HasPrefix(got.What, "Flight whole, 2013-08-01: 10 fixes known, 80 min predicted") {
			t.Errorf("%d: names are changed: %+v", width, got)
		}
		if l := strings.Join(got.Lines, " "); l != "known plan predicted truth" || got.Outside > 0 || got.Ellipses != 3*6+3 || got.Degrees < 4 || got.Rows != 7 || got.Charts < 5 || got.Wide > 0 || got.Scale == "" {
			t.Errorf("%d: the page shows %+v", width, got)
		}
		if got.Clock != "2013-08-01 09:18, 60 min ahead" {
			t.Errorf("%d: the clock says %q", width, got.Clock)
		}
	}
	open(t, ctx, Page{Predictions: cases()}, 1200)
	for _, step := range []struct{ do, lines string }{
		{"document.getElementById('after').click()", "known plan predicted truth"},
		{"document.getElementById('after').click()", "known predicted truth"}, // bare
		{"document.getElementById('after').click()", "known plan predicted"},  // future
		{"document.getElementById('after').click()", "known plan truth"},      // silent
		{"document.getElementById('after').click(); document.getElementById('show-plan').click()", "known predicted truth"},
		{"document.getElementById('show-plan').click(); seek(-600)", "known plan predicted truth"},
		{"document.getElementById('in').click(); document.getElementById('fit').click()", "known plan predicted truth"},
	} {
		got := do(t, ctx, step.do)
		if strings.Join(got.Lines, " ") != step.lines || got.Outside > 0 {
			t.Errorf("%s: it shows %q, %d outside of the map", step.do, got.Lines, got.Outside)
		}
	}
	playing := do(t, ctx, "seek(limits()[1] - 60); play()").Clock
	for browsertest.Ask[bool](t, ctx, "state.playing !== 0") { // however long a busy machine takes to draw it
	}
	if end := browsertest.Ask[bool](t, ctx, "state.t === limits()[1]"); !end {
		t.Errorf("it does not play to the end from %s", playing)
	}
	if list := said(); len(list) > 0 {
		t.Errorf("the browser says %q", list)
	}
}

// Weather is shown at its time, and not at others.
func TestWeatherInChromium(t *testing.T) {
	ctx, said := browser(t)
	whole := cases()[:1]
	g := gridOf(38, 18, 40, 60)
	storms := stormsOf(t, g, fmt.Sprintf("unix_time_s,alt_kft,start,len\n%g,24,600,30\n%g,45,660,20\n", whole[0].Fixes[0].Time, whole[0].Fixes[0].Time))
	open(t, ctx, Page{Predictions: whole, Air: airOf(t, g, whole[0].Fixes[0].Time), Storms: storms}, 1200)
	const count = `['path.storms', 'path.barb'].map(s => [...document.querySelectorAll('#map ' + s)].filter(e => e.getBoundingClientRect().height > 3).length)`
	for _, step := range []struct {
		do            string
		storms, winds bool
	}{
		{"seek(0)", true, true}, {"seek(limits()[1])", false, true}, {"seek(0); document.getElementById('show-storms').click()", false, true},
		{"document.getElementById('show-storms').click(); document.getElementById('show-wind').click()", true, false},
		{"document.getElementById('show-wind').click(); zoom(0.2)", true, true}, {"fit()", true, true},
	} {
		do(t, ctx, step.do)
		if n := browsertest.Ask[[]int](t, ctx, count); n[0] > 0 != step.storms || n[1] > 0 != step.winds {
			t.Errorf("%s: %d classes of storms and %d barbs", step.do, n[0], n[1])
		}
	}
	if list := said(); len(list) > 0 {
		t.Errorf("the browser says %q", list)
	}
}

// Maps of the poles and of the antimeridian show the whole flight, in its middle.
func TestSeamsInChromium(t *testing.T) {
	ctx, said := browser(t)
	for name, p := range seams() {
		got := open(t, ctx, Page{Predictions: []flight.Prediction{p}}, 1200)
		if len(got.Lines) != 4 || got.Outside > 0 || got.Ellipses < 9 || len(got.Flights) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := open(t, ctx, Page{}, 1200); got.What != "There are no flights to show." {
		t.Errorf("of no flights the page says %q", got.What)
	}
	if list := said(); len(list) > 0 {
		t.Errorf("the browser says %q", list)
	}
}
