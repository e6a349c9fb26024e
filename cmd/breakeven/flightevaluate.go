package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"breakeven/flight"
	"breakeven/flight/score"

	"github.com/spf13/cobra"
)

func (a *app) flightEvaluateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "evaluate",
		Short: "Compare predictions of several methods with what was flown",
		Long: `Predicts flights by several methods and compares that with what was flown, at
equal times: the horizontal error in nautical miles on the WGS84 ellipsoid and the
vertical one in feet, as means over all points (PHE, PVE) and over flights (THE,
TVE); how often the flight was within 2 standard deviations; by how much the arrival
is predicted wrongly; and errors by the time ahead. With --run the network of a run
of the store is compared, too. Of one method alone all errors
are shown, along the track, across it, and in time. -o writes all numbers.

` + flightFiles,
		Example: `  breakeven flight evaluate
  breakeven flight evaluate --by nearest-5 -o errors.csv`,
		Args: cobra.NoArgs,
	}
	f := a.flightFlags(c)
	by := methodFlag(c, methodNames(), "methods, with commas between; nearest-K for any K")
	output := c.Flags().StringP("output", "o", "", "CSV file for all numbers")
	calibration := c.Flags().String("calibration", "", "picture, SVG or PNG: how many points lie within the ellipses of each probability")
	_ = c.MarkFlagFilename("calibration", "svg", "png")
	a.jsonFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		methods, err := methodsOf(*by)
		if err != nil {
			return err
		}
		if *calibration != "" {
			if _, err := pictureFormat(*calibration); err != nil {
				return err
			}
		}
		f.unread(a)
		h, network, err := a.openFlights(f)
		if err != nil {
			return err
		}
		methods = slices.Concat(network, methods)
		e := evaluation{Learned: len(h.past)}
		err = a.working("predicting", func(ctx context.Context, at *meter) error {
			_, err := e.add(ctx, methods, h, f, at)
			return err
		})
		if err != nil {
			return err
		}
		if err := a.writeEvaluation(e, f, *output); err != nil || *calibration == "" {
			return err
		}
		return a.drawCalibration(*calibration, e)
	}
	return c
}

// An evaluation is the errors of several methods on the same flights.
type evaluation struct {
	Learned int // flights that they were fitted on
	Methods []evaluated
}

type evaluated struct {
	Name    string
	Summary score.Summary
}

// add predicts by methods and adds their errors. It returns what the first predicts.
func (e *evaluation) add(ctx context.Context, methods []predictor, h *flightSet, f *flightFlags, at *meter) (first []flight.Prediction, err error) {
	for i, m := range methods {
		part := at.share(m.name, float64(i)/float64(len(methods)), float64(i+1)/float64(len(methods)))
		predictions, err := m.predict(ctx, h, f.options, part)
		if err != nil {
			return nil, err
		}
		var errors []score.Flight
		for _, p := range predictions {
			errors = append(errors, score.Of(p, score.Options{Official: f.official}))
		}
		e.Methods = append(e.Methods, evaluated{m.name, score.Summarise(errors)})
		if i == 0 {
			first = predictions
		}
	}
	return first, nil
}

func (a *app) writeEvaluation(e evaluation, f *flightFlags, output string) error {
	most := 0
	for _, m := range e.Methods {
		most = max(most, m.Summary.Flights)
	}
	if most == 0 {
		return fmt.Errorf("nothing could be compared: no flight has more than --known %d fixes and was predicted; longer tracks, a smaller --known, or plans may help", f.options.Known)
	}
	if output != "" {
		if err := a.writeTo(output, e.csv); err != nil {
			return err
		}
	}
	if a.json {
		return printJSON(a.stdout, e.rows())
	}
	if _, err := fmt.Fprintf(a.stdout, "%s compared; learned from %d others\n\n", plural(most, "flight"), e.Learned); err != nil {
		return err
	}
	t := e.overview()
	if err := t.write(a.stdout); err != nil {
		return err
	}
	title, t := "\nHorizontal error by time ahead, mean in nmi\n\n", e.ahead()
	if len(e.Methods) == 1 {
		title, t = "\nErrors by time ahead: mean, median and 95th percentile\n\n", e.Methods[0].detail()
	}
	if _, err := io.WriteString(a.stdout, title); err != nil {
		return err
	}
	return t.write(a.stdout)
}

// overview has a line for each method.
func (e evaluation) overview() *table {
	t := &table{head: []string{"method", "flights", "PHE nmi", "PVE ft", "THE nmi", "TVE ft", "2σ lat", "lon", "alt", "arrival min"}}
	for _, m := range e.Methods {
		s := m.Summary
		t.add(m.Name, strconv.Itoa(s.Flights), fixed(s.PHE, 1), fixed(s.PVE, 0), fixed(s.THE, 1), fixed(s.TVE, 0),
			percent(s.Coverage[1][0]), percent(s.Coverage[1][1]), percent(s.Coverage[1][2]), fixed(s.ETA.Mean/60, 1))
	}
	return t
}

