package show

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"time"

	"breakeven/flight"
)

// quantities are the components of a state's mean, with their units, as columns name them.
var quantities = [5]string{"lat_deg", "lon_deg", "altitude_ft", "lat_rate_deg_s", "lon_rate_deg_s"}

// short are the names of the same in columns of covariances.
var short = [5]string{"lat", "lon", "alt", "lat_rate", "lon_rate"}

// CSV writes a row for each predicted state: flight_id, alternative (1 is the most likely), its
// score, unix_time_s, utc, ahead_s since the last known fix, the means, and the covariances in the units
// of the means. Package tracks reads it as a table of tracks. What is unknown is an empty cell.
func CSV(w io.Writer, predictions []flight.Prediction) error {
	c := csv.NewWriter(w)
	head := append([]string{"flight_id", "alternative", "score", "unix_time_s", "utc", "ahead_s"}, quantities[:]...)
	for i, a := range short {
		for _, b := range short[:i+1] {
			head = append(head, "cov_"+b+"_"+a)
		}
	}
	if err := c.Write(head); err != nil {
		return err
	}
	for _, p := range predictions {
		for i, a := range p.Alternatives {
			for _, s := range a.States {
				row := []string{p.ID, strconv.Itoa(i + 1), number(a.Score), number(s.Time), utc(s.Time), ahead(p, s.Time)}
				if err := c.Write(append(row, numbers(s)...)); err != nil {
					return err
				}
			}
		}
	}
	c.Flush()
	return c.Error()
}

// numbers returns the cells of means and covariances.
func numbers(s flight.State) []string {
	var cells []string
	for _, x := range s.Mean {
		cells = append(cells, number(x))
	}
	known := s.Cov != [5][5]float64{}
	for i := range s.Cov {
		for j := range i + 1 {
			cell := ""
			if known {
				cell = number(s.Cov[i][j])
			}
			cells = append(cells, cell)
		}
	}
	return cells
}

// number writes x with nine digits, and times to a thousandth.
func number(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return ""
	case math.Abs(x) >= 1e6:
		return strconv.FormatFloat(math.Round(x*1e3)/1e3, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', 9, 64)
}

// ahead returns the seconds from the last known fix to a time.
func ahead(p flight.Prediction, time float64) string {
	if p.Known < 1 || p.Known > len(p.Fixes) {
		return ""
	}
	return number(time - p.Fixes[p.Known-1].Time)
}

// utc writes a time to the second.
func utc(seconds float64) string {
	if !(math.Abs(seconds) < 1e11) {
		return ""
	}
	return time.Unix(int64(math.Round(seconds)), 0).UTC().Format(time.RFC3339)
}
