package weather

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"breakeven/data/table"
	"breakeven/flight"
)

// inName finds the time that a file's name may have, as in gfs_20170322T00Z.csv.
var inName = regexp.MustCompile(`(\d{8}T\d{2})(\d{2})?Z`)

// readCSV reads the columns
//
//	unix_time_s or month, level_hpa, lat_deg, lon_deg, t_k, u_ms, v_ms
//
// with winds to the east and the north. Temperature or wind may be missing. If there is neither a
// time nor a month, the time is that of the file's name. Every time and level has the same points.
// Errors name the file.
func readCSV(name string, o *Options) (*contents, error) {
	f, err := table.Open(name, &table.Options{Most: o.Memory})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var moment, month, level, lat, lon table.Array[float64]
	var values [3]table.Array[float32]
	err = f.Read(
		table.Field{Names: []string{"unix_time_s", "valid_time", "timestamp", "time"}, Into: &moment, Optional: true, Time: true},
		table.Field{Names: []string{"month"}, Into: &month, Optional: true},
		table.Field{Names: []string{"level_hpa", "level", "isobaricInhPa"}, Into: &level},
		table.Field{Names: []string{"lat_deg", "latitude", "lat"}, Into: &lat},
		table.Field{Names: []string{"lon_deg", "longitude", "lon"}, Into: &lon},
		table.Field{Names: []string{"t_k", "t"}, Into: &values[0], Optional: true, Missing: true},
		table.Field{Names: []string{"u_ms", "u"}, Into: &values[1], Optional: true, Missing: true},
		table.Field{Names: []string{"v_ms", "v"}, Into: &values[2], Optional: true, Missing: true},
	)
	if err != nil {
		return nil, err
	}
	c := &contents{climate: moment.Len() == 0 && month.Len() > 0}
	times := moment.Data
	switch {
	case c.climate:
		if times, err = months(name, month.Data); err != nil {
			return nil, err
		}
	case moment.Len() == 0:
		t, err := timeInName(name)
		if err != nil {
			return nil, err
		}
		times = slices.Repeat([]float64{t}, level.Len())
	}
	return c, c.takeRows(name, times, level.Data, lat.Data, lon.Data, &values)
}

// timeInName returns the time in the name of a file.
func timeInName(name string) (float64, error) {
	base := filepath.Base(name)
	if found := inName.FindStringSubmatch(base); found != nil {
		if t, err := time.Parse("20060102T15", found[1]); err == nil {
			minute := 0
			fmt.Sscan(found[2], &minute)
			return float64(t.Unix() + int64(minute)*60), nil
		}
	}
	return 0, fmt.Errorf("%s has no column unix_time_s (or month), and no time is in its name; add the column, or name it as in wind_20180917T00Z.csv", name)
}

// months returns for the numbers of months the middles of those, in seconds from the beginning of a
// year.
func months(name string, numbers []float64) ([]float64, error) {
	middles := make([]float64, len(numbers))
	for i, m := range numbers {
		if m != math.Trunc(m) || m < 1 || m > 12 {
			return nil, fmt.Errorf("%s:%d: %g is no month", name, i+2, m)
		}
		middles[i] = (m - 0.5) / 12 * year
	}
	return middles, nil
}

// takeRows sorts the rows of a table into fields. The points of the first time and level are the grid.
func (c *contents) takeRows(name string, times, levels, lat, lon []float64, values *[3]table.Array[float32]) error {
	c.grid = &Grid{Name: "a list of points"}
	at := map[flight.Point]int{}
	rows := map[[2]float64][]int32{} // of a time and level, for each point the line before its own
	var order [][2]float64
	for i := range times {
		key, p := [2]float64{times[i], levels[i]}, flight.Point{Lat: lat[i], Lon: lon[i]}
		if !(levels[i] > 0 && levels[i] < 1e5) || !(math.Abs(times[i]) < 1e11) {
			return fmt.Errorf("%s:%d: a level of %g hPa at %g s", name, i+2, levels[i], times[i])
		}
		if rows[key] == nil {
			if len(order) > 0 && len(order)*len(at) >= len(times) {
				return fmt.Errorf("%s:%d: with %s the times and levels are more than the lines can fill, at %d points each", name, i+2, where(key), len(at))
			}
			order = append(order, key)
			rows[key] = make([]int32, len(at), max(len(at), 64))
		}
		k, known := at[p]
		if !known && len(order) == 1 {
			k, known = len(at), true
			at[p] = k
			c.grid.Points = append(c.grid.Points, p)
			rows[key] = append(rows[key], 0)
		}
		switch {
		case !known:
			return fmt.Errorf("%s:%d: %g, %g is not among the %d points of the first time and level, %s", name, i+2, p.Lat, p.Lon, len(at), where(order[0]))
		case rows[key][k] != 0:
			return fmt.Errorf("%s:%d: the same time, level and point as in line %d", name, i+2, rows[key][k]+1)
		}
		rows[key][k] = int32(i + 1)
	}
	for _, key := range order {
		if k := slices.Index(rows[key], 0); k >= 0 {
			p := c.grid.Points[k]
			return fmt.Errorf("%s: no line has the point %g, %g at %s", name, p.Lat, p.Lon, where(key))
		}
		c.takeFields(key, rows[key], values)
	}
	return nil
}

// where names a time and level.
func where(key [2]float64) string { return fmt.Sprintf("time %.0f, level %g hPa", key[0], key[1]) }

// takeFields adds the fields of one time and level.
func (c *contents) takeFields(key [2]float64, rows []int32, values *[3]table.Array[float32]) {
	for q := range values {
		data := values[q].Data
		if len(data) == 0 {
			continue
		}
		c.fields = append(c.fields, field{q, key[0], key[1], cell{read: func(dst []float32) error {
			for k, row := range rows {
				dst[k] = data[row-1]
			}
			return nil
		}}})
	}
}
