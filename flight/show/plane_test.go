package show

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// Near the centre a mile is a mile, north is up, and east is right.
func TestPlane(t *testing.T) {
	for _, centre := range []flight.Point{{Lat: 40, Lon: -80}, {Lat: -30, Lon: 179.9}, {Lat: 5, Lon: 0}} {
		p := around([]flight.Point{centre})
		if c := p.at(centre); math.Hypot(c[0], c[1]) > 1e-9 {
			t.Errorf("the centre %v is at %v", centre, c)
		}
		for _, azimuth := range []float64{0, 45, 90, 200} {
			q, _ := geodesy.Direct(centre, azimuth, 50)
			got := p.at(q)
			sin, cos := math.Sincos(azimuth * degree)
			if math.Hypot(got[0]-50*sin, got[1]+50*cos) > 0.3 { // the earth is no sphere
				t.Errorf("50 miles to %g ° of %v are %v", azimuth, centre, got)
			}
		}
	}
}

// Everywhere a degree to the north is at a right angle to one to the east, and both are as long as on the
// sphere.
func TestConformal(t *testing.T) {
	p := around([]flight.Point{{Lat: 60, Lon: 30}})
	for lat := -80.0; lat <= 80; lat += 20 {
		for lon := -180.0; lon < 180; lon += 35 {
			q := flight.Point{Lat: lat, Lon: lon}
			if p.height(q) < edge+0.01 {
				continue
			}
			north, east := p.directions(q)
			n, e := math.Hypot(north[0], north[1]), math.Hypot(east[0], east[1])
			if dot := north[0]*east[0] + north[1]*east[1]; math.Abs(dot) > 1e-4*n*e || math.Abs(e/n/math.Cos(lat*degree)-1) > 1e-4 || north[0]*east[1]-north[1]*east[0] <= 0 {
				t.Errorf("at %v north is %v and east %v", q, north, east)
			}
		}
	}
}

// ringsOf reads a path of SVG.
func ringsOf(t *testing.T, path string) (rings [][]xy) {
	t.Helper()
	for ring := range strings.SplitSeq(path, "Z") {
		if ring == "" {
			continue
		}
		var points []xy
		for pair := range strings.SplitSeq(strings.TrimPrefix(ring, "M"), "L") {
			x, y, _ := strings.Cut(pair, " ")
			px, err1 := strconv.ParseFloat(x, 64)
			py, err2 := strconv.ParseFloat(y, 64)
			if err1 != nil || err2 != nil {
				t.Fatalf("a path goes to %q", pair)
			}
			points = append(points, xy{px, py})
		}
		rings = append(rings, points)
	}
	return rings
}

// filled reports whether rings are filled at a point by the rule "evenodd".
func filled(rings [][]xy, at xy) bool {
	in := false
	for _, points := range rings {
		for i, b := range points {
			a := points[(i+len(points)-1)%len(points)]
			if a[1] > at[1] != (b[1] > at[1]) && at[0] < a[0]+(at[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
				in = !in
			}
		}
	}
	return in
}

// From wherever one looks, what is land is land and what is sea is sea: the point opposite to the centre
// may lie on land, in a lake or in the sea. And so it is in a window.
func TestLand(t *testing.T) {
	places := map[flight.Point]bool{
		{Lat: 38, Lon: -98}: true, {Lat: 30, Lon: -45}: false, {Lat: 60, Lon: 100}: true, {Lat: 42, Lon: 51}: false, // the Caspian Sea
		{Lat: -80, Lon: 90}: true, {Lat: -80, Lon: -60}: true, {Lat: 89, Lon: 0}: false, {Lat: -70, Lon: -160}: false,
		{Lat: 68, Lon: 179}: true, {Lat: 67.5, Lon: -178}: true, {Lat: -25, Lon: 135}: true, {Lat: -40, Lon: -140}: false, {Lat: 72, Lon: -40}: true,
		{Lat: 28, Lon: -82}: true, {Lat: 25, Lon: -90}: false,
	}
	centres := []flight.Point{{Lat: 35, Lon: -85}, {Lat: 40, Lon: 116}, {Lat: 89, Lon: 10}, {Lat: -89.5, Lon: 0}, {Lat: 42, Lon: 51}, {Lat: -42, Lon: -129}, {Lat: -60, Lon: -80}, {Lat: 0, Lon: 180}}
	for i, centre := range centres {
		p := around([]flight.Point{centre})
		low, high := xy{-9e4, -9e4}, xy{9e4, 9e4}
		land := ringsOf(t, p.ground(low, high).Land)
		for q, want := range places {
			if p.height(q) > -0.98 && filled(land, p.at(q)) != want {
				t.Errorf("from %v the point %v is land: %t", centre, q, !want)
			}
		}
		if i%4 != 0 {
			continue
		}
		for q, want := range places {
			at := p.at(q)
			if p.height(q) > -0.98 && filled(ringsOf(t, p.ground(xy{at[0] - 30, at[1] - 40}, xy{at[0] + 20, at[1] + 30}).Land), at) != want {
				t.Errorf("in a window from %v the point %v is land: %t", centre, q, !want)
			}
		}
	}
}

// Lines are cut at the antimeridian where they cross it.
func TestCutLine(t *testing.T) {
	fix := func(time, lat, lon float64) flight.Fix {
		return flight.Fix{Time: time, Point: flight.Point{Lat: lat, Lon: lon}}
	}
	got := cutLine([]flight.Fix{fix(0, 0, 170), fix(1, 2, -178), fix(2, 2, -176), fix(3, 0, 178)})
	want := [][]flight.Fix{{fix(0, 0, 170), fix(10.0/12, 20.0/12, 180)}, {fix(10.0/12, 20.0/12, -180), fix(1, 2, -178), fix(2, 2, -176), fix(2+4.0/6, 2-8.0/6, -180)}, {fix(2+4.0/6, 2-8.0/6, 180), fix(3, 0, 178)}}
	for i := range want {
		if len(got) != len(want) || len(got[i]) != len(want[i]) {
			t.Fatalf("pieces %v, want %v", got, want)
		}
		for j, w := range want[i] {
			if g := got[i][j]; math.Abs(g.Time-w.Time)+math.Abs(g.Lat-w.Lat)+math.Abs(g.Lon-w.Lon) > 1e-9 {
				t.Errorf("piece %d has %v, want %v", i, g, w)
			}
		}
	}
}
