package study

import (
	"math"

	"breakeven/run"
)

// WithSeeds returns each spec with the seeds 0 to n−1, none twice: first all with seed 0. Seeds that
// the specs had are not kept.
func WithSeeds(specs []run.Spec, n int) (all []run.Spec) {
	there := map[string]bool{}
	for seed := range n {
		for _, s := range specs {
			s.Seed = uint64(seed)
			if id := s.ID(); !there[id] {
				there[id] = true
				all = append(all, s)
			}
		}
	}
	return all
}

// Settings returns the places of runs that differ in nothing but the seed, the fields aside, and what is measured:
// a list for each setting, in the order of its first run. Of runs that differ in what is measured alone the first counts.
func Settings(runs []Run, aside ...string) (settings [][]int) {
	index, seen := map[string]int{}, map[string]bool{}
	for place, r := range runs {
		s := r.Spec
		s.Probes, s.Every = nil, 0
		trained := s.ID()
		if seen[trained] {
			continue
		}
		seen[trained] = true
		s.Seed = 0
		for _, field := range aside {
			s = s.With(field, "")
		}
		id := s.ID()
		if _, ok := index[id]; !ok {
			index[id] = len(settings)
			settings = append(settings, nil)
		}
		settings[index[id]] = append(settings[index[id]], place)
	}
	return settings
}

// OverSeeds puts trajectories that differ in nothing but the seed together: each value is their mean
// at a step, with their deviation as its error, so that curves get bands. A step counts if all
// of them have it; a vector is that of the first. Of a setting with one seed nothing changes, and
// none changes if no setting has two. name names a setting, whose seed is 0.
func OverSeeds(ts []Trajectory, name func(run.Spec) string) []Trajectory {
	var settings [][]Trajectory
	place := map[string]int{}
	for _, t := range ts {
		s := t.Spec
		s.Seed = 0
		id := s.ID()
		if _, ok := place[id]; !ok {
			place[id] = len(settings)
			settings = append(settings, nil)
		}
		settings[place[id]] = append(settings[place[id]], t)
	}
	if len(settings) == len(ts) {
		return ts
	}
	var list []Trajectory
	for i, seeds := range settings {
		t := seeds[0]
		t.Place = i + 1
		if len(seeds) > 1 {
			t.Spec.Seed = 0
			t.Name = name(t.Spec)
			t.Records, t.Marks, t.columns = meanRecords(seeds), meanMarks(seeds), nil
		}
		list = append(list, t)
	}
	return list
}

// meanRecords returns the records of the steps that all trajectories have.
func meanRecords(seeds []Trajectory) []run.Record {
	at := make([]map[int]run.Record, len(seeds))
	for i, t := range seeds {
		at[i] = map[int]run.Record{}
		for _, rec := range t.Records {
			at[i][rec.Step] = rec
		}
	}
	var list []run.Record
	for _, first := range seeds[0].Records {
		var same []run.Record
		for i := range seeds {
			if rec, ok := at[i][first.Step]; ok {
				same = append(same, rec)
			}
		}
		if len(same) < len(seeds) {
			continue
		}
		mean := run.Record{Step: first.Step, Epoch: first.Epoch}
		for _, v := range first.Values {
			mean.Values = append(mean.Values, meanValue(v, same))
		}
		list = append(list, mean)
	}
	return list
}

// meanValue returns the mean of a value over records, NaN if one of them has none that is finite.
func meanValue(v run.Value, records []run.Record) run.Value {
	var of []float64
	for _, rec := range records {
		if x, ok := rec.Get(v.Key); ok {
			of = append(of, x.Value)
		}
	}
	mean := run.Value{Key: v.Key, Unit: v.Unit, Value: math.NaN(), Vector: v.Vector}
	if s := SampleOf(of); s.N == len(records) {
		mean.Value, mean.Sample = s.Mean, s.Deviation
	}
	return mean
}

// meanMarks returns the marks that all trajectories have, at their mean places.
func meanMarks(seeds []Trajectory) []Mark {
	var list []Mark
	for _, m := range seeds[0].Marks {
		var at []float64
		for _, t := range seeds {
			for _, o := range t.Marks {
				if o.Name == m.Name {
					at = append(at, o.At)
				}
			}
		}
		if len(at) == len(seeds) {
			m.At = SampleOf(at).Mean
			list = append(list, m)
		}
	}
	return list
}
