package store_test

import (
	"errors"
	"io"
	"net/url"
	"path"
	"strings"
	"testing"

	"breakeven/internal/objects"
	"breakeven/internal/objects/objectstest"
	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/run"
)

// steps begins a run with a checkpoint of each of the first n steps.
func steps(t *testing.T, s *store.Store, n int) store.Lease {
	t.Helper()
	l, err := s.Begin(run.Default(), store.Origin{})
	for step := range n {
		err = errors.Join(err, s.Save(l, nil, &run.Checkpoint{Step: step}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// reaches fails unless the last checkpoint that is whole is of a step, and others were passed over or not.
func reaches(t *testing.T, s *store.Store, l store.Lease, step int, passing bool) {
	t.Helper()
	if c, passed, err := s.Checkpoint(l.Run); c.Step != step || (passed != nil) != passing || err != nil {
		t.Errorf("checkpoint of step %d, passed over: %v, error %v, want step %d", c.Step, passed, err, step)
	}
}

// Checkpoints in a bucket: there are two of a run, a damaged or missing one is passed over, and those of a
// deleted run are gone. Whoever opens the store finds them, or says that it is another bucket.
func inBucket(t *testing.T, server *servertest.Server) {
	objectstest.Each(t, func(t *testing.T, storage *objectstest.Server) { inBucketOf(t, server, storage) })
}

func inBucketOf(t *testing.T, server *servertest.Server, storage *objectstest.Server) {
	b, err := objects.Open(storage.Address("lab", "here"))
	if err != nil {
		t.Fatal(err)
	}
	at := newAddress(server, b.String())
	s := at.Open(t).(*store.Store)
	l := steps(t, s, 4)
	list, err := b.List("runs/" + l.Run)
	if err != nil || len(list) != 2 || at.count(t, "chunks") > 0 {
		t.Fatalf("objects %v, error %v, want two", list, err)
	}
	reaches(t, s, l, 3, false)
	if err := s.Save(l, nil, &run.Checkpoint{Step: 3}); err != nil {
		t.Error(err)
	}
	newest := path.Join("runs", l.Run, list[1].Name)
	if err := b.Put(newest, 1, func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }); err != nil {
		t.Fatal(err)
	}
	reaches(t, s, l, 2, true)
	if err := b.Remove(newest); err != nil {
		t.Fatal(err)
	}
	reaches(t, s, l, 2, true)
	if err := s.Save(l, nil, &run.Checkpoint{Step: 3}); err != nil { // the same again
		t.Error(err)
	}
	other := at.Open(t).(*store.Store)
	reaches(t, other, l, 3, false)
	if _, err := store.Open(server.Address(url.Values{"search_path": {at.schema}, "checkpoints": {storage.Address("lab", "there")}})); err == nil || !strings.Contains(err.Error(), "there") {
		t.Errorf("another place: error %v", err)
	}
	if err := errors.Join(s.End(l, run.Stopped, ""), s.Delete(l.Run)); err != nil {
		t.Error(err)
	}
	if list, err := b.List("runs/" + l.Run); len(list) > 0 || err != nil {
		t.Errorf("of a deleted run: %v, error %v", list, err)
	}
}

// A storage that is away for a while, or in whose place something else answers, is waited for, and no checkpoint is taken
// for a damaged one meanwhile, nor for one that is stored. One that is damaged on its way is passed over. If the storage
// stays away that is one error, nothing is lost by it, and the run can be given back.
func bucketAway(t *testing.T, server *servertest.Server) {
	storage := objectstest.Start(t)
	s := newAddress(server, storage.Address("lab", "")).Open(t).(*store.Store)
	l := steps(t, s, 2)
	step := 1
	away := []objectstest.Fault{objectstest.Cut, objectstest.CutAnswer, objectstest.Broken, objectstest.Page, objectstest.NoPage, objectstest.Away}
	for _, fault := range away {
		step++
		storage.Fail(2, fault)
		if err := s.Save(l, nil, &run.Checkpoint{Step: step}); err != nil {
			t.Error(err)
		}
		storage.Fail(2, fault)
		reaches(t, s, l, step, false)
	}
	for _, damage := range []objectstest.Fault{objectstest.DamageAnswer, objectstest.HalfAnswer} {
		storage.Fail(1, damage)
		reaches(t, s, l, step-1, true)
	}
	store.Impatiently(s)
	const all = 1000
	lasting := []objectstest.Fault{objectstest.Cut, objectstest.CutAnswer, objectstest.Page, objectstest.NoPage}
	for _, fault := range lasting {
		storage.Fail(all, fault)
		if err := s.Save(l, &run.Record{Step: step + 1}, &run.Checkpoint{Step: step + 1}); !errors.Is(err, store.ErrUnreachable) {
			t.Errorf("saving: error %v", err)
		}
		if _, _, err := s.Checkpoint(l.Run); !errors.Is(err, store.ErrUnreachable) || !strings.Contains(err.Error(), "object storage") {
			t.Errorf("reading: error %v", err)
		}
		if _, _, err := s.CheckpointUpTo(l.Run, step); !errors.Is(err, store.ErrUnreachable) {
			t.Errorf("reading up to a step: error %v", err)
		}
		storage.Fail(0, nil)
		reaches(t, s, l, step, false)
		if records, err := s.Records(l.Run); len(records) > 0 || err != nil { // with its checkpoint, or not at all
			t.Errorf("records %v, error %v", records, err)
		}
	}
	for _, fault := range lasting { // of a run that has none yet
		other, err := s.Begin(run.Default(), store.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		storage.Fail(all, fault)
		err = s.Save(other, nil, &run.Checkpoint{Step: 0})
		storage.Fail(0, nil)
		if err == nil { // where only the answer is cut
			reaches(t, s, other, 0, false)
		} else if !errors.Is(err, store.ErrUnreachable) {
			t.Errorf("saving the first one: error %v", err)
		}
		if err := errors.Join(s.Save(other, nil, &run.Checkpoint{Step: 0}), s.End(other, run.Stopped, "")); err != nil {
			t.Error(err)
		}
		reaches(t, s, other, 0, false)
	}
	if err := s.End(l, run.Stopped, ""); err != nil {
		t.Error(err)
	}
	storage.Fail(all, objectstest.Cut)
	if err := s.Delete(l.Run); !errors.Is(err, store.ErrUnreachable) || !strings.Contains(err.Error(), "it is deleted") {
		t.Errorf("deleting: error %v", err)
	}
}

// Keys that are wrong and a bucket that is missing are said when a store is opened for writing, and when
// checkpoints are read. Runs are shown without keys.
func bucketRefuses(t *testing.T, server *servertest.Server) {
	defer store.Impatient()()
	storage := objectstest.Start(t)
	at := newAddress(server, storage.Address("lab", ""))
	l := steps(t, at.Open(t).(*store.Store), 1)
	if _, err := store.Open(newAddress(server, storage.Address("none", "")).text); !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), "make the bucket first") {
		t.Errorf("no bucket: error %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "stranger")
	if _, err := store.Open(at.text); !errors.Is(err, store.ErrRefused) || strings.Contains(err.Error(), "secret") {
		t.Errorf("wrong keys: error %v", err)
	}
	r, err := store.OpenReader(at.text)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if runs, err := r.Runs(); len(runs) != 1 || err != nil {
		t.Errorf("runs %v, error %v", runs, err)
	}
	if _, _, err := r.Checkpoint(l.Run); !errors.Is(err, store.ErrRefused) {
		t.Errorf("a checkpoint: error %v", err)
	}
	storage.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", objectstest.Key)
	if _, err := store.Open(newAddress(server, storage.Address("lab", "")).text); !errors.Is(err, store.ErrUnreachable) {
		t.Errorf("away: error %v", err)
	}
}
