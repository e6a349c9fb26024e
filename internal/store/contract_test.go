package store_test

import (
	"testing"

	"breakeven/internal/store"
	"breakeven/internal/store/storetest"
)

// folder is a place of stores in SQLite.
type folder string

func (f folder) Open(t *testing.T) storetest.Store {
	t.Helper()
	s, err := store.Open(string(f))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (folder) Kill(s storetest.Store) { store.Kill(s.(*store.Store)) }

func TestContract(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Place { return folder(t.TempDir()) })
}
