package match

import (
	"fmt"
	"math"
	"time"
)

// A Coverage counts points whose weather is known where the aircraft is.
type Coverage struct {
	Points int
	Air    int // with temperature or wind: a time within reach, an altitude, and a place inside the grid
	Storms int // with storms or the knowledge that there are none
}

// Cover counts which of the points the weather covers.
func (m *Matcher) Cover(points []Point) Coverage {
	c := Coverage{Points: len(points)}
	g := guess{}
	for i := range points {
		p := &points[i]
		j := m.jobOf(p)
		h := m.square.at(p)
		if j.layer.time >= 0 {
			if _, inside := m.airIndex.find(&h.p, &g.air); inside {
				c.Air++
			}
		}
		if j.storm >= 0 {
			if _, inside := m.stormIndex.find(&h.p, &g.storm); inside {
				c.Storms++
			}
		}
	}
	return c
}

// Check returns an error if there is weather and none of it covers a single one of the points. It
// names the file, and what that and the points are for.
func (m *Matcher) Check(points []Point) error {
	c := m.Cover(points)
	if len(points) == 0 || c.Air > 0 || c.Storms > 0 || m.air == nil && m.storms == nil {
		return nil
	}
	first, last := math.Inf(1), math.Inf(-1)
	for i := range points {
		first, last = min(first, points[i].Time), max(last, points[i].Time)
	}
	flights := "the flights are from " + period(first, last)
	if m.air != nil && !m.air.Climate {
		times := m.air.Times
		return fmt.Errorf("%s: the air is from %s, on the grid %s, and %s; nothing is within %d hours of it and inside its grid",
			times[0].File, period(times[0].Unix, times[len(times)-1].Unix), m.air.Grid.Name, flights, TimeOfWind/3600)
	}
	if m.storms != nil {
		times := m.storms.Times
		return fmt.Errorf("%s: the storms are from %s, on the grid %s, and %s; nothing is within %d hour of it and inside its grid",
			m.storms.File, period(times[0], times[len(times)-1]), m.storms.Grid.Name, flights, TimeOfStorm/3600)
	}
	return fmt.Errorf("%s: no flight is inside its grid, %s, at a known altitude", m.air.Times[0].File, m.air.Grid.Name)
}

// period names a time, or two.
func period(first, last float64) string {
	name := func(t float64) string { return time.Unix(int64(t), 0).UTC().Format("2006-01-02 15:04 MST") }
	if first == last {
		return name(first)
	}
	return name(first) + " to " + name(last)
}
