package tracks

import (
	"math"
	"sort"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// At returns where a track is at a time: on the geodesic between the fixes before and after, in
// proportion to time. The time must not lie outside of the track.
func At(t flight.Track, time float64) flight.Fix {
	f := t.Fixes
	if len(f) == 0 || time < f[0].Time || time > f[len(f)-1].Time || math.IsNaN(time) {
		panic("tracks: a time outside of the track")
	}
	i := sort.Search(len(f), func(i int) bool { return f[i].Time >= time })
	if f[i].Time == time {
		return f[i]
	}
	a, b := f[i-1], f[i]
	fraction := (time - a.Time) / (b.Time - a.Time)
	return flight.Fix{Time: time, Point: geodesy.Between(a.Point, b.Point, fraction), Alt: a.Alt + fraction*(b.Alt-a.Alt)}
}

// Nearest returns the time at which a track is nearest to a point. Of segments, in each the nearest
// place is found in the plane that touches the earth at the point.
func Nearest(t flight.Track, p flight.Point) float64 {
	shrink := math.Cos(p.Lat * math.Pi / 180)
	plane := func(f flight.Fix) (x, y float64) { return geodesy.Wrap(f.Lon-p.Lon) * shrink, f.Lat - p.Lat }
	best, when := math.Inf(1), t.Fixes[0].Time
	for i := 1; i < len(t.Fixes); i++ {
		a, b := t.Fixes[i-1], t.Fixes[i]
		ax, ay := plane(a)
		bx, by := plane(b)
		dx, dy := bx-ax, by-ay
		w := 0.0
		if square := dx*dx + dy*dy; square > 0 {
			w = min(1, max(0, -(ax*dx+ay*dy)/square))
		}
		if d := math.Hypot(ax+w*dx, ay+w*dy); d < best {
			best, when = d, a.Time+w*(b.Time-a.Time)
		}
	}
	return when
}

// Resample returns fixes of a track from a time on, at equal steps (s), as long as the track lasts.
func Resample(t flight.Track, from, step float64) []flight.Fix {
	var list []flight.Fix
	if len(t.Fixes) == 0 {
		return nil
	}
	last := t.Fixes[len(t.Fixes)-1].Time
	for k := 0; from+float64(k)*step <= last; k++ {
		list = append(list, At(t, from+float64(k)*step))
	}
	return list
}

// Thin is the down-sampling of the paper: it keeps the first fix, the last, and of the others every
// rate-th.
func Thin(t flight.Track, rate int) flight.Track {
	if rate <= 1 || len(t.Fixes) <= 2 {
		return t
	}
	thin := flight.Track{ID: t.ID, Fixes: []flight.Fix{t.Fixes[0]}}
	for i := 1; i < len(t.Fixes)-1; i += rate {
		thin.Fixes = append(thin.Fixes, t.Fixes[i])
	}
	thin.Fixes = append(thin.Fixes, t.Fixes[len(t.Fixes)-1])
	return thin
}
