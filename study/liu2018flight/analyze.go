package liu2018flight

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// label says how a run trains.
func label(s run.Spec) string {
	words := []string{fmt.Sprintf("%s, η = %g, S = %d", s.Method, s.LR, s.Batch)}
	if d := s.Text("drift"); d != "" {
		words = append(words, "drift "+d+" nmi")
	}
	if d := s.Text("altitude_dither"); d != "" {
		words = append(words, "dither "+d+" ft")
	}
	if s.Text("targets") == "" {
		words = append(words, "states as targets")
	}
	if s.Text("weather_path") != "" {
		words = append(words, "weather")
	}
	return strings.Join(words, ", ")
}

// name names one run.
func name(s run.Spec) string {
	text := fmt.Sprintf("%s, seed %d", label(s), s.Seed)
	if of := s.Text("folds"); of != "" {
		k, _ := strconv.Atoi(s.Text("fold")) // "": 0
		text += fmt.Sprintf(", fold %d of %s", k+1, of)
	}
	return text
}

// analysis says what runs show.
func analysis(runs []study.Run) study.Analysis {
	runs = study.Named(runs, name)
	list := settings(runs)
	surfaces := surfacesOf(runs)
	a := study.Analysis{Subject: subject(runs), Data: map[string]any{"settings": list, "surfaces": surfaces}, Summary: table(list).Filled()}
	for i, r := range runs {
		a.Runs = append(a.Runs, study.Finding{Name: r.Name, Data: surfaces[i], Section: study.Section{
			Title: r.Name, Lines: []string{said(r)}, Notes: study.Omissions(r.Records)}})
	}
	drift, headline := driftSection(list)
	a.Headline = headline
	a.Sections = append(drift, surfaceSection(surfaces)...)
	groups := study.Draw(headings, study.Trajectories(runs, func(int) []study.Mark { return nil }))
	for i := range groups {
		groups[i].Figures = slices.DeleteFunc(groups[i].Figures, func(f study.Figure) bool { return len(f.Curves) == 0 })
	}
	a.Lead, a.Groups = drawn(groups[:1]), drawn(groups[1:])
	if len(list) > 0 {
		a.Notes = []string{"Tracks are predicted after 20 fixes with one beam and no filter; breakeven flight evaluate --run compares them with simple methods."}
	}
	return a
}

// drawn leaves out groups without figures.
func drawn(groups []study.Group) []study.Group {
	return slices.DeleteFunc(groups, func(g study.Group) bool { return len(g.Figures) == 0 })
}

// subject says what was learned, if it is the same for all.
func subject(runs []study.Run) string {
	if len(runs) == 0 {
		return ""
	}
	for _, r := range runs {
		if r.Spec.Data != runs[0].Spec.Data {
			return "flights"
		}
	}
	return "flights: " + path.Base(runs[0].Spec.Data)
}

// said is what one run shows.
func said(r study.Run) string {
	track, ok := last(r, "valid_track_error")
	step, has := last(r, "valid_step_error")
	switch {
	case ok && has:
		return fmt.Sprintf("At its end predicted tracks of validation flights are off by %s nmi, single steps by %s nmi.", digits.Significant(track, 3), digits.Significant(step, 3))
	case ok:
		return fmt.Sprintf("At its end predicted tracks of validation flights are off by %s nmi.", digits.Significant(track, 3))
	}
	return "No track was predicted along it."
}

// table lists the settings.
func table(list []Setting) study.Table {
	t := study.Table{Title: "Ways to train", Head: []string{"", "runs", "track error (nmi)", "step error (nmi)", "validation loss", "loss"},
		Note: "At the ends of runs, mean ± deviation of single runs over seeds and folds, on validation flights; loss is that on training flights."}
	for _, s := range list {
		t.Rows = append(t.Rows, []string{s.Name, fmt.Sprint(s.Runs), s.Track.String(), s.Step.String(), s.Valid.String(), s.Loss.String()})
	}
	return t
}

// driftSection compares settings with those that differ from them in the drift alone, and says it
// in a sentence of the pair with the most runs.
func driftSection(list []Setting) (sections []study.Section, headline string) {
	most := 0
	for _, moved := range list {
		still, ok := stillOf(list, moved.Spec)
		if !ok || moved.Track.N == 0 || still.Track.N == 0 {
			continue
		}
		s := study.Section{Title: moved.Name, Badge: "no difference", Lines: []string{
			fmt.Sprintf("Predicted tracks are off by %v nmi, without the drift by %v.", moved.Track, still.Track)}}
		if moved.Step.N > 0 && still.Step.N > 0 {
			s.Lines = append(s.Lines, fmt.Sprintf("Single steps are off by %v nmi, without it by %v.", moved.Step, still.Step))
		}
		switch {
		case still.Track.Above(moved.Track):
			s.Badge, s.Tone = "it helps", "good"
		case moved.Track.Above(still.Track):
			s.Badge, s.Tone = "it hurts", "bad"
		case moved.Track.N < 2 || still.Track.N < 2:
			s.Badge = "open"
			s.Open = []string{"One seed says nothing about the next: two or more are needed."}
		}
		sections = append(sections, s)
		if n := min(moved.Track.N, still.Track.N); n > most {
			most = n
			headline = fmt.Sprintf("With states that drift by %s nmi a step while it learns, the network predicts tracks to %v nmi; without, to %v nmi (%s).",
				moved.Spec.Text("drift"), moved.Track, still.Track, s.Badge)
		}
	}
	return sections, headline
}

// stillOf returns the setting that differs from a spec with a drift in that alone.
func stillOf(list []Setting, moved run.Spec) (Setting, bool) {
	if moved.Text("drift") == "" {
		return Setting{}, false
	}
	want := alike(moved)
	for _, s := range list {
		if s.Spec.Text("drift") == "" && alike(s.Spec) == want {
			return s, true
		}
	}
	return Setting{}, false
}

// alike is the same for specs that differ in the drift, the seed, the fold or what is measured.
func alike(s run.Spec) string {
	s = s.With("drift", "").With("drift_memory", "").With("fold", "")
	s.Seed, s.Probes, s.Every = 0, nil, 0
	return s.ID()
}
