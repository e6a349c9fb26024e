package web

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"sync"
	"time"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/run"
)

// A sweepView is a sweep in the list.
type sweepView struct {
	store.Sweep
	State  string // active, paused, cancelled or ended
	Counts []countView
	Begun  string
}

// A countView says how many trials have a status.
type countView struct {
	State string
	N     int
}

func (v *server) sweeps(w http.ResponseWriter, r *http.Request) error {
	list, err := v.plain(r)
	if err != nil {
		return err
	}
	sweeps, err := v.Store.Sweeps()
	if err != nil {
		return err
	}
	const most = 100
	var views []sweepView
	for _, s := range sweeps[:min(most, len(sweeps))] {
		standings, err := v.standings(list, s)
		if err != nil {
			return err
		}
		views = append(views, v.sweepView(s, standings))
	}
	return v.write(w, "sweeps", frame{Title: "Sweeps", Subtitle: v.Store.Dir(), Nav: "sweeps", Events: "/events", Version: list.version}, views)
}

func (v *server) sweepView(s store.Sweep, list []store.Standing) sweepView {
	view := sweepView{s, "ended", v.tally(list, s), s.Created.UTC().Format(time.DateTime)}
	if slices.ContainsFunc(list, func(t store.Standing) bool { return !t.Ended() && t.Failures <= s.Retries }) {
		view.State = string(s.State)
	}
	return view
}

// standings returns how the trials of a sweep stand, as store.Standings does, by the runs of a list.
func (v *server) standings(list *listing, s store.Sweep) ([]store.Standing, error) {
	trials, err := v.lister.Trials(s.ID)
	if err != nil {
		return nil, err
	}
	standings := make([]store.Standing, len(trials))
	for i, t := range trials {
		standings[i].Trial = t.Trial
		for _, place := range list.bySpec[t.ID] {
			standings[i].Consider(list.runs[place], v.Origin)
		}
	}
	return standings, nil
}

// tally counts the trials by what is said of them, in the order in which that occurs first.
func (v *server) tally(list []store.Standing, s store.Sweep) (counts []countView) {
	places := map[string]int{}
	for _, t := range list {
		state := v.Standing(t, s)
		if _, ok := places[state]; !ok {
			places[state] = len(counts)
			counts = append(counts, countView{State: state})
		}
		counts[places[state]].N++
	}
	return counts
}

// A sweepPage is a sweep with its trials, as its template reads it.
type sweepPage struct {
	sweepView
	Figures        template.HTML
	Missing        int
	Heads          []any
	List           []trialView
	First, Last    int
	Previous, Next string
}

// A trialView is a trial in the table of its sweep.
type trialView struct {
	Place             int
	Label, Run, State string
	Failures          int
	Error             string
	Cells             []cellView
}

func (v *server) sweep(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "page")
	if err != nil {
		return err
	}
	name := r.PathValue("sweep")
	if len(name) > longest {
		return failf(http.StatusBadRequest, "The ID of a sweep is shorter.")
	}
	list, err := v.feed.now()
	if err != nil {
		return err
	}
	s, err := v.Store.FindSweep(name)
	if err != nil {
		return err
	}
	if s.ID != name {
		return elsewhere{"/sweeps/" + s.ID}
	}
	standings, err := v.standings(list, s)
	if err != nil {
		return err
	}
	page, first, end, err := pageOf(q, len(standings))
	if err != nil {
		return err
	}
	p := sweepPage{sweepView: v.sweepView(s, standings), First: first + 1, Last: end}
	runs, specs := make([]store.Run, len(standings)), make([]run.Spec, len(standings))
	for i, t := range standings {
		runs[i], specs[i] = t.Run, t.Spec
	}
	summaries, missing := v.extremes.of(runs)
	p.Missing = missing
	if p.Figures, err = report.Figures(surfaces(specs, summaries)); err != nil {
		return err
	}
	for _, x := range shown {
		p.Heads = append(p.Heads, report.Formula(x.name))
	}
	labels := v.labels.of(s.ID, specs, v.Labels)
	for i := first; i < end; i++ {
		p.List = append(p.List, v.trial(standings[i], s, labels[i], summaries[i]))
	}
	if page > 1 {
		p.Previous = fmt.Sprintf("/sweeps/%s?page=%d", s.ID, page-1)
	}
	if end < len(standings) {
		p.Next = fmt.Sprintf("/sweeps/%s?page=%d", s.ID, page+1)
	}
	return v.write(w, "sweep", frame{Title: upper(s.Title), Subtitle: fmt.Sprintf("Sweep %s · %d trials · %s", s.ID, s.Trials, p.State), Events: "/events", Version: list.version}, p)
}

func (v *server) trial(t store.Standing, s store.Sweep, label string, known summary) trialView {
	x := trialView{Place: t.Place, Label: label, Run: t.Run.ID, State: v.Standing(t, s), Failures: t.Failures}
	if t.Failures > 0 && !t.Ended() {
		x.Error = t.Error
	}
	step := ""
	if t.Run.ID != "" {
		step = fmt.Sprint(stepOf(t.Run))
	}
	x.Cells = []cellView{{"step", step}}
	for i, value := range known.values {
		x.Cells = append(x.Cells, cellView{report.Formula(shown[i].name), number(value)})
	}
	return x
}

// labels are the names of the trials of sweeps, which never change: those of the last few.
type labels struct {
	mu   sync.Mutex
	list map[string][]string // by the ID of the sweep
}

func (l *labels) of(sweep string, specs []run.Spec, name func([]run.Spec) []string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	const most = 16
	if names, ok := l.list[sweep]; ok {
		return names
	}
	if l.list == nil || len(l.list) >= most {
		l.list = map[string][]string{}
	}
	l.list[sweep] = name(specs)
	return l.list[sweep]
}
