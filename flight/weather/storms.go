package weather

import (
	"fmt"
	"io"
	"math"
	"slices"

	"breakeven/data/table"
)

// Storms are the tops of convective storms over a grid, such as the National Convective Weather
// Forecast has them.
type Storms struct {
	Grid  *Grid
	Times []float64 // in rising order; a time between two is not without storms, but unknown
	Tops  []float64 // thousands of feet, in rising order; at most 16
	File  string

	runs [][]run // for each time
}

// A run is a stretch of neighbouring points with storms of one top.
type run struct {
	top        uint8 // index in Tops
	start, len int32
}

// OpenStorms reads the columns unix_time_s, alt_kft, start and len of a CSV file: at a time, storms
// with a top of alt_kft thousands of feet cover the points start to start+len−1 of the grid. Errors
// name the file.
func OpenStorms(o Options, name string) (*Storms, error) {
	f, err := table.Open(name, &table.Options{Most: o.Memory})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readStorms(f, o.StormGrid)
}

// ReadStorms is [OpenStorms] for a file that lies elsewhere, such as an embedded one. It has a size
// in bytes, and a name for errors, which ends in .csv or .csv.gz.
func ReadStorms(o Options, name string, r io.ReaderAt, size int64) (*Storms, error) {
	f, err := table.New(name, r, size, &table.Options{Most: o.Memory})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readStorms(f, o.StormGrid)
}

func readStorms(f *table.File, g *Grid) (*Storms, error) {
	if g == nil {
		g = NAM218()
	}
	var moment, top table.Array[float64]
	var start, length table.Array[int32]
	err := f.Read(
		table.Field{Names: []string{"unix_time_s", "valid_time", "timestamp", "time"}, Into: &moment, Time: true},
		table.Field{Names: []string{"alt_kft", "top_kft"}, Into: &top},
		table.Field{Names: []string{"start"}, Into: &start},
		table.Field{Names: []string{"len", "length"}, Into: &length},
	)
	if err != nil {
		return nil, err
	}
	s := &Storms{Grid: g, File: f.Name()}
	return s, s.take(moment.Data, top.Data, start.Data, length.Data)
}

// take sorts rows into runs.
func (s *Storms) take(times, tops []float64, start, length []int32) error {
	distinct := func(x []float64) []float64 {
		x = slices.Clone(x)
		slices.Sort(x)
		return slices.Compact(x)
	}
	s.Times, s.Tops = distinct(times), distinct(tops)
	switch {
	case len(times) == 0:
		return fmt.Errorf("%s has no storms, and so no times either", s.File)
	case len(s.Tops) > 16:
		return fmt.Errorf("%s has %d different tops, and 16 are read", s.File, len(s.Tops))
	}
	s.runs = make([][]run, len(s.Times))
	for i := range times {
		if !(math.Abs(times[i]) < 1e11 && math.Abs(tops[i]) < 1e3) {
			return fmt.Errorf("%s:%d: a top of %g thousand feet at %g s", s.File, i+2, tops[i], times[i])
		}
		if start[i] < 0 || length[i] < 1 || int64(start[i])+int64(length[i]) > int64(s.Grid.Len()) {
			return fmt.Errorf("%s:%d: %d points from number %d, of a grid of %d", s.File, i+2, length[i], start[i], s.Grid.Len())
		}
		at, _ := slices.BinarySearch(s.Times, times[i])
		top, _ := slices.BinarySearch(s.Tops, tops[i])
		s.runs[at] = append(s.runs[at], run{uint8(top), start[i], length[i]})
	}
	return nil
}

// Read writes the storms of one time, by its number, to dst, which has a set for each point of the
// grid: bit i is set if a storm with the top Tops[i] is there.
func (s *Storms) Read(at int, dst []uint16) {
	if len(dst) != s.Grid.Len() {
		panic(fmt.Sprintf("weather: %d sets for a grid of %d points", len(dst), s.Grid.Len()))
	}
	clear(dst)
	for _, r := range s.runs[at] {
		for k := range dst[r.start : r.start+r.len] {
			dst[int(r.start)+k] |= 1 << r.top
		}
	}
}

// Within returns the set of tops between two heights in thousands of feet, both included.
func (s *Storms) Within(low, high float64) uint16 {
	var set uint16
	for i, top := range s.Tops {
		if top >= low && top <= high {
			set |= 1 << i
		}
	}
	return set
}

// Nearest returns the number of the time that is nearest to t, the earlier of two, and how far away
// it is, in seconds.
func (s *Storms) Nearest(t float64) (index int, away float64) {
	i := nearest(len(s.Times), func(i int) float64 { return s.Times[i] }, t)
	return i, math.Abs(t - s.Times[i])
}
