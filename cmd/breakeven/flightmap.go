package main

import (
	"fmt"
	"io"
	"slices"

	"breakeven/flight"
	"breakeven/flight/show"

	"github.com/spf13/cobra"
)

func (a *app) flightMapCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "map",
		Short: "Write a page with a map of predicted flights",
		Long: `Predicts flights and writes a page of HTML with a map of each: the plan, what was
known, what was flown, what is predicted, ellipses of 1 to 3 standard deviations,
storms and wind; beside it the altitude and the errors along time. It can be zoomed
and played. The page stands alone: it loads nothing.

--weather names files with wind and temperature (GRIB2, NetCDF-3 or CSV) and with
storms (CSV with the columns unix_time_s, alt_kft, start and len over the grid
NAM 218).

` + flightFiles,
		Example: `  breakeven flight map -o map.html
  breakeven flight map --by filed-plan --flight 20130801438231 -o one.html`,
		Args: cobra.NoArgs,
	}
	f := a.flightFlags(c)
	by := methodFlag(c, []string{usualMethod}, "method that predicts")
	output := c.Flags().StringP("output", "o", "map.html", "file to write; -: standard output")
	only := c.Flags().StringSlice("flight", nil, "flights to show, with commas between (default: the first --most of those that are predicted)")
	most := c.Flags().Int("most", 50, "flights that are shown at most")
	c.RunE = func(*cobra.Command, []string) error {
		if *most < 1 {
			return usagef("--most: %d; at least one flight can be shown", *most)
		}
		h, method, predictions, err := a.predictFlights(c, f, *by)
		if err != nil {
			return err
		}
		p := show.Page{By: method.doc, Air: h.air, Storms: h.storms}
		if p.Predictions, err = chosen(predictions, *only); err != nil {
			return err
		}
		if n := len(p.Predictions); n > *most {
			p.Predictions = p.Predictions[:*most]
			p.Notes = append(p.Notes, fmt.Sprintf("These are the first %d of %d flights.", *most, n))
		}
		if err := a.writeTo(*output, func(w io.Writer) error { return show.HTML(w, p) }); err != nil || *output == "-" {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, *output)
		return err
	}
	return c
}

// chosen returns the flights with the given names, or all for which something is predicted.
func chosen(predictions []flight.Prediction, only []string) ([]flight.Prediction, error) {
	var list []flight.Prediction
	if len(only) == 0 {
		for _, p := range predictions {
			if len(p.Alternatives) > 0 {
				list = append(list, p)
			}
		}
		return list, nil
	}
	for _, id := range only {
		i := slices.IndexFunc(predictions, func(p flight.Prediction) bool { return p.ID == id })
		if i < 0 {
			return nil, usagef("--flight: none of the %s that are predicted is called %q; the first is %q", plural(len(predictions), "flight"), id, predictions[0].ID)
		}
		list = append(list, predictions[i])
	}
	return list, nil
}
