// Package browsertest opens pages in a real browser, for tests.
//
// # Laws
//
//   - Where there is no Chromium a test is skipped with the reason.
//   - The browser asks for nothing by itself, and is gone with its profile when the test ends.
package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Open returns the tab of a headless Chromium, which ends with the test, or skips the test where there is none.
func Open(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no chromium or google-chrome in PATH")
	}
	profile, err := os.MkdirTemp("", "breakeven-browser")
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(profile),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		chromedp.Cancel(ctx) // waits until the browser has ended
		closeTab()
		stop()
		os.RemoveAll(profile)
	})
	return ctx
}

// Watch collects what pages complain of from now on, and the addresses that they ask for.
func Watch(t *testing.T, ctx context.Context) (complaints, requests func() []string) {
	t.Helper()
	var mu sync.Mutex
	var said, asked []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			said = append(said, e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			said = append(said, string(e.Type))
		case *runtime.EventExceptionThrown:
			said = append(said, e.ExceptionDetails.Text)
		case *network.EventRequestWillBeSent:
			asked = append(asked, e.Request.URL)
		}
	})
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err1 := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
			_, err2 := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
			return errors.Join(err1, err2)
		}))
	}
	if err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	read := func(list *[]string) func() []string {
		return func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(*list)
		}
	}
	return read(&said), read(&asked)
}

// Ask returns what an expression is in the page.
func Ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	x, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return x
}
