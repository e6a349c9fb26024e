package tracks

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

const (
	lowest, highest = -2000.0, 70000.0 // ft that are believed
	climb           = 10000.0 / 60     // ft/s that are believed
	play            = 1000.0           // ft beside that
)

// flat is the note on a flight among others that have altitudes.
const flat = "a flight without altitudes; its vertical part is left out"

// altitudes fills in missing altitudes, in proportion to time between known ones and equal to the
// nearest at the ends. If fewer than two are known, all become NaN.
func (c *cleaner) altitudes(id string, rows []row) {
	for i := range rows {
		if rows[i].alt < lowest || rows[i].alt > highest {
			c.notes.add("an altitude that is not believed is left out", c.at(rows[i].at), id)
			rows[i].alt = math.NaN()
		}
	}
	c.spikes(id, rows)
	var known []int
	for i, r := range rows {
		if !math.IsNaN(r.alt) {
			known = append(known, i)
		}
	}
	if len(known) == len(rows) {
		return
	}
	if len(known) < 2 {
		c.notes.add(flat, c.at(rows[0].at), id)
		for i := range rows {
			rows[i].alt = math.NaN()
		}
		return
	}
	c.notes.add("a missing altitude is filled in from those before and after", c.at(rows[missing(rows)].at), id)
	next := 0 // in known
	for i := range rows {
		for next < len(known) && known[next] < i {
			next++
		}
		switch {
		case next == len(known):
			rows[i].alt = rows[known[next-1]].alt
		case known[next] == i:
		case next == 0:
			rows[i].alt = rows[known[0]].alt
		default:
			a, b := rows[known[next-1]], rows[known[next]]
			rows[i].alt = a.alt + (b.alt-a.alt)*(rows[i].time-a.time)/(b.time-a.time)
		}
	}
}

// missing returns the first row without an altitude.
func missing(rows []row) int {
	for i, r := range rows {
		if math.IsNaN(r.alt) {
			return i
		}
	}
	return -1
}

// spikes takes out single altitudes that lie far from both neighbours.
func (c *cleaner) spikes(id string, rows []row) {
	far := func(a, b row) bool { return math.Abs(a.alt-b.alt) > play+climb*math.Abs(a.time-b.time) }
	for i := 1; i+1 < len(rows); i++ {
		if far(rows[i-1], rows[i]) && far(rows[i], rows[i+1]) && !far(rows[i-1], rows[i+1]) {
			c.notes.add("an altitude that is not believed is left out", c.at(rows[i].at), id)
			rows[i].alt = math.NaN()
		}
	}
}

// doubt warns of altitudes that seem to have another unit. Whoever flies at 300 kt on average is
// high up, and nobody is above 53,000 ft.
func (c *cleaner) doubt(t flight.Track, place string) {
	if !HasAltitude(t) {
		return
	}
	top := math.Inf(-1)
	miles := 0.0
	for i, f := range t.Fixes {
		top = max(top, f.Alt)
		if i > 0 {
			miles += geodesy.Distance(t.Fixes[i-1].Point, f.Point)
		}
	}
	hours := (t.Fixes[len(t.Fixes)-1].Time - t.Fixes[0].Time) / 3600
	fast := hours > 0.25 && miles/hours > 300
	switch {
	case c.feet == 1 && fast && top < 600:
		c.notes.add("altitudes look like flight levels, and are taken as feet; name the column flight_level", place, t.ID)
	case c.feet == 1 && fast && top < 14000:
		c.notes.add("altitudes look like metres, and are taken as feet; name the column altitude_m", place, t.ID)
	case c.feet == 1/geodesy.Foot && top > 53000:
		c.notes.add("altitudes look like feet, and are taken as metres; name the column altitude_ft", place, t.ID)
	}
}
