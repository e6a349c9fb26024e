package tracks

import (
	"math"
	"testing"
	"testing/fstest"

	"breakeven/flight/geodesy"
)

// Whatever the files hold, the laws of a Set hold, or there is an error.
func FuzzReadFS(f *testing.F) {
	f.Add([]byte(csv(header, fixes("A", 0, 5)...)), []byte("flight_id,seq,lat,lon\nA,0,40,10\nA,1,41,11\n"))
	f.Add([]byte(csv(header, "A,0,90,180,0", "A,60,90,-180,", "A,120,-90,0,1e300")), []byte("flight_id,waypoint\nA,\n"))
	f.Add([]byte(csv("icao24,time,lat,lon,fl", "x,1e300,1,1,NaN", "x,-1e300,1,1,3")), []byte("plan_id,lat,lon\n"))
	f.Fuzz(func(t *testing.T, tracks, plans []byte) {
		fsys := fstest.MapFS{"t.csv": {Data: tracks}, "p.csv": {Data: plans}}
		s, err := ReadFS(fsys, Files{Tracks: "t.csv", Plans: "p.csv"}, Options{})
		if err != nil {
			return
		}
		for _, fl := range s.Flights {
			if len(fl.Fixes) < 2 || fl.ID == "" || len(fl.Plan) == 1 {
				t.Fatalf("flight %q of %d fixes and %d waypoints", fl.ID, len(fl.Fixes), len(fl.Plan))
			}
			for i, x := range fl.Fixes {
				if math.IsInf(x.Time, 0) || math.IsNaN(x.Time) || !(math.Abs(x.Lat) <= 90) || !(x.Lon >= -180 && x.Lon < 180) ||
					math.IsNaN(x.Alt) != math.IsNaN(fl.Fixes[0].Alt) || math.IsInf(x.Alt, 0) {
					t.Fatalf("fix %d is %v", i, x)
				}
				if i > 0 && (x.Time <= fl.Fixes[i-1].Time || x.Time-fl.Fixes[i-1].Time > 1800 || geodesy.Distance(x.Point, fl.Fixes[i-1].Point) > 3.001+1000*(x.Time-fl.Fixes[i-1].Time)/3600) {
					t.Fatalf("fix %d is %v, after %v", i, x, fl.Fixes[i-1])
				}
			}
		}
	})
}
