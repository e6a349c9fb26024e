package data

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A passing fault is one that may not occur at the next try.
type passing struct{ error }

func (p passing) Unwrap() error { return p.error }

// ask makes the request for the bytes that p lacks. With If-Range a server whose file has
// changed sends it from the beginning.
func (p *part) ask(req *http.Request) {
	req.Header.Set("Accept-Encoding", "identity") // the files are compressed already
	if p.have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.have))
		req.Header.Set("If-Range", p.Version)
	}
}

// accept checks an answer, prepares p for its body, and returns the body. No byte of an answer
// is added to p unless, as far as the server tells, it is from the published file and, if p has
// a beginning already, from the same version.
func (p *part) accept(resp *http.Response) (io.Reader, error) {
	switch code := resp.StatusCode; {
	case code == http.StatusOK: // the whole file, whatever was asked for
		if resp.ContentLength >= 0 && resp.ContentLength != p.Size {
			return nil, fmt.Errorf("%s has %d bytes, the published file %d: it is another one", where(resp), resp.ContentLength, p.Size)
		}
		body, kind := peek(resp)
		if slices.Contains(pages, kind) {
			return nil, fmt.Errorf("%s is a page (%s), not the file; a login or a proxy may stand before it", where(resp), kind)
		}
		return body, p.begin(version(resp.Header))
	case code == http.StatusPartialContent && p.have > 0 && p.continues(resp):
		return resp.Body, nil
	case code == http.StatusPartialContent, code == http.StatusRequestedRangeNotSatisfiable:
		have := p.have
		if err := p.begin(""); err != nil {
			return nil, err
		}
		return nil, passing{fmt.Errorf("%s: the server cannot go on at byte %d; the bytes so far were thrown away: fetch it again", where(resp), have)}
	case code >= 500 || slices.Contains([]int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests}, code):
		return nil, passing{fmt.Errorf("%s: the server says %s; try again later", where(resp), resp.Status)}
	}
	return nil, fmt.Errorf("%s: the server says %s; try again later, or get the file from elsewhere", where(resp), resp.Status)
}

// continues reports whether a partial answer is the rest of p, of p's version.
func (p *part) continues(resp *http.Response) bool {
	h := resp.Header
	field := "ETag"
	if !strings.HasPrefix(p.Version, `"`) {
		field = "Last-Modified"
	}
	return h.Get("Content-Range") == fmt.Sprintf("bytes %d-%d/%d", p.have, p.Size-1, p.Size) &&
		(resp.ContentLength < 0 || resp.ContentLength == p.Size-p.have) &&
		(h.Get(field) == "" || h.Get(field) == p.Version)
}

// version returns an identifier of the contents of an answer, so that two parts of the same
// version belong together; "" if there is none. A weak ETag is none, and neither is a date of
// the last change that is not well before the answer (RFC 9110, 8.8).
func version(h http.Header) string {
	if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) {
		return tag
	}
	modified, err1 := http.ParseTime(h.Get("Last-Modified"))
	date, err2 := http.ParseTime(h.Get("Date"))
	if err1 == nil && err2 == nil && date.Sub(modified) >= time.Minute {
		return h.Get("Last-Modified")
	}
	return ""
}

// pages are the types of what a server, a proxy or a login page sends instead of a file.
var pages = []string{"text/html", "application/xhtml+xml", "text/xml", "application/xml", "application/json"}

// peek returns the body of an answer and its type: the type of a page if the header or the
// beginning of the body says so, else any type.
func peek(resp *http.Response) (body io.Reader, kind string) {
	b := bufio.NewReaderSize(resp.Body, 512)
	head, _ := b.Peek(512) // an error is returned again by the next read
	for _, said := range []string{resp.Header.Get("Content-Type"), http.DetectContentType(head)} {
		var err error
		if kind, _, err = mime.ParseMediaType(said); err == nil && slices.Contains(pages, kind) {
			break
		}
	}
	return b, kind
}

// where names the address of an answer, and the one that redirected to it.
func where(resp *http.Response) string {
	at := resp.Request.URL.Redacted()
	first := resp.Request
	for first.Response != nil { // the answer that redirected to this request
		first = first.Response.Request
	}
	if asked := first.URL.Redacted(); asked != at {
		return fmt.Sprintf("%s, which leads to %s,", asked, at)
	}
	return at
}
