package show

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/score"
)

// A view is what the script of the page reads. Positions are pairs of coordinates of the plane, one after
// the other, times seconds since the last known fix, altitudes feet; null where unknown.
type view struct {
	Region  box       `json:"region"`
	Ground  ground    `json:"ground"`
	Grid    []gridded `json:"grid"`
	Flights []flown   `json:"flights"`
	air
}

// A box is a rectangle: left, top, width and height.
type box [4]float64

// A gridded is a meridian or a parallel.
type gridded struct {
	Label string    `json:"label"`
	Line  []float64 `json:"line"`
}

// A path is a track on the map.
type path struct {
	Time []float64  `json:"t"`
	At   []float64  `json:"xy"`
	Lat  []float64  `json:"lat"`
	Lon  []float64  `json:"lon"`
	Alt  []*float64 `json:"alt"`
}

// A course is a predicted track: an alternative.
type course struct {
	path
	Score *float64 `json:"score"`
	// Root is what a circle with the radius 1 is multiplied by to make the ellipse of one standard deviation:
	// x and y for the circle's x, x and y for its y. All are null without covariances. Of the first
	// alternative only.
	Root []*[4]float64 `json:"root"`
	Dev  []*float64    `json:"dev"` // standard deviations of altitude
}

// A flown is a flight.
type flown struct {
	ID      string    `json:"id"`
	Last    float64   `json:"last"` // time of the last known fix, s since 1970
	Box     box       `json:"box"`
	Plan    []float64 `json:"plan"`
	Route   []float64 `json:"route"` // the plan along geodesics
	Known   path      `json:"known"`
	Truth   path      `json:"truth"` // from the last known fix on
	Courses []course  `json:"courses"`
	Marks   []int     `json:"marks"` // states of the first course at the usual look-aheads
	Errors  []wrong   `json:"errors"`
	ETA     *float64  `json:"eta"`
}

// A wrong is an error of the first alternative.
type wrong struct {
	Ahead      float64  `json:"t"`
	Horizontal float64  `json:"h"`
	Along      float64  `json:"along"`
	Cross      float64  `json:"cross"`
	Vertical   *float64 `json:"v"`
	Time       float64  `json:"dt"`
}

// newView arranges predictions on a map of their own.
func newView(page Page) (*view, error) {
	var all []flight.Point
	for _, p := range page.Predictions {
		all = append(all, positions(p)...)
	}
	v := &view{Flights: []flown{}, Grid: []gridded{}, air: air{Storms: []stormy{}, Winds: []windy{}, WindAt: [][2]float64{}}}
	p := around(all)
	low, high := xy{math.Inf(1), math.Inf(1)}, xy{math.Inf(-1), math.Inf(-1)}
	for _, prediction := range page.Predictions {
		f := p.flown(prediction)
		if f == nil {
			continue
		}
		for axis := range 2 {
			low[axis], high[axis] = min(low[axis], f.Box[axis]), max(high[axis], f.Box[axis]+f.Box[axis+2])
		}
		v.Flights = append(v.Flights, *f)
	}
	if len(v.Flights) == 0 {
		return v, nil
	}
	margin := 0.6 * max(high[0]-low[0], high[1]-low[1], 20)
	for axis := range 2 {
		low[axis], high[axis] = low[axis]-margin, high[axis]+margin
	}
	v.Region = box{math.Floor(low[0]), math.Floor(low[1]), math.Ceil(high[0] - low[0]), math.Ceil(high[1] - low[1])}
	v.Ground = p.ground(low, high)
	v.Grid = p.grid(low, high)
	times := hours(page.Predictions)
	if page.Storms != nil {
		v.Storms = p.storms(page.Storms, times, low, high)
	}
	if page.Air != nil {
		return v, v.winds(p, page.Air, page.Predictions, times, low, high)
	}
	return v, nil
}

// positions returns all points that a prediction puts on the map.
func positions(p flight.Prediction) []flight.Point {
	list := append([]flight.Point{}, p.Plan...)
	for _, f := range p.Fixes {
		list = append(list, f.Point)
	}
	for _, a := range p.Alternatives {
		for _, s := range a.States {
			list = append(list, where(s))
		}
	}
	return list
}

