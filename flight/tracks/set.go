package tracks

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"

	"breakeven/data/table"
	"breakeven/flight"
)

// Files are the files of one set of flights; all but Tracks may be empty.
type Files struct {
	Tracks   string // a row for each fix
	Plans    string // a row for each waypoint
	PlanOf   string // a row for each flight, with its plan
	Airports string // a row for each named position
}

// Options say how files are read; those that are 0 have the default.
type Options struct {
	Speed float64 // kt, the greatest that is believed; 1000
	Gap   float64 // s, the longest time without a fix within a flight; 1800
	Most  int64   // bytes of a file, as table.Options.Most
}

func (o Options) filled() Options {
	o.Speed, o.Gap = cmp.Or(o.Speed, 1000), cmp.Or(o.Gap, 1800)
	return o
}

// A Set is what was read.
type Set struct {
	Flights  []flight.Flight // in the order of the file
	Test     map[string]bool // flights that Files.PlanOf marks as test data, by ID
	Vertical bool            // whether any altitude is known
	Warnings []string        // what was left out or changed, and where
}

// Read reads a set of flights.
func Read(files Files, o Options) (*Set, error) {
	o = o.filled()
	open := func(name string) (*table.File, error) { return table.Open(name, &table.Options{Most: o.Most}) }
	s, err := read(files, o, open)
	if err != nil {
		return nil, fmt.Errorf("tracks: %w", err)
	}
	return s, nil
}

// ReadFS is Read for files of a file system, such as embedded ones.
func ReadFS(fsys fs.FS, files Files, o Options) (*Set, error) {
	o = o.filled()
	open := func(name string) (*table.File, error) {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		return table.New(name, bytes.NewReader(b), int64(len(b)), &table.Options{Most: o.Most})
	}
	s, err := read(files, o, open)
	if err != nil {
		return nil, fmt.Errorf("tracks: %w", err)
	}
	return s, nil
}

// An opener opens one of the files.
type opener func(name string) (*table.File, error)

func read(files Files, o Options, open opener) (*Set, error) {
	var n notes
	f, err := open(files.Tracks)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &cleaner{Options: o, notes: &n}
	if err := c.read(f); err != nil {
		return nil, err
	}
	s := &Set{Flights: c.flights()}
	if len(s.Flights) == 0 {
		return nil, n.nothing(f.Name())
	}
	for i := range s.Flights {
		s.Vertical = s.Vertical || HasAltitude(s.Flights[i].Track)
	}
	if !s.Vertical {
		n.forget(flat)
		n.say("%s: no altitudes, so that vertical predictions and errors are left out", f.Name())
	}
	if files.Plans != "" {
		if err := s.plans(files, open, &n); err != nil {
			return nil, err
		}
	}
	s.Warnings = n.list()
	return s, nil
}

// HasAltitude reports whether the altitudes of a track are known.
func HasAltitude(t flight.Track) bool {
	return len(t.Fixes) > 0 && t.Fixes[0].Alt == t.Fixes[0].Alt
}
