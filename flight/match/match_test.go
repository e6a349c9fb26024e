package match

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"breakeven/flight"
	"breakeven/flight/weather"
	"breakeven/internal/testenv"
	"breakeven/rng"
)

const oneFile = "../weather/grib2/testdata/small.grib2" // 2013-08-01 09:00, 250 hPa, 12 × 9 points, 81 km apart

// air opens the small file.
func air(t testing.TB) *weather.Atmosphere {
	t.Helper()
	a, err := weather.Open(weather.Options{}, oneFile)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// storms returns storms around 09:00 and 10:00 of that day, on the grid 218.
func storms(t testing.TB) *weather.Storms {
	t.Helper()
	s, err := readStorms()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var readStorms = sync.OnceValues(func() (*weather.Storms, error) {
	dir, err := os.MkdirTemp("", "storms")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "s.csv")
	text := "unix_time_s,alt_kft,start,len\n1375347600,35,0,40000\n1375347600,60,40000,20000\n1375351200,20,0,138934\n"
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		return nil, err
	}
	return weather.OpenStorms(weather.Options{}, name)
})

// over returns points near the first points of the small grid and of the grid 218.
func over(n int) []Point {
	r := rng.New(3, "points")
	points := make([]Point, n)
	for i := range points {
		p := &points[i]
		p.Time = 1375347600 + 7200*r.Float64()
		p.Lat, p.Lon, p.Alt = 14+8*r.Float64(), -130+8*r.Float64(), 40000*r.Float64()
		p.Azimuth = 360 * r.Float64()
	}
	return points
}

func match(t testing.TB, m *Matcher, points []Point) []float32 {
	t.Helper()
	cubes := make([]float32, len(points)*Size)
	if err := m.MatchTo(cubes, points); err != nil {
		t.Fatal(err)
	}
	return cubes
}

// same compares bit by bit, except that all NaN are the same.
func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// The direction of a point is that from the fix before, and of the first to the plan's end.
func TestAlong(t *testing.T) {
	at := func(lat, lon float64) flight.Fix { return flight.Fix{Point: flight.Point{Lat: lat, Lon: lon}} }
	f := flight.Flight{
		Track: flight.Track{Fixes: []flight.Fix{at(0, 0), at(0, 1), at(0, 1), at(-1, 1)}},
		Plan:  flight.Plan{{Lat: 0, Lon: 3}, {Lat: 5, Lon: 5}, {Lat: 9, Lon: 0}},
	}
	for _, c := range []struct {
		official bool
		want     [4]float64
	}{{false, [4]float64{0, 90, 90, 180}}, {true, [4]float64{0, 90, 0, 180}}} {
		for i, p := range Along(nil, &f, c.official) {
			if p.Fix != f.Fixes[i] || math.Abs(p.Azimuth-c.want[i]) > 1e-5 {
				t.Errorf("official %t: point %d looks to %g, want %g", c.official, i, p.Azimuth, c.want[i])
			}
		}
	}
	f.Plan[2] = flight.Point{Lat: 0, Lon: -9}
	if p := Along(nil, &f, false)[0]; math.Abs(p.Azimuth+90) > 1e-5 {
		t.Errorf("the first point looks to %g", p.Azimuth)
	}
	f.Plan = nil
	if p := Along(nil, &f, false)[0]; math.Abs(p.Azimuth) > 1e-5 {
		t.Errorf("without a plan the first point looks to %g", p.Azimuth)
	}
}

// Cells lie at their distances and directions on the sphere, also around the pole and across 180
// degrees east.
func TestCells(t *testing.T) {
	s := newSquare(false)
	for _, at := range []flight.Point{{Lat: 40, Lon: -100}, {Lat: 89.5, Lon: 20}, {Lat: -10, Lon: 179.9}, {Lat: -90, Lon: 0}} {
		p := Point{Fix: flight.Fix{Point: at}, Azimuth: 70}
		h := s.at(&p)
		for k := range Rows * Cols {
			q := s.cell(&h, k)
			x, y := 2*float64(k%Cols)/(Cols-1), 2*float64(k/Cols)/(Rows-1)-1
			here := onSphere(at)
			if arc := 2 * math.Asin(math.Sqrt(apart(&q, &here))/2) / degree; math.Abs(arc-math.Hypot(x, y)) > 1e-9 {
				t.Fatalf("cell %d of %v is %g degrees away, want %g", k, at, arc, math.Hypot(x, y))
			}
			if math.Abs(at.Lat) == 90 || math.Hypot(x, y) < 1e-3 {
				continue
			}
			to := flight.Point{Lat: math.Asin(q[2]) / degree, Lon: math.Atan2(q[1], q[0]) / degree}
			if want := 70 - math.Atan2(y, x)/degree; math.Abs(math.Remainder(onGlobe(at, to)-want, 360)) > 1e-6 {
				t.Fatalf("cell %d of %v lies at %g degrees, want %g", k, at, onGlobe(at, to), want)
			}
		}
	}
}

