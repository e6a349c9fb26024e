package tracks

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"breakeven/data/table"
	"breakeven/flight/geodesy"
)

// The names of columns. Of several that a file has the first is taken.
var (
	idColumns       = []string{"flight_id", "flightid", "fid", "track_id"}
	aircraftColumns = []string{"icao24", "icao", "hexid", "hex"}
	callsignColumns = []string{"callsign", "call_sign", "flight", "ident", "acid"}
	timeColumns     = []string{"timestamp", "unix_time_s", "time", "timestamp_utc", "datetime", "date_time", "unix_time", "epoch", "t"}
	latColumns      = []string{"lat_deg", "latitude", "lat", "latitude_deg"}
	lonColumns      = []string{"lon_deg", "longitude", "lon", "lng", "long", "longitude_deg"}
	planColumns     = []string{"plan_id", "plan", "route_id"}
	seqColumns      = []string{"seq", "sequence", "order", "index", "i"}
	nameColumns     = []string{"waypoint", "ident", "airport", "name", "fix"}
	airportColumns  = []string{"iata_code", "iata", "icao_code", "icao", "gps_code", "ident", "airport", "code", "name"}
	splitColumns    = []string{"is_official_test", "is_test", "test"}
)

// altitudeColumns are the names of altitudes and what one unit is in feet.
var altitudeColumns = []struct {
	name string
	feet float64
}{
	{"altitude_ft", 1}, {"altitude", 1}, {"alt_ft", 1}, {"alt", 1}, {"baro_altitude_ft", 1}, {"geo_altitude_ft", 1},
	{"altitude_m", 1 / geodesy.Foot}, {"alt_m", 1 / geodesy.Foot}, {"baroaltitude", 1 / geodesy.Foot}, {"baro_altitude", 1 / geodesy.Foot},
	{"geoaltitude", 1 / geodesy.Foot}, {"geo_altitude", 1 / geodesy.Foot},
	{"flight_level", 100}, {"fl", 100},
}

// A row is one fix as the file has it.
type row struct {
	time, lat, lon, alt float64 // alt in feet
	at                  int     // row in the file
}

// read reads the fixes and sorts them into flights by their names.
func (c *cleaner) read(f *table.File) error {
	c.at = lines(f)
	var id, aircraft, callsign table.Array[string]
	var time, lat, lon, alt table.Array[float64]
	fields := []table.Field{
		{Names: idColumns, Into: &id, Optional: true, Missing: true},
		{Names: aircraftColumns, Into: &aircraft, Optional: true, Missing: true},
		{Names: callsignColumns, Into: &callsign, Optional: true, Missing: true},
		{Names: timeColumns, Into: &time, Time: true, Missing: true},
		{Names: latColumns, Into: &lat, Missing: true},
		{Names: lonColumns, Into: &lon, Missing: true},
	}
	c.feet = 1
	if name, feet := altitude(f); name != "" {
		c.feet = feet
		fields = append(fields, table.Field{Names: []string{name}, Into: &alt, Missing: true})
	}
	if err := f.Read(fields...); err != nil {
		return err
	}
	if id.Name == "" && aircraft.Name == "" && callsign.Name == "" {
		return fmt.Errorf("%s: no column names the flight: %s, or %s and %s", f.Name(), idColumns[0], aircraftColumns[0], callsignColumns[0])
	}
	if err := units(time.Data); err != nil {
		return fmt.Errorf("%s: column %s: %w", f.Name(), time.Name, err)
	}
	c.unnamed = id.Name == ""
	for i := range time.Data {
		r := row{time: time.Data[i], lat: lat.Data[i], lon: lon.Data[i], alt: math.NaN(), at: i}
		if alt.Name != "" {
			r.alt = alt.Data[i] * c.feet
		}
		name := ""
		if c.unnamed {
			name = joined(text(&callsign, i), text(&aircraft, i))
		} else {
			name = id.Data[i]
		}
		c.add(name, r)
	}
	return nil
}

// altitude returns the column of altitudes, and what its unit is in feet.
func altitude(f *table.File) (name string, feet float64) {
	for _, a := range altitudeColumns {
		for _, column := range f.Columns() {
			if strings.EqualFold(column.Name, a.name) {
				return column.Name, a.feet
			}
		}
	}
	return "", 1
}

// units refuses times that are no seconds.
func units(times []float64) error {
	for _, t := range times {
		if t > 4e9 { // the year 2096
			return errors.New("times look like milliseconds since 1970, or finer; give seconds, or ISO 8601")
		}
	}
	return nil
}

// text returns a value of a column that may be absent.
func text(a *table.Array[string], i int) string {
	if a.Name == "" {
		return ""
	}
	return strings.TrimSpace(a.Data[i])
}

// joined joins the parts of a name that there are.
func joined(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, "_")
}

// lines returns a function that names the place of a row: FILE:LINE, or the row of a table that
// has no lines.
func lines(f *table.File) func(row int) string {
	if f.Format() == "CSV" || f.Format() == "TSV" {
		return func(row int) string { return fmt.Sprintf("%s:%d", f.Name(), row+2) }
	}
	return func(row int) string { return fmt.Sprintf("%s: row %d", f.Name(), row) }
}
