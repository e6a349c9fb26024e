package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/show"

	"github.com/spf13/cobra"
)

// usualMethod is what predicts if nothing is said: the best of the simple ones.
const usualMethod = "nearest-5"

// formats are the formats of predictions.
var formats = map[string]func(io.Writer, []flight.Prediction) error{"csv": show.CSV, "geojson": show.GeoJSON, "kml": show.KML}

func (a *app) flightPredictCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "predict",
		Short: "Write predicted flights as CSV, GeoJSON or KML",
		Long: `Predicts the rest of flights and writes where they will be, with covariances and,
in GeoJSON and KML, ellipses of 1 to 3 standard deviations. The format is that of
the name of the file, or --format.

With --run the network of a run predicts (see flight train), with --released the one
that Liu and Hansen have released: several tracks of each flight, the likeliest first,
by a beam search with a Kalman filter along each. The fixes that are known become
states at the steps that it has learned.

` + flightFiles,
		Example: `  breakeven flight predict -o flights.csv
  breakeven flight predict --by filed-plan -o flights.kml
  breakeven flight train --units 8 --epochs 2 --probe loss --examples 10
  breakeven flight predict --run last --beams 3 --filter plain -o network.csv
  breakeven flight predict --format geojson --steps 10`,
		Args: cobra.NoArgs,
	}
	f := a.flightFlags(c)
	by := methodFlag(c, []string{usualMethod}, "method that predicts")
	output := c.Flags().StringP("output", "o", "", "file to write (default: standard output)")
	format := c.Flags().String("format", "", "csv, geojson or kml (default: as the file is called, or csv)")
	completes(c, "format", cobra.FixedCompletions([]string{"csv", "geojson", "kml"}, cobra.ShellCompDirectiveNoFileComp))
	c.RunE = func(*cobra.Command, []string) error {
		write, err := writerOf(*format, *output)
		if err != nil {
			return err
		}
		f.unread(a)
		_, _, predictions, err := a.predictFlights(c, f, *by)
		if err != nil {
			return err
		}
		return a.writeTo(*output, func(w io.Writer) error { return write(w, predictions) })
	}
	return c
}

// writerOf returns what writes a format, by its name or the end of a file's name.
func writerOf(format, output string) (func(io.Writer, []flight.Prediction) error, error) {
	if format == "" {
		format = strings.ToLower(strings.TrimPrefix(filepath.Ext(output), "."))
		if format == "json" {
			format = "geojson"
		}
		if output == "" || output == "-" {
			format = "csv"
		}
		if formats[format] == nil {
			return nil, usagef("--output: the name %q does not end in .csv, .geojson or .kml; or name one of them with --format", filepath.Base(output))
		}
	}
	if write := formats[format]; write != nil {
		return write, nil
	}
	return nil, usagef("--format: %q is none; there are csv, geojson and kml", format)
}

// predictFlights predicts the flights of the files, by the network of a run or by the method that
// --by names.
func (a *app) predictFlights(c *cobra.Command, f *flightFlags, by []string) (*flightSet, predictor, []flight.Prediction, error) {
	var none predictor
	methods, err := methodsOf(by)
	switch {
	case err != nil:
		return nil, none, nil, err
	case len(methods) > 1:
		return nil, none, nil, usagef("--by: %d methods are named, and one predicts", len(methods))
	case f.network.named() && c.Flags().Changed("by"):
		return nil, none, nil, usagef("--by: the network predicts; leave out one of them")
	}
	h, network, err := a.openFlights(f)
	if err != nil {
		return nil, none, nil, err
	}
	m := append(network, methods...)[0]
	var list []flight.Prediction
	err = a.working("predicting", func(ctx context.Context, at *meter) (err error) {
		list, err = m.predict(ctx, h, f.options, at)
		return err
	})
	if err != nil {
		return nil, none, nil, err
	}
	silent := 0
	for _, p := range list {
		if len(p.Alternatives) == 0 {
			silent++
		}
	}
	if silent == len(list) {
		return nil, none, nil, fmt.Errorf("nothing is predicted by %s for the %s: it needs --known %d fixes of each%s", m.name, plural(silent, "flight"), f.options.Known, needs(m, h))
	}
	if silent > 0 && network == nil {
		a.warn(fmt.Sprintf("nothing is predicted by %s for %d of %d flights: they have fewer than %d fixes, or no plan where it needs one", m.name, silent, len(list), f.options.Known))
	}
	return h, m, list, nil
}

// needs says what else a method may lack.
func needs(m predictor, h *flightSet) string {
	switch {
	case strings.HasPrefix(m.name, "nearest") && len(h.past) == 0:
		return ", and earlier flights to learn from (--past)"
	case !slices.ContainsFunc(h.now, func(f flight.Flight) bool { return f.Plan != nil }):
		return ", and perhaps plans (--plans)"
	}
	return ""
}
