package guo2020trojannet

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/study"
)

// A comparison is of settings with so many tasks: the mean over them, and over their tasks, of how
// much more accurate networks of one way are than those of another.
type comparison struct {
	model  string
	tasks  int
	groups int          // settings that were compared
	points study.Sample // over the seeds
}

// label says of what a comparison is.
func (c comparison) label() string {
	switch {
	case c.groups == 1:
		return fmt.Sprintf("%d networks in one set of weights", c.tasks)
	case c.tasks == 2:
		return fmt.Sprintf("%d pairs", c.groups)
	}
	return fmt.Sprintf("%d groups of %d", c.groups, c.tasks)
}

// compareAll compares the settings of a way with those of another, by model and number of tasks.
func compareAll(list []*Setting, way, other string) (all []comparison) {
	var sums []map[uint64][]float64
	for _, s := range list {
		if s.Way != way {
			continue
		}
		bySeed := s.against(list, other)
		if len(bySeed) == 0 {
			continue
		}
		i := slices.IndexFunc(all, func(c comparison) bool { return c.model == s.Model && c.tasks == len(s.Tasks) })
		if i < 0 {
			i = len(all)
			all, sums = append(all, comparison{model: s.Model, tasks: len(s.Tasks)}), append(sums, map[uint64][]float64{})
		}
		all[i].groups++
		for seed, x := range bySeed {
			sums[i][seed] = append(sums[i][seed], x)
		}
	}
	for i := range all {
		var x []float64
		for _, bySetting := range sums[i] {
			if len(bySetting) == all[i].groups { // a seed that all of them have
				x = append(x, study.SampleOf(bySetting).Mean)
			}
		}
		slices.Sort(x)
		all[i].points = study.SampleOf(x)
	}
	return slices.DeleteFunc(all, func(c comparison) bool { return !c.points.Known() })
}

// against returns for each seed the mean over the setting's tasks of its accuracy less that in another
// way.
func (s *Setting) against(list []*Setting, other string) map[uint64]float64 {
	bySeed := map[uint64]float64{}
	for seed, own := range s.ends {
		sum := 0.0
		for k, task := range s.Tasks {
			sum += own[k] - endOf(list, s, task, k, other, seed)
		}
		if !math.IsNaN(sum) {
			bySeed[seed] = sum / float64(len(s.Tasks))
		}
	}
	return bySeed
}

// endOf returns the accuracy of task k of a setting in another way; NaN if it was not measured.
func endOf(list []*Setting, s *Setting, task string, k int, other string, seed uint64) float64 {
	group := s.Tasks
	if other == alone {
		group, k = []string{task}, 0
	}
	if o := find(list, s.Model, group, other); o != nil {
		if x, ok := o.ends[seed]; ok {
			return x[k]
		}
	}
	return math.NaN()
}

// none is the comparison of what does not differ, with as many seeds.
func (c comparison) none() study.Sample { return study.Sample{N: c.points.N} }

// section says whether settings differ.
func (c comparison) section(what, than string) study.Section {
	s := study.Section{Title: fmt.Sprintf("%s: %s (%s)", what, c.label(), c.model), Badge: "no difference",
		Lines: []string{fmt.Sprintf("Networks that are hidden, each with a permutation, classify %s points more %s, in the mean over their tasks.", signed(c.points), than)}}
	switch zero := c.none(); {
	case c.points.N < 2:
		s.Badge, s.Open = "open", []string{"One seed says nothing about the next: two or more are needed."}
	case zero.Above(c.points):
		s.Badge, s.Tone = fmt.Sprintf("%.2g points less", -c.points.Mean), "bad"
	case c.points.Above(zero):
		s.Badge, s.Tone = fmt.Sprintf("%.2g points more", c.points.Mean), "good"
	}
	return s
}

// signed returns a sample of differences with its sign.
func signed(s study.Sample) string {
	text := s.String()
	if s.Mean > 0 {
		return "+" + text
	}
	return strings.Replace(text, "-", "−", 1)
}
