package objects_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"breakeven/internal/objects"
	"breakeven/internal/objects/objectstest"
)

// answering opens a bucket whose requests a function answers.
func answering(t *testing.T, answer http.HandlerFunc) *objects.Bucket {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return open(t, "s3://lab?endpoint="+s.URL)
}

// says answers with a status, headers and a body.
func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const page = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Log in</body></html>"

// object are headers that an object has.
var object = []string{"ETag: x", "Last-Modified: Fri, 27 Nov 2026 13:00:00 GMT"}

// Nothing that answers without being an object storage is believed: each question is an error of one short line that
// says whom it asked, and none says that something is stored, or is not there.
func TestNonsense(t *testing.T) {
	objectstest.Start(t)     // for its keys
	var group sync.WaitGroup // the library waits after most faults
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   error
		words  string
	}{
		"a page":                      {says(200, page), objects.ErrAway, "it sends a page (200 OK); is the endpoint right"},
		"a page of another kind":      {says(200, "\ufeff <?xml version='1.0'?>\n<html/>", object...), objects.ErrAway, "it sends a page"},
		"a page instead of an object": {says(404, page), objects.ErrAway, "it sends a page (404 Not Found)"},
		"nothing instead of one":      {says(404, ""), objects.ErrAway, "404 Not Found"},
		"another form of error":       {says(404, `{"error":"no route"}`), objects.ErrAway, "404 Not Found"},
		"away to a page":              {says(302, "", "Location: https://portal.example/login"), objects.ErrAway, `it leads to "https://portal.example/login"`},
		"round and round":             {says(307, page, "Location: /lab/y"), objects.ErrAway, `it leads to "/lab/y"`},
		"nothing":                     {says(200, ""), nil, ""},
		"no content":                  {says(202, ""), nil, ""},
		"an error that is none":       {says(200, "<Error><Code>SlowDown</Code></Error>"), nil, ""},
		"another status":              {says(418, strings.Repeat("tea\r\n\x1b[2Jpot\x00", 1000)), objects.ErrRefused, "is the endpoint right"},
		"a long message":              {says(403, "<Error><Code>AccessDenied</Code><Message>"+strings.Repeat("no\n", 10_000)+"</Message></Error>"), objects.ErrRefused, "must allow"},
		"busy for ever":               {says(503, page), objects.ErrAway, "cannot be reached"},
		"another protocol": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n\r\n")
				c.Close()
			}
		}, objects.ErrAway, "cannot be reached"},
	} {
		group.Go(func() {
			b := answering(t, c.answer)
			for question, ask := range map[string]func() error{
				"put":  func() error { return put(b, "y", "x") },
				"get":  func() error { _, err := b.Get("y", sum("")); return err },
				"text": func() error { _, err := b.Text("y"); return err },
				"size": func() error { _, err := b.Size("y"); return err },
				"list": func() error { _, err := b.List("y"); return err },
			} {
				err := ask()
				if c.kind != nil {
					check(t, name+": "+question, err, c.kind, c.words)
				}
				if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "y in s3://lab?endpoint=http://127.0.0.1:") || len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x1b\x00") {
					t.Errorf("%s: %s: %q", name, question, err)
				}
				if away, refused := errors.Is(err, objects.ErrAway), errors.Is(err, objects.ErrRefused); away == refused {
					t.Errorf("%s: %s: away %v, refused %v", name, question, away, refused)
				}
			}
		})
	}
	group.Wait()
}