// Each cell has the numbers of the grid's nearest point, found by a look at all of them, and none
// outside the grid.
func TestCubes(t *testing.T) {
	a, s := air(t), storms(t)
	var l weather.Layer
	if err := a.Read(0, 0, &l); err != nil {
		t.Fatal(err)
	}
	m := New(a, s, Options{})
	places := func(g *weather.Grid) (list [][3]float64) {
		for _, p := range g.Points {
			list = append(list, onSphere(p))
		}
		return list
	}
	ofAir, ofStorms := places(a.Grid), places(s.Grid)
	nearest := func(places [][3]float64, q *[3]float64) (best int, arc float64) {
		least := math.Inf(1)
		for i := range places {
			if d := apart(q, &places[i]); d < least {
				best, least = i, d
			}
		}
		return best, math.Sqrt(least) / degree
	}
	inside, stormy := 0, 0
	for _, p := range over(12) {
		p.Alt, p.Time = 34000, 1375347600+600
		cube := match(t, m, []Point{p})
		h := m.square.at(&p)
		for k := 0; k < Rows*Cols; k += 17 {
			q, c := m.square.cell(&h, k), cube[k*Channels:][:Channels]
			at, arc := nearest(ofAir, &q)
			if known := c[2] == c[2]; known != (arc < 0.98) && math.Abs(arc-0.98) > 0.1 { // 1.4 · 78 km, true at 12 degrees
				t.Errorf("a cell %g degrees away from the grid: known %t", arc, known)
			} else if known {
				inside++
				if !same(c[1:], []float32{l.Temperature[at], l.East[at], l.North[at]}) {
					t.Errorf("cell %d has %v, its nearest point %g, %g, %g", k, c, l.Temperature[at], l.East[at], l.North[at])
				}
			}
			at, arc = nearest(ofStorms, &q)
			want := float32(0)
			if at < 40000 && arc < 0.1 { // tops of 35,000 ft count, and those of 60,000 do not
				want = 1
				stormy++
			}
			if c[0] != want && !(arc > 0.1 && arc < 0.35) {
				t.Errorf("cell %d has storm %g, want %g at point %d, %g degrees away", k, c[0], want, at, arc)
			}
		}
	}
	if inside < 30 || stormy < 3 {
		t.Errorf("only %d cells are inside the grid, %d of them in storms", inside, stormy)
	}
}

