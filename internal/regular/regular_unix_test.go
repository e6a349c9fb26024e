//go:build unix

package regular

import (
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// These pipes have no writer: reading from them would block for ever.
func TestPipes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o666); err != nil {
		t.Fatal(err)
	}
	want := name + " is a pipe, not a file; write what comes out of it to a file"
	if _, _, err := Open(name); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	// A pipe that replaces a file between the check and the opening.
	if _, _, err := open(name); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("opened at once: error %v, want %s", err, want)
	}
}

func TestSocket(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Skip("no socket here: ", err)
	}
	defer l.Close()
	if _, _, err := Open(name); err == nil || !strings.HasPrefix(err.Error(), name+" is a socket, not a file; ") {
		t.Errorf("error %v", err)
	}
}
