package baseline

import (
	"cmp"
	"math"
	"slices"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/tracks"
)

// A past is training flights: how they came to their last known fix, and where they were after it.
type past struct {
	options Options
	flights []flight.Flight
	came    [][][3]float64 // step by step back from the last known fix, in units of the earth's radius
	futures [][]flight.Fix // step by step on, beginning with the last known fix
}

func newPast(train []flight.Flight, o Options) *past {
	p := &past{options: o, flights: train}
	for _, f := range train {
		known := f.Fixes[:o.Known]
		p.came = append(p.came, o.back(flight.Track{Fixes: known}))
		p.futures = append(p.futures, tracks.Resample(f.Track, known[len(known)-1].Time, o.Step))
	}
	return p
}

// back returns where a track was step by step before its end, on a sphere, so that distances are
// quickly compared. Before its beginning it stands still.
func (o Options) back(known flight.Track) [][3]float64 {
	first, last := known.Fixes[0].Time, known.Fixes[len(known.Fixes)-1].Time
	list := make([][3]float64, o.Known)
	for j := range list {
		p := tracks.At(known, max(first, last-o.Step*float64(j)))
		sin, cos := math.Sincos(p.Lat * math.Pi / 180)
		east, north := math.Sincos(p.Lon * math.Pi / 180)
		list[j] = [3]float64{cos * north, cos * east, sin}
	}
	return list
}

// withPlan returns the flights that had a plan.
func (p *past) withPlan(plan flight.Plan, skip int) []int {
	var list []int
	for i, f := range p.flights {
		if i != skip && slices.Equal(f.Plan, plan) {
			list = append(list, i)
		}
	}
	return list
}

// nearest returns the k flights that came the most alike way.
func (p *past) nearest(f flight.Flight, k, skip int) []int {
	type far struct {
		flight int
		apart  float64
	}
	var list []far
	came := p.options.back(f.Track)
	for i := range p.flights {
		if i == skip {
			continue
		}
		apart := 0.0
		for j, a := range came {
			b := p.came[i][j]
			x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
			apart += math.Sqrt(x*x + y*y + z*z)
		}
		list = append(list, far{i, apart})
	}
	slices.SortStableFunc(list, func(a, b far) int { return cmp.Compare(a.apart, b.apart) })
	var found []int
	for _, at := range list[:min(k, len(list))] {
		found = append(found, at.flight)
	}
	return found
}

// mean returns the mean of flights' futures, moved so that it begins at the last known fix of f. A
// flight that has arrived stays where it is.
func (p *past) mean(f flight.Flight, of []int) []flight.Fix {
	if len(of) == 0 {
		return nil
	}
	last := f.Fixes[len(f.Fixes)-1]
	at := func(k int) (lat, lon, alt float64) {
		for _, i := range of {
			x := p.futures[i][min(k, len(p.futures[i])-1)]
			lat += x.Lat / float64(len(of))
			lon += geodesy.Near(x.Lon, last.Lon) / float64(len(of))
			alt += x.Alt / float64(len(of))
		}
		return lat, lon, alt
	}
	lat0, lon0, alt0 := at(0)
	fixes := make([]flight.Fix, p.options.Steps)
	for k := range fixes {
		lat, lon, alt := at(k + 1)
		fixes[k] = flight.Fix{Time: last.Time + p.options.Step*float64(k+1), Alt: max(0, alt+last.Alt-alt0),
			Point: flight.Point{Lat: min(90, max(-90, lat+last.Lat-lat0)), Lon: geodesy.Wrap(lon + last.Lon - lon0)}}
	}
	return fixes
}
