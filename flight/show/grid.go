package show

import (
	"fmt"
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// gridSteps are how many degrees there may be between two lines.
var gridSteps = []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30}

// grid returns meridians and parallels in a rectangle of the plane, about ten of each.
func (p plane) grid(low, high xy) []gridded {
	size := min(high[0]-low[0], high[1]-low[1]) / 60 // in degrees, as reach is
	reach := math.Hypot(max(-low[0], high[0]), max(-low[1], high[1]))/60 + 1
	step := gridSteps[len(gridSteps)-1]
	for _, s := range gridSteps {
		if size/s <= 12 {
			step = s
			break
		}
	}
	for axis := range 2 { // lines end beyond the rectangle
		low[axis], high[axis] = low[axis]-60*step, high[axis]+60*step
	}
	lat, lon := math.Asin(p.sin)/degree, p.lon/degree
	south, north := max(-90, lat-reach), min(90, lat+reach)
	west, east := lon-180, lon+180
	if steep := max(-south, north); steep < 89 {
		w := min(180, reach/math.Cos(steep*degree))
		west, east = lon-w, lon+w
	}
	if max(-south, north) > 75 { // meridians meet
		step = max(step, 10)
	}
	first := func(x float64) float64 { return math.Ceil(x/step-1e-9) * step }
	var list []gridded
	for y := first(south); y <= north; y += step {
		if math.Abs(y) < 89.99 {
			list = append(list, p.gridLine(angle(y, "N", "S"), west, east, step/4, low, high, func(x float64) flight.Point { return flight.Point{Lat: y, Lon: x} })...)
		}
	}
	for x := first(west); x < min(east, west+360-step/2); x += step {
		list = append(list, p.gridLine(angle(geodesy.Wrap(x), "E", "W"), max(south, step-90), min(north, 90-step), step/4, low, high, func(y float64) flight.Point { return flight.Point{Lat: y, Lon: x} })...)
	}
	return list
}

// gridLine returns the pieces of a line in the rectangle.
func (p plane) gridLine(label string, from, to, step float64, low, high xy, at func(float64) flight.Point) (pieces []gridded) {
	var line []float64
	flush := func() {
		if len(line) > 2 {
			pieces = append(pieces, gridded{label, line})
		}
		line = nil
	}
	for x := from; x <= to+step/2; x += step {
		q := at(min(x, to))
		c := p.at(q)
		if p.height(q) < edge || c[0] < low[0] || c[0] > high[0] || c[1] < low[1] || c[1] > high[1] {
			flush()
			continue
		}
		line = append(line, round(c[0], 1), round(c[1], 1))
	}
	flush()
	return pieces
}

// angle writes degrees with the side of zero.
func angle(x float64, above, below string) string {
	x = round(x, 2)
	switch {
	case x == 0:
		return "0°"
	case x < 0:
		return fmt.Sprintf("%g°%s", -x, below)
	}
	return fmt.Sprintf("%g°%s", x, above)
}
