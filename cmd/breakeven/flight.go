package main

import (
	"context"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/baseline"
	flightmatch "breakeven/flight/match"
	flightsample "breakeven/flight/sample"
	"breakeven/flight/tracks"
	"breakeven/flight/weather"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) flightCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "flight",
		GroupID: "do",
		Short:   "Predict the rest of a flight, and see how far off it is",
		Long: `Predicts the rest of flights from their plans and their first fixes, by simple
methods or by the network of Liu and Hansen 2018, compares that with what was flown,
and draws maps:

  flight demo      all of it, in a minute, on flights inside the program
  flight train     a network, on tracks of your own
  flight evaluate  errors of several methods, in one table
  flight predict   predictions as CSV, GeoJSON or KML
  flight map       a page with a map that plays along time

` + flightFiles,
		Example: `  breakeven flight evaluate
  breakeven flight map -o map.html`,
	}
	c.AddCommand(a.flightDemoCommand(), a.flightTrainCommand(), a.flightEvaluateCommand(), a.flightPredictCommand(), a.flightMapCommand())
	return c
}

// flightFiles says what the files of these commands are.
const flightFiles = `--tracks is a table (CSV, TSV or Parquet, perhaps compressed) with a row for each
fix: flight_id (or icao24 and callsign), a time in seconds since 1970 or ISO 8601,
latitude, longitude, and if it is known altitude in feet. --plans has a row for
each waypoint: flight_id, or plan_id and --plan-of with the columns flight_id and
plan_id; and latitude and longitude, or names that --airports explains. A column
is_test in --plan-of marks the flights to be predicted. Without --tracks twenty
flights from Houston to Boston are used, which are inside the program.`

// flightFlags are what all commands about flights are told.
type flightFlags struct {
	files    tracks.Files
	past     string   // table of tracks to learn from
	weather  []string // files with wind and storms
	official bool     // as the program of Liu and Hansen
	pace     bool     // predictions are corrected by how fast earlier flights went
	options  baseline.Options
	network  networkFlags
	set      *pflag.FlagSet
}

func (a *app) flightFlags(c *cobra.Command) *flightFlags {
	f := &flightFlags{set: c.Flags()}
	flags := f.set
	flags.SortFlags = false
	for _, file := range []struct {
		into       *string
		name, help string
	}{
		{&f.files.Tracks, "tracks", "table of fixes (default: the sample inside the program)"},
		{&f.files.Plans, "plans", "table of the waypoints of filed plans"},
		{&f.files.PlanOf, "plan-of", "table of which plan a flight has, and perhaps whether it is test data"},
		{&f.files.Airports, "airports", "table of the positions of names in plans"},
		{&f.past, "past", "table of fixes of earlier flights to learn from (default: flights of --tracks that are not predicted)"},
	} {
		flags.StringVar(file.into, file.name, "", file.help)
		_ = c.MarkFlagFilename(file.name, "csv", "gz", "tsv", "parquet")
	}
	flags.IntVar(&f.options.Known, "known", 20, "fixes of each flight that are known; a network sees them --step seconds apart, back from the last")
	flags.Float64Var(&f.options.Step, "step", 120, "seconds between predicted states")
	flags.IntVar(&f.options.Steps, "steps", 70, "predicted states")
	flags.BoolVar(&f.official, "official", false, "search, filter and compare as the program of Liu and Hansen does")
	flags.BoolVar(&f.pace, "pace", false, "correct predictions by how much faster or slower than predicted earlier flights went (of one route; learned from, or held out by the runs)")
	flags.StringSliceVar(&f.weather, "weather", nil, "files with wind and storms, with commas between (with --run: in place of those of its training)")
	f.network.add(c)
	a.storeFlag(c)
	a.dataFlag(c)
	completes(c, "run", a.completeRuns(1))
	a.quietFlag(c)
	return f
}

// methodFlag adds --by.
func methodFlag(c *cobra.Command, usual []string, help string) *[]string {
	by := c.Flags().StringSlice("by", usual, help)
	completes(c, "by", completeWords(methodNames))
	return by
}

// methodNames returns the names of all methods as they are typed.
func methodNames() []string {
	var names []string
	for _, m := range baseline.All() {
		names = append(names, typed(m.Name))
	}
	return names
}

func typed(name string) string { return strings.ReplaceAll(name, " ", "-") }

// A predictor is a way to predict the flights of a set.
type predictor struct {
	name, doc string
	predict   func(context.Context, *flightSet, baseline.Options, *meter) ([]flight.Prediction, error)
}

// simple returns a method as a predictor.
func simple(m baseline.Method) predictor {
	return predictor{m.Name, m.Doc, func(ctx context.Context, h *flightSet, o baseline.Options, _ *meter) ([]flight.Prediction, error) {
		if h.nets != nil {
			return heldBy(m, h, o)
		}
		fitted := m.Fit(h.past, o)
		if h.pace {
			fitted.Pace()
		}
		var list []flight.Prediction
		for _, f := range h.now {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			list = append(list, fitted.Predict(f))
		}
		return list, nil
	}}
}

// methodsOf finds methods by their names.
func methodsOf(names []string) ([]predictor, error) {
	methods, err := methodsNamed("--by", names)
	if err != nil {
		return nil, err
	}
	if len(methods) == 0 {
		return nil, usagef("--by: no method is named; there are %s", strings.Join(methodNames(), ", "))
	}
	var list []predictor
	for _, m := range methods {
		list = append(list, simple(m))
	}
	return list, nil
}

