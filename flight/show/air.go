package show

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/weather"
)

// A stormy is the storms of one time, as lines of SVG along rows of the grid, by how high they reach.
type stormy struct {
	Time  float64   `json:"t"`
	Tops  [3]string `json:"tops"`
	Width float64   `json:"width"` // of the lines: the distance of two points of the grid
}

// tops are the heights in thousands of feet at which higher classes of storms begin.
var tops = [2]float64{30, 40}

// A windy is the wind on one level at one time: x, y, the direction on the map that it comes from, in degrees to the
// right from up, and its speed in kt, one after the other.
type windy struct {
	Barbs []float64 `json:"barbs"`
	South bool      `json:"south"` // barbs stand on the other side there
}

// An air is the weather of a map.
type air struct {
	Storms []stormy     `json:"storms"`
	Winds  []windy      `json:"winds"`
	WindAt [][2]float64 `json:"windAt"` // a time and the number of its wind
	Level  float64      `json:"level"`  // hPa
}

// The times from a flight to weather that is shown at most, as in the paper.
const (
	stormReach = 3600.0
	windReach  = 3 * 3600.0
)

// hours returns the times, an hour apart, from the first to the last state of each flight.
func hours(predictions []flight.Prediction) []float64 {
	var list []float64
	for _, p := range predictions {
		if len(p.Fixes) == 0 {
			continue
		}
		last := p.Fixes[len(p.Fixes)-1].Time
		for _, a := range p.Alternatives {
			if n := len(a.States); n > 0 {
				last = max(last, a.States[n-1].Time)
			}
		}
		for t := math.Floor(p.Fixes[0].Time / 3600); t <= last/3600+1; t++ {
			list = append(list, t*3600)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// storms draws the storms near the flights.
func (p plane) storms(s *weather.Storms, times []float64, low, high xy) []stormy {
	list := []stormy{}
	points := p.all(s.Grid.Points)
	sets := make([]uint16, len(points))
	last := -1
	for _, t := range times {
		at, away := s.Nearest(t)
		if away > stormReach || at == last {
			continue
		}
		last = at
		s.Read(at, sets)
		list = append(list, drawn(s, sets, points, low, high))
		list[len(list)-1].Time = s.Times[at]
	}
	return list
}

// drawn draws the storms of one time: neighbouring points of one class are one line.
func drawn(s *weather.Storms, sets []uint16, points []xy, low, high xy) stormy {
	var paths [3]strings.Builder
	size := spacing(points)
	class := func(i int) int {
		for top := len(s.Tops) - 1; top >= 0; top-- {
			if sets[i]>>top&1 == 1 {
				n, found := slices.BinarySearch(tops[:], s.Tops[top])
				if found {
					n++
				}
				return n
			}
		}
		return -1
	}
	far := func(a, b xy) bool { return math.Hypot(b[0]-a[0], b[1]-a[1]) > 2*size }
	for i := 0; i < len(points); {
		c, end := class(i), i+1
		for c >= 0 && end < len(points) && class(end) == c && !far(points[end-1], points[end]) {
			end++
		}
		a, b := points[i], points[end-1]
		if c >= 0 && max(a[0], b[0]) > low[0] && min(a[0], b[0]) < high[0] && max(a[1], b[1]) > low[1] && min(a[1], b[1]) < high[1] {
			along := xy{size / 2, 0}
			if h := math.Hypot(b[0]-a[0], b[1]-a[1]); h > 0 {
				along = xy{(b[0] - a[0]) / h * size / 2, (b[1] - a[1]) / h * size / 2}
			}
			write(&paths[c], []xy{{a[0] - along[0], a[1] - along[1]}, {b[0] + along[0], b[1] + along[1]}}, false)
		}
		i = end
	}
	return stormy{Tops: [3]string{paths[0].String(), paths[1].String(), paths[2].String()}, Width: round(1.02*size, 1)}
}

// spacing returns the median distance of successive points.
func spacing(points []xy) float64 {
	var apart []float64
	for i := 1; i < len(points); i += 1 + len(points)/1000 {
		apart = append(apart, math.Hypot(points[i][0]-points[i-1][0], points[i][1]-points[i-1][1]))
	}
	if len(apart) == 0 {
		return 1
	}
	slices.Sort(apart)
	return apart[len(apart)/2]
}

// winds draws the wind at the level where most flights are.
func (v *view) winds(p plane, a *weather.Atmosphere, predictions []flight.Prediction, times []float64, low, high xy) error {
	pressure := weather.Pressure(cruising(predictions))
	apart := 0.0
	for _, f := range v.Flights {
		apart = max(apart, f.Box[2]/30, f.Box[3]/30)
	}
	drawn := map[int]int{} // by the number of the time
	var layer weather.Layer
	for _, t := range times {
		at, away := a.Nearest(t)
		if away > windReach {
			continue
		}
		n, known := drawn[at]
		if !known {
			level := a.Times[at].Level(pressure)
			if err := a.Read(at, level, &layer); err != nil {
				return fmt.Errorf("show: %w", err)
			}
			v.Level = a.Times[at].Levels[level]
			n = len(v.Winds)
			v.Winds, drawn[at] = append(v.Winds, p.wind(a.Grid.Points, &layer, apart, low, high)), n
		}
		v.WindAt = append(v.WindAt, [2]float64{t, float64(n)})
	}
	return nil
}

// cruising returns the median altitude of the last known fixes in feet, and 34,000 where none is known.
func cruising(predictions []flight.Prediction) float64 {
	var alts []float64
	for _, p := range predictions {
		if known, _ := parts(p); len(known) > 0 && !math.IsNaN(known[len(known)-1].Alt) {
			alts = append(alts, known[len(known)-1].Alt)
		}
	}
	if len(alts) == 0 {
		return 34000
	}
	slices.Sort(alts)
	return alts[len(alts)/2]
}

// wind draws a layer in a rectangle, at points that lie at least about a distance apart.
func (p plane) wind(points []flight.Point, l *weather.Layer, apart float64, low, high xy) windy {
	const knot = 1852.0 / 3600
	w := windy{Barbs: []float64{}}
	taken := map[[2]int]bool{}
	south := 0
	for i, q := range points {
		u, v := float64(l.East[i]), float64(l.North[i])
		at := p.at(q)
		cell := [2]int{int(math.Floor(at[0] / apart)), int(math.Floor(at[1] / apart))}
		if math.IsNaN(u) || math.IsNaN(v) || at[0] < low[0] || at[0] > high[0] || at[1] < low[1] || at[1] > high[1] || taken[cell] {
			continue
		}
		taken[cell] = true
		north, east := p.directions(q)
		n, e := math.Hypot(north[0], north[1]), math.Hypot(east[0], east[1])
		if n == 0 || e == 0 {
			continue
		}
		to := xy{u*east[0]/e + v*north[0]/n, u*east[1]/e + v*north[1]/n}
		w.Barbs = append(w.Barbs, round(at[0], 1), round(at[1], 1), round(math.Atan2(-to[0], to[1])/degree, 0), round(math.Hypot(u, v)/knot, 0))
		if q.Lat < 0 {
			south++
		}
	}
	w.South = south > len(w.Barbs)/8
	return w
}
