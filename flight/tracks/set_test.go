package tracks

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"breakeven/flight"
)

// put writes a file and returns its name.
func put(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// csv is a table of tracks: a header and n fixes of a flight to the east, 4 nmi in a minute.
func csv(header string, rows ...string) string {
	return header + "\n" + strings.Join(rows, "\n") + "\n"
}

const header = "flight_id,timestamp,latitude,longitude,altitude"

// fixes returns rows of a flight from a minute on.
func fixes(id string, from, n int) (rows []string) {
	for i := from; i < from+n; i++ {
		rows = append(rows, fmt.Sprintf("%s,%d,40,%.4f,%d", id, 60*i, 10+0.08*float64(i), 30000))
	}
	return rows
}

func mustRead(t testing.TB, files Files) *Set {
	t.Helper()
	s, err := Read(files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The same flight in the columns of several programs.
func TestColumns(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, csv("flight_id,unix_time_s,lat_deg,lon_deg,altitude_ft,groundspeed_kt,track_deg", "A,1375317360,29.95,-95.3,1000,216,106", "A,1375317420,29.93,-95.2,2900,260,90"))
	z.Close()
	for name, text := range map[string]string{
		"shared.csv.gz": zipped.String(),
		"traffic.csv":   csv("timestamp,icao24,callsign,latitude,longitude,altitude,groundspeed", "2013-08-01T00:36:00Z,a1b2c3,UAL12 ,29.95,-95.3,1000,216", "2013-08-01 00:37:00,a1b2c3,UAL12 ,29.93,-95.2,2900,260"),
		"opensky.csv":   csv("time,icao24,lat,lon,baroaltitude", "1375317360,a1b2c3,29.95,-95.3,304.8", "1375317420,a1b2c3,29.93,-95.2,883.92"),
		"levels.tsv":    strings.ReplaceAll(csv("Flight_ID,t,LAT,lng,FL", "A,1375317360,29.95,264.7,10", "A,1375317420,29.93,264.8,29"), ",", "\t"),
	} {
		s := mustRead(t, Files{Tracks: put(t, name, text)})
		if len(s.Flights) != 1 || len(s.Flights[0].Fixes) != 2 || !s.Vertical || len(s.Warnings) > 0 {
			t.Errorf("%s: %v", name, s)
			continue
		}
		want := flight.Fix{Time: 1375317420, Point: flight.Point{Lat: 29.93, Lon: -95.2}, Alt: 2900}
		got := s.Flights[0].Fixes[1]
		if got.Time != want.Time || got.Lat != want.Lat || math.Abs(got.Lon-want.Lon) > 1e-9 || math.Abs(got.Alt-want.Alt) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestParquet(t *testing.T) {
	type fix struct {
		FlightID  string  `parquet:"flight_id"`
		Timestamp int64   `parquet:"timestamp,timestamp(millisecond)"`
		Latitude  float64 `parquet:"latitude"`
		Longitude float32 `parquet:"longitude"`
		Altitude  *int32  `parquet:"altitude,optional"`
	}
	high := int32(30000)
	path := filepath.Join(t.TempDir(), "flights.parquet")
	rows := []fix{{"A", 60_000, 50, 8, &high}, {"B", 60_000, 50, 9, nil}, {"A", 120_500, 50, 8.125, &high}, {"B", 120_000, 95, 9, nil}, {"B", 180_000, 50, 9.125, nil}}
	if err := parquet.WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
	s := mustRead(t, Files{Tracks: path})
	if len(s.Flights) != 2 || s.Flights[0].Fixes[1] != (flight.Fix{Time: 120.5, Point: flight.Point{Lat: 50, Lon: 8.125}, Alt: 30000}) {
		t.Errorf("%v", s.Flights)
	}
	want := path + ": row 3: a position that is not on the globe is left out; are latitude and longitude mixed up?"
	if s.Warnings[0] != want {
		t.Errorf("warnings %q, want %q first", s.Warnings, want)
	}
}

// Each fault is one warning with its place, and the flight beside it is untouched.
func TestFaultsOfTracks(t *testing.T) {
	good := fixes("good", 0, 10)
	for name, test := range map[string]struct {
		rows  []string // lines from 12 on
		fixes int      // of the flight "bad" that are left; 0 if it is left out
		want  string
	}{
		"fine":        {fixes("bad", 0, 5), 5, ""},
		"order":       {append(fixes("bad", 3, 3), fixes("bad", 0, 3)...), 6, ":15: a fix that is earlier than the one before; fixes are put in order"},
		"same time":   {append(fixes("bad", 0, 3), fixes("bad", 2, 2)...), 4, ""},
		"two places":  {append(fixes("bad", 0, 3), "bad,120,40.5,10,30000"), 3, ":15: a second position at one time is left out"},
		"jump":        {append(append(fixes("bad", 0, 3), "bad,180,50,10,30000"), fixes("bad", 4, 4)...), 7, ":15: a position that no aircraft reaches at 1000 kt is left out"},
		"first jumps": {append([]string{"bad,-60,-40,100,30000"}, fixes("bad", 0, 4)...), 4, ":12: a position that no aircraft reaches at 1000 kt is left out"},
		"gap":         {append(fixes("bad", 0, 3), fixes("bad", 60, 4)...), 4, ":15: no fix for over 30 min before this one; the longest part of the flight is kept"},
		"one fix":     {fixes("bad", 0, 1), 0, ":12: a flight of fewer than two fixes is left out"},
		"no position": {append(fixes("bad", 0, 3), "bad,180,,10,30000", "bad,240,40,NA,30000"), 3, ":15: a fix without a position is left out (2 times)"},
		"no time":     {append(fixes("bad", 0, 3), "bad,,40,10,30000"), 3, ":15: a fix without a time is left out"},
		"no flight":   {append(fixes("bad", 0, 3), ",200,40,10,30000"), 3, ":15: a fix of no flight is left out"},
		"swapped":     {append(fixes("bad", 0, 3), "bad,180,-95,40,30000"), 3, ":15: a position that is not on the globe is left out; are latitude and longitude mixed up?"},
		"altitude":    {append(fixes("bad", 0, 3), "bad,180,40,10.24,"), 4, ":15: a missing altitude is filled in from those before and after"},
		"high":        {append(fixes("bad", 0, 3), "bad,180,40,10.24,999999"), 4, ":15: an altitude that is not believed is left out"},
		"spike":       {append(append(fixes("bad", 0, 3), "bad,180,40,10.24,0"), fixes("bad", 4, 3)...), 7, ":15: an altitude that is not believed is left out"},
		"far after":   {append(fixes("bad", 0, 3), "bad,180,50,10,30000", "bad,240,50,10,30000", "bad,300,50,10,30000"), 3, ":15: a position that no aircraft reaches at 1000 kt is left out (3 times)"},
		"none":        {[]string{"bad,0,40,10,", "bad,60,40,10.08,"}, 2, ":12: a flight without altitudes; its vertical part is left out"},
	} {
		path := put(t, "t.csv", csv(header, append(append([]string{}, good...), test.rows...)...))
		s := mustRead(t, Files{Tracks: path})
		if len(s.Flights[0].Fixes) != 10 || s.Flights[0].Fixes[9].Time != 540 {
			t.Errorf("%s: the good flight is %v", name, s.Flights[0])
		}
		left := 0
		if len(s.Flights) > 1 {
			left = len(s.Flights[1].Fixes)
			for i, f := range s.Flights[1].Fixes {
				if i > 0 && f.Time <= s.Flights[1].Fixes[i-1].Time {
					t.Errorf("%s: times do not rise", name)
				}
				if name != "none" && f.Alt != 30000 {
					t.Errorf("%s: altitude %v", name, f.Alt)
				}
			}
		}
		if left != test.fixes {
			t.Errorf("%s: %d fixes, want %d", name, left, test.fixes)
		}
		switch {
		case test.want == "" && len(s.Warnings) > 0, test.want != "" && (len(s.Warnings) == 0 || s.Warnings[0] != path+test.want):
			t.Errorf("%s: %q, want %q", name, s.Warnings, test.want)
		}
	}
}

// What is no table of flights is one error.
func TestErrorsOfTracks(t *testing.T) {
	for want, text := range map[string]string{
		"no column timestamp (or unix_time_s, ":                         "flight_id,lat,lon\nA,1,2\n",
		"no column lat_deg (or latitude, ":                              "flight_id,time,lon\nA,1,2\n",
		"no column names the flight: flight_id, or icao24 and callsign": "time,lat,lon\n1,2,3\n",
		"column timestamp: times look like milliseconds since 1970":     csv(header, "A,1375317360000,40,10,0"),
		":3: column latitude: \"x\" is no number":                       csv(header, "A,0,40,10,0", "A,60,x,10,0"),
		"no flight is left; the first fault: ":                          csv(header, "A,0,40,10,0"),
		"no flights in it":                                              header + "\n",
		"it has 4 fields, and the header has 5":                         csv(header, "A,0,40,10"),
	} {
		if _, err := Read(Files{Tracks: put(t, "t.csv", text)}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Read(Files{Tracks: "missing.csv"}, Options{}); err == nil || !os.IsNotExist(unwrapped(err)) {
		t.Errorf("a missing file: %v", err)
	}
}

func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if _, ok := err.(*os.PathError); ok {
			return err
		}
		err = u.Unwrap()
	}
}

// That no flight has an altitude is said once.
func TestNoAltitudes(t *testing.T) {
	path := put(t, "t.csv", csv(header, "A,0,40,10,", "A,60,40,10.08,", "B,0,40,10,NA", "B,60,40,10.08,"))
	s := mustRead(t, Files{Tracks: path})
	if want := path + ": no altitudes, so that vertical predictions and errors are left out"; s.Vertical || len(s.Warnings) != 1 || s.Warnings[0] != want {
		t.Errorf("%q", s.Warnings)
	}
}

// Without names of flights an aircraft's fixes are cut where it was on the ground.
func TestCutAtGaps(t *testing.T) {
	var rows []string
	for _, from := range []int{0, 100} {
		for i := from; i < from+4; i++ {
			rows = append(rows, fmt.Sprintf("abc,%d,40,%.2f", 60*i, 10+0.05*float64(i)))
		}
	}
	s := mustRead(t, Files{Tracks: put(t, "t.csv", csv("icao24,time,lat,lon", rows...))})
	if len(s.Flights) != 2 || s.Flights[0].ID != "abc_0" || s.Flights[1].ID != "abc_1" || len(s.Flights[1].Fixes) != 4 {
		t.Errorf("%v", s.Flights)
	}
	if s.Vertical || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "no altitudes") {
		t.Errorf("warnings %q", s.Warnings)
	}
}

// A flight at 450 kt is not at 10,000 ft for half an hour.
func TestUnitsInDoubt(t *testing.T) {
	for name, test := range map[string]struct {
		column   string
		altitude int
		want     string
	}{
		"feet":   {"altitude", 35000, ""},
		"metres": {"altitude", 10668, "altitudes look like metres, and are taken as feet; name the column altitude_m"},
		"levels": {"altitude_ft", 350, "altitudes look like flight levels, and are taken as feet; name the column flight_level"},
		"both":   {"altitude_m", 35000 / 2, "altitudes look like feet, and are taken as metres; name the column altitude_ft"},
	} {
		var rows []string
		for i := range 30 {
			rows = append(rows, fmt.Sprintf("A,%d,40,%.2f,%d", 60*i, 10+0.163*float64(i), test.altitude))
		}
		s := mustRead(t, Files{Tracks: put(t, "t.csv", csv("flight_id,time,lat,lon,"+test.column, rows...))})
		if got := strings.Join(s.Warnings, "; "); test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// A track across the antimeridian has no jump, and one over the pole neither.
func TestSeams(t *testing.T) {
	var rows []string
	for i := range 10 {
		rows = append(rows, fmt.Sprintf("A,%d,40,%.2f,0", 60*i, 179.5+0.15*float64(i)))
		lat, lon := 89.5+0.13*float64(i), 20.0
		if lat > 90 {
			lat, lon = 180-lat, 200
		}
		rows = append(rows, fmt.Sprintf("B,%d,%.2f,%.0f,0", 60*i, lat, lon))
	}
	s := mustRead(t, Files{Tracks: put(t, "t.csv", csv(header, rows...))})
	if len(s.Warnings) > 0 || len(s.Flights) != 2 || len(s.Flights[0].Fixes) != 10 || len(s.Flights[1].Fixes) != 10 {
		t.Fatalf("%v", s)
	}
	if mid := At(s.Flights[0].Track, 210); math.Abs(mid.Lon+179.975) > 1e-6 {
		t.Errorf("between 179.95 and −179.9: %v", mid.Lon)
	}
	if mid := At(s.Flights[1].Track, 210); math.Abs(mid.Lat-89.955) > 1e-6 {
		t.Errorf("between 89.89 and 89.98 on the other side: %v", mid)
	}
}
