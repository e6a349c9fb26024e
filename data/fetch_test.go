package data

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakeven/rng"
)

// fetchCase is a server, the file that it serves, and the folder to download it to.
type fetchCase struct {
	body     []byte
	file     File
	dir      string
	requests []string // the Range and If-Range headers received
	progress []string // the last one counts
	f        fetcher
}

// newFetch starts a server that answers by handle, or serves files if that is nil.
func newFetch(t *testing.T, handle func(c *fetchCase, w http.ResponseWriter, r *http.Request)) *fetchCase {
	c := &fetchCase{body: make([]byte, 100000), dir: filepath.Join(t.TempDir(), "a", "b")}
	s := rng.New(1, "test/fetch")
	for i := range c.body {
		c.body[i] = byte(s.Uint64())
	}
	if handle == nil {
		handle = serve
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests = append(c.requests, r.Header.Get("Range")+r.Header.Get("If-Range"))
		handle(c, w, r)
	}))
	t.Cleanup(server.Close)
	c.file = File{Name: "set.bin", Size: int64(len(c.body)), SHA256: sha(c.body), URL: server.URL + "/set.bin"}
	c.f = fetcher{client: server.Client(), stall: time.Hour, tries: 3, progress: func(file string, done, total int64) {
		c.progress = append(c.progress, fmt.Sprint(file, " ", done, "/", total))
	}}
	return c
}

// serve is a file server whose version of the contents (ETag) is "v1".
func serve(c *fetchCase, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"v1"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.body))
}

// short is a server that breaks off after n bytes of the file.
func short(c *fetchCase, w http.ResponseWriter, n int, version string) {
	w.Header().Set("Content-Length", fmt.Sprint(len(c.body)))
	w.Header().Set("ETag", version)
	_, _ = w.Write(c.body[:n])
}

// begun writes the first n bytes, as a killed process leaves them.
func (c *fetchCase) begun(t *testing.T, b []byte, s source) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	put(t, c.dir, "set.bin.part", b)
	put(t, c.dir, "set.bin.part.source", text)
}

// source is the version of the file, as the server names it.
func (c *fetchCase) source(version string) source {
	return source{c.file.URL, c.file.Size, c.file.SHA256, version}
}

// asked checks the Range and If-Range headers of all requests.
func (c *fetchCase) asked(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(c.requests, want) {
		t.Errorf("asked for %q, want %q", c.requests, want)
	}
}

func (c *fetchCase) fetch() error { return c.f.file(context.Background(), c.file, c.dir) }
func (c *fetchCase) path() string { return filepath.Join(c.dir, "set.bin") }
func (c *fetchCase) part() string { return c.path() + ".part" }

// arrived checks that the file is there and complete, with nothing beside it.
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

// partial checks that there is no complete file, and a part of n bytes with its source
// (0: nothing at all).
func (c *fetchCase) partial(t *testing.T, n int) {
	t.Helper()
	if _, err := os.Stat(c.path()); err == nil {
		t.Error("a file arrived")
	}
	files := 0
	if n > 0 {
		files = 2
	}
	got, err := os.ReadFile(c.part())
	if left, _ := os.ReadDir(c.dir); len(left) != files || n > 0 && !bytes.Equal(got, c.body[:n]) {
		t.Errorf("%d bytes of a part (%v), want %d; in the folder: %v", len(got), err, n, left)
	}
}

func TestFetch(t *testing.T) {
	c := newFetch(t, nil)
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
	// The second time nothing is requested.
	put(t, c.dir, "set.bin.part.source", []byte("left by a process that was killed"))
	if err := c.fetch(); err != nil || len(c.requests) != 1 {
		t.Errorf("second fetch: %v, %d requests", err, len(c.requests))
	}
	c.arrived(t)
	// A file of this name that is not the published one is replaced.
	put(t, c.dir, "set.bin", make([]byte, len(c.body)))
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
}

