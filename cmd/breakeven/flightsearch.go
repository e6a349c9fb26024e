package main

import (
	"slices"
	"strings"

	"breakeven/flight/baseline"
	"breakeven/flight/search"

	"github.com/spf13/cobra"
)

// networkFlags say which network predicts, and how it searches.
type networkFlags struct {
	runs     []string // of the store
	with     []string // simple methods whose predictions are averaged with those of the networks
	valid    bool     // what the runs held out for validation is predicted
	at       int      // step of its training, if it is given; else the last
	released []string // files of the released network
	beams    int
	filter   string
	late     bool // --official counts penalties late
}

// usualNetwork returns the flags as they are if none is given.
func usualNetwork() networkFlags { return networkFlags{beams: 9, filter: "adaptive"} }

// filters are the ways in which states along a track are filtered.
var filters = []string{"adaptive", "plain", "none"}

func (n *networkFlags) add(c *cobra.Command) {
	usual, flags := usualNetwork(), c.Flags()
	flags.StringSliceVar(&n.runs, "run", nil, "run of the store whose network predicts; its own test flights, unless --tracks names others; of several runs, with commas between, the mean")
	flags.StringSliceVar(&n.with, "with", nil, "simple methods whose predictions are averaged with the networks', with commas between")
	completes(c, "with", completeWords(methodNames))
	flags.BoolVar(&n.valid, "valid", false, "predict the flights that the runs of --run held out for validation, each by those that did")
	flags.IntVar(&n.at, "at", 0, "step of its training after which the network predicts (default: the last)")
	flags.StringSliceVar(&n.released, "released", nil, "npz files of the network that Liu and Hansen have released: its weights, and the constants that scale its numbers")
	_ = c.MarkFlagFilename("released", "npz")
	flags.IntVar(&n.beams, "beams", usual.beams, "tracks that the search of a network keeps of each flight")
	flags.StringVar(&n.filter, "filter", usual.filter, "Kalman filter along its tracks: adaptive, with a gate and manoeuvres; plain; none")
	completes(c, "filter", cobra.FixedCompletions(filters, cobra.ShellCompDirectiveNoFileComp))
	flags.BoolVar(&n.late, "late", false, "with --official: count penalties of the filter a step late, as the scores of that program do")
}

// named reports whether a network predicts.
func (n *networkFlags) named() bool { return len(n.runs) > 0 || len(n.released) > 0 }

func (n *networkFlags) check(f *flightFlags) error {
	switch {
	case len(n.runs) > 0 && len(n.released) > 0:
		return usagef("--released: --run names another network; leave out one of them")
	case n.valid && (len(n.runs) == 0 || f.files.Tracks != ""):
		return usagef("--valid: the flights are those that runs of --run held out: it needs --run, and no --tracks")
	case len(n.with) > 0 && len(n.runs) == 0:
		return usagef("--with: there is no run of --run whose predictions could be averaged with others")
	case f.given("at") && len(n.runs) == 0:
		return usagef("--at: of which run? Give one with --run")
	case n.beams < 1 || n.beams > 1000:
		return usagef("--beams: %d; 1 to 1,000 tracks can be kept", n.beams)
	case !slices.Contains(filters, n.filter):
		return usagef("--filter: %q is none; there are %s", n.filter, strings.Join(filters, ", "))
	case n.late && !f.official:
		return usagef("--late: says how --official counts; give both")
	}
	if !n.named() {
		for _, name := range []string{"beams", "filter", "late"} {
			if f.given(name) {
				return usagef("--%s: says how a network searches; name one with --run or --released", name)
			}
		}
	}
	return nil
}

// given reports whether a flag was given.
func (f *flightFlags) given(name string) bool { return f.set != nil && f.set.Changed(name) }

// search returns how a network searches.
func (f *flightFlags) search(o baseline.Options) search.Options {
	s := search.Default()
	if f.official {
		s = search.Official()
	}
	s.Steps, s.Beams, s.LatePenalty, s.Filter.Step = o.Steps, f.network.beams, f.network.late, o.Step
	switch f.network.filter {
	case "plain":
		s.Filter = s.Filter.Plain()
	case "none":
		s.Unfiltered = true
	}
	return s
}
