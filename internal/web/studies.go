package web

import (
	"net/http"
	"slices"
	"sync"

	"breakeven/internal/store"
	"breakeven/study"
)

// A studyView is a study in the list.
type studyView struct {
	study.Study
	Scales []scaleView
}

// A scaleView says how many of the trials of a scale have a run.
type scaleView struct {
	Name, Doc     string
	There, Trials int
}

// scales are the trials of all scales, which are made when somebody asks for them.
type scales struct {
	mu   sync.Mutex
	list map[string][]string // identities of specs, by study and scale
}

// trials returns the identities of the trials of a scale.
func (v *server) trials(s study.Study, scale string) ([]string, error) {
	v.scales.mu.Lock()
	defer v.scales.mu.Unlock()
	key := s.Name + " " + scale
	if ids, ok := v.scales.list[key]; ok {
		return ids, nil
	}
	specs, err := v.Specs(s, scale)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(specs))
	for i, spec := range specs {
		ids[i] = spec.ID()
	}
	if v.scales.list == nil {
		v.scales.list = map[string][]string{}
	}
	v.scales.list[key] = ids
	return ids, nil
}

// warm makes the lists of all studies, so that nobody waits for them.
func (v *server) warm() {
	for _, s := range v.Studies {
		for _, scale := range s.Scales {
			if v.ctx.Err() != nil {
				return
			}
			_, _ = v.trials(s, scale.Name) // the page says what is wrong
		}
	}
}

// there returns the newest run of each trial that has one.
func there(list *listing, ids []string) (runs []store.Run) {
	for _, id := range ids {
		if places := list.bySpec[id]; len(places) > 0 {
			runs = append(runs, list.runs[places[0]])
		}
	}
	return runs
}

func (v *server) studies(w http.ResponseWriter, r *http.Request) error {
	list, err := v.plain(r)
	if err != nil {
		return err
	}
	var views []studyView
	for _, s := range v.Studies {
		view := studyView{Study: s}
		for _, scale := range s.Scales {
			ids, err := v.trials(s, scale.Name)
			if err != nil {
				return err
			}
			view.Scales = append(view.Scales, scaleView{scale.Name, scale.Doc, len(there(list, ids)), len(ids)})
		}
		views = append(views, view)
	}
	return v.write(w, "studies", frame{Title: "Studies", Subtitle: v.Store.Dir(), Nav: "studies", Events: "/events", Version: list.version}, views)
}

// study shows the report of the runs of a scale that are there.
func (v *server) study(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "scale")
	if err != nil {
		return err
	}
	place := slices.IndexFunc(v.Studies, func(s study.Study) bool { return s.Name == r.PathValue("study") })
	if place < 0 {
		return failf(http.StatusNotFound, "There is no study %.40q.", r.PathValue("study"))
	}
	s := v.Studies[place]
	if _, err := s.Scale(q.Get("scale")); err != nil {
		return failf(http.StatusBadRequest, "The study %s has no scale %.40q.", s.Name, q.Get("scale"))
	}
	list, err := v.feed.now()
	if err != nil {
		return err
	}
	ids, err := v.trials(s, q.Get("scale"))
	if err != nil {
		return err
	}
	runs := there(list, ids)
	if len(runs) == 0 {
		return failf(http.StatusNotFound, "None of the trials of %s, scale %s, has a run yet.", s.Name, q.Get("scale"))
	}
	part, err := v.report("study "+s.Name, runs, s.Analyze, "")
	if err != nil {
		return err
	}
	events := "/events"
	return v.write(w, "part", frame{Title: s.Title, Source: s.Paper, Subtitle: part.Subtitle, Events: events, Version: list.version}, part)
}
