package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"breakeven/run"
)

// A wire is a listener whose connections are pipes, which the clock of a synctest bubble drives.
type wire struct {
	calls chan net.Conn
	ended chan struct{}
}

func (w wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.calls:
		return c, nil
	case <-w.ended:
		return nil, net.ErrClosed
	}
}

func (w wire) Close() error   { close(w.ended); return nil }
func (w wire) Addr() net.Addr { return &net.TCPAddr{} }

// A sender sends the body of one request.
type sender struct {
	net.Conn
	begun  time.Time
	answer chan string // its status and its body
	took   time.Duration
}

// send begins a request with a body of 1000 bytes.
func (w wire) send() *sender {
	here, there := net.Pipe()
	w.calls <- there
	s := &sender{Conn: here, begun: time.Now(), answer: make(chan string, 1)}
	go func() {
		defer here.Close()
		r, err := http.ReadResponse(bufio.NewReader(here), nil)
		if err != nil {
			s.answer <- err.Error()
			return
		}
		body, _ := io.ReadAll(io.LimitReader(r.Body, r.ContentLength))
		s.took = time.Since(s.begun)
		s.answer <- fmt.Sprintf("%s %s", r.Status, body)
	}()
	s.write("POST /measure/mlp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
	return s
}

func (s *sender) write(text string) { _, _ = io.WriteString(s, text) } // the answer says what came of it

// drip sends a byte in each interval until there is an answer.
func (s *sender) drip(interval time.Duration) {
	for {
		time.Sleep(interval)
		if _, err := s.Write([]byte("x")); err != nil {
			return
		}
	}
}

// gets fails unless the answer has some words and comes after a time, by the clock of the bubble.
func (s *sender) gets(t *testing.T, words string, after time.Duration) {
	t.Helper()
	if answer := <-s.answer; !strings.Contains(answer, words) || s.took != after {
		t.Errorf("after %v: %s, want %q after %v", s.took, answer, words, after)
	}
}

// receiving runs a test with a server that receives two checkpoints at a time, for ten seconds without news, at 10
// bytes a second or more and at 100 without making room. Measuring takes an hour.
func receiving(t *testing.T, f func(t *testing.T, w wire)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMeters(ctx, []Measurement{{"mlp", "", 1000, func(ctx context.Context, _ io.ReaderAt, size int64, _ int, _ float64) (run.Record, []string, error) {
			select {
			case <-time.After(time.Hour):
			case <-ctx.Done():
			}
			return run.Record{}, []string{fmt.Sprint(size, " bytes")}, ctx.Err()
		}}}, func(err error) { t.Errorf("a fault of the server: %v", err) })
		m.uploads.most, m.uploads.patience, m.uploads.least, m.uploads.brisk = 2, 10*time.Second, 10, 100
		mux := http.NewServeMux()
		for pattern, handler := range m.handlers() {
			mux.Handle(pattern, handler)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			limit(w, r)
			mux.ServeHTTP(w, r)
		})}
		w := wire{make(chan net.Conn), make(chan struct{})}
		go func() { _ = server.Serve(w) }()
		f(t, w)
		cancel()
		server.Close()
		time.Sleep(time.Minute) // all who send see that
	})
}

// A body that comes byte by byte, one that stops, and one that comes at less than the least rate are given up. One that
// is slower than brisk is not, while there is room, and what it measures may take an hour.
func TestSlowUploads(t *testing.T) {
	receiving(t, func(t *testing.T, w wire) {
		s := w.send()
		go s.drip(3 * time.Second) // 3 bytes are worth 0.3 s
		s.gets(t, "408 Request Timeout {\"error\":\"the checkpoint came too slowly: send it in one piece, at 10 bytes", 10300*time.Millisecond)
	})
	receiving(t, func(t *testing.T, w wire) {
		s := w.send()
		time.Sleep(time.Second)
		s.write(strings.Repeat("x", 999))
		s.gets(t, "408", 11*time.Second)
	})
	receiving(t, func(t *testing.T, w wire) {
		s := w.send()
		go s.drip(170 * time.Millisecond) // after 141 bytes: 10 s + 141/10 s have passed before 142 · 0.17 s
		s.gets(t, "408", 24100*time.Millisecond)
	})
	receiving(t, func(t *testing.T, w wire) {
		s := w.send()
		go s.drip(time.Second / 20)
		s.gets(t, "200 OK", time.Hour+50*time.Second)
	})
}

// Slow bodies keep nobody out: those that send nothing make room for one that comes as a whole, the last of them
// first, also if they come again and again.
func TestSlowMakeRoom(t *testing.T) {
	receiving(t, func(t *testing.T, w wire) {
		first := w.send()
		time.Sleep(time.Second)
		second := w.send()
		second.write("x")
		time.Sleep(time.Second)
		whole := w.send()
		first.gets(t, "503 Service Unavailable {\"error\":\"others send their checkpoints faster", 2*time.Second)
		third := w.send()
		second.gets(t, "503", time.Second)
		time.Sleep(time.Second)
		whole.write(strings.Repeat("x", 1000))
		synctest.Wait()
		third.gets(t, "408", 10*time.Second)
		whole.gets(t, "200 OK", time.Hour+time.Second)
	})
}

// Bodies that are not slow are received to their end; one more is refused.
func TestBriskStay(t *testing.T) {
	receiving(t, func(t *testing.T, w wire) {
		a, b := w.send(), w.send()
		a.write(strings.Repeat("a", 500))
		b.write(strings.Repeat("b", 500))
		time.Sleep(time.Second)
		c := w.send()
		c.write(strings.Repeat("c", 1000))
		c.gets(t, "503 Service Unavailable {\"error\":\"2 checkpoints are being received already", 0)
		a.write(strings.Repeat("a", 500))
		synctest.Wait()
		b.write(strings.Repeat("b", 500))
		a.gets(t, "200 OK", time.Hour+time.Second)
		b.gets(t, "200 OK", 2*time.Hour+time.Second) // one after the other
	})
}

// A body that no page reads, and one that a form never gets as a whole, end their connections.
func TestSlowBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &http.Server{Handler: (&server{}).guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				_, _ = io.Copy(w, r.Body)
			}
		}))}
		w := wire{make(chan net.Conn), make(chan struct{})}
		go func() { _ = server.Serve(w) }()
		defer server.Close()
		for _, method := range []string{"GET", "POST"} {
			here, there := net.Pipe()
			w.calls <- there
			begun := time.Now()
			go func() {
				_, _ = io.WriteString(here, method+" / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx")
			}()
			if _, err := io.Copy(io.Discard, here); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun).Truncate(time.Second); took != received {
				t.Errorf("%s: the connection ended after %v, want %v", method, took, received)
			}
			here.Close()
		}
	})
}

// A page that takes long is not given up, though the server gives requests little time.
func TestLongAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &http.Server{ReadTimeout: time.Second, Handler: (&server{}).guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if time.Sleep(answered / 2); r.Context().Err() != nil {
				t.Errorf("given up: %v", r.Context().Err())
			}
		}))}
		w := wire{make(chan net.Conn), make(chan struct{})}
		go func() { _ = server.Serve(w) }()
		defer server.Close()
		here, there := net.Pipe()
		w.calls <- there
		go func() {
			_, _ = io.WriteString(here, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		}()
		if answer, err := io.ReadAll(here); !strings.HasPrefix(string(answer), "HTTP/1.1 200 OK") || err != nil {
			t.Errorf("%.100q, error %v", answer, err)
		}
	})
}
