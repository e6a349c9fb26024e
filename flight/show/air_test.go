package show

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/flight"
	"breakeven/flight/weather"
)

// gridOf returns points of rows and columns a quarter of a degree apart.
func gridOf(south, west float64, rows, columns int) *weather.Grid {
	g := &weather.Grid{Name: "test"}
	for i := range rows {
		for j := range columns {
			g.Points = append(g.Points, flight.Point{Lat: south + 0.25*float64(i), Lon: west + 0.25*float64(j)})
		}
	}
	return g
}

// stormsOf reads storms from text.
func stormsOf(t *testing.T, g *weather.Grid, text string) *weather.Storms {
	t.Helper()
	s, err := weather.ReadStorms(weather.Options{StormGrid: g}, "storms.csv", strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Storms are lines along rows, one for each class of heights, and do not go on into the next row.
func TestStorms(t *testing.T) {
	g := gridOf(40, 10, 2, 10)
	s := stormsOf(t, g, "unix_time_s,alt_kft,start,len\n3600,24,0,3\n3600,45,1,1\n3600,39,8,4\n90000,24,0,20\n")
	p := around(g.Points)
	got := p.storms(s, []float64{0, 3600, 7200, 40000}, xy{-500, -500}, xy{500, 500})
	if len(got) != 1 || got[0].Time != 3600 {
		t.Fatalf("%+v", got)
	}
	for class, want := range [3][][2]int{{{0, 0}, {2, 2}}, {{8, 9}, {10, 11}}, {{1, 1}}} {
		var lines [][2]xy
		for line := range strings.SplitSeq(strings.TrimPrefix(got[0].Tops[class], "M"), "M") {
			var l [2]xy
			if _, err := fmt.Sscanf(strings.ReplaceAll(line, "L", " "), "%g %g %g %g", &l[0][0], &l[0][1], &l[1][0], &l[1][1]); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			lines = append(lines, l)
		}
		if len(lines) != len(want) {
			t.Fatalf("class %d has %d lines, want %d: %s", class, len(lines), len(want), got[0].Tops[class])
		}
		for i, w := range want {
			a, b := p.at(g.Points[w[0]]), p.at(g.Points[w[1]])
			middle := xy{(lines[i][0][0] + lines[i][1][0]) / 2, (lines[i][0][1] + lines[i][1][1]) / 2}
			length, wide := math.Hypot(lines[i][1][0]-lines[i][0][0], lines[i][1][1]-lines[i][0][1]), got[0].Width
			if math.Hypot(middle[0]-(a[0]+b[0])/2, middle[1]-(a[1]+b[1])/2) > 0.2 || math.Abs(length-float64(w[1]-w[0]+1)*wide) > 1 {
				t.Errorf("class %d: line %d is %v, for points %v to %v", class, i, lines[i], a, b)
			}
		}
	}
}

// A barb points to where the wind comes from on the map.
func TestWind(t *testing.T) {
	g := gridOf(40, 10, 1, 1)
	p := around([]flight.Point{{Lat: 40, Lon: 10}})
	for _, c := range []struct {
		east, north  float32
		angle, knots float64
	}{{10, 0, -90, 19}, {0, -10, 0, 19}, {-5, -5, 45, 14}, {0, 0, 0, 0}} {
		w := p.wind(g.Points, &weather.Layer{East: []float32{c.east}, North: []float32{c.north}}, 10, xy{-10, -10}, xy{10, 10})
		if len(w.Barbs) != 4 || math.Abs(w.Barbs[2]-c.angle) > 1e-9 && c.knots > 0 || w.Barbs[3] != c.knots || w.South {
			t.Errorf("wind of %g, %g is %v", c.east, c.north, w)
		}
	}
	nan := float32(math.NaN())
	if w := p.wind(g.Points, &weather.Layer{East: []float32{nan}, North: []float32{1}}, 10, xy{-10, -10}, xy{10, 10}); len(w.Barbs) > 0 {
		t.Errorf("an unknown wind is %v", w)
	}
	south := gridOf(-40, 10, 20, 20)
	p = around(south.Points)
	u := slices.Repeat([]float32{3}, 400)
	w := p.wind(south.Points, &weather.Layer{East: u, North: u}, 100, xy{-1e3, -1e3}, xy{1e3, 1e3})
	if !w.South || len(w.Barbs) < 4*9 || len(w.Barbs) > 4*20 {
		t.Errorf("%d numbers of barbs, south %t", len(w.Barbs), w.South)
	}
}

// airOf writes and opens winds from the west of 30 m/s on two levels, and 15 on the lower.
func airOf(t *testing.T, g *weather.Grid, time float64) *weather.Atmosphere {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, "unix_time_s,level_hpa,lat_deg,lon_deg,u_ms,v_ms")
	for level, u := range map[int]int{300: 30, 800: 15} {
		for _, q := range g.Points {
			fmt.Fprintf(&b, "%g,%d,%g,%g,%d,0\n", time, level, q.Lat, q.Lon, u)
		}
	}
	file := filepath.Join(t.TempDir(), "air.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	a, err := weather.Open(weather.Options{}, file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The level is that of the flights, and weather of another time is not shown.
func TestWinds(t *testing.T) {
	whole := cases()[:1]
	g := gridOf(40, 20, 12, 24)
	v, err := newView(Page{Predictions: whole, Air: airOf(t, g, whole[0].Fixes[0].Time)})
	if err != nil || len(v.Winds) != 1 || v.Level != 300 || len(v.Winds[0].Barbs) == 0 || v.Winds[0].Barbs[3] != 58 || len(v.WindAt) < 2 {
		t.Errorf("%+v at %v, level %g, %v", v.Winds, v.WindAt, v.Level, err)
	}
	v, err = newView(Page{Predictions: whole, Air: airOf(t, g, 0), Storms: stormsOf(t, g, "unix_time_s,alt_kft,start,len\n0,24,0,3\n")})
	if err != nil || len(v.Winds)+len(v.WindAt)+len(v.Storms) > 0 {
		t.Errorf("weather of 1970: %v", err)
	}
}
