package main

import (
	"os"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

// A worker refuses a trial that only a newer program knows, and it is as if it had not looked.
func TestWorkerOfOlderVersion(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := store.Open(store.DefaultDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	field, kind := run.Default(), run.Default()
	field.Model, field.More = "mlp", map[string]string{"from_the_future": "7"}
	kind.Kind = "prophecy"
	for want, spec := range map[string]run.Spec{"from_the_future": field, "prophecy": kind} {
		w, err := s.Submit("newer", 0, origin(), []run.Spec{spec})
		if err != nil {
			t.Fatal(err)
		}
		if _, stderr := do(t, 1, "worker", w.ID); !strings.Contains(stderr, "trial 1 is one for another version of the program, this is ") || !strings.Contains(stderr, want) {
			t.Errorf("%s: %s", want, stderr)
		}
		list, err := s.Standings(w.ID, origin())
		if err != nil || len(list) != 1 || list[0].Failures != 0 || list[0].Run.ID != "" {
			t.Errorf("%s: %+v, error %v", want, list, err)
		}
	}
}

// A worker goes on from the checkpoint before a damaged one, to the same bits.
func TestWorkerWithDamagedCheckpoint(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, 0, short...)
	want, _ := do(t, 0, "export", "last")
	s, err := store.Open(store.DefaultDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Find("last")
	if err == nil {
		_, err = s.Submit("damaged", 0, origin(), []run.Spec{r.Spec})
	}
	if err != nil {
		t.Fatal(err)
	}
	inStore(t, "UPDATE runs SET status = 'stopped'")
	inStore(t, "DELETE FROM records WHERE step > 2") // as if it had been killed before
	if err := os.Truncate(lastFile(t, "4"), 1000); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := do(t, 0, "worker")
	if said := stdout + stderr; !strings.Contains(said, "the last checkpoint is not whole") || !strings.Contains(said, "going on from the one of step 2") {
		t.Error(said)
	}
	got, _ := do(t, 0, "export", "last")
	if d := cmp.Diff(measured(want), measured(got)); d != "" {
		t.Errorf("(-whole +damaged)\n%s", d)
	}
}
