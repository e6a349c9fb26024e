package features

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// Alpha is the paper's preference for few characteristic points.
const Alpha = 1.05

// Characteristic returns the characteristic points of a plan: its first and last, and those of the
// others where it turns, so that as few bits as possible say where it runs (J.-G. Lee, J. Han,
// K.-Y. Whang, "Trajectory Clustering: A Partition-and-Group Framework", SIGMOD 2007, figure 8). A
// part of the plan is cut where one segment for it would cost more than alpha times the bits of its
// points. As in the paper's program lengths are kilometres and the distances from a segment degrees.
func Characteristic(plan flight.Plan, alpha float64) flight.Plan {
	if len(plan) < 3 {
		return plan
	}
	points := plane(plan)
	short := flight.Plan{plan[0]}
	start := 0
	for end := start + 1; end < len(plan); {
		if end > start+1 && partition(plan, points, start, end) > alpha*asItIs(plan, start, end) {
			start = end - 1
			short = append(short, plan[start])
			continue
		}
		end++
	}
	return append(short, plan[len(plan)-1])
}

// plane returns longitudes and latitudes, without a jump at the antimeridian.
func plane(plan flight.Plan) [][2]float64 {
	points := make([][2]float64, len(plan))
	lon := plan[0].Lon
	for i, p := range plan {
		lon = geodesy.Near(p.Lon, lon)
		points[i] = [2]float64{lon, p.Lat}
	}
	return points
}

func kilometres(a, b flight.Point) float64 {
	return geodesy.Distance(a, b) * geodesy.NauticalMile / 1000
}

// partition returns the bits of one segment from m to n, and of how far the plan lies from it.
func partition(plan flight.Plan, x [][2]float64, m, n int) float64 {
	bits := math.Log2(kilometres(plan[m], plan[n]) + 1)
	for i := m; i < n; i++ {
		across, turn := apart(x[m], x[n], x[i], x[i+1])
		bits += math.Log2(across+1) + math.Log2(turn+1)
	}
	return bits
}

// asItIs returns the bits of the plan from m to n.
func asItIs(plan flight.Plan, m, n int) float64 {
	length := 0.0
	for i := m; i < n; i++ {
		length += kilometres(plan[i], plan[i+1])
	}
	return math.Log2(length + 1)
}

// apart returns the perpendicular and the angular distance of the segment from c to d from that
// from a to b (definitions 1 and 3 of Lee, Han and Whang).
func apart(a, b, c, d [2]float64) (across, turn float64) {
	ux, uy := b[0]-a[0], b[1]-a[1]
	vx, vy := d[0]-c[0], d[1]-c[1]
	long, short := math.Hypot(ux, uy), math.Hypot(vx, vy)
	if long == 0 || short == 0 {
		return 0, 0
	}
	off := func(p [2]float64) float64 { return math.Abs(ux*(p[1]-a[1])-uy*(p[0]-a[0])) / long }
	if l1, l2 := off(c), off(d); l1+l2 > 0 {
		across = (l1*l1 + l2*l2) / (l1 + l2)
	}
	if cos := (ux*vx + uy*vy) / (long * short); cos > 0 {
		return across, math.Abs(ux*vy-uy*vx) / long
	}
	return across, short
}
