package web

import (
	"context"
	"os"
	"testing"

	"breakeven/internal/browsertest"
)

// axeVariable names the file axe.min.js of axe-core, which is not part of this tree:
// `npm pack axe-core` brings it. Without it pages are checked by flaws alone.
const axeVariable = "BREAKEVEN_AXE"

// axe returns axe-core, or nothing if it is not there.
func axe(t *testing.T) string {
	t.Helper()
	name := os.Getenv(axeVariable)
	if name == "" {
		t.Logf("pages are not checked by axe-core: %s names no axe.min.js", axeVariable)
		return ""
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// violations returns what axe-core finds in the page.
func violations(t *testing.T, ctx context.Context, axe string) []string {
	t.Helper()
	if axe == "" {
		return nil
	}
	browsertest.Ask[bool](t, ctx, axe+`; window.found = null; axe.run().then(r => { window.found = r.violations; }, e => { window.found = [{id: String(e), nodes: []}]; }); true`)
	until(t, ctx, "the end of axe-core", `window.found != null`)
	return browsertest.Ask[[]string](t, ctx, `found.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 150)).join(' '))`)
}