func TestFetchResumes(t *testing.T) {
	for have, want := range map[int][]string{1: {`bytes=1-"v1"`}, 40000: {`bytes=40000-"v1"`}, 99999: {`bytes=99999-"v1"`}, 100000: nil} {
		c := newFetch(t, nil)
		c.begun(t, c.body[:have], c.source(`"v1"`))
		if err := c.fetch(); err != nil {
			t.Fatal(err)
		}
		c.asked(t, want...)
		c.arrived(t)
	}
	// A server that sends the date of the last change and no ETag.
	const date = "Mon, 02 Jan 2006 15:04:05 GMT"
	c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
		modified, _ := http.ParseTime(date)
		http.ServeContent(w, r, "", modified, bytes.NewReader(c.body))
	})
	c.begun(t, c.body[:40000], c.source(date))
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.asked(t, "bytes=40000-"+date)
	c.arrived(t)
}

// A part that is not known to be the beginning of the file is not continued.
func TestFetchUnknownBeginning(t *testing.T) {
	c := newFetch(t, nil)
	put(t, c.dir, "set.bin.part", c.body[:40000])
	for _, text := range []string{"", "{", `{"version":"\"v1\""}`, strings.Repeat(" ", 1<<15)} {
		if text != "" {
			put(t, c.dir, "set.bin.part", c.body[:40000])
			put(t, c.dir, "set.bin.part.source", []byte(text))
		}
		if err := c.fetch(); err != nil {
			t.Fatal(err)
		}
		c.arrived(t)
		c.asked(t, "")
		c.requests = nil
		if err := os.Remove(c.path()); err != nil {
			t.Fatal(err)
		}
	}
	good := c.source(`"v1"`)
	for _, change := range []func(s *source){
		func(s *source) { s.URL += "x" }, func(s *source) { s.Size++ }, func(s *source) { s.SHA256 = strings.Repeat("0", 64) }, func(s *source) { s.Version = "" }, func(s *source) { s.Version = "\"v1\"\r\nX: y" },
	} {
		c, s := newFetch(t, nil), good
		s.URL = c.file.URL
		change(&s)
		c.begun(t, c.body[:40000], s)
		if err := c.fetch(); err != nil {
			t.Fatal(err)
		}
		c.asked(t, "")
		c.arrived(t)
	}
	c = newFetch(t, nil)
	c.begun(t, make([]byte, 100001), c.source(`"v1"`)) // longer than the file
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.asked(t, "")
	c.arrived(t)
}

// A new version of a file is never appended to the beginning of an old one.
func TestFetchChanged(t *testing.T) {
	for what, test := range map[string]struct {
		handle func(c *fetchCase, w http.ResponseWriter, r *http.Request)
		asked  []string
	}{
		"If-Range":  {serve, []string{`bytes=500-"v0"`}},
		"no ranges": {func(c *fetchCase, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(c.body) }, []string{`bytes=500-"v0"`}},
		// A server that ignores If-Range still says which version it sends.
		"no If-Range": {func(c *fetchCase, w http.ResponseWriter, r *http.Request) { r.Header.Del("If-Range"); serve(c, w, r) }, []string{`bytes=500-"v0"`, ""}},
	} {
		c := newFetch(t, test.handle)
		c.begun(t, make([]byte, 500), c.source(`"v0"`))
		if err := c.fetch(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		c.asked(t, test.asked...)
		c.arrived(t)
	}
	// If the server names no version, the checksum decides.
	c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
		r.Header.Del("If-Range")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.body))
	})
	c.begun(t, make([]byte, 500), c.source(`"v0"`))
	complains(t, c.fetch(), "sha256", "thrown away", "try again")
	c.partial(t, 0)
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.arrived(t)
}

