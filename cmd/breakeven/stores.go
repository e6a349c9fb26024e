package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

// A located run is a run and the store that has it.
type located struct {
	store.Run
	in *store.Store
}

// title is the ID of a run, with its store in front.
func (l located) title() string { return l.in.Dir() + ":" + l.ID }

// within are runs of one store.
func within(s *store.Store, runs []store.Run) (list []located) {
	for _, r := range runs {
		list = append(list, located{r, s})
	}
	return list
}

// Stores are several stores that are read together.
type stores struct {
	folders []string // and addresses, where names without a store are looked for
	open    map[string]*store.Store
	looked  string // the folder that was looked into last
}

// newStores returns the stores in the given folders, each once. Close them.
func newStores(folders []string) *stores {
	s := &stores{open: map[string]*store.Store{}}
	for _, f := range folders {
		if !slices.ContainsFunc(s.folders, func(other string) bool { return place(other) == place(f) }) {
			s.folders = append(s.folders, f)
		}
	}
	return s
}

// place returns one spelling for a folder, and an address as it is.
func place(folder string) string {
	if store.IsAddress(folder) {
		return folder
	}
	if abs, err := filepath.Abs(folder); err == nil {
		return abs
	}
	return filepath.Clean(folder)
}

func (s *stores) close() {
	for _, one := range s.open {
		_ = one.Close() // it was only read
	}
}

// in returns the store in a folder.
func (s *stores) in(folder string) (*store.Store, error) {
	if one, ok := s.open[place(folder)]; ok {
		return one, nil
	}
	one, err := store.OpenReader(folder)
	if err == nil {
		s.open[place(folder)] = one
	}
	return one, err
}

// find returns the run of a name: STORE:RUN, or a name that one of the stores knows. Of several
// runs those count first that are called exactly so, and not only begin like this.
func (s *stores) find(name string) (located, error) {
	if at := strings.LastIndex(name, ":"); at > 0 {
		return s.findIn(name[:at], name[at+1:])
	}
	var found, exact []located
	var missing error
	for _, folder := range s.folders {
		r, err := s.findIn(folder, name)
		switch {
		case errors.Is(err, store.ErrNotFound):
			missing = err
			continue
		case err != nil:
			return r, err
		}
		found = append(found, r)
		if r.ID == name || strings.EqualFold(r.Name, name) {
			exact = append(exact, r)
		}
	}
	if len(exact) > 0 {
		found = exact
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return located{}, usagef("run %q: several stores have one: %s; write it so", name, titles(found))
	case len(s.folders) > 1:
		return located{}, fmt.Errorf("run %q is in none of the stores %s", name, listText(s.folders))
	}
	return located{}, missing
}

func (s *stores) findIn(folder, name string) (located, error) {
	s.looked = folder
	one, err := s.in(folder)
	if err != nil {
		return located{}, err
	}
	r, err := one.Find(name)
	return located{r, one}, err
}

func titles(runs []located) string {
	var list []string
	for _, r := range runs {
		list = append(list, r.title())
	}
	return listText(list)
}

// runsOf returns the runs of several names. After an error the hint is about the store that was looked
// into last.
func (a *app) runsOf(s *stores, names []string) ([]located, error) {
	runs, err := s.findAll(names)
	if err != nil {
		a.store = s.looked
	}
	return runs, err
}

// findAll returns the runs of several names, each of which is another run.
func (s *stores) findAll(names []string) (runs []located, err error) {
	for _, name := range names {
		r, err := s.find(name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(runs, func(other located) bool { return other.in == r.in && other.ID == r.ID }) {
			return nil, usagef("run %s is named twice", r.ID)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// storesFlag adds a flag that can be given several times.
func storesFlag(c *cobra.Command) *[]string {
	list := c.Flags().StringArray("store", []string{store.DefaultDir}, "folder that keeps the runs, or postgres://HOST/DATABASE; several: give it again for each")
	_ = c.MarkFlagDirname("store")
	return list
}
