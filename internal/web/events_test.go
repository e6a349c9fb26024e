package web

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"breakeven/internal/store"
)

// follow begins to read events, and returns a function that waits for the next one and returns its name.
func (p place) follow(t *testing.T, path string) func() string {
	t.Helper()
	answer, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s: status %d, %s", path, answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(answer.Body)
	return func() string {
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				return name
			}
		}
		return ""
	}
}

// A hundred pages that follow a run hear of each record of it, and not of other runs; the store is read
// for all of them together.
func TestEvents(t *testing.T) {
	p := serve(t, nil)
	l, other := p.begin(t, specWith(0.1, 32, 1), 0), p.begin(t, specWith(0.1, 32, 2), 0)
	var next []func() string
	for range 100 {
		next = append(next, p.follow(t, "/events?run="+l.Run))
	}
	for i, f := range next {
		if got := f(); got != "version" {
			t.Fatalf("page %d: first %q", i, got)
		}
	}
	all := p.follow(t, "/events")
	all()
	p.save(t, other, 10)
	if got := all(); got != "changed" {
		t.Fatalf("of another run: %q", got)
	}
	p.save(t, l, 10)
	for i, f := range next {
		if got := f(); got != "changed" {
			t.Fatalf("page %d: %q", i, got)
		}
	}
}

// The feed reads the store once for all who ask within an interval, and not at all when nobody watches.
func TestFeedReadsOnce(t *testing.T) {
	var reads atomic.Int32
	f := newFeed(func() ([]store.Run, error) { reads.Add(1); return nil, nil }, 1<<40)
	for range 10 {
		if _, err := f.now(); err != nil {
			t.Fatal(err)
		}
	}
	if n := reads.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
}

// Those who watch a run hear of that one alone.
func TestFeedTells(t *testing.T) {
	step := 0
	f := newFeed(func() ([]store.Run, error) { return []store.Run{{ID: "a", LastStep: step}, {ID: "b"}}, nil }, 0)
	for _, runs := range [][]string{{"a"}, {"b"}, {"b", "a"}, nil} {
		f.watchers[&watcher{runs: runs, changed: make(chan struct{}, 1)}] = true
	}
	for _, s := range []int{0, 1} {
		step = s
		if _, err := f.now(); err != nil {
			t.Fatal(err)
		}
	}
	for w := range f.watchers {
		if got, want := len(w.changed) > 0, !slices.Equal(w.runs, []string{"b"}); got != want {
			t.Errorf("whoever watches %q heard of a: %v", w.runs, got)
		}
	}
}

func TestTooManyWatchers(t *testing.T) {
	f := newFeed(func() ([]store.Run, error) { return nil, nil }, 1<<40)
	var last *watcher
	for i := range mostWatchers {
		w, ok := f.watch(nil)
		if !ok {
			t.Fatalf("watcher %d is one too many", i)
		}
		last = w
	}
	if _, ok := f.watch(nil); ok {
		t.Error("one too many")
	}
	f.leave(last)
	if _, ok := f.watch(nil); !ok {
		t.Error("no room for the next one")
	}
}