// A broken connection is resumed, by this fetch or by the next one.
func TestFetchShortBody(t *testing.T) {
	broken := 2
	handle := func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
		if broken > 0 && r.Header.Get("Range") == "" {
			broken--
			short(c, w, 30000, `"v1"`)
			return
		}
		serve(c, w, r)
	}
	c := newFetch(t, handle)
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.asked(t, "", `bytes=30000-"v1"`)
	c.arrived(t)

	c = newFetch(t, handle)
	c.f.tries = 1
	complains(t, c.fetch(), c.file.URL, "30000 of 100000", "fetch it again to go on from there")
	c.partial(t, 30000)
	if err := c.fetch(); err != nil {
		t.Fatal(err)
	}
	c.asked(t, "", `bytes=30000-"v1"`)
	c.arrived(t)

	// An empty part is not continued.
	c = newFetch(t, func(c *fetchCase, w http.ResponseWriter, _ *http.Request) { short(c, w, 0, `"v1"`) })
	complains(t, c.fetch(), "0 of 100000")
	c.partial(t, 0)

	// The same if the server does not send the length.
	c = newFetch(t, func(c *fetchCase, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		_, _ = w.Write(c.body[:20000])
		w.(http.Flusher).Flush()
	})
	c.f.tries = 1
	complains(t, c.fetch(), "20000 of 100000", "fetch it again to go on")
	c.partial(t, 20000)
}

// A part is kept only with a version that identifies the contents beyond doubt.
func TestFetchVersions(t *testing.T) {
	for _, header := range []http.Header{
		{},
		{"ETag": {`W/"v1"`}},
		{"ETag": {`v1`}},
		{"Last-Modified": {"last week"}},
		{"Last-Modified": {"Mon, 02 Jan 2006 15:04:05 GMT"}, "Date": {"Mon, 02 Jan 2006 15:04:06 GMT"}},
	} {
		c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
			for key, value := range header {
				w.Header()[http.CanonicalHeaderKey(key)] = value
			}
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(c.body[:30000])
		})
		complains(t, c.fetch(), "30000 of 100000", "thrown away, since the server does not say which version")
		c.asked(t, "", "", "")
		c.partial(t, 0)
	}
}

// Faults that may be temporary are retried, a limited number of times.
func TestFetchTries(t *testing.T) {
	for _, status := range []int{408, 425, 429, 500, 502, 503, 504} {
		left := 2
		handle := func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
			if left--; left >= 0 {
				w.WriteHeader(status)
				return
			}
			serve(c, w, r)
		}
		c := newFetch(t, handle)
		if err := c.fetch(); err != nil {
			t.Fatal(err)
		}
		c.asked(t, "", "", "")
		c.arrived(t)

		left = 100
		c = newFetch(t, handle)
		c.begun(t, c.body[:10], c.source(`"v1"`))
		complains(t, c.fetch(), c.file.URL, fmt.Sprint(status, " ", http.StatusText(status)), "try again later")
		c.asked(t, `bytes=10-"v1"`, `bytes=10-"v1"`, `bytes=10-"v1"`)
		c.partial(t, 10)
	}
	for _, status := range []int{400, 401, 403, 404, 410, 204, 304} {
		c := newFetch(t, func(_ *fetchCase, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		complains(t, c.fetch(), c.file.URL, http.StatusText(status), "try again later, or get the file from elsewhere")
		c.asked(t, "")
		c.partial(t, 0)
	}
	c := newFetch(t, nil)
	c.file.URL = "http://127.0.0.1:1/set.bin"
	complains(t, c.fetch(), "127.0.0.1:1", "0 of 100000", "fetch it again")
	c.partial(t, 0)
}

// After a partial answer to another request than was made, the download begins again.
func TestFetchOddRanges(t *testing.T) {
	odd := func(contentRange string, n int) func(c *fetchCase, w http.ResponseWriter) {
		return func(c *fetchCase, w http.ResponseWriter) {
			w.Header().Set("ETag", `"v1"`)
			w.Header().Set("Content-Range", contentRange)
			w.Header().Set("Content-Length", fmt.Sprint(n))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(make([]byte, n))
		}
	}
	for what, answer := range map[string]func(c *fetchCase, w http.ResponseWriter){
		"416":             func(_ *fetchCase, w http.ResponseWriter) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
		"other beginning": odd("bytes 0-99/100000", 100),
		"other end":       odd("bytes 10-99/100000", 90),
		"other file":      odd("bytes 10-99999/100001", 99990),
		"length unknown":  odd("bytes 10-99999/*", 99990),
		"other length":    odd("bytes 10-99999/100000", 100),
		"no range":        odd("", 99990),
		"several ranges": func(_ *fetchCase, w http.ResponseWriter) {
			w.Header().Set("Content-Type", "multipart/byteranges; boundary=x")
			w.WriteHeader(http.StatusPartialContent)
		},
	} {
		c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				answer(c, w)
				return
			}
			serve(c, w, r)
		})
		c.begun(t, c.body[:10], c.source(`"v1"`))
		if err := c.fetch(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		c.asked(t, `bytes=10-"v1"`, "")
		c.arrived(t)
	}
	c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, _ *http.Request) { odd("bytes 0-99999/100000", 100000)(c, w) })
	complains(t, c.fetch(), "cannot go on at byte 0") // a part that nobody asked for
	c.partial(t, 0)
}

