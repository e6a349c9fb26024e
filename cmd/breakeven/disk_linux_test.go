package main

import (
	"bytes"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A disk that is full: one clear line, and once there is room the run goes on
// to the same bits.
func TestFullDisk(t *testing.T) {
	disk, whole := t.TempDir(), t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=250k"); err != nil {
		t.Skip("this user cannot mount a small disk: ", err)
	}
	defer func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	var stderr bytes.Buffer
	c := program(disk, small...)
	c.Stderr = &stderr
	var exit *exec.ExitError
	if err := c.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%v, want exit code 1\n%s", err, stderr.String())
	}
	line := stderr.String()
	if !regexp.MustCompile(`^breakeven: .*disk full: free at least .*breakeven resume r[0-9a-f]{12}\n$`).MatchString(line) || strings.Count(line, "\n") != 1 {
		t.Fatalf("not one clear line: %s", line)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	must(t, disk, "resume", "last")
	must(t, whole, small...)
	same(t, whole, disk)
}