// ahead has a line for each method and a column for each time ahead.
func (e evaluation) ahead() *table {
	t := &table{head: []string{"method"}}
	for _, seconds := range score.LookAheads {
		t.head = append(t.head, fmt.Sprintf("%g min", seconds/60))
	}
	for _, m := range e.Methods {
		row := []string{m.Name}
		for _, seconds := range score.LookAheads {
			cell := "–"
			for _, at := range m.Summary.Ahead {
				if at.Seconds == seconds {
					cell = fixed(at.Horizontal.Mean, 1)
				}
			}
			row = append(row, cell)
		}
		t.add(row...)
	}
	return t
}

// detail has a line for each time ahead.
func (m evaluated) detail() *table {
	t := &table{head: []string{"min", "flights", "horizontal nmi", "along", "across", "vertical ft", "time s"}}
	three := func(s score.Spread, decimals int) string {
		return fixed(s.Mean, decimals) + " " + fixed(s.Median, decimals) + " " + fixed(s.P95, decimals)
	}
	for _, at := range m.Summary.Ahead {
		t.add(fmt.Sprintf("%g", at.Seconds/60), strconv.Itoa(at.Flights), three(at.Horizontal, 1), three(at.Along, 1), three(at.Cross, 1), three(at.Vertical, 0), three(at.Time, 0))
	}
	return t
}

// fixed writes a number, "–" if it is not known.
func fixed(x float64, decimals int) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

func percent(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fixed(100*x, 0) + " %"
}

// A scoreRow is one number of an evaluation.
type scoreRow struct {
	Method    string   `json:"method"`
	Quantity  string   `json:"quantity"`
	Statistic string   `json:"statistic"`
	Ahead     *float64 `json:"ahead_s"` // nil: all times
	Unit      string   `json:"unit"`
	Value     *float64 `json:"value"` // nil: not known
}

// rows returns all numbers.
func (e evaluation) rows() []scoreRow {
	var rows []scoreRow
	for _, m := range e.Methods {
		add := func(ahead *float64, quantity, statistic, unit string, x float64) {
			r := scoreRow{m.Name, quantity, statistic, ahead, unit, nil}
			if !math.IsNaN(x) {
				r.Value = &x
			}
			rows = append(rows, r)
		}
		spread := func(ahead *float64, quantity, unit string, s score.Spread) {
			add(ahead, quantity, "mean", unit, s.Mean)
			add(ahead, quantity, "median", unit, s.Median)
			add(ahead, quantity, "p95", unit, s.P95)
		}
		s := m.Summary
		add(nil, "flights", "count", "", float64(s.Flights))
		add(nil, "points", "count", "", float64(s.Points))
		add(nil, "horizontal", "mean over points", "nmi", s.PHE)
		add(nil, "horizontal", "mean over flights", "nmi", s.THE)
		add(nil, "vertical", "mean over points", "ft", s.PVE)
		add(nil, "vertical", "mean over flights", "ft", s.TVE)
		spread(nil, "arrival", "s", s.ETA)
		add(nil, "arrival", "bias", "s", s.ETABias)
		for n := range s.Coverage {
			for axis, name := range []string{"latitude", "longitude", "altitude"} {
				add(nil, name, fmt.Sprintf("within %d deviations", n+1), "", s.Coverage[n][axis])
			}
		}
		for _, l := range s.Calibration {
			add(nil, "horizontal", fmt.Sprintf("within probability %.2f", l.Probability), "", l.Horizontal)
			add(nil, "vertical", fmt.Sprintf("within probability %.2f", l.Probability), "", l.Vertical)
		}
		for _, at := range s.Ahead {
			seconds := at.Seconds
			add(&seconds, "flights", "count", "", float64(at.Flights))
			spread(&seconds, "horizontal", "nmi", at.Horizontal)
			spread(&seconds, "along track", "nmi", at.Along)
			add(&seconds, "along track", "bias", "nmi", at.AlongBias)
			spread(&seconds, "across track", "nmi", at.Cross)
			add(&seconds, "across track", "bias", "nmi", at.CrossBias)
			spread(&seconds, "vertical", "ft", at.Vertical)
			add(&seconds, "vertical", "bias", "ft", at.VerticalBias)
			spread(&seconds, "time", "s", at.Time)
		}
	}
	return rows
}

// csv writes all numbers.
func (e evaluation) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"method", "quantity", "statistic", "ahead_s", "unit", "value"}) // kept until Flush
	text := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'g', 8, 64)
	}
	for _, r := range e.rows() {
		_ = c.Write([]string{r.Method, r.Quantity, r.Statistic, text(r.Ahead), r.Unit, text(r.Value)})
	}
	c.Flush()
	return c.Error()
}
