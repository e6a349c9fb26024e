package weather

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"

	"breakeven/flight"
	"breakeven/flight/weather/grib2"
)

// A grid with latitudes and longitudes in two dimensions, as another program has written it: winds
// along its axes are turned to the east and the north. Its columns go from the east to the west,
// against its x.
func TestCurvilinear(t *testing.T) {
	const name = "testdata/lambert.nc"
	a := openAll(t, Options{}, name)
	if a.Grid.Len() != 48 || len(a.Times) != 1 || len(a.Times[0].Levels) != 2 {
		t.Fatalf("%d points, times %+v", a.Grid.Len(), a.Times)
	}
	l, raw := layerOf(t, a, 0, 1), layerOf(t, openAll(t, Options{AsStored: true}, name), 0, 1)
	for k := range l.East {
		i, j := float64(k%8), float64(k/8)
		limit := 1e-3
		if i == 0 || i == 7 {
			limit = 0.02 // the direction of x half a step away
		}
		if got := l.East[k]; math.Abs(float64(got)-(20+i)) > limit || math.Abs(float64(l.North[k])-(-5-j)) > limit || !near(l.Temperature[k], 250+i+float64(float32(j/10))) {
			t.Fatalf("point %d: %g K, wind %g, %g to the east and north", k, l.Temperature[k], got, l.North[k])
		}
		if angle := math.Atan2(float64(raw.North[k]), float64(raw.East[k])) - math.Atan2(-5-j, 20+i); math.Abs(angle-math.Sin(25*math.Pi/180)*(a.Grid.Points[k].Lon+95)*math.Pi/180) > 1e-5 {
			t.Fatalf("point %d: as stored, the wind is turned by %g", k, angle)
		}
	}
}

// Files as WRF names things: times and a grid that other variables have, and winds to the east.
func TestWRF(t *testing.T) {
	a := openAll(t, Options{}, "testdata/wrf.nc")
	if a.Grid.Len() != 48 || len(a.Times) != 2 || a.Times[1].Unix != 1375318800 || a.Times[0].Levels[1] != 500 {
		t.Fatalf("%d points, times %+v", a.Grid.Len(), a.Times)
	}
	if l := layerOf(t, a, 1, 1); l.Temperature[10] != 312 || l.East[10] != 13 || l.North[10] != 10 || a.Grid.Points[0].Lat != 42 {
		t.Errorf("%g K, wind %g, %g; the first point at %v", l.Temperature[10], l.East[10], l.North[10], a.Grid.Points[0])
	}
}

// What a grid of two dimensions lacks is one error that says so.
func TestCurvilinearRefused(t *testing.T) {
	lambert, err := os.ReadFile("testdata/lambert.nc")
	if err != nil {
		t.Fatal(err)
	}
	wrf, err := os.ReadFile("testdata/wrf.nc")
	if err != nil {
		t.Fatal(err)
	}
	replace := func(b []byte, old, new string) string { return strings.ReplaceAll(string(b), old, new) }
	moved := bytes.Clone(wrf) // the latitude 42 of the second time becomes 43
	at := bytes.LastIndex(moved, []byte{0x42, 0x28, 0, 0})
	moved[at+1] = 0x2c
	for _, c := range []struct{ text, want string }{
		{replace(lambert, "standard_name", "standard_note"), "ncatted -a standard_name,ugrd,o,c,x_wind FILE"},
		{replace(lambert, "degrees_north", "degrees_wests"), "no variables have these"},
		{replace(lambert, "degrees_east", "degrees_down"), "no variables have these"},
		{string(moved), "XLAT is another one at time 2"},
		{replace(wrf, "minutes since", "minutes aftre"), "dimension Time is neither time nor pressure"},
	} {
		if _, err := Open(Options{}, write(t, "a.nc", c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// The angle from x to the east, from neighbouring points, is that of the projection.
func TestTurns(t *testing.T) {
	l, err := grib2.NewLambert(grib2.Lambert{Radius: 6371200, Lat: 12.19, Lon: -133.459, Central: -95, Dx: 12191, Dy: 12191, Parallels: [2]float64{25, 25}})
	if err != nil {
		t.Fatal(err)
	}
	const columns = 600
	var points []flight.Point
	for k := range 3 * columns {
		lat, lon := l.Point(float64(k%columns), float64(200+k/columns))
		points = append(points, flight.Point{Lat: lat, Lon: lon})
	}
	for k, angle := range turns(points, columns) {
		limit := 1e-6
		if i := k % columns; i == 0 || i == columns-1 {
			limit = 1e-3 // the direction half a step away
		}
		if want := l.Turn(points[k].Lon); math.Abs(float64(angle)-want) > limit {
			t.Fatalf("point %d: %g, want %g", k, angle, want)
		}
	}
	// Across the antimeridian, and of one column.
	if got := turns([]flight.Point{{Lat: 10, Lon: 179.9}, {Lat: 10, Lon: -179.9}}, 2); math.Abs(float64(got[0])) > 1e-3 {
		t.Errorf("angle %v", got)
	}
}
