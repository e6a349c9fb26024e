package weather

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"breakeven/data/table"
	"breakeven/internal/foreign"
	"breakeven/internal/regular"
)

// A field is one quantity on one level at one time, as a file lists it.
type field struct {
	quantity int // 0 temperature, 1 and 2 the wind's u and v
	time     float64
	level    float64 // hPa
	cell
}

// contents is what a reader finds in one file.
type contents struct {
	grid    *Grid
	turn    []float32
	climate bool
	fields  []field
}

// Open lists what the files hold. Their formats are recognised by their first bytes; text has to be
// CSV, by its name.
func Open(o Options, names ...string) (*Atmosphere, error) {
	if len(names) == 0 {
		return nil, errors.New("no file with weather is named")
	}
	a := &Atmosphere{asStored: o.AsStored}
	all := map[[2]float64]*[3]cell{}
	for i, name := range names {
		c, err := read(name, a, &o)
		if err != nil {
			return nil, err
		}
		switch {
		case i == 0:
			a.Grid, a.Climate, a.turn = c.grid, c.climate, c.turn
		case !a.Grid.equal(c.grid):
			return nil, fmt.Errorf("%s has another grid (%s) than %s (%s); give files of one grid", name, c.grid.Name, names[0], a.Grid.Name)
		case a.Climate != c.climate:
			return nil, fmt.Errorf("of %s and %s one has months of any year, and the other times; give one of them", name, names[0])
		}
		for _, f := range c.fields {
			key := [2]float64{f.time, f.level}
			if all[key] == nil {
				all[key] = new([3]cell)
			}
			if old := &all[key][f.quantity]; old.read == nil || f.analysis >= old.analysis {
				f.file = name
				*old = f.cell
			}
		}
	}
	a.arrange(all)
	return a, nil
}

// Load opens files of both kinds, in any order: tables with the columns of storms, of which there
// may be one, and all others. What no file has is nil.
func Load(o Options, names ...string) (*Atmosphere, *Storms, error) {
	var air, stormy []string
	for _, name := range names {
		if hasStorms(name) {
			stormy = append(stormy, name)
		} else {
			air = append(air, name)
		}
	}
	var a *Atmosphere
	var s *Storms
	var err error
	if len(stormy) > 1 {
		return nil, nil, fmt.Errorf("%s and %s both have storms; put them into one file", stormy[0], stormy[1])
	}
	if len(stormy) == 1 {
		if s, err = OpenStorms(o, stormy[0]); err != nil {
			return nil, nil, err
		}
	}
	if len(air) > 0 || s == nil {
		if a, err = Open(o, air...); err != nil {
			return nil, nil, err
		}
	}
	return a, s, nil
}

// hasStorms reports whether a file is a table with the columns of storms.
func hasStorms(name string) bool {
	if !isCSV(name) {
		return false
	}
	f, err := table.Open(name, nil)
	if err != nil {
		return false // opened again, it says why
	}
	defer f.Close()
	return slices.ContainsFunc(f.Columns(), func(c table.Column) bool { return strings.EqualFold(c.Name, "start") })
}

func isCSV(name string) bool {
	return strings.HasSuffix(strings.TrimSuffix(strings.ToLower(name), ".gz"), ".csv")
}

// arrange puts the fields of all files in the order of times and levels.
func (a *Atmosphere) arrange(all map[[2]float64]*[3]cell) {
	keys := make([][2]float64, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y [2]float64) int { return slices.Compare(x[:], y[:]) })
	for _, key := range keys {
		if n := len(a.Times); n == 0 || a.Times[n-1].Unix != key[0] {
			a.Times = append(a.Times, Time{Unix: key[0]})
		}
		t, cells := &a.Times[len(a.Times)-1], all[key]
		t.Levels = append(t.Levels, key[1])
		t.cells = append(t.cells, *cells)
		for _, c := range cells {
			if c.read != nil {
				t.File = c.file
			}
		}
	}
}

// read lists the contents of one file. If it has the grid of a, that one is used again.
func read(name string, a *Atmosphere, o *Options) (*contents, error) {
	var c *contents
	var err error
	if isCSV(name) {
		c, err = readCSV(name, o) // names the file in its errors
	} else if c, err = readBinary(name, a); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		return nil, err
	}
	if len(c.fields) == 0 {
		return nil, fmt.Errorf("%s has neither temperatures nor winds on levels of pressure", name)
	}
	for _, p := range c.grid.Points {
		if !(math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 360) {
			return nil, fmt.Errorf("%s: its grid has a point at latitude %g, longitude %g", name, p.Lat, p.Lon)
		}
	}
	return c, nil
}

// readBinary lists the contents of a file that is recognised by its first bytes.
func readBinary(name string, a *Atmosphere) (*contents, error) {
	f, size, err := regular.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	head, err := foreign.Head(f)
	if err != nil {
		return nil, bare(err)
	}
	switch text := string(head); {
	case text == "":
		return nil, errors.New("it is empty")
	case foreign.Name(head) != "":
		return nil, fmt.Errorf("it is %s", foreign.Name(head))
	case strings.HasPrefix(text, "CDF"), strings.HasPrefix(text, "\x89HDF"):
		return readNetCDF(name, f, size)
	case strings.HasPrefix(text, "\x1f\x8b"):
		return nil, errors.New("it is compressed by gzip; unpack it")
	case strings.Contains(text, "GRIB"):
		return readGRIB(name, f, size, a)
	}
	return nil, errors.New("it is neither GRIB2 nor NetCDF, and its name does not end in .csv or .csv.gz")
}

// bare takes the file's name from an error that is going to be named by its caller.
func bare(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// opened calls f with the file of the given name.
func opened(name string, f func(r io.ReaderAt) error) error {
	file, _, err := regular.Open(name)
	if err != nil {
		return bare(err)
	}
	defer file.Close()
	return f(file)
}
