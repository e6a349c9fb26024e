package store_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// A cutter stands between a store and its server, and cuts the connection in the next transaction: after
// its first statements, or at its commit, before the server sees it or before the store sees that it is
// done.
type cutter struct {
	dir   string // where it listens, as a server does
	to    string // socket of the server
	armed atomic.Int32
	cuts  atomic.Int32
}

// What a cutter is armed to do.
const (
	idle = iota
	within
	before
	after
)

func newCutter(t *testing.T, to string) *cutter {
	t.Helper()
	dir, err := os.MkdirTemp("", "cut")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, filepath.Base(to)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c := &cutter{dir: dir, to: to}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go c.serve(from)
		}
	}()
	return c
}

func (c *cutter) serve(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("unix", c.to)
	if err != nil {
		return
	}
	defer to.Close()
	var mute atomic.Bool
	go func() {
		_, _ = io.Copy(writer(func(b []byte) (int, error) {
			if mute.Load() {
				return 0, errors.New("cut")
			}
			return from.Write(b)
		}), to)
		_ = from.Close()
	}()
	messages := 0 // since the transaction began
	_, _ = io.Copy(writer(func(b []byte) (int, error) {
		if messages++; bytes.Contains(b, []byte("begin\x00")) {
			messages = 0
		}
		commits := bytes.Contains(b, []byte("commit\x00"))
		switch armed := c.armed.Load(); {
		case armed == within && messages == 3, armed == before && commits:
			c.armed.Store(idle)
			c.cuts.Add(1)
			return 0, errors.New("cut")
		case armed == after && commits:
			c.armed.Store(idle)
			c.cuts.Add(1)
			mute.Store(true)
		}
		return to.Write(b)
	}), from)
}

type writer func([]byte) (int, error)

func (f writer) Write(b []byte) (int, error) { return f(b) }
