package data

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
)

// Files of a set of another package are downloaded and compared with their checksums.
func TestFetchFiles(t *testing.T) {
	c := newFetch(t, nil)
	state := func() []State {
		var list []State
		for _, check := range VerifyFiles([]File{c.file}, c.dir) {
			list = append(list, check.State)
		}
		return list
	}
	if got := state(); !slices.Equal(got, []State{Missing}) {
		t.Errorf("before: %v", got)
	}
	for range 2 { // the second time there is nothing to do
		if err := FetchFiles(context.Background(), "reviews", []File{c.file}, c.dir, nil); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(c.path())
	if err != nil || string(got) != string(c.body) || len(c.requests) != 1 {
		t.Errorf("%d bytes after %d requests (%v)", len(got), len(c.requests), err)
	}
	if got := state(); !slices.Equal(got, []State{Good}) {
		t.Errorf("after: %v", got)
	}
	if err := os.WriteFile(c.path(), make([]byte, len(c.body)), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := state(); !slices.Equal(got, []State{Differs}) {
		t.Errorf("changed: %v", got)
	}
	c.file.SHA256 = strings.Repeat("0", 64)
	if err := FetchFiles(context.Background(), "reviews", []File{c.file}, c.dir, nil); err == nil || !strings.HasPrefix(err.Error(), "data: fetch reviews: ") {
		t.Errorf("error %v", err)
	}
}
