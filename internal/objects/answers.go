package objects

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// answered is how many bytes the answers of one request have together, at most, unless they are the content of an object.
const answered = 4 << 20

// errTooLong is the error of an answer that goes on and on.
var errTooLong = errors.New("the answer is longer than one can be")

// A strange error says why what answers is no object storage.
type strange string

func (s strange) Error() string { return "no object storage answers there: " + string(s) }

// An inspector lets answers through that an object storage can give. The library takes others for good ones: a web page
// for an empty bucket, and for an object that was stored.
type inspector struct{ http.RoundTripper }

func (i inspector) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := i.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	left, _ := r.Context().Value(allowance{}).(*int64)
	body := bufio.NewReader(answer.Body)
	if why := oddity(r, answer, body); why != "" {
		_ = answer.Body.Close()
		return nil, strange(why)
	}
	answer.Body = bounded{body, answer.Body, left}
	return answer, nil
}

// oddity says what is wrong with the answer to a request; "" if it is one of an object storage.
func oddity(r *http.Request, answer *http.Response, body *bufio.Reader) string {
	head := answer.Header
	good := answer.StatusCode/100 == 2
	switch {
	case answer.StatusCode/100 == 3 && !begins(body, "<Error"):
		return fmt.Sprintf("it leads to %.200q", head.Get("Location"))
	case answer.StatusCode == http.StatusNotFound && !begins(body, "<Error"), good && begins(body, "<html", "<!doctype html"):
		return fmt.Sprintf("it sends a page (%.100s)", answer.Status)
	case good && r.URL.Query().Has("list-type") && !begins(body, "<ListBucketResult"):
		return "it sends no list of objects"
	case good && r.Method == http.MethodPut && head.Get("ETag") == "":
		return "it does not say what it has stored"
	case good && r.Method == http.MethodGet && r.URL.RawQuery == "" && (head.Get("ETag") == "" || head.Get("Last-Modified") == "" || answer.ContentLength < 0):
		return "it sends no object, which would have a length, a date and an ETag"
	}
	return ""
}

// begins reports whether the first element of a body is one of those given, in any case of letters.
func begins(body *bufio.Reader, elements ...string) bool {
	text, _ := body.Peek(1 << 10) // it may be shorter
	text = bytes.ToLower(bytes.TrimLeft(text, "\ufeff \t\r\n"))
	if bytes.HasPrefix(text, []byte("<?xml")) {
		_, text, _ = bytes.Cut(text, []byte("?>"))
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	for _, e := range elements {
		if bytes.HasPrefix(text, bytes.ToLower([]byte(e))) {
			return true
		}
	}
	return false
}

// allowance is the key of what a context allows the answers to have together, in bytes.
type allowance struct{}

func allow(ctx context.Context, most int64) context.Context {
	return context.WithValue(ctx, allowance{}, &most)
}

// A bounded body ends with errTooLong when the allowance of its request is used up. The requests of one context follow
// each other.
type bounded struct {
	body *bufio.Reader
	io.Closer
	left *int64
}

func (b bounded) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		if _, err := b.body.Peek(1); err != nil {
			return 0, err
		}
		return 0, errTooLong
	}
	n, err := b.body.Read(p[:min(int64(len(p)), *b.left)])
	*b.left -= int64(n)
	return n, err
}
