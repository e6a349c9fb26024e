package store

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// values draws values with numbers of every kind.
func values() *rapid.Generator[run.Value] {
	number := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 3, 5e-324}))
	return rapid.Custom(func(t *rapid.T) run.Value {
		v := run.Value{
			Key: rapid.StringMatching(`[a-z_0-9]+`).Draw(t, "key"), Unit: rapid.StringMatching(`[a-z²'"\\;%]*`).Draw(t, "unit"),
			Value: number.Draw(t, "value"), Error: number.Draw(t, "error"),
			How: run.How{Probe: "p", L: rapid.Int().Draw(t, "l"), Seed: rapid.Uint64().Draw(t, "seed"), Note: rapid.StringMatching(`(?s).*`).Draw(t, "note")},
		}
		if vector := rapid.SliceOf(number).Draw(t, "vector"); len(vector) > 0 {
			v.Vector = vector
		}
		return v
	})
}

// Records are read back to the bit, in the order of their steps, whatever the order in
// which and how often they were saved, also from a store opened again.
func TestRecordsComeBack(t *testing.T) {
	sameBits := cmp.Comparer(func(a, b float64) bool {
		return math.IsNaN(a) && math.IsNaN(b) || math.Float64bits(a) == math.Float64bits(b)
	})
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		l, err := s.Begin(run.Default(), Origin{})
		if err != nil {
			t.Fatal(err)
		}
		steps := rapid.SliceOfNDistinct(rapid.IntRange(0, math.MaxInt), 0, 4, rapid.ID).Draw(t, "steps")
		var want []run.Record
		for _, step := range steps {
			record := run.Record{Step: step, Epoch: rapid.Float64().Draw(t, "epoch"),
				Time: time.Unix(rapid.Int64Range(0, 1<<34).Draw(t, "s"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns")).UTC()}
			record.Values = rapid.SliceOfN(values(), 1, 3).Draw(t, "values")
			want = append(want, record)
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				if err := s.Save(l, &record, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if rapid.Bool().Draw(t, "reopen") {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = OpenReader(dir); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
		}
		slices.SortFunc(want, func(a, b run.Record) int {
			if a.Step < b.Step {
				return -1
			}
			return 1
		})
		got, err := s.Records(l.Run)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, sameBits); d != "" {
			t.Fatalf("(-want +got)\n%s", d)
		}
	})
}

func TestRunsAndFind(t *testing.T) {
	s := open(t, t.TempDir())
	if runs, err := s.Runs(); err != nil || len(runs) > 0 {
		t.Errorf("an empty store has runs %v, error %v", runs, err)
	}
	if _, err := s.Find("last"); err == nil {
		t.Error("an empty store has a last run")
	}
	other := run.Default()
	other.Seed = 1
	a, b, c := create(t, s, run.Default()), create(t, s, other), create(t, s, run.Default())
	if a.ID != run.Default().ID() || c.ID != a.ID+"-2" || b.ID != other.ID() {
		t.Errorf("IDs %s, %s, %s", a.ID, b.ID, c.ID)
	}
	if err := end(s, b.ID, run.Diverged, "loss is NaN at step 3"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"last": c.ID, a.ID: a.ID, c.ID: c.ID, b.ID[:3]: b.ID, a.ID + "-": c.ID} {
		if got, err := s.Find(name); err != nil || got.ID != want {
			t.Errorf("Find(%q) = %s, %v, want %s", name, got.ID, err, want)
		}
	}
	if _, err := s.Find(a.ID[:5]); err == nil || !cmp.Equal(err.Error(), fmt.Sprintf("store %s: run %q: more than one run begins like this: %s, %s", s.Dir(), a.ID[:5], c.ID, a.ID)) {
		t.Errorf("a common beginning: error %v", err)
	}
	for _, name := range []string{"", "zzz", a.ID + "-3"} {
		if got, err := s.Find(name); err == nil {
			t.Errorf("Find(%q) = %s", name, got.ID)
		}
	}
	runs, err := s.Runs()
	if err != nil || len(runs) != 3 || runs[0].ID != c.ID || runs[1].Status != run.Diverged || runs[1].Message != "loss is NaN at step 3" || !cmp.Equal(runs[1].Spec, other) {
		t.Errorf("runs %+v, error %v", runs, err)
	}
	same, err := s.WithSpec(run.Default())
	if err != nil || len(same) != 2 || same[0].ID != c.ID || same[1].ID != a.ID {
		t.Errorf("WithSpec: %+v, error %v", same, err)
	}
}

func TestRecordsAfter(t *testing.T) {
	dir, id := filled(t)
	s, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for after, want := range map[int]int{-1: 3, 0: 2, 10: 1, 15: 1, 20: 0} {
		if got, err := s.RecordsAfter(id, after); err != nil || len(got) != want {
			t.Errorf("after step %d: %d records, error %v, want %d", after, len(got), err, want)
		}
	}
}

// The view for users of SQL.
func TestMeasuredView(t *testing.T) {
	dir, id := filled(t)
	s := open(t, dir)
	r := record(30)
	r.Values[0].Value = math.NaN()
	if err := save(s, id, r, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := s.db.Query("SELECT step || ' ' || key || ' ' || value || ' ' || coalesce(vector, '') || ' ' || unit || ' ' || probe FROM measured WHERE step > 10 ORDER BY step, key")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	want := []string{"20 h_top5 0 [20,0.1] nat h", "20 loss 0.047619047619047616  nat loss", "30 h_top5 0 [30,0.1] nat h", "30 loss NaN  nat loss"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestStrangeFolderNames(t *testing.T) {
	for _, name := range []string{"a b", "100%", "what?mode=ro", "a#b", "λ", "a&b=c", "%41", "'quoted'"} {
		dir := filepath.Join(t.TempDir(), name)
		s, err := Open(dir)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		create(t, s, run.Default())
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, database)); err != nil {
			t.Errorf("%q: the database is elsewhere: %v", name, err)
		}
		if s, err = OpenReader(dir); err != nil {
			t.Errorf("%q: %v", name, err)
		} else if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	// Relative names.
	t.Chdir(t.TempDir())
	open(t, DefaultDir)
	if _, err := os.Stat(filepath.Join(DefaultDir, database)); err != nil {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	s := open(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "60000", "application_id": fmt.Sprint(applicationID)} {
		var got string
		if err := s.db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, error %v, want %s", pragma, got, err, want)
		}
	}
}
