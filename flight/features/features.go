// Package features makes of flights the numbers that the network of Liu and Hansen (arXiv
// 1812.11670) reads: states, targets, the plan in characteristic points, and what scales them.
//
// A state is latitude and longitude (degrees), altitude (100 ft), seconds since the first fix, and
// the rates of latitude and longitude (degrees/s). The target of a state is the next one without
// its time; that of the last is the airport of arrival, the plan's last point, at rest. Positions
// are relative to an origin: the plan's first point or, without a plan, the first fix. With
// Options.Change those of targets, and their altitudes, are relative to the state's.
//
// Laws:
//
//   - What a state holds is known at its time: rates are those since the fix before, 0 at the
//     first. Options.Forward takes those until the next fix, as the paper's program does, which
//     betrays the next position.
//   - Without a plan nothing says where a flight ends: Plan is empty, and the last state has no
//     target. The same is so for the target if the track ends far from the plan's end.
//   - Longitudes go on without a jump across the antimeridian.
//   - Where altitudes are unknown they are NaN, and 0 once scaled.
package features

import (
	"fmt"
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// The numbers of a state, of a target, and of a waypoint.
const (
	Inputs  = 6
	Targets = 5
	Points  = 2
)

const (
	terminal = 30.0 // nmi from the plan's end, within which a track has arrived
	polar    = 85.0 // degrees of latitude, beyond which longitudes say little
)

// Options say how states are made.
type Options struct {
	Forward bool // rates until the next fix, as in the paper's program
	Change  bool // targets say how position and altitude change
}

// An Example is one flight.
type Example struct {
	Origin flight.Point
	Plan   []float64 // [points, 2]: latitude and longitude from the arrival back to the departure
	Input  []float64 // [states, 6]
	Target []float64 // [targets, 5], of the first states: all, or all but the last
	Change bool      // targets say how position and altitude change
}

// States returns the number of states.
func (e *Example) States() int { return len(e.Input) / Inputs }

// Of returns the features of a flight. It fails for a track of fewer than two fixes and near a pole.
func Of(f flight.Flight, o Options) (*Example, error) {
	n := len(f.Fixes)
	if n < 2 {
		return nil, fmt.Errorf("features: flight %.60q has %d fixes, and a state needs the next one", f.ID, n)
	}
	e := &Example{Origin: f.Fixes[0].Point}
	if len(f.Plan) > 0 {
		e.Origin = f.Plan[0]
	}
	for _, p := range f.Fixes {
		if math.Abs(p.Lat) > polar {
			return nil, fmt.Errorf("features: flight %.60q comes nearer than %.0f° to a pole, where the network's longitudes jump", f.ID, 90-polar)
		}
	}
	x := e.positions(f.Fixes)
	e.Input = make([]float64, n*Inputs)
	for t, fix := range f.Fixes {
		lat, lon := rates(f.Fixes, x, t, o.Forward)
		copy(e.Input[t*Inputs:], []float64{x[t][0], x[t][1], fix.Alt / 100, fix.Time - f.Fixes[0].Time, lat, lon})
	}
	for t := 1; t < n; t++ {
		in := e.Input[t*Inputs:]
		e.Target = append(e.Target, in[0], in[1], in[2], in[4], in[5])
	}
	if len(f.Plan) > 0 {
		e.plan(f, x[n-1][1])
	}
	if e.Change = o.Change; e.Change {
		for i := range e.Target {
			if j := i % Targets; j < still {
				e.Target[i] -= e.Input[i/Targets*Inputs+j]
			}
		}
	}
	return e, nil
}

// still is how many numbers of a state are the same without motion: the position and the
// altitude, which come first, in targets too.
const still = 3

// positions returns latitudes and longitudes relative to the origin.
func (e *Example) positions(fixes []flight.Fix) [][2]float64 {
	x := make([][2]float64, len(fixes))
	lon := e.Origin.Lon
	for t, p := range fixes {
		lon = geodesy.Near(p.Lon, lon)
		x[t] = [2]float64{p.Lat - e.Origin.Lat, lon - e.Origin.Lon}
	}
	return x
}

// rates returns those of latitude and longitude at fix t.
func rates(fixes []flight.Fix, x [][2]float64, t int, forward bool) (lat, lon float64) {
	from, to := t-1, t
	if forward {
		from, to = t, t+1
	}
	if from < 0 || to >= len(fixes) {
		return 0, 0
	}
	dt := fixes[to].Time - fixes[from].Time
	return (x[to][0] - x[from][0]) / dt, (x[to][1] - x[from][1]) / dt
}

// plan adds the plan and, if the track arrives, the target of the last state. The arrival's
// longitude is the one that is nearest to the track's end.
func (e *Example) plan(f flight.Flight, last float64) {
	points := make([]float64, 0, Points*len(f.Plan))
	lon := e.Origin.Lon
	for _, p := range f.Plan {
		lon = geodesy.Near(p.Lon, lon)
		points = append(points, p.Lat-e.Origin.Lat, lon-e.Origin.Lon)
	}
	for i := len(points) - Points; i >= 0; i -= Points {
		e.Plan = append(e.Plan, points[i], points[i+1])
	}
	goal, end := f.Plan[len(f.Plan)-1], f.Fixes[len(f.Fixes)-1]
	if geodesy.Distance(goal, end.Point) <= terminal {
		alt := 0.0
		if math.IsNaN(end.Alt) {
			alt = math.NaN()
		}
		e.Target = append(e.Target, goal.Lat-e.Origin.Lat, geodesy.Near(goal.Lon-e.Origin.Lon, last), alt, 0, 0)
	}
}
