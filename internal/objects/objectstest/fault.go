package objectstest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
)

// A Fault is how a request goes wrong on its way to what answers it.
type Fault func(w http.ResponseWriter, r *http.Request, answer http.Handler)

// Cut cuts the connection before the request is heard.
func Cut(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

// CutAnswer cuts the connection in the middle of the answer. What was asked is done.
func CutAnswer(w http.ResponseWriter, r *http.Request, answer http.Handler) {
	whole := httptest.NewRecorder()
	answer.ServeHTTP(whole, r)
	maps.Copy(w.Header(), whole.Header())
	w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()))
	w.WriteHeader(whole.Code)
	_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// Broken answers that something is wrong within the server.
func Broken(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>")
}

// Page answers with a page to log in, as a proxy does that lets nobody through.
func Page(w http.ResponseWriter, _ *http.Request, _ http.Handler) { page(w, http.StatusOK) }

// NoPage answers that there is no such page, as a proxy does that knows of no storage behind it.
func NoPage(w http.ResponseWriter, _ *http.Request, _ http.Handler) { page(w, http.StatusNotFound) }

// Away leads to another address.
func Away(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Location", "https://portal.example/login")
	page(w, http.StatusFound)
}

func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Log in</body></html>")
}

// HalfAnswer leaves out the second half of the answer.
func HalfAnswer(w http.ResponseWriter, r *http.Request, answer http.Handler) {
	whole := httptest.NewRecorder()
	answer.ServeHTTP(whole, r)
	maps.Copy(w.Header(), whole.Header())
	w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()/2))
	w.WriteHeader(whole.Code)
	_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
}

// DamageAnswer changes one bit in the middle of the answer.
func DamageAnswer(w http.ResponseWriter, r *http.Request, answer http.Handler) {
	whole := httptest.NewRecorder()
	answer.ServeHTTP(whole, r)
	maps.Copy(w.Header(), whole.Header())
	w.WriteHeader(whole.Code)
	_, _ = w.Write(damaged(whole.Body.Bytes()))
}

// DamageRequest changes one bit in the middle of what is sent, so that its checksum is wrong.
func DamageRequest(w http.ResponseWriter, r *http.Request, answer http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(damaged(body)))
	answer.ServeHTTP(w, r)
}

func damaged(text []byte) []byte {
	if len(text) > 0 {
		text[len(text)/2] ^= 1
	}
	return text
}
