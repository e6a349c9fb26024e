package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"breakeven/internal/browsertest"
	"breakeven/internal/store"
	"breakeven/run"
)

// visit opens a page in a window of a width.
func visit(t *testing.T, ctx context.Context, url string, width int64) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Steps(chromedp.EmulateViewport(width, 800), chromedp.Navigate(url))); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

// paint makes the browser prefer a colour scheme.
func paint(t *testing.T, ctx context.Context, scheme string) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// until waits until an expression is true in the page. While a page gives way to the next one it may have
// no value.
func until(t *testing.T, ctx context.Context, what, expression string) {
	t.Helper()
	var err error
	for range 1000 {
		var is bool
		if is, err = chromedp.Run(ctx, chromedp.Evaluate[bool](expression)); is && err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never happens: %s (%v)", what, expression, err)
}

// flaws are what makes a page hard to use without a pointer, with a screen reader, on a telephone, or
// on dark paper: names of elements that lack something, and places that are too pale.
const flaws = `(() => {
	const list = [];
	const all = s => [...document.querySelectorAll(s)];
	const seen = e => e.getClientRects().length > 0;
	const named = e => (e.getAttribute('aria-label') || e.textContent || (e.labels && [...e.labels].map(l => l.textContent).join('')) || '').trim() != '';
	if (document.documentElement.lang != 'en') list.push('no language');
	if (all('h1').length != 1 || all('main').length != 1) list.push('not one h1 and one main');
	let level = 1;
	for (const h of all('h1, h2, h3, h4').filter(seen)) {
		const n = +h.tagName[1];
		if (n > level + 1) list.push('heading ' + h.textContent + ' skips a level');
		level = n;
	}
	for (const e of all('a, button, input, select, summary').filter(seen)) if (!named(e)) list.push('without a name: ' + e.outerHTML.slice(0, 120));
	for (const e of all('input, select').filter(seen)) if (!e.getAttribute('aria-label') && !(e.labels && e.labels.length)) list.push('without a label: ' + e.outerHTML.slice(0, 120));
	for (const e of all('svg[role=img]')) if (!e.getAttribute('aria-label')) list.push('a picture without a name');
	for (const e of all('table')) if (!e.querySelector('th[scope]')) list.push('a table without heads');
	const ids = all('[id]').map(e => e.id);
	for (const id of ids) if (ids.indexOf(id) != ids.lastIndexOf(id)) list.push('twice: #' + id);
	for (const e of all('[tabindex]')) if (e.tabIndex > 0) list.push('an order of its own: ' + e.outerHTML.slice(0, 80));
	if (document.documentElement.scrollWidth > window.innerWidth) list.push('wider than its window by ' + (document.documentElement.scrollWidth - window.innerWidth));
	const rgb = c => c.match(/[\d.]+/g).map(Number);
	const light = c => rgb(c).slice(0, 3).map(x => x / 255).map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4).reduce((s, x, i) => s + x * [.2126, .7152, .0722][i], 0);
	const paper = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c).length < 4 || rgb(c)[3] > 0) return c; } return 'rgb(255,255,255)'; };
	for (const e of all('body *').filter(e => seen(e) && !e.closest('svg') && [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim()))) {
		const [a, b] = [light(getComputedStyle(e).color), light(paper(e))].sort((x, y) => y - x);
		if ((a + .05) / (b + .05) < 4.5) list.push('pale: ' + e.outerHTML.slice(0, 100) + ' ' + ((a + .05) / (b + .05)).toFixed(1));
	}
	return list;
})()`

// The runs are listed, found, and laid over each other; a curve grows while the page is read, and what
// is open stays open; no page complains, asks elsewhere, or has flaws.
func TestInChromium(t *testing.T) {
	ctx := browsertest.Open(t)
	p := serve(t, func(s *Site) { s.Poll = 50 * time.Millisecond })
	var runs []store.Lease
	for i, eta := range []float64{0.05, 0.1, 0.3} {
		runs = append(runs, p.begin(t, specWith(eta, 32, uint64(i)), 30))
	}
	sweep, err := p.store.Submit("rates", 1, origin, []run.Spec{specWith(0.05, 32, 0), specWith(0.1, 32, 1), specWith(1, 32, 1)})
	if err != nil {
		t.Fatal(err)
	}
	complaints, requests := browsertest.Watch(t, ctx)

	visit(t, ctx, p.url+"/", 1280)
	if n := browsertest.Ask[int](t, ctx, `document.querySelectorAll('tbody tr').length`); n != 3 {
		t.Errorf("%d runs are listed", n)
	}
	p.begin(t, specWith(3, 32, 1), 10)
	until(t, ctx, "a fourth run in the table", `document.querySelectorAll('tbody tr').length == 4`)
	browsertest.Ask[bool](t, ctx, `(document.querySelector('[name=q]').value = 'lr=0.1', document.querySelector('form[role=search]').requestSubmit(), true)`)
	until(t, ctx, "the filter", `location.search.includes('lr') && document.querySelectorAll('tbody tr').length == 1`)
	visit(t, ctx, p.url+"/", 1280)
	browsertest.Ask[bool](t, ctx, `([...document.querySelectorAll('[name=run]')].slice(0, 2).forEach(b => b.click()), document.querySelector('form[action="/compare"]').requestSubmit(), true)`)
	until(t, ctx, "the comparison", `location.pathname == '/compare' && document.querySelectorAll('.shown input').length == 2 && document.querySelectorAll('figure svg').length > 1`)

	visit(t, ctx, p.url+"/runs/"+runs[0].Run, 1280)
	until(t, ctx, "the connection", `document.getElementById('live').textContent == 'Live'`)
	browsertest.Ask[bool](t, ctx, `(document.querySelector('figure details').open = true, scrollTo(0, 300), true)`)
	numbers := `document.querySelector('figure details[open] pre').textContent.trim().split('\n').length`
	before := browsertest.Ask[int](t, ctx, numbers)
	p.save(t, runs[0], 40)
	until(t, ctx, "a longer curve", numbers+` == `+string(rune('0'+before+1)))
	if y := browsertest.Ask[int](t, ctx, `scrollY`); y != 300 {
		t.Errorf("the page jumps to %d", y)
	}

	script := axe(t)
	for _, path := range []string{"/", "/runs/" + runs[0].Run, "/compare?run=" + runs[0].Run + "&run=" + runs[1].Run, "/sweeps", "/sweeps/" + sweep.ID, "/studies", "/studies/one?scale=small", "/login"} {
		for scheme, width := range map[string]int64{"light": 1280, "dark": 360} {
			paint(t, ctx, scheme)
			visit(t, ctx, p.url+path, width)
			until(t, ctx, "the connection", `document.getElementById('main').dataset.events == '' || document.getElementById('live').textContent != ''`)
			for _, flaw := range append(browsertest.Ask[[]string](t, ctx, flaws), violations(t, ctx, script)...) {
				t.Errorf("%s, %d pixels, %s: %s", path, width, scheme, flaw)
			}
			if dark := browsertest.Ask[bool](t, ctx, `getComputedStyle(document.body).backgroundColor != 'rgb(255, 255, 255)'`); dark != (scheme == "dark") {
				t.Errorf("%s is not %s", path, scheme)
			}
		}
	}
	guarded := serve(t, func(s *Site) { s.Token = "0123456789abcdef" })
	visit(t, ctx, guarded.url+"/", 360)
	browsertest.Ask[bool](t, ctx, `(document.querySelector('[name=token]').value = '0123456789abcdef', document.querySelector('form').requestSubmit(), true)`)
	until(t, ctx, "the runs behind the token", `document.querySelector('h1').textContent == 'Runs'`)

	if c := complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
	for _, url := range requests() {
		if !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, p.url) && !strings.HasPrefix(url, guarded.url) {
			t.Errorf("a page asks for %s", url)
		}
	}
}
