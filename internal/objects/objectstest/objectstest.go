// Package objectstest starts object storages for tests: one in the process of the test, in its memory, and
// a real server where it is installed.
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

// Key and Secret are the keys that a server accepts. The one in memory accepts any secret.
const (
	Key    = "tester"
	Secret = "secret"
)

// A Server is an object storage with one bucket, which is called "lab".
type Server struct {
	server *httptest.Server
	left   atomic.Int64 // requests that still go wrong
	fault  atomic.Pointer[Fault]
}

// Start starts a server in memory, which ends with the test, and sets its keys in the environment.
func Start(t testing.TB) *Server {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("lab"); err != nil {
		t.Fatal(err)
	}
	answer := gofakes3.New(memory).Server()
	return start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+Key+"/") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>InvalidAccessKeyId</Code><Message>The access key does not exist.</Message></Error>`)
			return
		}
		answer.ServeHTTP(w, r)
	}))
}

// Gateway is Start for a real server, which checks signatures and checksums. Where it is not installed the
// test is skipped with the reason.
func Gateway(t testing.TB) *Server {
	t.Helper()
	return start(t, gateway(t))
}

// Each runs a test with both servers.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Run("memory", func(t *testing.T) { test(t, Start(t)) })
	t.Run(program, func(t *testing.T) { test(t, Gateway(t)) })
}

// start lets requests go wrong before they come to what answers them.
func start(t testing.TB, answer http.Handler) *Server {
	t.Helper()
	s := &Server{}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.left.Add(-1) >= 0 {
			(*s.fault.Load())(w, r, answer)
			return
		}
		answer.ServeHTTP(w, r)
	}))
	t.Cleanup(s.server.Close)
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": Key, "AWS_SECRET_ACCESS_KEY": Secret, "AWS_SESSION_TOKEN": "",
		"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": ""} {
		t.Setenv(name, value)
	}
	return s
}

// Fail lets so many requests go wrong, from now on.
func (s *Server) Fail(requests int, fault Fault) {
	s.fault.Store(&fault)
	s.left.Store(int64(requests))
}

// Address returns the address of a part of a bucket.
func (s *Server) Address(bucket, prefix string) string {
	return "s3://" + bucket + "/" + prefix + "?endpoint=" + s.server.URL
}

// Close ends the server before the test ends.
func (s *Server) Close() { s.server.Close() }
