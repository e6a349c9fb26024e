package show

import (
	"encoding/json"
	"io"
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// A feature is one of GeoJSON.
type feature struct {
	Type       string         `json:"type"`
	Geometry   geometry       `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

type geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// GeoJSON writes predictions by RFC 7946, with altitudes in metres. A feature has the property
// "flight", and "part", which is
//
//	plan        the filed route
//	known       the track as far as it was known
//	truth       the rest of it
//	prediction  an alternative, with its number (1 is the most likely) and score
//	ellipse     where the most likely one may be after "ahead_s", within "deviations"
//
// Lines have "times", one for each point, as ISO 8601.
func GeoJSON(w io.Writer, predictions []flight.Prediction) error {
	var all struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
	all.Type, all.Features = "FeatureCollection", []feature{}
	for _, p := range predictions {
		all.Features = append(all.Features, features(p)...)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(all)
}

func features(p flight.Prediction) []feature {
	var list []feature
	line := func(part string, fixes []flight.Fix, more map[string]any) {
		if len(fixes) < 2 {
			return
		}
		properties := map[string]any{"flight": p.ID, "part": part}
		for name, value := range more {
			properties[name] = value
		}
		list = append(list, lineFeature(fixes, properties))
	}
	line("plan", planned(p.Plan), nil)
	known, rest := parts(p)
	line("known", known, nil)
	line("truth", rest, nil)
	for i, a := range p.Alternatives {
		line("prediction", fixesOf(a), map[string]any{"alternative": i + 1, "score": finite(a.Score)})
	}
	if len(p.Alternatives) == 0 || len(known) == 0 {
		return list
	}
	for _, s := range marked(p, p.Alternatives[0].States) {
		for n := range deviations {
			if rings := cutRing(ellipse(s, float64(n+1))); rings != nil {
				list = append(list, area(rings, map[string]any{"flight": p.ID, "part": "ellipse",
					"deviations": n + 1, "ahead_s": s.Time - known[len(known)-1].Time, "time": utc(s.Time)}))
			}
		}
	}
	return list
}

// planned returns the waypoints as fixes without time.
func planned(plan flight.Plan) []flight.Fix {
	fixes := make([]flight.Fix, len(plan))
	for i, p := range plan {
		fixes[i] = flight.Fix{Time: math.NaN(), Point: p, Alt: math.NaN()}
	}
	return fixes
}

// lineFeature makes a line of fixes, of several pieces if it crosses the antimeridian.
func lineFeature(fixes []flight.Fix, properties map[string]any) feature {
	var pieces [][][]float64
	var times [][]string
	for _, piece := range cutLine(fixes) {
		var points [][]float64
		var when []string
		for _, f := range piece {
			point := []float64{f.Lon, f.Lat}
			if !math.IsNaN(f.Alt) {
				point = append(point, math.Round(f.Alt*geodesy.Foot*10)/10)
			}
			points, when = append(points, point), append(when, utc(f.Time))
		}
		pieces, times = append(pieces, points), append(times, when)
	}
	timed := !math.IsNaN(fixes[0].Time)
	if len(pieces) == 1 {
		if timed {
			properties["times"] = times[0]
		}
		return feature{"Feature", geometry{"LineString", pieces[0]}, properties}
	}
	if timed {
		properties["times"] = times
	}
	return feature{"Feature", geometry{"MultiLineString", pieces}, properties}
}

// area makes an area of rings that do not touch.
func area(rings [][]flight.Point, properties map[string]any) feature {
	var polygons [][][][2]float64
	for _, ring := range rings {
		var points [][2]float64
		for _, p := range ring {
			points = append(points, [2]float64{p.Lon, p.Lat})
		}
		polygons = append(polygons, [][][2]float64{points})
	}
	if len(polygons) == 1 {
		return feature{"Feature", geometry{"Polygon", polygons[0]}, properties}
	}
	return feature{"Feature", geometry{"MultiPolygon", polygons}, properties}
}

// finite returns x, or nil if it is no number that JSON has.
func finite(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return x
}
