package baseline

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// All returns the methods of the comparison.
func All() []Method {
	return []Method{Constant, Straight, Direct, Filed, SamePlan, Nearest(1), Nearest(5), Nearest(10), Nearest(20)}
}

// Lookup returns the method with a name, in which "-" may stand for " ", such as nearest-7.
func Lookup(name string) (Method, bool) {
	name = strings.ReplaceAll(name, "-", " ")
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	if count, ok := strings.CutPrefix(name, "nearest "); ok {
		if k, err := strconv.Atoi(count); err == nil && k > 0 {
			return Nearest(k), true
		}
	}
	return Method{}, false
}

// Constant goes on with the rates of latitude and longitude of the last ten minutes, which bends it
// away from a straight line.
var Constant = Method{"constant rates", "goes on with the rates of latitude and longitude of the last ten minutes", func(_ []flight.Flight, o Options) path {
	return func(f flight.Flight, _ int) []flight.Fix {
		a, b := f.Fixes[lately(f.Fixes)], f.Fixes[len(f.Fixes)-1]
		lat, lon := (b.Lat-a.Lat)/(b.Time-a.Time), geodesy.Wrap(b.Lon-a.Lon)/(b.Time-a.Time)
		return o.steps(b, func(dt float64) flight.Point {
			return flight.Point{Lat: min(90, max(-90, b.Lat+lat*dt)), Lon: geodesy.Wrap(b.Lon + lon*dt)}
		})
	}
}}

// Straight goes straight on.
var Straight = Method{"straight on", "goes on along the geodesic of the last ten minutes, at their speed", func(_ []flight.Flight, o Options) path {
	return func(f flight.Flight, _ int) []flight.Fix {
		a, b := f.Fixes[lately(f.Fixes)], f.Fixes[len(f.Fixes)-1]
		_, _, course := geodesy.Inverse(a.Point, b.Point)
		speed := speed(f.Fixes)
		return o.steps(b, func(dt float64) flight.Point {
			p, _ := geodesy.Direct(b.Point, course, speed*dt)
			return p
		})
	}
}}

// Direct flies straight to the plan's last point.
var Direct = Method{"direct", "straight to the plan's last point, at the speed of the last ten minutes", func(_ []flight.Flight, o Options) path {
	return func(f flight.Flight, _ int) []flight.Fix {
		if len(f.Plan) == 0 {
			return nil
		}
		return o.follow(f, f.Plan[len(f.Plan)-1:])
	}
}}

// Filed returns to the filed plan and follows it.
var Filed = Method{"filed plan", "to the next waypoint of the plan and on along it, at the speed of the last ten minutes", func(_ []flight.Flight, o Options) path {
	return func(f flight.Flight, _ int) []flight.Fix {
		if len(f.Plan) == 0 {
			return nil
		}
		return o.follow(f, f.Plan[next(f.Plan, f.Fixes[len(f.Fixes)-1].Point):])
	}
}}

// next returns the waypoint at the end of the plan's segment that is nearest to a point.
func next(plan flight.Plan, at flight.Point) int {
	shrink := math.Cos(at.Lat * math.Pi / 180)
	plane := func(p flight.Point) (x, y float64) { return geodesy.Wrap(p.Lon-at.Lon) * shrink, p.Lat - at.Lat }
	best, nearest := len(plan)-1, math.Inf(1)
	for i := 1; i < len(plan); i++ {
		ax, ay := plane(plan[i-1])
		bx, by := plane(plan[i])
		dx, dy := bx-ax, by-ay
		w := 0.0
		if square := dx*dx + dy*dy; square > 0 {
			w = min(1, max(0, -(ax*dx+ay*dy)/square))
		}
		if d := math.Hypot(ax+w*dx, ay+w*dy); d <= nearest {
			best, nearest = i, d
		}
	}
	return best
}

// steps returns fixes after the last known one, at its altitude.
func (o Options) steps(last flight.Fix, at func(dt float64) flight.Point) []flight.Fix {
	fixes := make([]flight.Fix, o.Steps)
	for k := range fixes {
		dt := o.Step * float64(k+1)
		fixes[k] = flight.Fix{Time: last.Time + dt, Point: at(dt), Alt: last.Alt}
	}
	return fixes
}

// follow flies along a route from the last known fix, and stays at its end.
func (o Options) follow(f flight.Flight, route []flight.Point) []flight.Fix {
	last := f.Fixes[len(f.Fixes)-1]
	speed := speed(f.Fixes)
	at, left, when := last.Point, route, 0.0
	return o.steps(last, func(dt float64) flight.Point {
		miles := speed * (dt - when)
		when = dt
		for len(left) > 0 {
			leg := geodesy.Distance(at, left[0])
			if leg > miles {
				at = geodesy.Between(at, left[0], miles/leg)
				return at
			}
			miles -= leg
			at, left = left[0], left[1:]
		}
		return at
	})
}

// recent is over how many seconds rates and speeds are taken: those of a single step are coarse
// where positions are rounded to a minute of arc.
const recent = 600.0

// lately returns the fix from which the recent ones begin.
func lately(fixes []flight.Fix) int {
	last := len(fixes) - 1
	i := last - 1
	for i > 0 && fixes[last].Time-fixes[i].Time < recent {
		i--
	}
	return i
}

// speed returns nautical miles a second along the recent fixes.
func speed(fixes []flight.Fix) float64 {
	from, last := lately(fixes), len(fixes)-1
	miles := 0.0
	for i := from; i < last; i++ {
		miles += geodesy.Distance(fixes[i].Point, fixes[i+1].Point)
	}
	return miles / (fixes[last].Time - fixes[from].Time)
}

// SamePlan is the mean of the training flights that had the same plan; of all, if none had.
var SamePlan = Method{"same plan", "the mean of earlier flights with the same plan (of all, if none had), moved to the last known fix", func(train []flight.Flight, o Options) path {
	p := newPast(train, o)
	return func(f flight.Flight, skip int) []flight.Fix {
		if len(f.Plan) == 0 {
			return nil
		}
		same := p.withPlan(f.Plan, skip)
		if len(same) == 0 {
			same = p.nearest(f, len(p.flights), skip)
		}
		return p.mean(f, same)
	}
}}

// Nearest is the mean of the k training flights that came the most alike way: in the mean of distances
// at equal times before the last known fix.
func Nearest(k int) Method {
	doc := fmt.Sprintf("the mean of the %d earlier flights that began most alike, moved to the last known fix", k)
	if k == 1 {
		doc = "the earlier flight that began most alike, moved to the last known fix"
	}
	return Method{fmt.Sprintf("nearest %d", k), doc, func(train []flight.Flight, o Options) path {
		p := newPast(train, o)
		return func(f flight.Flight, skip int) []flight.Fix { return p.mean(f, p.nearest(f, k, skip)) }
	}}
}