// methodsNamed returns the methods that a flag names.
func methodsNamed(flag string, names []string) ([]baseline.Method, error) {
	var list []baseline.Method
	for _, name := range names {
		m, ok := baseline.Lookup(name)
		if !ok {
			return nil, usagef("%s: no method is called %q; there are %s", flag, name, strings.Join(methodNames(), ", "))
		}
		if slices.ContainsFunc(list, func(o baseline.Method) bool { return o.Name == m.Name }) {
			return nil, usagef("%s: %s stands there twice", flag, name)
		}
		list = append(list, m)
	}
	return list, nil
}

// A flightSet is the flights of a command: those to learn from, and those to predict.
type flightSet struct {
	past, now []flight.Flight
	nets      []*network // that held out what is predicted; none: nobody has seen it
	pace      bool
	storms    *weather.Storms
	air       *weather.Atmosphere
	weather   *flightmatch.Matcher // of both, for a network; nil: none
}

// openFlights reads the files, or those of a run, and the network that predicts, if one shall. What
// is wrong with single flights is said, and they are left out.
func (a *app) openFlights(f *flightFlags) (*flightSet, []predictor, error) {
	if err := f.check(); err != nil {
		return nil, nil, err
	}
	nets, err := a.openNetworks(f)
	if err != nil {
		return nil, nil, err
	}
	if len(nets) == 0 {
		h, err := a.openFiles(f, false)
		if err != nil {
			return nil, nil, err
		}
		h.pace = f.pace
		return h, nil, h.covered(f, h.matcher(false), false)
	}
	h, err := nets[0].flightSet(a, f)
	if err != nil {
		return nil, nil, err
	}
	h.pace = f.pace
	p, err := a.joined(nets, h, f)
	return h, []predictor{p}, err
}

// openFiles reads the files, or the sample; winds as they are stored, if asStored.
func (a *app) openFiles(f *flightFlags, asStored bool) (*flightSet, error) {
	h := new(flightSet)
	set := flightsample.Flights()
	if f.files.Tracks != "" {
		var err error
		if set, err = a.readTracks(f.files); err != nil {
			return nil, err
		}
	}
	h.now = set.Flights
	if f.past != "" {
		files := f.files
		files.Tracks = f.past
		past, err := a.readTracks(files)
		if err != nil {
			return nil, err
		}
		h.past = past.Flights
	} else if len(set.Flights) > 1 {
		h.past, h.now = divided(set)
	}
	return h, h.readWeather(f, asStored)
}

func (a *app) readTracks(files tracks.Files) (*tracks.Set, error) {
	set, err := tracks.Read(files, tracks.Options{})
	if err != nil {
		return nil, err
	}
	for _, w := range set.Warnings {
		a.warn(w)
	}
	return set, nil
}

func (f *flightFlags) check() error {
	switch o := f.options; {
	case f.files.Tracks == "" && (f.files.Plans != "" || f.files.PlanOf != "" || f.files.Airports != "" || f.past != ""):
		return usagef("--tracks: is missing; without it the flights are those of the sample, or of --run")
	case f.network.named() && f.past != "":
		return usagef("--past: the network has learned already")
	case f.files.Plans == "" && (f.files.PlanOf != "" || f.files.Airports != ""):
		return usagef("--plans: is missing; --plan-of and --airports say more about it")
	case o.Known < 2 || o.Known > 1e5:
		return usagef("--known: %d fixes; 2 to 100,000 can be known", o.Known)
	case !(o.Step >= 1 && o.Step <= 86400):
		return usagef("--step: %g seconds; 1 to 86,400 are possible", o.Step)
	case o.Steps < 1 || o.Steps > 1e4:
		return usagef("--steps: %d; 1 to 10,000 can be predicted", o.Steps)
	}
	return f.network.check(f)
}

// divided returns the flights to learn from and those to predict: those that are marked as test
// data, or the last fifth.
func divided(set *tracks.Set) (past, now []flight.Flight) {
	for _, f := range set.Flights {
		if set.Test[f.ID] {
			now = append(now, f)
		} else {
			past = append(past, f)
		}
	}
	if len(now) == 0 || len(past) == 0 {
		n := len(set.Flights) - (len(set.Flights)+4)/5
		return set.Flights[:n], set.Flights[n:]
	}
	return past, now
}

// unread says that weather is named and nobody reads it.
func (f *flightFlags) unread(a *app) {
	if len(f.weather) > 0 && !f.network.named() {
		a.warn("--weather: simple methods predict without it; name a network with --run")
	}
}

// matcher returns what finds the weather around aircraft, nil if there is none.
func (h *flightSet) matcher(official bool) *flightmatch.Matcher {
	if h.air == nil && h.storms == nil {
		return nil
	}
	return flightmatch.New(h.air, h.storms, flightmatch.Options{Official: official})
}

// covered returns an error if files with weather are named, and nothing of them is where the flights
// are.
func (h *flightSet) covered(f *flightFlags, m *flightmatch.Matcher, official bool) error {
	if len(f.weather) == 0 {
		return nil
	}
	var points []flightmatch.Point
	for i := range h.now {
		points = flightmatch.Along(points, &h.now[i], official)
	}
	return m.Check(points)
}

// readWeather reads the files that are named, or the storms of the sample.
func (h *flightSet) readWeather(f *flightFlags, asStored bool) (err error) {
	if len(f.weather) > 0 {
		h.air, h.storms, err = weather.Load(weather.Options{AsStored: asStored}, f.weather...)
	} else if f.files.Tracks == "" {
		h.storms = flightsample.Storms()
	}
	return err
}
