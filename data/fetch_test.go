package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakeven/rng"
)

// fetchCase is a server, the file it has, and a place to bring it to.
type fetchCase struct {
	body     []byte
	file     File
	dir      string
	requests []string // the Range headers that came
	progress []string // the last one counts
	f        fetcher
}

// newFetch starts a server whose answers handle makes; nil serves the file with
// ranges, as a file server does.
func newFetch(t *testing.T, handle http.HandlerFunc) *fetchCase {
	c := &fetchCase{body: make([]byte, 100000), dir: filepath.Join(t.TempDir(), "a", "b")}
	s := rng.New(1, "test/fetch")
	for i := range c.body {
		c.body[i] = byte(s.Uint64())
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests = append(c.requests, r.Header.Get("Range"))
		if handle != nil {
			handle(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.body))
	}))
	t.Cleanup(server.Close)
	c.file = File{Name: "set.bin", Size: int64(len(c.body)), SHA256: sha(c.body), URL: server.URL + "/set.bin"}
	c.f = fetcher{client: server.Client(), stall: time.Minute, progress: func(file string, done, total int64) {
		c.progress = append(c.progress, fmt.Sprint(file, " ", done, "/", total))
	}}
	return c
}

func (c *fetchCase) fetch() error { return c.f.file(context.Background(), c.file, c.dir) }
func (c *fetchCase) path() string { return filepath.Join(c.dir, "set.bin") }
func (c *fetchCase) part() string { return c.path() + ".part" }

// arrived checks that the file is there, whole, and alone.
func (c *fetchCase) arrived(t *testing.T) {
	t.Helper()
	got, err := os.ReadFile(c.path())
	if err != nil || !bytes.Equal(got, c.body) {
		t.Errorf("%d bytes arrived (%v), want %d", len(got), err, len(c.body))
	}
	if left, _ := os.ReadDir(c.dir); len(left) != 1 {
		t.Errorf("left in the folder: %v", left)
	}
	if last := c.progress[len(c.progress)-1]; last != "set.bin 100000/100000" {
		t.Errorf("last progress %q", last)
	}
}

// partial checks that there is no file, and n bytes of its part (-1: none).
func (c *fetchCase) partial(t *testing.T, n int) {
	t.Helper()
	if _, err := os.Stat(c.path()); err == nil {
		t.Error("a file arrived")
	}
	got, err := os.ReadFile(c.part())
	if n < 0 && err == nil || n >= 0 && !bytes.Equal(got, c.body[:n]) {
		t.Errorf("%d bytes of a part (%v), want %d", len(got), err, n)
	}
}

func TestFetch(t *testing.T) {
	c := newFetch(t, nil)
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
	// Again: nothing is asked for.
	if err := c.fetch(); err != nil || len(c.requests) != 1 {
		t.Errorf("second fetch: %v, %d requests", err, len(c.requests))
	}
	// A file of the name that is not the published one is replaced.
	put(t, c.dir, "set.bin", make([]byte, len(c.body)))
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
}

func TestFetchResumes(t *testing.T) {
	for _, have := range []int{1, 40000, 99999, 100000} {
		c := newFetch(t, nil)
		put(t, c.dir, "set.bin.part", c.body[:have])
		if err := c.fetch(); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("[bytes=%d-]", have)
		if have == 100000 {
			want = "[]" // whole already
			c.progress = append(c.progress, "set.bin 100000/100000")
		}
		if got := fmt.Sprint(c.requests); got != want {
			t.Errorf("with %d bytes there, asked for %s, want %s", have, got, want)
		}
		c.arrived(t)
	}
}

// A server without ranges sends the whole file; a part that is too long is
// thrown away.
func TestFetchFromTheBeginning(t *testing.T) {
	var c *fetchCase
	c = newFetch(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(c.body) })
	put(t, c.dir, "set.bin.part", c.body[:40000])
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
	c = newFetch(t, nil)
	put(t, c.dir, "set.bin.part", make([]byte, 100001))
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
}

// A connection that breaks leaves what came; the next fetch goes on.
func TestFetchShortBody(t *testing.T) {
	var c *fetchCase
	broken := true
	c = newFetch(t, func(w http.ResponseWriter, r *http.Request) {
		if broken {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(c.body[:30000])
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.body))
	})
	complains(t, c.fetch(), c.file.URL, "30000 of 100000", "run the same again")
	c.partial(t, 30000)
	broken = false
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%q", c.requests); got != `["" "bytes=30000-"]` {
		t.Errorf("asked for %s", got)
	}
	c.arrived(t)

	// The same when the server says nothing of the length.
	c = newFetch(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(c.body[:20000])
		w.(http.Flusher).Flush()
	})
	complains(t, c.fetch(), "20000 of 100000", "run the same again")
	c.partial(t, 20000)
}

