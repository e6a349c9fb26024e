package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/store"
)

// An address that is none of a store, and a file, are refused, and nothing is made.
func TestNoStores(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("d.npz", []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"s3://bucket/prefix":                 "store s3://bucket/prefix: a store is a folder, or a database at an address that begins with postgres://; only its checkpoints can be in a bucket: postgres://user@host/database?checkpoints=s3://bucket/prefix",
		"mysql://host/db":                    "store mysql://host/db: a store is a folder, or a database at an address that begins with postgres://",
		"https://host":                       "store https://host: a store is a folder",
		"d.npz":                              "store d.npz: it is a file, and a store is a folder: name another one",
		"postgres://localhost/x?sslmode=zzz": "store postgres://localhost/x?sslmode=zzz: opening: cannot parse `postgres://localhost/x?sslmode=zzz`: ",
		"postgres://?connect_timeout=z":      "store postgres://?connect_timeout=z: opening: cannot parse `postgres://?connect_timeout=z`: ",
	} {
		for _, open := range []func(string) (*store.Store, error){store.Open, store.OpenReader} {
			if s, err := open(name); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: the error is %v, want %s", name, err, want)
				if s != nil {
					s.Close()
				}
			}
		}
	}
	if made, _ := filepath.Glob("*"); len(made) != 1 {
		t.Errorf("the folder has %v", made)
	}
}
