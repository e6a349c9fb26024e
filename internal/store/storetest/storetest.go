// Package storetest is the contract of a store of runs, as a test. Every kind of store passes it,
// whatever keeps its rows and its files.
package storetest

import (
	"reflect"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/run"
)

// A Store is what the contract speaks of. What its methods promise stands with those of store.Store.
type Store interface {
	Begin(run.Spec, store.Origin) (store.Lease, error)
	Claim(spec run.Spec, origin store.Origin, again bool) (store.Run, store.Lease, error)
	Take(id string) (store.Lease, error)
	Save(store.Lease, *run.Record, *run.Checkpoint) error
	Changed(store.Lease, int, store.Origin) error
	End(store.Lease, run.Status, string) error

	Find(name string) (store.Run, error)
	Runs() ([]store.Run, error)
	Lister() *store.Lister
	WithSpec(run.Spec) ([]store.Run, error)
	RecordsAfter(id string, step int) ([]run.Record, error)
	Checkpoint(id string) (c run.Checkpoint, passed, err error)
	CheckpointUpTo(id string, step int) (c run.Checkpoint, ok bool, err error)

	SetName(id, name string) error
	Tag(id string, tags ...string) error
	Untag(id string, tags ...string) error
	Delete(id string) error

	Submit(title string, retries int, origin store.Origin, specs []run.Spec) (store.Sweep, error)
	FindSweep(name string) (store.Sweep, error)
	Sweeps() ([]store.Sweep, error)
	State(sweep string) (store.State, error)
	SetState(sweep string, state store.State) error
	Retry(sweep string) error
	Standings(sweep string, origin store.Origin) ([]store.Standing, error)
	Next(sweep string, origin store.Origin, other bool) (job store.Job, rest store.Rest, err error)
	Tally(sweep string, origin store.Origin) (store.Tally, error)
	Failed(sweep string, place int, origin store.Origin, message string) error

	Close() error
}

var _ Store = (*store.Store)(nil)

// A Place is where the stores of a test are: each one that is opened there is the same, as another
// process sees it.
type Place interface {
	Open(t *testing.T) Store
	// Kill does to an open store what happens to it when its process is killed, or is cut off for so
	// long that it counts as dead. Its methods may be called all the same, as by a process that does
	// not know it.
	Kill(Store)
}

// Test runs the contract. Each call of place returns an empty one.
func Test(t *testing.T, place func(t *testing.T) Place) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Place)
	}{
		{"SaveAndReadBack", saveAndReadBack},
		{"RecordIsWrittenOnce", recordIsWrittenOnce},
		{"Repetition", repetition},
		{"Held", held},
		{"LostLease", lostLease},
		{"Lister", lister},
		{"Closed", closed},
		{"Claim", claim},
		{"ClaimOfAnotherArithmetic", claimOfAnotherArithmetic},
		{"SideBySide", sideBySide},
		{"Labels", labels},
		{"Delete", deleted},
		{"Unknown", unknown},
		{"Sweeps", sweeps},
		{"SweepStates", sweepStates},
		{"Failures", failures},
		{"OtherKernels", otherKernels},
		{"OtherNumerics", otherNumerics},
		{"ClosedTrials", closedTrials},
		{"TrialsOnce", trialsOnce},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, place(t)) })
	}
}

// here is the origin of the runs of the tests.
var here = store.Origin{Program: "test", ISA: "generic", Numerics: 1}

// spec returns the spec of a seed.
func spec(seed uint64) run.Spec {
	s := run.Default()
	s.Seed = seed
	return s
}

// record returns a record whose numbers depend on the step alone.
func record(step int) *run.Record {
	return &run.Record{
		Step: step, Epoch: float64(step) / 47, Time: time.Date(2026, 1, 2, 3, 4, 5, step, time.UTC),
		Values: []run.Value{{Key: "loss", Unit: "nat", Value: 1 / float64(step+1), How: run.How{Probe: "loss", Seconds: float64(step)}}},
	}
}

func checkpoint(step int) *run.Checkpoint {
	return &run.Checkpoint{
		Step:    step,
		Weights: []run.Tensor{{Name: "fc.weight", Shape: []int{2}, Data: []float32{1, float32(step)}}},
		Meta:    map[string]string{"rng": "0123"},
	}
}

// begin begins a run.
func begin(t *testing.T, s Store, spec run.Spec) store.Lease {
	t.Helper()
	l, err := s.Begin(spec, here)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// save saves a record and a checkpoint for each of the steps.
func save(t *testing.T, s Store, l store.Lease, steps ...int) {
	t.Helper()
	for _, step := range steps {
		if err := s.Save(l, record(step), checkpoint(step)); err != nil {
			t.Fatal(err)
		}
	}
}

// find returns a run.
func find(t *testing.T, s Store, id string) store.Run {
	t.Helper()
	r, err := s.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// same fails unless what was read is what was wanted.
func same(t *testing.T, got, want any, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("error %v\ngot  %+v\nwant %+v", err, got, want)
	}
}
