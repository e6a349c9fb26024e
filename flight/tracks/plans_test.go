package tracks

import (
	"strings"
	"testing"

	"breakeven/flight"
)

// Plans by flight or by a table, and what is wrong with them. All have a flight A of two fixes.
func TestPlans(t *testing.T) {
	const airports = "ident,iata_code,latitude_deg,longitude_deg\nKIAH,IAH,29.98,-95.34\nKBOS,BOS,42.36,-71\nXXXX,,,\n"
	long := flight.Plan{{Lat: 29.98, Lon: -95.34}, {Lat: 35, Lon: -90}, {Lat: 42.36, Lon: -71}}
	for name, test := range map[string]struct {
		plans, planOf, airports string
		want                    flight.Plan
		warning                 string
	}{
		"by flight":      {"flight_id,seq,lat,lon\nA,2,42.36,-71\nA,0,29.98,-95.34\nA,1,35,-90\n", "", "", long, ""},
		"in file order":  {"flight_id,lat,lon\nA,29.98,264.66\nA,35,-90\nA,35,-90\nA,42.36,-71\n", "", "", long, ""},
		"by plan":        {"plan_id,seq,lat_deg,lon_deg\nP,0,29.98,-95.34\nP,1,35,-90\nP,2,42.36,-71\n", "flight_id,plan_id\nA,P\n", "", long, ""},
		"names":          {"flight_id,waypoint,lat,lon\nA,iah,,\nA,,35,-90\nA,KBOS,,\n", "", airports, long, ":4: an airport without a position on the globe is left out"},
		"unknown":        {"flight_id,waypoint\nA,IAH\nA,ZZZ\n", "", airports, nil, `:3: the waypoint "ZZZ" is unknown; its plan is left out`},
		"no airports":    {"flight_id,waypoint\nA,IAH\nA,ZZZ\n", "", "", nil, `:2: a waypoint "IAH" without a position, and no table of airports is given; its plan is left out`},
		"many unknown":   {"flight_id,waypoint\nA,ZZZ\nA,YYY\n", "", airports, nil, `:2: the waypoint "ZZZ" is unknown; its plan is left out (2 times)`},
		"unknown in two": {"flight_id,waypoint\nA,ZZZ\nA,YYY\nB,ZZZ\n", "", airports, nil, `:2: the waypoint "ZZZ" is unknown; its plan is left out (3 times, in 2 plans)`},
		"one point":      {"flight_id,lat,lon\nA,29.98,-95.34\nA,29.98,-95.34\n", "", "", nil, ":2: a plan of one point is left out"},
		"no position":    {"flight_id,lat,lon\nA,29.98,-95.34\nA,,\n", "", "", nil, ":3: a waypoint without a position; its plan is left out"},
		"off the globe":  {"flight_id,lat,lon\nA,-95.34,29.98\nA,40,40\n", "", "", nil, ":2: a waypoint that is not on the globe; its plan is left out"},
		"same place":     {"flight_id,seq,lat,lon\nA,0,29.98,-95.34\nA,1,35,-90\nA,1,36,-90\nA,2,42.36,-71\n", "", "", long, ":4: a second waypoint of one place in the order is left out"},
		"another":        {"flight_id,lat,lon\nB,29.98,-95.34\nB,40,40\n", "", "", nil, "no plan for 1 of 1 flights"},
		"two plans":      {"plan_id,lat,lon\nP,29.98,-95.34\nP,35,-90\nP,42.36,-71\n", "flight_id,plan_id\nA,P\nA,Q\n", "", long, ":3: a second plan of one flight is left out"},
	} {
		files := Files{Tracks: put(t, "t.csv", csv(header, fixes("A", 0, 2)...)), Plans: put(t, "p.csv", test.plans)}
		if test.planOf != "" {
			files.PlanOf = put(t, "of.csv", test.planOf)
		}
		if test.airports != "" {
			files.Airports = put(t, "airports.csv", test.airports)
		}
		s := mustRead(t, files)
		got := s.Flights[0].Plan
		same := len(got) == len(test.want)
		for i := range got {
			same = same && (got[i].Lat == test.want[i].Lat) && got[i].Lon-test.want[i].Lon < 1e-9 && test.want[i].Lon-got[i].Lon < 1e-9
		}
		if !same {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if all := strings.Join(s.Warnings, "\n"); test.warning == "" && all != "" || !strings.Contains(all, test.warning) {
			t.Errorf("%s: %q, want %q", name, all, test.warning)
		}
	}
}

func TestErrorsOfPlans(t *testing.T) {
	tracks := put(t, "t.csv", csv(header, fixes("A", 0, 2)...))
	for want, files := range map[string]Files{
		"no column names the plan: plan_id or flight_id": {Plans: put(t, "p.csv", "lat,lon\n1,2\n")},
		"no column lat_deg, lon_deg or waypoint":         {Plans: put(t, "p.csv", "flight_id,seq\nA,2\n")},
		"and no table says which flight has which":       {Plans: put(t, "p.csv", "plan_id,lat,lon\nP,1,2\n")},
		"no column with the codes of airports":           {Plans: put(t, "p.csv", "flight_id,waypoint\nA,IAH\n"), Airports: put(t, "a.csv", "lat,lon\n1,2\n")},
		"no column plan_id":                              {Plans: put(t, "p.csv", "plan_id,lat,lon\nP,1,2\n"), PlanOf: put(t, "of.csv", "flight_id,x\nA,P\n")},
	} {
		files.Tracks = tracks
		if _, err := Read(files, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// The table of plans also says which flights are test data.
func TestMarkedTestFlights(t *testing.T) {
	s := mustRead(t, Files{Tracks: put(t, "t.csv", csv(header, append(fixes("A", 0, 2), fixes("B", 0, 2)...)...)),
		Plans: put(t, "p.csv", "plan_id,lat,lon\nP,1,2\nP,3,4\n"), PlanOf: put(t, "of.csv", "flight_id,plan_id,is_official_test\nA,P,0\nB,P,1\n")})
	if len(s.Test) != 1 || !s.Test["B"] {
		t.Errorf("test flights %v", s.Test)
	}
}
