package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"

	"golang.org/x/sys/unix"
)

// A disk that is really full, first for a checkpoint and then for records: the error
// says so, nothing half-written counts, and once there is room the run continues.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("this user cannot mount a small disk: ", err)
	}
	defer func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	dir := filepath.Join(disk, "store")
	s := open(t, dir)
	id := create(t, s, run.Default()).ID
	large := func(step, size int) *run.Checkpoint {
		c := checkpoint(step)
		c.Weights = append(c.Weights, run.Tensor{Name: "large", Shape: []int{size}, Data: make([]float32, size)})
		return c
	}
	if err := save(s, id, record(0), checkpoint(0)); err != nil {
		t.Fatal(err)
	}
	err := save(s, id, record(10), large(10, 1<<20))
	if !errors.Is(err, ErrFull) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("a checkpoint of 4 MB: error %v, want ErrFull", err)
	}
	saved := 0
	for err = nil; err == nil; {
		if err = save(s, id, record(saved+1), nil); err == nil {
			saved++
		}
	}
	if !errors.Is(err, ErrFull) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("record %d: error %v, want ErrFull", saved+1, err)
	}
	// The room that the error asks for is enough for all that follows, and at most
	// twice what is needed.
	err = save(s, id, record(saved+1), large(saved+1, 1<<20))
	if !errors.Is(err, ErrFull) {
		t.Fatalf("a checkpoint of 4 MB: error %v, want ErrFull", err)
	}
	var used unix.Statfs_t
	if err := unix.Statfs(disk, &used); err != nil {
		t.Fatal(err)
	}
	asked := askedFor(t, err)
	room := int64(used.Blocks-used.Bfree)*used.Bsize + asked
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("size=%d", room)); err != nil {
		t.Fatal(err)
	}
	most := int64(0)
	for i := 1; i <= 400; i++ {
		var c *run.Checkpoint
		if i%40 == 1 {
			c = large(saved+i, 1<<20)
		}
		if err := save(s, id, record(saved+i), c); err != nil {
			t.Fatal(err)
		}
		if err := unix.Statfs(disk, &used); err != nil {
			t.Fatal(err)
		}
		most = max(most, int64(used.Blocks-used.Bfree)*used.Bsize)
	}
	if unused := room - most; unused > asked/2 {
		t.Errorf("%d bytes were asked for, and %d not used", asked, unused)
	}
	records, err := s.Records(id)
	if err != nil || len(records) != saved+401 {
		t.Errorf("%d records, error %v, want %d", len(records), err, saved+401)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "runs", id, ".*")); len(files) > 0 {
		t.Errorf("unfinished files are left: %v", files)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
