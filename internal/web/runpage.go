package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study"
)

// find returns a run by its ID. A name that leads to one is an error that says where.
func (v *server) find(r *http.Request) (store.Run, *listing, error) {
	name := r.PathValue("run")
	if len(name) > longest {
		return store.Run{}, nil, failf(http.StatusBadRequest, "The name of a run is at most 60 letters long.")
	}
	list, err := v.feed.now()
	if err != nil {
		return store.Run{}, nil, err
	}
	if i, ok := list.byID[name]; ok {
		return list.runs[i], list, damage(list.runs[i])
	}
	found, err := v.Store.Find(name)
	if err == nil {
		_, rest, more := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/runs/"), "/")
		if more {
			rest = "/" + rest
		}
		err = elsewhere{"/runs/" + found.ID + rest}
	}
	return found, list, err
}

// damage is the error of a run that cannot be read.
func damage(r store.Run) error {
	if r.Damage != nil {
		return failf(http.StatusConflict, "The run %s cannot be read: %v", r.ID, r.Damage)
	}
	return nil
}

// elsewhere is the address of what was asked for.
type elsewhere struct{ address string }

func (e elsewhere) Error() string { return "it is at " + e.address }

// A runView is a run, as its template reads it.
type runView struct {
	Formats []string
	ID      string
	State   string
	Message string
	Part    report.Part
	Latest  []latestView
	Facts   [][2]string
}

// A latestView is the newest value of a key.
type latestView struct {
	Key, Symbol, Value, Unit string
	Meaning                  string
	Step                     int
}

func (v *server) run(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	found, list, err := v.find(r)
	if err != nil {
		return err
	}
	part, err := v.report("run", []store.Run{found}, nil, "/runs/"+found.ID+"/figures/")
	if err != nil {
		return err
	}
	last, err := v.latest(found)
	if err != nil {
		return err
	}
	view := runView{Formats: tables, ID: found.ID, State: v.State(found), Message: found.Message, Part: part, Latest: latestOf(last), Facts: v.facts(found)}
	title := part.Title
	if found.Name != "" {
		title = found.Name + ": " + title
	}
	return v.write(w, "run", frame{Title: title, Subtitle: part.Subtitle, Events: "/events?run=" + found.ID, Version: list.version}, view)
}

// latest returns the last record of a run, or none.
func (v *server) latest(r store.Run) ([]run.Record, error) {
	if r.LastStep < 0 {
		return nil, nil
	}
	records, err := v.Store.RecordsAfter(r.ID, r.LastStep-1)
	return records[:min(1, len(records))], err
}

func latestOf(records []run.Record) (list []latestView) {
	for _, k := range run.Measured(records) {
		if value, ok := records[0].Get(k.Name); ok && value.Vector == nil {
			x := latestView{Key: k.Name, Symbol: k.Symbol, Meaning: k.Meaning, Unit: value.Unit, Step: records[0].Step, Value: fmt.Sprintf("%.6g", value.Value)}
			if e := value.Combined(); e > 0 {
				x.Value += fmt.Sprintf(" ± %.2g", e)
			}
			list = append(list, x)
		}
	}
	return list
}

// facts says by what a run was made, where and when.
func (v *server) facts(r store.Run) [][2]string {
	const minute = "2006-01-02 15:04:05"
	list := [][2]string{
		{"Program", fmt.Sprintf("breakeven %s, instruction set %s, numerics %d", r.Origin.Program, r.Origin.ISA, r.Origin.Numerics)},
		{"Begun", r.Created.UTC().Format(minute) + " UTC"},
		{"Last written", fmt.Sprintf("%s UTC, %s later", r.Updated.UTC().Format(minute), r.Updated.Sub(r.Created).Round(time.Second))},
		{"Step", fmt.Sprintf("%d, last checkpoint at %d", r.LastStep, r.Checkpoint)},
	}
	if known, missing := v.extremes.of([]store.Run{r}); missing == 0 && known[0].seconds > 0 {
		list = append(list, [2]string{"Measuring took", fmt.Sprintf("%.4g s", known[0].seconds)})
	}
	if r.Working {
		host := r.Host
		if host == "" {
			host = "this machine"
		}
		list = append(list, [2]string{"Works on it", fmt.Sprintf("process %d on %s", r.PID, host)})
	}
	if r.Changes != "" {
		list = append(list, [2]string{"Arithmetic", "changed " + r.Changes})
	}
	if len(r.Tags) > 0 {
		list = append(list, [2]string{"Tags", strings.Join(r.Tags, ", ")})
	}
	return list
}

// report returns the report of runs, drawn once for as long as nothing of them changes.
func (v *server) report(kind string, runs []store.Run, analyze func([]study.Run) study.Analysis, pictures string) (report.Part, error) {
	key := kind
	for _, r := range runs {
		key += "\n" + stateOf(r)
	}
	return v.pages.get(key, func() (report.Part, error) {
		p, err := v.Page(runs, analyze)
		if err != nil {
			return report.Part{}, err
		}
		p.Pictures = pictures
		thin(p.Analysis.Lead)
		thin(p.Analysis.Groups)
		return report.Render(p)
	})
}

// compare shows several runs.
func (v *server) compare(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "run")
	if err != nil {
		return err
	}
	list, err := v.feed.now()
	if err != nil {
		return err
	}
	var runs []store.Run
	for _, id := range q["run"] {
		i, ok := list.byID[id]
		if !ok {
			return failf(http.StatusNotFound, "There is no run %.40q.", id)
		}
		if err := damage(list.runs[i]); err != nil {
			return err
		}
		if !slices.ContainsFunc(runs, func(r store.Run) bool { return r.ID == id }) {
			runs = append(runs, list.runs[i])
		}
	}
	if len(runs) == 0 {
		return failf(http.StatusBadRequest, "No run is checked: choose two or more in the table of runs.")
	}
	part, err := v.report("compare", runs, nil, "")
	if err != nil {
		return err
	}
	f := frame{Title: part.Title, Subtitle: part.Subtitle, Events: "/events?" + url.Values{"run": q["run"]}.Encode(), Version: list.version}
	return v.write(w, "part", f, part)
}
