package tracks

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/data/table"
	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// plans reads the plans and gives them to the flights.
func (s *Set) plans(files Files, open opener, n *notes) error {
	var places map[string]flight.Point
	if files.Airports != "" {
		f, err := open(files.Airports)
		if err != nil {
			return err
		}
		defer f.Close()
		if places, err = airports(f, n); err != nil {
			return err
		}
	}
	f, err := open(files.Plans)
	if err != nil {
		return err
	}
	defer f.Close()
	p := &planReader{at: lines(f), places: places, notes: n}
	if err := p.read(f); err != nil {
		return err
	}
	planOf := func(id string) (string, bool) { return id, true }
	if files.PlanOf != "" {
		l, err := open(files.PlanOf)
		if err != nil {
			return err
		}
		defer l.Close()
		table, err := s.links(l, n)
		if err != nil {
			return err
		}
		planOf = func(id string) (string, bool) { plan, ok := table[id]; return plan, ok }
	} else if !p.byFlight {
		return fmt.Errorf("%s: plans by the column %s, and no table says which flight has which; it has the columns flight_id and plan_id", f.Name(), planColumns[0])
	}
	plans := p.plans()
	without := 0
	for i := range s.Flights {
		name, ok := planOf(s.Flights[i].ID)
		if plan := plans[name]; ok && plan != nil {
			s.Flights[i].Plan = plan
		} else {
			without++
		}
	}
	if without > 0 {
		n.say("%s: no plan for %d of %d flights", f.Name(), without, len(s.Flights))
	}
	return nil
}

// links reads which plan each flight has, and which flights are test data.
func (s *Set) links(f *table.File, n *notes) (map[string]string, error) {
	at := lines(f)
	var id, plan table.Array[string]
	var test table.Array[bool]
	err := f.Read(table.Field{Names: idColumns, Into: &id}, table.Field{Names: planColumns, Into: &plan, Missing: true},
		table.Field{Names: splitColumns, Into: &test, Optional: true})
	if err != nil {
		return nil, err
	}
	table := map[string]string{}
	if test.Name != "" {
		s.Test = map[string]bool{}
	}
	for i, id := range id.Data {
		if other, ok := table[id]; ok && other != plan.Data[i] {
			n.add("a second plan of one flight is left out", at(i), id)
			continue
		}
		table[id] = plan.Data[i]
		if test.Name != "" && test.Data[i] {
			s.Test[id] = true
		}
	}
	return table, nil
}

// A waypoint is a row of a table of plans.
type waypoint struct {
	flight.Point
	seq float64
	at  int
}

// A planReader collects the waypoints of plans.
type planReader struct {
	at       func(row int) string
	places   map[string]flight.Point
	notes    *notes
	byFlight bool // plans have the names of flights
	names    []string
	points   map[string][]waypoint
	bad      map[string]bool // plans that are left out
}

func (p *planReader) read(f *table.File) error {
	p.points, p.bad = map[string][]waypoint{}, map[string]bool{}
	var id, plan, name table.Array[string]
	var seq, lat, lon table.Array[float64]
	err := f.Read(
		table.Field{Names: planColumns, Into: &plan, Optional: true},
		table.Field{Names: idColumns, Into: &id, Optional: true},
		table.Field{Names: seqColumns, Into: &seq, Optional: true},
		table.Field{Names: latColumns, Into: &lat, Optional: true, Missing: true},
		table.Field{Names: lonColumns, Into: &lon, Optional: true, Missing: true},
		table.Field{Names: nameColumns, Into: &name, Optional: true, Missing: true})
	if err != nil {
		return err
	}
	if plan.Name == "" {
		p.byFlight, plan = true, id
	}
	switch {
	case plan.Name == "":
		return fmt.Errorf("%s: no column names the plan: %s or %s", f.Name(), planColumns[0], idColumns[0])
	case name.Name == "" && (lat.Name == "" || lon.Name == ""):
		return fmt.Errorf("%s: no column %s, %s or %s", f.Name(), latColumns[0], lonColumns[0], nameColumns[0])
	}
	for i, id := range plan.Data {
		w := waypoint{seq: float64(i), at: i}
		if seq.Name != "" {
			w.seq = seq.Data[i]
		}
		if lat.Name != "" && lon.Name != "" && !math.IsNaN(lat.Data[i]) && !math.IsNaN(lon.Data[i]) {
			w.Point = flight.Point{Lat: lat.Data[i], Lon: lon.Data[i]}
			p.add(id, w)
			continue
		}
		w.Point = flight.Point{Lat: math.NaN()}
		if place, ok := p.places[key(text(&name, i))]; ok {
			w.Point = place
		}
		p.named(id, text(&name, i), w)
	}
	return nil
}

