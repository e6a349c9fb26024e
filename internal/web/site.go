package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study"
)

// A Site is a store, and what is known of its runs. All fields but Token and Log are needed.
type Site struct {
	Store   *store.Store
	Origin  store.Origin // whose numerics the trials of sweeps are counted in
	Studies []study.Study

	// Page returns what a report of some runs shows; with nil it chooses who analyzes them.
	Page func(runs []store.Run, analyze func([]study.Run) study.Analysis) (report.Page, error)
	// Specs returns the trials of a scale of a study as runs have them.
	Specs func(s study.Study, scale string) ([]run.Spec, error)
	// Labels names specs by what they differ in.
	Labels func([]run.Spec) []string
	// Lacks says why a field means nothing in a spec; "" if it means something.
	Lacks func(s run.Spec, field string) string
	// State is the status of a run in a word, and Standing that of a trial.
	State    func(store.Run) string
	Standing func(store.Standing, store.Sweep) string

	Measurements []Measurement // that are made for programs; none: they are not offered

	Token string        // without which nothing is shown; "": whoever reaches this machine's loopback sees all
	Poll  time.Duration // between two readings of the store while somebody watches
	Log   func(error)   // is told of faults that are not the reader's; nil: nobody is
}

// Handler returns the pages. They work until ctx ends.
func (s Site) Handler(ctx context.Context) http.Handler {
	lister := s.Store.Lister()
	v := &server{Site: s, ctx: ctx, lister: lister, feed: newFeed(lister.Runs, s.Poll), pages: newCache()}
	v.extremes = newExtremes(ctx, s.Store.RecordsAfter, v.feed.touch)
	go v.warm()
	mux := http.NewServeMux()
	for pattern, f := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /{$}":                         v.runs,
		"GET /runs/{run}":                  v.run,
		"GET /runs/{run}/{records}":        v.records,
		"GET /runs/{run}/figures/{figure}": v.figure,
		"GET /compare":                     v.compare,
		"GET /sweeps":                      v.sweeps,
		"GET /sweeps/{sweep}":              v.sweep,
		"GET /studies":                     v.studies,
		"GET /studies/{study}":             v.study,
		"GET /events":                      v.events,
		"GET /healthz":                     v.healthz,
		"GET /metrics":                     v.metrics,
		"GET /style.css":                   asset("text/css; charset=utf-8", styleSheet()),
		"GET /live.js":                     asset("text/javascript; charset=utf-8", script()),
		"GET /login":                       v.login,
		"POST /login":                      v.enter,
		"GET /": func(http.ResponseWriter, *http.Request) error {
			return failf(http.StatusNotFound, "There is no such page.")
		},
	} {
		mux.Handle(pattern, v.handler(f))
	}
	if len(s.Measurements) > 0 {
		for pattern, handler := range newMeters(ctx, s.Measurements, s.Log).handlers() {
			mux.Handle(pattern, handler)
		}
	}
	return v.guard(mux)
}

// A server is a site at work.
type server struct {
	Site
	ctx      context.Context // of the whole
	lister   *store.Lister
	feed     *feed
	extremes *extremes
	pages    *cache
	labels   labels
	scales   scales
}

// A failure is an answer that is no page: its HTTP status, and what its reader is told.
type failure struct {
	code int
	text string
}

func (f failure) Error() string { return f.text }

// handler writes the error of f as a page.
func (v *server) handler(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		var there elsewhere
		if errors.As(err, &there) {
			http.Redirect(w, r, there.address, http.StatusSeeOther)
			return
		}
		fail := v.failureOf(err)
		w.WriteHeader(fail.code)
		_ = v.write(w, "error", frame{Title: http.StatusText(fail.code)}, fail.text) // nobody may be there any more
	})
}

// failureOf says what a reader is told of an error.
func (v *server) failureOf(err error) failure {
	var fail failure
	switch {
	case errors.As(err, &fail):
		return fail
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrAmbiguous), errors.Is(err, store.ErrNoSweep):
		return failure{http.StatusNotFound, err.Error()}
	}
	if v.Log != nil {
		v.Log(err)
	}
	return failure{http.StatusServiceUnavailable, "The store cannot be read: " + err.Error()}
}

func (v *server) healthz(w http.ResponseWriter, r *http.Request) error {
	if _, err := v.feed.now(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return err
}
