// Package objectstest starts an object storage for tests: in the process of the test, in its memory.
package objectstest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Key is the access key that a server accepts, with whatever secret.
const Key = "tester"

// A Server is an object storage with one bucket, which is called "lab".
type Server struct {
	server *httptest.Server
	memory *s3mem.Backend
	cuts   atomic.Int64
}

// Start starts a server, which ends with the test, and sets its keys in the environment.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{memory: s3mem.New()}
	if err := s.memory.CreateBucket("lab"); err != nil {
		t.Fatal(err)
	}
	answer := gofakes3.New(s.memory).Server()
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.cuts.Add(-1) >= 0:
			panic(http.ErrAbortHandler)
		case !strings.Contains(r.Header.Get("Authorization"), "Credential="+Key+"/"):
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>InvalidAccessKeyId</Code><Message>The access key does not exist.</Message></Error>`)
		default:
			answer.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.server.Close)
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": Key, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "",
		"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": ""} {
		t.Setenv(name, value)
	}
	return s
}

// Cut lets the server cut off so many requests, from now on.
func (s *Server) Cut(requests int) { s.cuts.Store(int64(requests)) }

// Address returns the address of a part of a bucket.
func (s *Server) Address(bucket, prefix string) string {
	return "s3://" + bucket + "/" + prefix + "?endpoint=" + s.server.URL
}

// Close ends the server before the test ends.
func (s *Server) Close() { s.server.Close() }