// named adds a waypoint that is given by its name.
func (p *planReader) named(id, name string, w waypoint) {
	switch {
	case !math.IsNaN(w.Lat):
		p.add(id, w)
	case name == "":
		p.fault(id, w, "nowhere", "a waypoint without a position; its plan is left out")
	case p.places == nil:
		p.fault(id, w, "no airports", fmt.Sprintf("a waypoint %.20q without a position, and no table of airports is given; its plan is left out", name))
	default:
		p.fault(id, w, "unknown", fmt.Sprintf("the waypoint %.20q is unknown; its plan is left out", name))
	}
}

func (p *planReader) fault(id string, w waypoint, kind, text string) {
	p.notes.addPlan(kind, text, p.at(w.at), id)
	p.bad[id] = true
}

func (p *planReader) add(id string, w waypoint) {
	if math.Abs(w.Lat) > 90 || w.Lon < -180 || w.Lon > 360 {
		p.fault(id, w, "globe", "a waypoint that is not on the globe; its plan is left out")
		return
	}
	w.Lon = geodesy.Wrap(w.Lon)
	if _, known := p.points[id]; !known {
		p.names = append(p.names, id)
	}
	p.points[id] = append(p.points[id], w)
}

// plans returns the plans that can be used, by their names.
func (p *planReader) plans() map[string]flight.Plan {
	plans := map[string]flight.Plan{}
	for _, id := range p.names {
		if p.bad[id] {
			continue
		}
		points := p.points[id]
		slices.SortStableFunc(points, func(a, b waypoint) int { return cmp.Compare(a.seq, b.seq) })
		var plan flight.Plan
		for i, w := range points {
			switch {
			case i > 0 && points[i-1].Point == w.Point:
			case i > 0 && points[i-1].seq == w.seq:
				p.notes.addPlan("second", "a second waypoint of one place in the order is left out", p.at(w.at), id)
			default:
				plan = append(plan, w.Point)
			}
		}
		if len(plan) < 2 {
			p.notes.addPlan("one point", "a plan of one point is left out", p.at(points[0].at), id)
			continue
		}
		plans[id] = plan
	}
	return plans
}

// airports reads named positions.
func airports(f *table.File, n *notes) (map[string]flight.Point, error) {
	at := lines(f)
	var lat, lon table.Array[float64]
	fields := []table.Field{{Names: latColumns, Into: &lat, Missing: true}, {Names: lonColumns, Into: &lon, Missing: true}}
	codes := make([]table.Array[string], len(airportColumns))
	found := false
	for i, name := range airportColumns {
		fields = append(fields, table.Field{Names: []string{name}, Into: &codes[i], Optional: true, Missing: true})
		found = found || slices.ContainsFunc(f.Columns(), func(c table.Column) bool { return strings.EqualFold(c.Name, name) })
	}
	if !found {
		return nil, fmt.Errorf("%s: no column with the codes of airports: %s", f.Name(), strings.Join(airportColumns, ", "))
	}
	if err := f.Read(fields...); err != nil {
		return nil, err
	}
	places := map[string]flight.Point{}
	for i := range lat.Data {
		p := flight.Point{Lat: lat.Data[i], Lon: lon.Data[i]}
		if !(math.Abs(p.Lat) <= 90 && p.Lon >= -180 && p.Lon <= 360) {
			n.add("an airport without a position on the globe is left out", at(i), "")
			continue
		}
		p.Lon = geodesy.Wrap(p.Lon)
		for j := range codes {
			code := key(text(&codes[j], i))
			if _, known := places[code]; code != "" && !known {
				places[code] = p
			}
		}
	}
	return places, nil
}

// key is a code as it is compared.
func key(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }
