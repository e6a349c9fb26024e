// Package learn makes of flights what the network of Liu and Hansen (arXiv 1812.11670) learns
// from: batches of scaled states, plans and cubes of the weather ahead, with targets.
//
// Laws:
//
//   - What scales the numbers is fitted to training flights alone.
//   - A flight that cannot be learned from is left out, and Set.Warnings says so, once for each
//     reason. It never stops the others.
//   - The cubes of a flight stand beside its states, whatever order batches are in.
package learn

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/features"
	"breakeven/flight/match"
	"breakeven/flight/tracks"
	"breakeven/flight/weather"
	"breakeven/internal/regular"
)

// Options say what is read and how.
type Options struct {
	Files    tracks.Files
	Weather  []string // files of winds and temperatures, and of storms
	Step     float64  // s between states, for which tracks are resampled; 0: their fixes
	Official bool     // weather as the released program matches it: see package match
	Features features.Options
}

// A Set is flights that can be learned from.
type Set struct {
	Options
	Flights  []flight.Flight // resampled
	Whole    []flight.Flight // the same as they were recorded
	Test     []bool          // by flight: it is for the test alone
	Vertical bool            // altitudes are known
	Plans    bool            // some flights have plans
	Digest   string          // SHA-256 of the contents of all files
	Warnings []string
	Air      *weather.Atmosphere // wind and temperature; nil: none
	Storms   *weather.Storms     // nil: none

	features []*features.Example
	weather  *match.Matcher // nil: none
}

// Open reads flights and weather.
func Open(o Options) (*Set, error) {
	all, err := tracks.Read(o.Files, tracks.Options{})
	if err != nil {
		return nil, err
	}
	air, storms, err := loadWeather(o)
	if err != nil {
		return nil, err
	}
	s, err := Of(all, air, storms, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Files.Tracks, err)
	}
	if err := s.covered(); err != nil {
		return nil, err
	}
	s.Digest, err = digest(append([]string{o.Files.Tracks, o.Files.Plans, o.Files.PlanOf, o.Files.Airports}, o.Weather...))
	return s, err
}

// covered returns an error if there is weather and none of it is where the flights are.
func (s *Set) covered() error {
	if s.weather == nil {
		return nil
	}
	var points []match.Point
	for i := range s.Flights {
		points = match.Along(points, &s.Flights[i], s.Official)
	}
	return s.weather.Check(points)
}

func loadWeather(o Options) (*weather.Atmosphere, *weather.Storms, error) {
	if len(o.Weather) == 0 {
		return nil, nil, nil
	}
	return weather.Load(weather.Options{AsStored: o.Official}, o.Weather...)
}

// Of is Open for flights and weather that have been read. Either kind of weather may be nil.
func Of(all *tracks.Set, air *weather.Atmosphere, storms *weather.Storms, o Options) (*Set, error) {
	s := &Set{Options: o, Vertical: all.Vertical, Warnings: slices.Clone(all.Warnings), Air: air, Storms: storms}
	var out leftOut
	for _, f := range all.Flights {
		whole := f
		if o.Step > 0 && len(f.Fixes) > 0 {
			f.Fixes = tracks.Resample(f.Track, f.Fixes[0].Time, o.Step)
		}
		if len(f.Fixes) < 2 {
			out.add(short, f.ID, fmt.Sprintf("fewer than two states, %g s apart", o.Step))
			continue
		}
		if s.Vertical && !tracks.HasAltitude(f.Track) {
			out.add(blind, f.ID, "no altitude, and other flights have one")
			continue
		}
		e, err := features.Of(f, o.Features)
		if err != nil {
			out.add(unfit, f.ID, err.Error())
			continue
		}
		s.Flights, s.Whole, s.features = append(s.Flights, f), append(s.Whole, whole), append(s.features, e)
		s.Test = append(s.Test, all.Test[f.ID])
		s.Plans = s.Plans || len(f.Plan) > 0
	}
	s.Warnings = append(s.Warnings, out.list()...)
	if len(s.Flights) == 0 {
		return nil, fmt.Errorf("no flight can be used: %s", strings.Join(out.list(), "; "))
	}
	if air != nil || storms != nil {
		s.weather = match.New(air, storms, match.Options{Official: o.Official})
	}
	return s, nil
}

// Weather returns what makes cubes of the weather, or nil.
func (s *Set) Weather() *match.Matcher { return s.weather }

// leftOut counts flights that are left out, by reason.
type leftOut [3]struct {
	count       int
	first, text string // the first flight, and what is said of it
}

// The reasons.
const (
	short = iota
	blind
	unfit
)

func (l *leftOut) add(reason int, id, text string) {
	r := &l[reason]
	if r.count++; r.count == 1 {
		r.first, r.text = id, text
	}
}

func (l *leftOut) list() []string {
	var list []string
	for _, r := range l {
		if r.count > 0 {
			list = append(list, fmt.Sprintf("flights that are left out: %d, the first %.60q: %s", r.count, r.first, r.text))
		}
	}
	return list
}

// digest returns a SHA-256 of the contents of files, of which some names are "".
func digest(names []string) (string, error) {
	h := sha256.New()
	for i, name := range names {
		sum := ""
		if name != "" {
			var err error
			if sum, err = regular.Sum(name); err != nil {
				return "", err
			}
		}
		fmt.Fprintf(h, "%d %s\n", min(i, 4), sum)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
