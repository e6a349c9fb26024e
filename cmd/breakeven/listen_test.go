package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A line is a listener that one connection comes to.
type line chan net.Conn

func (l line) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (line) Close() error   { return nil }
func (line) Addr() net.Addr { return &net.TCPAddr{} }

// A request whose header never ends, one whose body does not, and an answer that nobody reads end their connections.
func TestServerIsNotHeld(t *testing.T) {
	const begin = "GET / HTTP/1.1\r\nHost: localhost\r\n"
	for _, c := range []struct {
		name, request string
		reads         bool
		after         time.Duration
	}{
		{"half a header", begin, true, 10 * time.Second},
		{"half a body", begin + "Content-Length: 1000\r\n\r\nx", true, 10 * time.Second},
		{"no reader", begin + "\r\n", false, 30 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			here, there := net.Pipe()
			l, ended := make(line, 1), make(chan struct{})
			server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<16)) }))
			server.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateClosed {
					close(ended)
				}
			}
			go func() { _ = server.Serve(l) }()
			l <- there
			begun := time.Now()
			go func() {
				_, _ = io.WriteString(here, c.request)
				if c.reads {
					_, _ = io.Copy(io.Discard, here)
				}
			}()
			<-ended
			if took := time.Since(begun).Truncate(time.Second); took != c.after {
				t.Errorf("%s: the connection ended after %v, want %v", c.name, took, c.after)
			}
			close(l)
		})
	}
}

// A header that is too long is not kept.
func TestLongHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		l := make(line, 1)
		server := newServer(http.NotFoundHandler())
		go func() { _ = server.Serve(l) }()
		l <- there
		go func() {
			_, _ = io.WriteString(here, "GET / HTTP/1.1\r\nHost: localhost\r\nLong: "+strings.Repeat("x", 1<<20))
		}()
		answer, err := io.ReadAll(here)
		if !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") || err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%.100q, error %v, want status 431", answer, err)
		}
		here.Close()
		close(l)
	})
}

// A server answers no more connections at once than it may have, and the next one when one of these ends.
func TestConnectionsAreLimited(t *testing.T) {
	l, err := openPort("127.0.0.1:0", 2)
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	var held []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
		if text := answer(t, c); text != "ok" {
			t.Fatalf("answer %q", text)
		}
	}
	third, err := net.Dial("tcp", l.Addr().String()) // the system takes it, and nobody answers it
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	got := make(chan string)
	go func() { got <- answer(t, third) }()
	select {
	case text := <-got:
		t.Fatalf("a third connection has the answer %q", text)
	case <-time.After(50 * time.Millisecond):
	}
	held[0].Close()
	if text := <-got; text != "ok" {
		t.Errorf("after one has ended: answer %q", text)
	}
}

// answer asks for a page and returns it. The connection stays open.
func answer(t *testing.T, c net.Conn) string {
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}
