package tracks

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// slack is how far (nmi) a position may be off, beside what the speed allows: radar tracks are
// rounded to a minute of arc and a minute of time.
const slack = 3.0

// A cleaner makes tracks of rows.
type cleaner struct {
	Options
	*notes
	at      func(row int) string // the place of a row
	feet    float64              // its unit
	unnamed bool                 // flights have no names: a new one begins after a gap
	names   []string             // in the order of the file
	rows    map[string][]row
}

// add puts a row into its flight, if it has a time and a position.
func (c *cleaner) add(name string, r row) {
	fault := ""
	switch {
	case name == "":
		fault = "a fix of no flight is left out"
	case math.IsNaN(r.time) || math.IsInf(r.time, 0):
		fault = "a fix without a time is left out"
	case math.IsNaN(r.lat) || math.IsNaN(r.lon):
		fault = "a fix without a position is left out"
	case math.Abs(r.lat) > 90 || r.lon < -180 || r.lon > 360:
		fault = "a position that is not on the globe is left out; are latitude and longitude mixed up?"
	}
	if fault != "" {
		c.notes.add(fault, c.at(r.at), name)
		return
	}
	if c.rows == nil {
		c.rows = map[string][]row{}
	}
	if _, known := c.rows[name]; !known {
		c.names = append(c.names, name)
	}
	r.lon = geodesy.Wrap(r.lon)
	c.rows[name] = append(c.rows[name], r)
}

// flights returns the tracks that can be used.
func (c *cleaner) flights() []flight.Flight {
	var list []flight.Flight
	for _, name := range c.names {
		parts := c.cut(c.reachable(name, c.ordered(name, c.rows[name])))
		if !c.unnamed && len(parts) > 1 {
			parts = c.longest(name, parts)
		}
		for i, rows := range parts {
			id := name
			if c.unnamed {
				id = fmt.Sprintf("%s_%d", name, i)
			}
			if t, ok := c.track(id, rows); ok {
				list = append(list, flight.Flight{Track: t})
			}
		}
	}
	return list
}

// ordered returns rows in rising time, without those of a time that another has.
func (c *cleaner) ordered(name string, rows []row) []row {
	byTime := func(a, b row) int { return cmp.Compare(a.time, b.time) }
	if !slices.IsSortedFunc(rows, byTime) {
		for i := 1; i < len(rows); i++ {
			if rows[i].time < rows[i-1].time {
				c.notes.add("a fix that is earlier than the one before; fixes are put in order", c.at(rows[i].at), name)
			}
		}
		slices.SortStableFunc(rows, byTime)
	}
	kept := rows[:0]
	for _, r := range rows {
		if n := len(kept); n > 0 && kept[n-1].time == r.time {
			if last := kept[n-1]; last.lat != r.lat || last.lon != r.lon {
				c.notes.add("a second position at one time is left out", c.at(r.at), name)
			}
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// cut cuts rows where no fix comes for Gap seconds.
func (c *cleaner) cut(rows []row) [][]row {
	var parts [][]row
	from := 0
	for i := 1; i <= len(rows); i++ {
		if i == len(rows) || rows[i].time-rows[i-1].time > c.Gap {
			parts, from = append(parts, rows[from:i]), i
		}
	}
	return parts
}

// longest keeps the part with the most fixes of a flight that was not seen for a while.
func (c *cleaner) longest(name string, parts [][]row) [][]row {
	longest := parts[0]
	for _, p := range parts[1:] {
		c.notes.add(fmt.Sprintf("no fix for over %.0f min before this one; the longest part of the flight is kept", c.Gap/60), c.at(p[0].at), name)
		if len(p) > len(longest) {
			longest = p
		}
	}
	return [][]row{longest}
}

// track makes a track of ordered rows. It is not ok if fewer than two fixes are left.
func (c *cleaner) track(id string, rows []row) (t flight.Track, ok bool) {
	place := c.at(rows[0].at)
	if len(rows) < 2 {
		c.notes.add("a flight of fewer than two fixes is left out", place, id)
		return t, false
	}
	c.altitudes(id, rows)
	t.ID = id
	for _, r := range rows {
		t.Fixes = append(t.Fixes, flight.Fix{Time: r.time, Point: flight.Point{Lat: r.lat, Lon: r.lon}, Alt: r.alt})
	}
	c.doubt(t, place)
	return t, true
}

// reachable leaves out positions that cannot be reached from the others. What is certain is the
// longest run of fixes in which each can be reached from the one before; from its two ends the
// track goes on with each next fix within reach.
func (c *cleaner) reachable(id string, rows []row) []row {
	first, last := 0, 0
	for from, i := 0, 1; i <= len(rows); i++ {
		if i == len(rows) || !c.reach(rows[i-1], rows[i]) {
			if i-1-from > last-first {
				first, last = from, i-1
			}
			from = i
		}
	}
	if len(rows) == 0 || last-first+1 == len(rows) {
		return rows
	}
	var before []row
	for i, next := first-1, rows[first]; i >= 0; i-- {
		if c.reach(rows[i], next) {
			before, next = append(before, rows[i]), rows[i]
		} else {
			c.unreachable(id, rows[i])
		}
	}
	slices.Reverse(before)
	kept := append(before, rows[first:last+1]...)
	for _, r := range rows[last+1:] {
		if c.reach(kept[len(kept)-1], r) {
			kept = append(kept, r)
		} else {
			c.unreachable(id, r)
		}
	}
	return kept
}

func (c *cleaner) reach(a, b row) bool {
	d := geodesy.Distance(flight.Point{Lat: a.lat, Lon: a.lon}, flight.Point{Lat: b.lat, Lon: b.lon})
	return d <= slack+c.Speed*(b.time-a.time)/3600
}

func (c *cleaner) unreachable(id string, r row) {
	c.notes.add(fmt.Sprintf("a position that no aircraft reaches at %.0f kt is left out", c.Speed), c.at(r.at), id)
}