// A web page in place of the file is recognised as one, and not a byte of it is kept.
func TestFetchPage(t *testing.T) {
	page := "<!DOCTYPE html><html><body>please log in</body></html>"
	for what, test := range map[string]struct {
		kind, body string
		status     int
		words      []string
	}{
		"as it says":    {"text/html; charset=utf-8", page, 200, []string{"is a page (text/html), not the file"}},
		"as it looks":   {"application/octet-stream", page, 200, []string{"is a page (text/html), not the file"}},
		"of XML":        {"application/xml", "<Error><Code>AccessDenied</Code></Error>", 200, []string{"is a page (application/xml)"}},
		"of JSON":       {"application/json", `{"error":"quota"}`, 200, []string{"is a page (application/json)"}},
		"empty":         {"text/html", "", 200, []string{"is a page (text/html)"}},
		"with an error": {"text/html", page, 403, []string{"403 Forbidden"}},
	} {
		for _, begun := range []int{0, 10} {
			c := newFetch(t, func(_ *fetchCase, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				w.Header().Set("ETag", `"v1"`)
				w.WriteHeader(test.status)
				w.(http.Flusher).Flush() // without the length, which would give it away
				_, _ = w.Write([]byte(test.body))
			})
			if begun > 0 {
				c.begun(t, c.body[:begun], c.source(`"v1"`))
			}
			err := c.fetch()
			complains(t, err, append(test.words, c.file.URL)...)
			if len(c.requests) != 1 {
				t.Errorf("%s: asked %d times", what, len(c.requests))
			}
			c.partial(t, begun)
		}
	}
	// The error for a login page after a redirection names the redirection.
	c := newFetch(t, func(_ *fetchCase, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/login" {
			http.Redirect(w, r, "/login", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(append([]byte(page), make([]byte, 100000-len(page))...)) // as long as the file
	})
	complains(t, c.fetch(), c.file.URL+", which leads to ", "/login, is a page (text/html)", "a login")
	c.partial(t, 0)
}

func TestFetchOtherLength(t *testing.T) {
	for _, n := range []int{0, 99999, 100001} {
		c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(make([]byte, n)))
		})
		complains(t, c.fetch(), c.file.URL, fmt.Sprintf("has %d bytes, the published file 100000", n))
		c.asked(t, "")
		c.partial(t, 0)
	}
	// An endless body is cut off.
	c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		for {
			if _, err := w.Write(c.body); err != nil {
				return
			}
		}
	})
	complains(t, c.fetch(), c.file.URL, "more comes than the 100000 bytes", "thrown away")
	c.asked(t, "")
	c.partial(t, 0)
}