func TestFetchWrongContents(t *testing.T) {
	var c *fetchCase
	wrong := func(w http.ResponseWriter, _ *http.Request) {
		b := bytes.Clone(c.body)
		b[777]++
		_, _ = w.Write(b)
	}
	c = newFetch(t, wrong)
	complains(t, c.fetch(), c.file.URL, "sha256", "thrown away", c.dir)
	c.partial(t, -1)

	// A wrong download does not replace the file that is there.
	put(t, c.dir, "set.bin", []byte("mine"))
	complains(t, c.fetch(), "sha256")
	if b, _ := os.ReadFile(c.path()); string(b) != "mine" {
		t.Error("a wrong download replaced a file")
	}

	// A part of something else.
	c = newFetch(t, nil)
	put(t, c.dir, "set.bin.part", make([]byte, 500))
	complains(t, c.fetch(), "sha256", "try again")
	c.partial(t, -1)
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)

	// A body without end is not written without end.
	c = newFetch(t, func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(c.body); err != nil {
				return
			}
		}
	})
	complains(t, c.fetch(), "100001 bytes", "thrown away")
	c.partial(t, -1)
}

func TestFetchServerErrors(t *testing.T) {
	for status, word := range map[int]string{404: "404 Not Found", 500: "500 Internal Server Error", 503: "503"} {
		c := newFetch(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		put(t, c.dir, "set.bin.part", c.body[:10])
		complains(t, c.fetch(), c.file.URL, word, "try again later")
		c.partial(t, 10)
	}
	for what, answer := range map[string]http.HandlerFunc{
		"416": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
		"other range": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-99/100000")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(make([]byte, 100))
		},
	} {
		c := newFetch(t, answer)
		put(t, c.dir, "set.bin.part", c.body[:10])
		complains(t, c.fetch(), c.file.URL, "cannot go on at byte 10")
		if c.partial(t, 0); t.Failed() {
			t.Log(what)
		}
	}
	c := newFetch(t, nil)
	c.file.URL = "http://127.0.0.1:1/set.bin"
	complains(t, c.fetch(), "127.0.0.1:1", "0 of 100000")
}

// A server that falls silent, and a user who stops.
func TestFetchStops(t *testing.T) {
	var c *fetchCase
	silent := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(c.body[:5000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	c = newFetch(t, silent)
	c.f.stall = 50 * time.Millisecond
	complains(t, c.fetch(), "nothing arrived for 50ms", "run the same again")

	ctx, stop := context.WithCancel(context.Background())
	c = newFetch(t, silent)
	c.f.progress = func(string, int64, int64) { stop() }
	err := c.f.file(ctx, c.file, c.dir)
	complains(t, err, "stopped after 5000 of 100000")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
	c.partial(t, 5000)
}

func TestFetchUnwritable(t *testing.T) {
	c := newFetch(t, nil)
	put(t, filepath.Dir(filepath.Dir(c.dir)), "a", []byte("a file where the folder should be"))
	complains(t, c.fetch(), "--data-dir")
	if len(c.requests) != 0 {
		t.Error("asked the server before the folder was there")
	}
}

// Fetch of a whole set, and of one that needs none.
func TestFetchSet(t *testing.T) {
	complains(t, Fetch(t.Context(), "mnist", t.TempDir(), nil), `"mnist"`)
	if err := Fetch(t.Context(), "fashion-mnist-sample", "", nil); err != nil {
		t.Error(err)
	}
	in, _, _, files := tinyFashion(t)
	dir := t.TempDir()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(zipped(t, files[strings.TrimSuffix(filepath.Base(r.URL.Path), ".gz")]))
	}))
	defer server.Close()
	for i := range in.Files {
		b := zipped(t, files[in.Members[i].Name])
		in.Files[i] = File{Name: in.Files[i].Name, Size: int64(len(b)), SHA256: sha(b), URL: server.URL + "/" + in.Files[i].Name}
	}
	f := fetcher{client: server.Client(), stall: time.Minute, progress: func(string, int64, int64) {}}
	if err := f.all(t.Context(), &in, dir); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := in.open(&in, dir); err != nil {
		t.Error(err)
	}
}
