package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"breakeven/internal/testenv"
)

// smallDisk mounts a disk of so many bytes until the end of the test.
func smallDisk(t *testing.T, bytes int64) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skip("this user cannot mount a small disk: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// leave resizes a small disk so that the given number of bytes is free.
func leave(t *testing.T, dir string, free int64) {
	t.Helper()
	var now unix.Statfs_t
	if err := unix.Statfs(dir, &now); err != nil {
		t.Fatal(err)
	}
	used := int64(now.Blocks-now.Bfree) * now.Bsize
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("size=%d", used+free)); err != nil {
		t.Fatal(err)
	}
}

// fills runs the program in a folder and reports whether the disk was full. If so, the
// program must say it in one clear line that says how many bytes to free.
func fills(t *testing.T, dir string, args ...string) (asked int64, full bool) {
	t.Helper()
	var stderr bytes.Buffer
	c := program(dir, args...)
	c.Stderr = &stderr
	err := c.Run()
	if err == nil {
		return 0, false
	}
	var exit *exec.ExitError
	m := regexp.MustCompile(`^breakeven: .*disk full: free at least ([0-9]+) MB there.*\n$`).FindStringSubmatch(stderr.String())
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || m == nil || strings.Count(stderr.String(), "\n") != 1 {
		t.Fatalf("%v, want exit code 1 and one clear line\n%s", err, stderr.String())
	}
	megabytes, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return int64(megabytes) * 1e6, true
}

// On a full disk the program stops with one clear line. Once as much room is free as
// the line asks for, the run continues to the same bits.
func TestFullDisk(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	disk := smallDisk(t, 250<<10)
	asked, full := fills(t, disk, small...)
	if !full {
		t.Fatal("the disk is not full")
	}
	leave(t, disk, asked)
	must(t, disk, "resume", "last")
	whole, _ := undisturbed(t)
	same(t, whole, disk)
}

// A run that was interrupted while it measured step 0, and is resumed on a disk that
// fills up at some point, ends with the same bits once there is room again.
func TestFullDiskAfterStep0(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	whole, disk := t.TempDir(), smallDisk(t, 64<<20)
	must(t, whole, brief...)
	numbers, weights := result(t, whole)
	stopped := stoppedAtStep0(t, "")
	step, times := int64(testenv.Scale(24, 12))<<10, 0
	for free := int64(0); ; free += step {
		dir := filepath.Join(disk, fmt.Sprint(free))
		if err := os.CopyFS(dir, os.DirFS(stopped)); err != nil {
			t.Fatal(err)
		}
		leave(t, disk, free)
		asked, full := fills(t, dir, "resume", "last")
		if !full {
			break
		}
		times++
		leave(t, disk, asked)
		goOn(t, dir, numbers, weights)
		leave(t, disk, 64<<20)
	}
	if times < 4 {
		t.Errorf("the disk was full %d times", times)
	}
	t.Logf("the disk was full %d times", times)
}
