package weather

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakeven/flight"
)

// write puts a text into a file of a new folder.
func write(t testing.TB, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func openAll(t *testing.T, o Options, names ...string) *Atmosphere {
	t.Helper()
	a, err := Open(o, names...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func layerOf(t *testing.T, a *Atmosphere, at, level int) *Layer {
	t.Helper()
	l := new(Layer)
	if err := a.Read(at, level, l); err != nil {
		t.Fatal(err)
	}
	return l
}

func near(a float32, b float64) bool { return math.Abs(float64(a)-b) < 1e-4 }

// A file of GRIB2 gives its grid, its time and levels; winds along the grid's axes are turned,
// unless they are wanted as they are stored, and turning keeps their speed.
func TestOpenGRIB(t *testing.T) {
	const name = "grib2/testdata/small.grib2"
	a, stored := openAll(t, Options{}, name), openAll(t, Options{AsStored: true}, name)
	if a.Grid.Len() != 108 || len(a.Times) != 1 || a.Times[0].Unix != 1375347600 || len(a.Times[0].Levels) != 1 || a.Times[0].Levels[0] != 250 || a.Times[0].File != name {
		t.Errorf("%d points, times %+v", a.Grid.Len(), a.Times)
	}
	l, raw := layerOf(t, a, 0, 0), layerOf(t, stored, 0, 0)
	for k := range raw.East {
		i, j := k%12, k/12
		u, v := -10+float64(400-20*j+i)/10, -20+float64(30+(i-5)*(i-5))/2
		if !near(raw.East[k], u) || !near(raw.North[k], v) || !near(l.Temperature[k], 225+float64(34+3*i-2*j+i*j%5)/10) && k != 50 {
			t.Fatalf("point %d: %g K, wind %g, %g", k, l.Temperature[k], raw.East[k], raw.North[k])
		}
		// At 133 degrees west x points 16 degrees north of east: sin 25° · 38.5°.
		angle := math.Sin(25*math.Pi/180) * (a.Grid.Points[k].Lon + 95) * math.Pi / 180
		east, north := u*math.Cos(angle)+v*math.Sin(angle), v*math.Cos(angle)-u*math.Sin(angle)
		if !near(l.East[k], east) || !near(l.North[k], north) {
			t.Fatalf("point %d: wind %g, %g to the east and north, want %g, %g", k, l.East[k], l.North[k], east, north)
		}
	}
	if l.Temperature[50] == l.Temperature[50] {
		t.Errorf("a missing value is %g", l.Temperature[50])
	}
}

// NetCDF files of another program: a sequence of times, and months of any year.
func TestOpenNetCDF(t *testing.T) {
	for _, name := range []string{"v1.nc", "v2.nc"} {
		a := openAll(t, Options{}, filepath.Join("netcdf/testdata", name))
		if a.Grid.Len() != 20 || len(a.Times) != 2 || a.Times[1].Unix != 1375358400 || len(a.Times[1].Levels) != 3 {
			t.Fatalf("%s: %d points, times %+v", name, a.Grid.Len(), a.Times)
		}
		if p := a.Grid.Points[7]; p.Lat != 44.25 || p.Lon != 286.5 {
			t.Errorf("%s: point 7 at %g, %g", name, p.Lat, p.Lon)
		}
		l := layerOf(t, a, 1, a.Times[1].Level(499))
		if x := 1112.0; !near(l.Temperature[7], 220+x/100) || !near(l.East[7], x/8-30) || !near(l.North[7], -x/16) {
			t.Errorf("%s: %g K, wind %g, %g", name, l.Temperature[7], l.East[7], l.North[7])
		}
	}
	c := openAll(t, Options{}, "testdata/climate.nc")
	for _, when := range []struct {
		time string
		want float32
	}{{"2013-08-10", 100}, {"2013-12-30", 0}, {"2020-03-01", 0}, {"1999-05-10", 100}} {
		at, err := time.Parse("2006-01-02", when.time)
		if err != nil {
			t.Fatal(err)
		}
		i, away := c.Nearest(float64(at.Unix()))
		if l := layerOf(t, c, i, c.Times[i].Level(210)); away != 0 || l.East[0] != when.want || l.Temperature[0] == l.Temperature[0] {
			t.Errorf("%s is like %g, %g away, %g K", when.time, l.East[0], away, l.Temperature[0])
		}
	}
}

// small is a table of two levels and four points.
const small = `unix_time_s,level_hpa,lat_deg,lon_deg,t_k,u_ms,v_ms
3600,200,10,20,220,1,2
3600,200,10,21,221,3,4
3600,500,10,21,261,7,
3600,500,10,20,260,5,6
`

// Rows of a table may come in any order of points, with values missing; the time may stand in the
// file's name.
func TestOpenCSV(t *testing.T) {
	check := func(name string, unix float64) {
		t.Helper()
		a := openAll(t, Options{}, name)
		if len(a.Times) != 1 || a.Times[0].Unix != unix || a.Grid.Len() != 2 {
			t.Fatalf("times %+v, %d points", a.Times, a.Grid.Len())
		}
		l := layerOf(t, a, 0, 1)
		if l.Temperature[0] != 260 || l.Temperature[1] != 261 || l.East[0] != 5 || l.North[0] != 6 || l.North[1] == l.North[1] {
			t.Errorf("layer %v", l)
		}
	}
	check(write(t, "w.csv", small), 3600)
	untimed := strings.ReplaceAll(strings.ReplaceAll(small, "unix_time_s,", ""), "3600,", "")
	check(write(t, "gfs_20170322T0630Z_crop.csv", untimed), 1490164200)
	if _, err := Open(Options{}, write(t, "w.csv", untimed)); err == nil || !strings.Contains(err.Error(), "no time is in its name") {
		t.Errorf("error %v", err)
	}
}

// Of two files that tell of the same time, the one with the later analysis counts, wherever it is
// named.
func TestLaterAnalysisCounts(t *testing.T) {
	file, err := os.ReadFile("grib2/testdata/small.grib2")
	if err != nil {
		t.Fatal(err)
	}
	// The analysis begins three hours later and the forecast is for its own time: the same valid time.
	const hour, forecast = 16 + 16, 21
	later := bytes.Clone(file)
	for at := 0; ; {
		i := bytes.Index(later[at:], []byte("GRIB"))
		if i < 0 {
			break
		}
		at += i + 4
		later[at-4+hour] = 9
	}
	four := []byte{0, 0, 0, 34, 4}
	for at := 0; ; {
		i := bytes.Index(later[at:], four)
		if i < 0 {
			break
		}
		at += i + 5
		later[at-5+forecast] = 0
	}
	first, second := "grib2/testdata/small.grib2", write(t, "later.grib2", string(later))
	for _, names := range [][]string{{first, second}, {second, first}} {
		if a := openAll(t, Options{}, names...); len(a.Times) != 1 || a.Times[0].File != second {
			t.Errorf("of %v %+v counts", names, a.Times)
		}
	}
}

// Nearest times and levels, and the earlier or the smaller of two that are equally near.
func TestNearest(t *testing.T) {
	a := &Atmosphere{Times: []Time{{Unix: 0, Levels: []float64{200, 300, 500}}, {Unix: 100}}}
	for x, want := range map[float64]int{-5: 0, 0: 0, 50: 0, 50.1: 1, 1000: 1} {
		if i, away := a.Nearest(x); i != want || away != math.Abs(x-a.Times[i].Unix) {
			t.Errorf("%g: %d, %g away", x, i, away)
		}
	}
	for x, want := range map[float64]int{1: 0, 250: 0, 251: 1, 401: 2, 2000: 2} {
		if i := a.Times[0].Level(x); i != want {
			t.Errorf("%g hPa: level %d", x, i)
		}
	}
	for alt, want := range map[float64]float64{0: 1013.25, 35000: 238.42, 18000: 505.97} { // the standard atmosphere's
		if p := Pressure(alt); math.Abs(p-want) > 0.2 {
			t.Errorf("%g ft: %g hPa, want %g", alt, p, want)
		}
	}
}

// The published grid has 138,934 points, in the published order.
func TestNAM218(t *testing.T) {
	g := NAM218()
	if g.Len() != 138934 {
		t.Fatalf("%d points", g.Len())
	}
	for _, p := range g.Points {
		if p.Lat < 22 || p.Lat > 52 || p.Lon < -130 || p.Lon > -64 {
			t.Fatalf("a point at %v", p)
		}
	}
	if p, q := g.Points[0], g.Points[1]; q.Lon <= p.Lon || math.Abs(q.Lat-p.Lat) > 0.05 {
		t.Errorf("the first points are %v and %v", p, q)
	}
}

// Storms cover runs of points, each with its top.
func TestStorms(t *testing.T) {
	s, err := OpenStorms(Options{}, write(t, "s.csv", "unix_time_s,alt_kft,start,len\n7200,35,3,2\n3600,60,138933,1\n7200,20,4,3\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Times) != 2 || len(s.Tops) != 3 {
		t.Fatalf("times %v, tops %v", s.Times, s.Tops)
	}
	at, away := s.Nearest(7000)
	set := make([]uint16, s.Grid.Len())
	s.Read(at, set)
	if away != 200 || set[2] != 0 || set[3] != 2 || set[4] != 3 || set[6] != 1 || set[7] != 0 || set[138933] != 0 {
		t.Errorf("%g away, sets %v", away, set[:8])
	}
	if s.Within(15, 55) != 3 || s.Within(35, 60) != 6 || s.Within(36, 59) != 0 {
		t.Error("sets of tops")
	}
}

// Storms and air are told apart by their columns.
func TestLoad(t *testing.T) {
	air, stormy := write(t, "a.csv", small), write(t, "b.csv", "unix_time_s,alt_kft,start,len\n7200,35,3,2\n")
	for _, c := range []struct {
		names      []string
		air, storm bool
	}{{[]string{air, stormy}, true, true}, {[]string{stormy, air}, true, true}, {[]string{stormy}, false, true}, {[]string{air}, true, false}} {
		a, s, err := Load(Options{}, c.names...)
		if err != nil || (a != nil) != c.air || (s != nil) != c.storm {
			t.Errorf("%v: %v, %v, %v", c.names, a, s, err)
		}
	}
	for _, names := range [][]string{nil, {stormy, stormy}, {stormy, "missing.csv"}, {air, t.TempDir()}} {
		if _, _, err := Load(Options{}, names...); err == nil {
			t.Errorf("%v: no error", names)
		}
	}
}

// Every bad file is one error with its name, and the line if it has lines.
func TestRefused(t *testing.T) {
	climate, err := os.ReadFile("testdata/climate.nc")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, text, want string }{
		{"a.bin", "", "it is empty"},
		{"a.bin", "hello", "neither GRIB2 nor NetCDF"},
		{"a.grib2", "\x1f\x8b\x08", "compressed by gzip"},
		{"a.grib2", "<!doctype html>", "web page"},
		{"a.grib2", "GRIB\x00\x00\x00\x01", "message 1 at byte 0"},
		{"a.nc", "\x89HDF\r\n", "NetCDF-4"},
		{"a.nc", string(climate[:700]), "truncated"},
		{"a.nc", strings.ReplaceAll(string(climate), "hPa", "ft\x00"), "neither time nor pressure"},
		{"a.nc", strings.ReplaceAll(string(climate), "degrees_north", "degrees_wests"), "not latitude and longitude"},
		{"a.nc", strings.ReplaceAll(string(climate), "m/s", "mph"), `unit "mph"`},
		{"a.csv", "level_hpa,lat_deg\n", "no column"},
		{"a.csv", strings.Replace(small, "500,10,21", "500,10,22", 1), "a.csv:4: 10, 22 is not among"},
		{"a.csv", strings.Replace(small, "500,10,21", "500,10,20", 1), "a.csv:5: the same time, level and point as in line 4"},
		{"a.csv", strings.Replace(small, "3600,500,10,21,261,7,\n", "", 1), "no line has the point 10, 21"},
		{"a.csv", small + "3600,600,10,20,1,1,1\n3600,601,10,20,1,1,1\n3600,602,10,20,1,1,1\n", "a.csv:8: with time 3600, level 602 hPa the times and levels are more"},
		{"a.csv", strings.Replace(small, "200", "-200", 1), "a.csv:2: a level of -200"},
		{"a.csv", strings.ReplaceAll(small, ",10,", ",100,"), "latitude 100"},
		{"a.csv", strings.Replace(small, "261", "warm", 1), "a.csv:4"},
		{"a.csv", "month,level_hpa,lat_deg,lon_deg,u_ms,v_ms\n13,200,1,2,3,4\n", "a.csv:2: 13 is no month"},
	} {
		name := write(t, c.file, c.text)
		if _, err := Open(Options{}, name); err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), name) != 1 {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	for text, want := range map[string]string{
		"1,35,138930,5\n": "s.csv:2: 5 points from number 138930",
		"1,35,3,0\n":      "s.csv:2: 0 points",
		"":                "no storms",
	} {
		if _, err := OpenStorms(Options{}, write(t, "s.csv", "unix_time_s,alt_kft,start,len\n"+text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Open(Options{}, "grib2/testdata/small.grib2", write(t, "a.csv", small)); err == nil || !strings.Contains(err.Error(), "another grid") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(Options{}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(Options{}, "missing.nc"); err == nil || !strings.Contains(err.Error(), "missing.nc") {
		t.Errorf("error %v", err)
	}
}

// A file that changes after it was opened is an error when it is read.
func TestCutLater(t *testing.T) {
	file, err := os.ReadFile("grib2/testdata/small.grib2")
	if err != nil {
		t.Fatal(err)
	}
	name := write(t, "w.grib2", string(file))
	a := openAll(t, Options{}, name)
	if err := os.Truncate(name, int64(len(file)-100)); err != nil {
		t.Fatal(err)
	}
	if err := a.Read(0, 0, new(Layer)); err == nil || !strings.HasPrefix(err.Error(), name+": message 2 at byte ") {
		t.Errorf("error %v", err)
	}
}

// Units of time.
func TestSince(t *testing.T) {
	for unit, want := range map[string][2]float64{
		"hours since 1900-01-01 00:00:0.0": {3600, -2208988800}, "days since 1970-1-1": {86400, 0}, "seconds since 1970-01-01t00:00:10z": {1, 10},
		"minutes since 2013-08-01 06:30 utc": {60, 1375338600},
	} {
		if factor, offset, err := since(unit, "standard"); err != nil || factor != want[0] || offset != want[1] {
			t.Errorf("%s: %g, %g, %v", unit, factor, offset, err)
		}
	}
	for _, unit := range []string{"fortnights since 1970-01-01", "hours since 1970", "hours since 1970-13-01", "hours since 1970-01-01 05:00 pm", " since "} {
		if _, _, err := since(unit, ""); err == nil {
			t.Errorf("%q is read", unit)
		}
	}
	if _, _, err := since("days since 1970-01-01", "noleap"); err == nil {
		t.Error("a year of 365 days is read")
	}
}

// FuzzOpen looks for tables and NetCDF files that break the readers.
func FuzzOpen(f *testing.F) {
	climate, err := os.ReadFile("testdata/climate.nc")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("w.nc", climate)
	f.Add("w.csv", []byte(small))
	f.Add("s.csv", []byte("unix_time_s,alt_kft,start,len\n7200,35,3,2\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		name := filepath.Join(dir, "w.bin")
		if strings.HasSuffix(kind, ".csv") {
			name = filepath.Join(dir, "w.csv")
		}
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
		if kind == "s.csv" {
			if s, err := OpenStorms(Options{Memory: 1 << 20, StormGrid: &Grid{Points: make([]flight.Point, 100)}}, name); err == nil {
				set := make([]uint16, 100)
				for i := range s.Times {
					s.Read(i, set)
				}
			}
			return
		}
		a, err := Open(Options{Memory: 1 << 20}, name)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") || !strings.Contains(err.Error(), name) {
				t.Errorf("error %q", err)
			}
			return
		}
		l := new(Layer)
		for i := range a.Times[:min(len(a.Times), 3)] {
			for j := range a.Times[i].Levels[:min(len(a.Times[i].Levels), 3)] {
				_ = a.Read(i, j, l)
			}
		}
	})
}