// Wrong lengths, and those that are missing, are no objects; nor is what ends before its length. What is no list is not
// an empty one.
func TestWrongLengths(t *testing.T) {
	objectstest.Start(t) // for its keys
	const list = "<ListBucketResult><Contents><Key>f/y</Key><Size>%s</Size></Contents>%s"
	for name, answer := range map[string]http.HandlerFunc{
		"shorter":  says(200, "half", append(object, "Content-Length: 1000")...),
		"enormous": says(200, "half", append(object, "Content-Length: 9000000000000000000")...),
		"no length": func(w http.ResponseWriter, r *http.Request) {
			says(200, "", object...)(w, r)
			_ = http.NewResponseController(w).Flush()
		},
		"no date":     says(200, "", "ETag: x"),
		"no ETag":     says(200, "", object[1]),
		"a wild date": says(200, "", "ETag: x", "Last-Modified: yesterday"),
	} {
		_, err := answering(t, answer).Get("y", sum(""))
		check(t, name, err, objects.ErrAway, "y in s3://lab")
	}
	for name, text := range map[string]string{
		"half a list":       fmt.Sprintf(list, "1", ""),
		"a size of letters": fmt.Sprintf(list, "many", "</ListBucketResult>"),
		"another list":      "<ListAllMyBucketsResult/>",
		"no XML":            "<ListBucketResult>&bomb;</ListBucketResult>",
	} {
		_, err := answering(t, says(200, text)).List("f")
		check(t, name, err, objects.ErrAway, "f in s3://lab")
	}
	// Names of another folder are left out.
	b := answering(t, says(200, fmt.Sprintf(list, "1", "<Contents><Key>elsewhere</Key><Size>1</Size></Contents></ListBucketResult>")))
	if list, err := b.List("f"); len(list) != 1 || list[0].Name != "y" || err != nil {
		t.Errorf("%v, error %v", list, err)
	}
}

// An answer before all has been sent is not believed, whatever it says.
func TestEarlyAnswer(t *testing.T) {
	objectstest.Start(t) // for its keys
	b := answering(t, says(200, "", object...))
	check(t, "early", put(b, "y", strings.Repeat("y", 32<<20)), objects.ErrAway, "y in s3://lab")
}

// Answers that do not end take no memory. The server gives up in the end, so that the test ends.
func TestEndless(t *testing.T) {
	objectstest.Start(t) // for its keys
	const sent = 256 << 20
	var heard atomic.Int64
	endless := func(begin, part string, headers ...string) http.HandlerFunc {
		part = strings.Repeat(part, 1<<16/len(part))
		return func(w http.ResponseWriter, r *http.Request) {
			says(200, begin, headers...)(w, r)
			for heard.Store(0); heard.Load() < sent; heard.Add(int64(len(part))) {
				if _, err := io.WriteString(w, part); err != nil {
					return
				}
			}
		}
	}
	defer objects.AtOnce(1 << 20)()
	b := answering(t, endless("", "x", append(object, fmt.Sprint("Content-Length: ", int64(1)<<60))...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := b.Get("y", sum(""))
	check(t, "an object", err, objects.ErrAway, "y in s3://lab")
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; heard.Load() < sent || took > sent/8 {
		t.Errorf("%d bytes of memory for %d", took, heard.Load())
	}
	_, err = b.Text("y")
	check(t, "a text", err, objects.ErrAway, "longer than one can be")
	const content = "<Contents><Key>f/y</Key><Size>1</Size></Contents>"
	_, err = answering(t, endless("<ListBucketResult>", content)).List("f")
	check(t, "a list", err, objects.ErrAway, "longer than one can be")
	_, err = answering(t, says(200, "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"+strings.Repeat(content, 1000)+"</ListBucketResult>")).List("f")
	check(t, "a list of many pages", err, objects.ErrAway, "longer than one can be")
}

// An object that is not small is read again when its digest is known, and its content is the same.
func TestLargeObject(t *testing.T) {
	s := objectstest.Start(t)
	b := open(t, s.Address("lab", ""))
	defer objects.AtOnce(1000)()
	text := strings.Repeat("0123456789", 1000)
	if err := put(b, "y", text); err != nil {
		t.Fatal(err)
	}
	if content, err := b.Get("y", sum(text)); string(content) != text || err != nil {
		t.Errorf("%d bytes, error %v", len(content), err)
	}
	if _, err := b.Get("y", sum("another")); !errors.Is(err, objects.ErrOther) {
		t.Errorf("another digest: error %v", err)
	}
}
