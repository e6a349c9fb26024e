// Package weather reads what the air was like where aircraft flew: temperature and wind on levels of
// pressure from GRIB2, NetCDF-3 and CSV, and convective storms from CSV.
//
// An [Atmosphere] is a grid × times × levels of temperature and wind, [Storms] a grid × times ×
// tops of storms. Values stay in their files until a [Layer] is asked for, so that an archive of
// many files takes the memory of one layer.
//
// Laws:
//
//   - Winds are to the east and to the north, in m/s; temperatures are K, levels hPa, tops of
//     storms thousands of feet, times seconds since 1970 in UTC. A missing value is NaN.
//   - All files of one Atmosphere have the same grid. If two tell of the same time and level, the
//     one with the later analysis counts, and of two analyses the one that is named last.
//   - A file that is damaged, or of a kind that is not read, is one error with its name and the
//     byte or the line.
package weather

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"breakeven/flight"
)

// A Grid is the points that values are for.
type Grid struct {
	Name   string // what it is, for messages
	Points []flight.Point
}

// Len returns the number of points.
func (g *Grid) Len() int { return len(g.Points) }

// equal reports whether two grids have the same points.
func (g *Grid) equal(o *Grid) bool { return g == o || slices.Equal(g.Points, o.Points) }

// A Layer is the air on one level at one time: a value for each point of the grid.
type Layer struct {
	Temperature []float32 // K
	East, North []float32 // m/s, the wind
}

// Options say how files are read.
type Options struct {
	// AsStored leaves winds along the axes of the file's grid, as the published system does.
	AsStored bool
	// StormGrid is the grid of storms; nil means NAM218.
	StormGrid *Grid
	// Memory bounds the bytes that a text file may take; 0 means 4 GiB.
	Memory int64
}

// An Atmosphere is what files say of temperature and wind.
type Atmosphere struct {
	Grid  *Grid
	Times []Time // in rising order
	// Climate means that the times are months, in seconds from the beginning of a year, and hold for
	// any year.
	Climate bool

	asStored bool
	turn     []float32 // the angle of the grid's x at each point, in radians; nil if it is the east
}

// A Time is what is known for one time.
type Time struct {
	Unix   float64
	File   string    // one that tells of it
	Levels []float64 // hPa, in rising order

	cells [][3]cell // for each level: temperature, u and v
}

// A cell reads the values of one quantity on one level at one time.
type cell struct {
	file     string
	analysis float64 // when the forecast was made
	turned   bool    // winds are along the grid's axes
	read     func(dst []float32) error
}

// Nearest returns the number of the time that is nearest to t, the earlier of two, and how far away
// it is, in seconds.
func (a *Atmosphere) Nearest(t float64) (index int, away float64) {
	if a.Climate {
		return a.nearestMonth(t)
	}
	i := nearest(len(a.Times), func(i int) float64 { return a.Times[i].Unix }, t)
	return i, math.Abs(t - a.Times[i].Unix)
}

// nearest returns which of n rising numbers is nearest to x, the smaller of two. It is a search in
// a k-d tree of one dimension.
func nearest(n int, at func(int) float64, x float64) int {
	i := sort.Search(n, func(i int) bool { return at(i) >= x })
	if i == n || i > 0 && x-at(i-1) <= at(i)-x {
		i--
	}
	return i
}

// nearestMonth is Nearest where times repeat every year. No month is too far away.
func (a *Atmosphere) nearestMonth(t float64) (index int, away float64) {
	at := time.Unix(int64(t), 0).UTC()
	t = t - float64(time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	least := math.Inf(1)
	for i := range a.Times {
		d := math.Abs(t - a.Times[i].Unix)
		if d = min(d, year-d); d < least {
			index, least = i, d
		}
	}
	return index, 0
}

const year = 365.25 * 86400

// Level returns the number of the level of a time that is nearest to a pressure in hPa.
func (t *Time) Level(pressure float64) int {
	return nearest(len(t.Levels), func(i int) float64 { return t.Levels[i] }, pressure)
}

// Read reads one level at one time, by their numbers. The layer's slices are used again if they are
// large enough. Read is not for several goroutines at a time.
func (a *Atmosphere) Read(at, level int, dst *Layer) error {
	cells := &a.Times[at].cells[level]
	for i, values := range []*[]float32{&dst.Temperature, &dst.East, &dst.North} {
		if cap(*values) < a.Grid.Len() {
			*values = make([]float32, a.Grid.Len())
		}
		*values = (*values)[:a.Grid.Len()]
		c := &cells[i]
		if c.read == nil || i > 0 && cells[3-i].read == nil { // a wind has two components
			fill(*values, float32(math.NaN()))
			continue
		}
		if err := c.read(*values); err != nil {
			return fmt.Errorf("%s: %w", c.file, err)
		}
	}
	if cells[1].turned && !a.asStored {
		a.rotate(dst)
	}
	return nil
}

// rotate turns winds along the grid's axes to the east and the north.
func (a *Atmosphere) rotate(l *Layer) {
	for i, angle := range a.turn {
		sin, cos := math.Sincos(float64(angle))
		u, v := float64(l.East[i]), float64(l.North[i])
		l.East[i], l.North[i] = float32(u*cos+v*sin), float32(v*cos-u*sin)
	}
}

func fill(dst []float32, x float32) {
	for i := range dst {
		dst[i] = x
	}
}

// Pressure returns the pressure in hPa at an altitude in feet in the standard atmosphere.
func Pressure(alt float64) float64 {
	return 1013.25 * math.Pow(max(1-0.0065*alt/3.28084/288.15, 0), 5.255)
}
