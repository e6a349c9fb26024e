package weather

import (
	"fmt"
	"io"
	"math"

	"breakeven/flight"
	"breakeven/flight/weather/grib2"
)

// readGRIB lists the temperatures and winds on isobaric surfaces of a GRIB2 file.
func readGRIB(name string, r io.ReaderAt, size int64, a *Atmosphere) (*contents, error) {
	messages, err := grib2.Scan(r, size)
	if err != nil {
		return nil, err
	}
	c := &contents{}
	var first *grib2.Message
	for _, m := range messages {
		quantity, wanted := quantities[m.Parameter]
		if !wanted || m.Surface != grib2.Isobaric {
			continue
		}
		if err := m.Check(); err != nil {
			return nil, err
		}
		if first == nil {
			first = m
		}
		if m.Grid != first.Grid {
			return nil, fmt.Errorf("message %d at byte %d has another grid (%s) than message %d (%s); extract one grid", m.Number, m.Offset, &m.Grid, first.Number, &first.Grid)
		}
		if level := m.Level / 100; !(level > 0 && level < 1e5) {
			return nil, fmt.Errorf("message %d at byte %d is for a pressure of %g hPa", m.Number, m.Offset, level)
		}
		c.fields = append(c.fields, field{quantity, m.Valid, m.Level / 100, cell{
			analysis: m.Reference,
			turned:   m.Grid.Turned,
			read: func(dst []float32) error {
				return opened(name, func(r io.ReaderAt) error { return m.Read(r, dst) })
			},
		}})
	}
	if first != nil {
		c.grid, c.turn = gridOfGRIB(&first.Grid)
		if a.Grid != nil && a.Grid.equal(c.grid) {
			c.grid = a.Grid // one copy for an archive of many files
		}
	}
	return c, nil
}

// quantities are those that are read, in the order of a Layer.
var quantities = map[grib2.Parameter]int{grib2.Temperature: 0, grib2.WindU: 1, grib2.WindV: 2}

// gridOfGRIB returns the points of a grid, and the angle of its x at each if winds are along that.
func gridOfGRIB(g *grib2.Grid) (*Grid, []float32) {
	grid := &Grid{Name: g.String(), Points: make([]flight.Point, g.Len())}
	var turn []float32
	if g.Turned {
		turn = make([]float32, g.Len())
	}
	for k := range grid.Points {
		lat, lon := g.Point(k)
		grid.Points[k] = flight.Point{Lat: lat, Lon: lon}
		if g.Turned {
			turn[k] = float32(g.Turn(lon))
		}
	}
	return grid, turn
}

// NAM218 returns the grid of the published system's weather: grid 218 of NCEP's NAM, 12.191 km
// apart, from 22 to 52 degrees north and 130 to 64 degrees west. It has 138,934 points.
func NAM218() *Grid {
	const cols, rows, step = 614, 428, 12191
	l, err := grib2.NewLambert(grib2.Lambert{
		Radius: 6367470, Lat: 12.19, Lon: -133.459, Central: -95, Dx: step, Dy: step, Parallels: [2]float64{25, 25},
	})
	if err != nil {
		panic("weather: " + err.Error())
	}
	g := &Grid{Name: "NAM grid 218 from 22 to 52 degrees north"}
	for j := range rows {
		for i := range cols {
			lat, lon := l.Point(float64(i), float64(j))
			if lat >= 22 && lat <= 52 && math.Abs(lon+97) <= 33 {
				g.Points = append(g.Points, flight.Point{Lat: lat, Lon: lon})
			}
		}
	}
	return g
}