// One search serves air and storms on the same points: the cubes are those of two matchers, one for
// each.
func TestOneGrid(t *testing.T) {
	a := air(t)
	name := filepath.Join(t.TempDir(), "s.csv")
	if err := os.WriteFile(name, []byte("unix_time_s,alt_kft,start,len\n1375347600,35,30,50\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := weather.OpenStorms(weather.Options{StormGrid: &weather.Grid{Points: slices.Clone(a.Grid.Points)}}, name)
	if err != nil {
		t.Fatal(err)
	}
	points := over(40)
	both, want, stormy := match(t, New(a, s, Options{}), points), match(t, New(a, nil, Options{}), points), match(t, New(nil, s, Options{}), points)
	n := 0
	for i := 0; i < len(want); i += Channels {
		want[i] = stormy[i]
		n += int(want[i])
	}
	if !same(both, want) || n == 0 {
		t.Errorf("other cubes, %d cells with storms", n)
	}
}

// A cube is the same bits on any number of cores, with little memory and with much, in any order
// and company.
func TestSameBits(t *testing.T) {
	points := over(60)
	want := match(t, New(air(t), storms(t), Options{}), points)
	testenv.OnProcessors(t, func(when string) {
		for _, memory := range []int64{1, 1 << 30} {
			m := New(air(t), storms(t), Options{Memory: memory})
			if !same(match(t, m, points), want) {
				t.Errorf("other cubes %s and %d bytes", when, memory)
			}
		}
	})
	m := New(air(t), storms(t), Options{Memory: 1})
	for i := len(points) - 1; i >= 0; i-- {
		if !same(match(t, m, points[i:i+1]), want[i*Size:][:Size]) {
			t.Fatalf("another cube of point %d alone", i)
		}
	}
}

// Matching at every step of a prediction allocates nothing.
func TestNoAllocation(t *testing.T) {
	m := New(air(t), storms(t), Options{})
	points := over(27)
	cubes := make([]float32, len(points)*Size)
	if n := testing.AllocsPerRun(5, func() {
		if err := m.MatchTo(cubes, points); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

// What is not known is NaN, and no storm.
func TestUnknown(t *testing.T) {
	m := New(air(t), storms(t), Options{})
	known := make([]Point, 2) // one inside each grid
	known[0].Fix = flight.Fix{Time: 1375347600, Point: flight.Point{Lat: 15, Lon: -130}, Alt: 34000}
	known[1].Fix = flight.Fix{Time: 1375347600, Point: flight.Point{Lat: 24, Lon: -96}, Alt: 34000}
	for name, change := range map[string]func(p *Point){
		"too late":      func(p *Point) { p.Time += 3 * 3600 },
		"too early":     func(p *Point) { p.Time -= 3 * 3600 },
		"another ocean": func(p *Point) { p.Lat, p.Lon = -p.Lat, p.Lon+180 },
		"nowhere":       func(p *Point) { p.Lat = math.NaN() },
	} {
		points := slices.Clone(known)
		change(&points[0])
		change(&points[1])
		for i, x := range match(t, m, points) {
			if i%Channels == 0 && x != 0 || i%Channels > 0 && x == x {
				t.Fatalf("%s: number %d of the cubes is %g", name, i, x)
			}
		}
		if err := m.Check(points); err == nil || !strings.Contains(err.Error(), oneFile+": the air is from 2013-08-01 09:00 UTC") {
			t.Errorf("%s: error %v", name, err)
		}
		points = append(points, known...)
		if c := m.Cover(points); c != (Coverage{4, 1, 1}) {
			t.Errorf("%s: %+v", name, c)
		}
		if err := m.Check(points); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without an altitude the level is unknown, and a storm of any height counts.
	known[0].Alt, known[1].Alt = math.NaN(), math.NaN()
	if cubes := match(t, m, known); cubes[1] == cubes[1] || cubes[Size] != 1 {
		t.Errorf("without an altitude: %v and %v", cubes[:Channels], cubes[Size:][:Channels])
	}
	if none := match(t, New(nil, nil, Options{}), known); none[0] != 0 || none[3] == none[3] {
		t.Errorf("without weather: %v", none[:Channels])
	}
	if err := New(nil, storms(t), Options{}).Check([]Point{{}}); err == nil || !strings.Contains(err.Error(), "the storms are from") {
		t.Errorf("error %v", err)
	}
}

// A file that cannot be read any more is an error, and leaves the Matcher sound. What was read once
// is not read again.
func TestLostFile(t *testing.T) {
	file, err := os.ReadFile(oneFile)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "w.grib2")
	if err := os.WriteFile(name, file, 0o666); err != nil {
		t.Fatal(err)
	}
	a, err := weather.Open(weather.Options{}, name)
	if err != nil {
		t.Fatal(err)
	}
	m, points := New(a, nil, Options{}), over(5)
	cubes := make([]float32, len(points)*Size)
	if err := os.Rename(name, name+".away"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.MatchTo(cubes, points); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v", err)
		}
	}
	if err := os.Rename(name+".away", name); err != nil {
		t.Fatal(err)
	}
	want := match(t, New(air(t), nil, Options{}), points)
	if !same(match(t, m, points), want) {
		t.Error("other cubes afterwards")
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if !same(match(t, m, points), want) {
		t.Error("other cubes of what is in memory")
	}
}

// Normalised numbers have mean 0 and deviation 1 in every cell, as far as they are known and differ,
// in whatever parts the cubes come. They lie channel by channel.
func TestNorm(t *testing.T) {
	points := over(200)
	m := New(air(t), storms(t), Options{})
	cubes, got := match(t, m, points), make([]float32, Size)
	var all, parts Moments
	all.Add(cubes)
	parts.Add(cubes[:70*Size])
	parts.Add(cubes[70*Size:])
	norm := parts.Norm()
	if *norm != *all.Norm() {
		t.Error("the parts have another norm")
	}
	var count, sum, squares [Size]float64
	for ; len(cubes) > 0; cubes = cubes[Size:] {
		norm.Apply(got, cubes[:Size])
		for i, was := range cubes[:Size] {
			x := got[i%Channels*Rows*Cols+i/Channels]
			switch {
			case i%Channels == 0 && x != was:
				t.Fatal("a storm is normalised")
			case was != was && x != 0:
				t.Fatalf("an unknown number becomes %g", x)
			case was == was:
				count[i]++
				sum[i] += float64(x)
				squares[i] += float64(x) * float64(x)
			}
		}
	}
	for i, n := range count {
		if i%Channels > 0 && n > 1 && (math.Abs(sum[i]/n) > 1e-4 || math.Abs(squares[i]/n-1) > 1e-4) {
			t.Fatalf("number %d has mean %g and mean square %g", i, sum[i]/n, squares[i]/n)
		}
	}
	empty := new(Moments).Norm()
	if empty.Mean[0] != 0 || empty.Deviation[0] != 1 {
		t.Error("the norm of nothing")
	}
}
