package export

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// writeCSV writes the long table with a header line.
func writeCSV(w io.Writer, rows []Row) error {
	var epoch, value, spread, tolerance, seconds, sample, rounding, lr column
	c := csv.NewWriter(w)
	lines := [][]string{columns()}
	for _, r := range rows {
		index := ""
		if r.Index != nil {
			index = strconv.Itoa(int(*r.Index))
		}
		lines = append(lines, []string{
			r.Run, integer(r.Step), epoch.text(r.Epoch), r.Time.Format(time.RFC3339Nano),
			r.Key, index, value.text(r.Value), spread.text(r.Error), r.Unit, r.Probe, r.Method, r.ErrorKind,
			integer(r.Examples), integer(r.L), integer(r.M), integer(r.Products),
			strconv.FormatUint(r.Seed, 10), tolerance.text(r.Tolerance), seconds.text(r.Seconds), r.Note,
			sample.text(r.Sample), r.Sampling, rounding.text(r.Rounding), lr.text(r.LR), integer(r.Batch), integer(r.N), r.Name,
		})
	}
	return c.WriteAll(lines)
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }

// A column writes the real numbers of a column from top to bottom, so that every reader finds
// its type. Each text alone is that of a real number: 0.0 and not 0, after which polars reads
// no fraction, and NaN, the one spelling that polars knows.
type column struct {
	begun bool // a number that is not infinite stands above
}

func (c *column) text(x float64) string {
	switch {
	case !math.IsInf(x, 0):
		c.begun = true
		text := strconv.FormatFloat(x, 'g', -1, 64)
		if !math.IsNaN(x) && !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case c.begun:
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(x, 'g', -1, 64)), "+")
	case x < 0:
		return "-1e999"
	}
	return "1e999" // at the top DuckDB takes inf for a date
}
