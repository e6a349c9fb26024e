package store

import (
	"fmt"
	"slices"
	"strings"
)

// last is the name of the newest run.
const last = "last"

// Find returns the run with the given ID or name, the only one whose ID begins with name, or
// the newest one for "last". The error is ErrNotFound, ErrAmbiguous, or ErrDamaged for a run
// that cannot be read.
func (s *Store) Find(name string) (Run, error) {
	r, err := s.FindAny(name)
	if err == nil && r.Damage != nil {
		r, err = Run{}, s.notFound(name, fmt.Errorf("it is %s: %w; the others can be read", r.ID, r.Damage))
	}
	return r, err
}

// FindAny is Find for runs that may be damaged.
func (s *Store) FindAny(name string) (Run, error) {
	if idForm.MatchString(name) { // one of many thousands is found at once
		runs, err := s.query("WHERE id = $1", name)
		if err != nil || len(runs) == 1 {
			return append(runs, Run{})[0], err
		}
	}
	runs, err := s.Runs()
	if err != nil {
		return Run{}, err
	}
	r, err := choose(runs, name)
	return r, s.notFound(name, err)
}

func (s *Store) notFound(name string, err error) error {
	if err != nil {
		err = fmt.Errorf("store %s: run %q: %w", s.dir, name, err)
	}
	return err
}

// choose returns the run that a name refers to.
func choose(runs []Run, name string) (Run, error) {
	if name == last && len(runs) > 0 {
		return runs[0], nil
	}
	for _, is := range []func(r Run) bool{
		func(r Run) bool { return r.ID == name },
		func(r Run) bool { return r.Name != "" && strings.EqualFold(r.Name, name) },
	} {
		if i := slices.IndexFunc(runs, is); i >= 0 {
			return runs[i], nil
		}
	}
	var found []Run
	var ids []string
	for _, r := range runs {
		if name != "" && strings.HasPrefix(r.ID, name) {
			found, ids = append(found, r), append(ids, r.ID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Run{}, ErrNotFound
	}
	return Run{}, fmt.Errorf("%w: %s", ErrAmbiguous, strings.Join(ids, ", "))
}
