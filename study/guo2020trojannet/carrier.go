package guo2020trojannet

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
)

// carrierKeys are what is compared of the carrier's own loss. In a joint run they have the prefix
// carrier_, since h_max and the others are of the sum of all losses there.
var carrierKeys = []string{"h_max", "k_max", "k_trace"}

// asCarriers returns the runs with the carriers' own keys also in the runs of networks alone that
// are a carrier in another run: their loss is their own.
func asCarriers(runs []study.Run) []study.Run {
	carriers := map[string]bool{}
	for _, r := range runs {
		if n := len(r.Records); n > 0 && way(r.Spec) != alone {
			if _, ok := r.Records[n-1].Get("carrier_" + carrierKeys[0]); ok {
				carriers[modelOf(r.Spec)+tasks(r.Spec)[0]] = true
			}
		}
	}
	runs = slices.Clone(runs)
	for i, r := range runs {
		if way(r.Spec) == alone && carriers[modelOf(r.Spec)+tasks(r.Spec)[0]] {
			runs[i].Records = nil
			for _, rec := range r.Records {
				runs[i].Records = append(runs[i].Records, asCarrier(rec))
			}
		}
	}
	return runs
}

// asCarrier returns a record with the carrier's keys, too.
func asCarrier(rec run.Record) run.Record {
	rec.Values = slices.Clone(rec.Values)
	for _, key := range carrierKeys {
		if v, ok := rec.Get(key); ok {
			v.Key = "carrier_" + key
			rec.Values = append(rec.Values, v)
		}
	}
	return rec
}

// seen says of each model whether curvature and gradient noise of a carrier's own loss show that it
// hides another network.
func seen(list []*Setting, runs []study.Run) (all []study.Section) {
	var models []string
	for _, s := range list {
		if s.Way == permuted && !slices.Contains(models, s.Model) {
			models = append(models, s.Model)
		}
	}
	for _, model := range models {
		var parts, differ []string
		few := false
		for _, key := range carrierKeys {
			f := carrierFactor(list, runs, model, key)
			if !f.Known() {
				continue
			}
			k, _ := run.LookupKey(key)
			parts = append(parts, fmt.Sprintf("%v times the %s", f, k.Symbol))
			same := study.Sample{Mean: 1, N: f.N}
			if f.Above(same) || same.Above(f) {
				differ = append(differ, k.Symbol)
			}
			few = few || f.N < 2
		}
		if len(parts) > 0 {
			all = append(all, seenSection(model, parts, differ, few))
		}
	}
	return all
}

func seenSection(model string, parts, differ []string, few bool) study.Section {
	last := len(parts) - 1
	all := parts[last]
	if last > 0 {
		all = strings.Join(parts[:last], ", ") + " and " + all
	}
	s := study.Section{Title: "Can it be seen in curvature and gradient noise? (" + model + ")", Badge: "not seen", Lines: []string{
		"A carrier that hides another network has, of its own loss, " + all + " of the same carrier trained alone from the same first weights.",
		"None of them differs by more than twice its error over the seeds.",
	}, More: []string{"Each is the geometric mean along training, without the record before the first step, ± the deviation of single seeds."}}
	switch {
	case few:
		s.Badge, s.Lines, s.Open = "open", s.Lines[:1], []string{"One seed says nothing about the next: two or more are needed."}
	case len(differ) > 0:
		s.Badge = "seen beside a twin"
		s.Lines[1] = "Seeds do not explain the difference in " + strings.Join(differ, ", ") + ". Whoever has a twin of the carrier, trained in the same way, can see it there; a file alone has nothing to hold it against."
	}
	return s
}

// carrierFactor returns how many times as large a number of a carrier's own loss is where it hides
// others: for each seed the geometric mean along training and over what is hidden.
func carrierFactor(list []*Setting, runs []study.Run, model, key string) study.Sample {
	bySeed := map[uint64][]float64{}
	for _, s := range list {
		own := find(list, model, s.Tasks[:1], alone)
		if s.Model != model || s.Way != permuted || own == nil {
			continue
		}
		for seed, at := range s.seeds {
			if place, ok := own.seeds[seed]; ok {
				bySeed[seed] = append(bySeed[seed], logRatio(runs[at].Records, runs[place].Records, key))
			}
		}
	}
	var factors []float64
	for _, seed := range slices.Sorted(maps.Keys(bySeed)) {
		factors = append(factors, math.Exp(study.SampleOf(bySeed[seed]).Mean))
	}
	return study.SampleOf(factors)
}

// logRatio returns the mean along training of the logarithm of a number of a carrier that hides
// others over that of one alone; NaN if there is none.
func logRatio(hiding, plain []run.Record, key string) float64 {
	var logs []float64
	for n := 1; n < min(len(hiding), len(plain)); n++ {
		a, ok := hiding[n].Get("carrier_" + key)
		b, other := plain[n].Get(key)
		if ok && other {
			logs = append(logs, math.Log(a.Value/b.Value))
		}
	}
	return study.SampleOf(logs).Mean
}