func TestFetchWrongContents(t *testing.T) {
	c := newFetch(t, func(c *fetchCase, w http.ResponseWriter, _ *http.Request) {
		b := bytes.Clone(c.body)
		b[777]++
		w.Header().Set("ETag", `"v1"`)
		_, _ = w.Write(b)
	})
	complains(t, c.fetch(), c.file.URL, "sha256", "thrown away", c.dir)
	c.partial(t, 0)

	// A wrong download does not replace the file that is there.
	put(t, c.dir, "set.bin", []byte("mine"))
	complains(t, c.fetch(), "sha256")
	if b, _ := os.ReadFile(c.path()); string(b) != "mine" {
		t.Error("a wrong download replaced a file")
	}
}

// A server that stops sending, and a user who gives up.
func TestFetchStops(t *testing.T) {
	silent := func(c *fetchCase, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		_, _ = w.Write(c.body[:5000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	c := newFetch(t, silent)
	c.f.stall = 50 * time.Millisecond
	complains(t, c.fetch(), "nothing arrived for 50ms", "fetch it again")
	if len(c.requests) != 3 {
		t.Errorf("asked %d times", len(c.requests))
	}

	ctx, stop := context.WithCancel(context.Background())
	c = newFetch(t, silent)
	c.f.progress = func(string, int64, int64) { stop() }
	err := c.f.file(ctx, c.file, c.dir)
	complains(t, err, "stopped after 5000 of 100000", "fetch it again to go on from there")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
	c.asked(t, "")
	c.partial(t, 5000)

	// The user gives up between two tries.
	ctx, stop = context.WithCancel(context.Background())
	c = newFetch(t, func(_ *fetchCase, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		stop()
	})
	c.f.pause = time.Hour
	if err := c.f.file(ctx, c.file, c.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

// A full disk is not the server's fault: there is no further try.
func TestFetchDisk(t *testing.T) {
	c := newFetch(t, nil)
	c.begun(t, c.body[:10], c.source(`"v1"`))
	p, err := openPart(c.part(), c.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.file.Close(); err != nil {
		t.Fatal(err)
	}
	complains(t, c.f.download(t.Context(), c.file, p), "stopped after 10 of 100000", c.part(), "go on from there")
	c.asked(t, `bytes=10-"v1"`)
	c.partial(t, 10)
}

// Folders and other things under the names of the file and its part.
func TestFetchOtherThings(t *testing.T) {
	c := newFetch(t, nil)
	put(t, filepath.Join(c.dir, "set.bin"), "x", nil)
	complains(t, c.fetch(), c.path()+" is a folder; move it away")
	c = newFetch(t, nil)
	put(t, c.part(), "x", nil)
	complains(t, c.fetch(), c.part()+" is not a regular file; remove it")
	if len(c.requests) > 0 {
		t.Error("asked the server")
	}
	c = newFetch(t, nil)
	put(t, c.dir, "mine", []byte("mine"))
	if err := os.Symlink(filepath.Join(c.dir, "mine"), c.part()); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	complains(t, c.fetch(), c.part()+" is not a regular file; remove it")
	if b, err := os.ReadFile(filepath.Join(c.dir, "mine")); string(b) != "mine" {
		t.Errorf("a part that is a link was written through: %q %v", b, err)
	}
}

func TestFetchUnwritable(t *testing.T) {
	c := newFetch(t, nil)
	put(t, filepath.Dir(filepath.Dir(c.dir)), "a", []byte("a file where the folder should be"))
	complains(t, c.fetch(), "name another folder")
	if len(c.requests) != 0 {
		t.Error("asked the server before the folder was there")
	}
}

// Fetch of a whole set, and of an embedded one, which needs no download.
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
	f := fetcher{client: server.Client(), stall: time.Hour, tries: 1, progress: func(string, int64, int64) {}}
	if err := f.all(t.Context(), &in, dir); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := in.open(&in, dir); err != nil {
		t.Error(err)
	}
}