// flown arranges one flight, nil if nothing of it is known.
func (p plane) flown(prediction flight.Prediction) *flown {
	known, rest := parts(prediction)
	if len(known) == 0 {
		return nil
	}
	f := &flown{ID: prediction.ID, Last: known[len(known)-1].Time, Plan: []float64{}, Route: []float64{}, Courses: []course{}, Errors: []wrong{}, Marks: []int{}}
	low, high := xy{math.Inf(1), math.Inf(1)}, xy{math.Inf(-1), math.Inf(-1)}
	for _, q := range positions(prediction) {
		for axis, x := range p.at(q) {
			low[axis], high[axis] = min(low[axis], x), max(high[axis], x)
		}
	}
	f.Box = box{low[0], low[1], high[0] - low[0], high[1] - low[1]}
	d := decimals(max(f.Box[2], f.Box[3]))
	for i := range f.Box {
		f.Box[i] = round(f.Box[i], d)
	}
	for i, q := range prediction.Plan {
		f.Plan = p.append(f.Plan, q, d)
		if i > 0 {
			f.Route = p.leg(f.Route, prediction.Plan[i-1], q, d)
		}
		f.Route = p.append(f.Route, q, d)
	}
	f.Known, f.Truth = p.path(known, f.Last, d), p.path(rest, f.Last, d)
	for i, a := range prediction.Alternatives {
		c := course{path: p.path(fixesOf(a), f.Last, d), Score: pointer(a.Score)}
		if i == 0 {
			p.spread(&c, a.States, d)
		}
		f.Courses = append(f.Courses, c)
	}
	f.judge(prediction)
	return f
}

// leg appends points between two others, so that the line through them runs along the geodesic.
func (p plane) leg(to []float64, a, b flight.Point, d int) []float64 {
	const far = 60 // nmi
	n := math.Ceil(geodesy.Distance(a, b) / far)
	for i := 1.0; i < n; i++ {
		to = p.append(to, geodesy.Between(a, b, i/n), d)
	}
	return to
}

// path arranges fixes.
func (p plane) path(fixes []flight.Fix, last float64, d int) path {
	t := path{Time: []float64{}, At: []float64{}, Lat: []float64{}, Lon: []float64{}, Alt: []*float64{}}
	for _, x := range fixes {
		t.Time = append(t.Time, round(x.Time-last, 1))
		t.At = p.append(t.At, x.Point, d)
		t.Lat, t.Lon = append(t.Lat, round(x.Lat, 3)), append(t.Lon, round(geodesy.Wrap(x.Lon), 3))
		t.Alt = append(t.Alt, pointer(math.Round(x.Alt)))
	}
	return t
}

// spread adds the covariances of states.
func (p plane) spread(c *course, states []flight.State, d int) {
	for _, s := range states {
		var circle *[4]float64
		if root, ok := rooted(s); ok {
			north, east := p.directions(where(s))
			circle = new([4]float64)
			for axis := range 2 {
				circle[axis] = round(root[0]*north[axis]+root[1]*east[axis], d+1)
				circle[2+axis] = round(root[2]*east[axis], d+1)
			}
		}
		c.Root = append(c.Root, circle)
		dev := math.NaN()
		if s.Cov[2][2] > 0 && !math.IsNaN(s.Mean[2]) {
			dev = math.Round(math.Sqrt(s.Cov[2][2]))
		}
		c.Dev = append(c.Dev, pointer(dev))
	}
}

// judge adds what the first alternative is off by.
func (f *flown) judge(p flight.Prediction) {
	if len(p.Alternatives) == 0 {
		return
	}
	states := p.Alternatives[0].States
	marks := marked(p, states)
	for i, s := range states {
		if len(marks) > 0 && marks[0].Time == s.Time {
			f.Marks, marks = append(f.Marks, i), marks[1:]
		}
	}
	of := score.Of(p, score.Options{Steps: len(states)})
	for _, e := range of.Errors {
		f.Errors = append(f.Errors, wrong{round(e.Ahead, 1), round(e.Horizontal, 2), round(e.Along, 2), round(e.Cross, 2), pointer(math.Round(e.Vertical)), math.Round(e.Time)})
	}
	f.ETA = pointer(math.Round(of.ETA))
}

// append appends a position to a number of decimals.
func (p plane) append(to []float64, q flight.Point, d int) []float64 {
	at := p.at(q)
	return append(to, round(at[0], d), round(at[1], d))
}

// decimals returns how many decimals show a thousandth of a size.
func decimals(size float64) int {
	return int(min(5, max(1, math.Ceil(3-math.Log10(max(size, 1e-3))))))
}

func round(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale) / scale
}

// pointer returns a pointer to x, nil if it is no number that JSON has.
func pointer(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
