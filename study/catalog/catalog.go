// Package catalog lists the studies that the program has. A study that stands in
// [Studies] is listed, shown, run and reported; nothing else need be changed.
package catalog

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
	"breakeven/study"
	"breakeven/study/guo2020trojannet"
	"breakeven/study/huang2020hierarchy"
	"breakeven/study/huang2021orthogonal"
	"breakeven/study/izadi2020natural"
	"breakeven/study/jastrzebski2020breakeven"
	"breakeven/study/liu2018flight"
)

// Studies are all studies. The first one is the demonstration, and reads the runs
// that several could read and none prefers.
var Studies = []study.Study{
	jastrzebski2020breakeven.Study,
	huang2020hierarchy.Study,
	huang2021orthogonal.Study,
	izadi2020natural.Study,
	liu2018flight.Study,
	guo2020trojannet.Study,
}

// Names returns the names of all studies.
func Names() []string {
	var names []string
	for _, s := range Studies {
		names = append(names, s.Name)
	}
	return names
}

// Find returns the study of a name. The error says what may be meant.
func Find(name string) (study.Study, error) {
	for _, s := range Studies {
		if s.Name == name {
			return s, nil
		}
	}
	if near, ok := run.Nearest(name, Names()); ok {
		return study.Study{}, fmt.Errorf("no study is called %q; did you mean %q?", name, near)
	}
	return study.Study{}, fmt.Errorf("no study is called %q; there is %s", name, strings.Join(Names(), ", "))
}

// Adviser returns the first study that advises on runs of a kind, and says which learning rate several
// of them speak for.
func Adviser(kind string) (study.Study, bool) {
	for _, s := range Studies {
		if s.Advise != nil && s.Tune != nil && slices.Contains(s.Kinds, kind) {
			return s, true
		}
	}
	return study.Study{}, false
}

// Analyze says what runs show: by a study that prefers them, by the first that reads
// all their kinds, or plainly if there is none.
func Analyze(runs []study.Run) study.Analysis {
	var specs []run.Spec
	for _, r := range runs {
		specs = append(specs, r.Spec)
	}
	reads := slices.DeleteFunc(slices.Clone(Studies), func(s study.Study) bool {
		return slices.ContainsFunc(specs, func(r run.Spec) bool { return !slices.Contains(s.Kinds, r.Kind) })
	})
	for _, s := range reads {
		if s.Prefers != nil && len(specs) > 0 && s.Prefers(specs) {
			return s.Analyze(runs)
		}
	}
	if len(reads) > 0 {
		return reads[0].Analyze(runs)
	}
	return study.Plain(runs)
}
