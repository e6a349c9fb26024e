package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"breakeven/run"
)

// A Measurement is something that is measured at weights which programs send: data, network and probes
// are known beforehand, and a request carries a checkpoint alone.
type Measurement struct {
	Name    string // in its address: letters, digits, "-", "_" and "."
	About   string // what is measured, in a line
	Largest int64  // bytes of a checkpoint
	// Measure measures at the weights in a file, as at a step of training with a learning rate, 0 for the
	// usual one. An error that is no fault of the server is an Unfit. It ends when ctx does.
	Measure func(ctx context.Context, file io.ReaderAt, size int64, step int, lr float64) (run.Record, []string, error)
}

// An Unfit says why nothing can be measured at what was sent.
type Unfit struct{ Why string }

func (u Unfit) Error() string { return u.Why }

// maxWaiting is how many checkpoints are measured or wait for that.
const maxWaiting = 4

// A meters are the measurements of a site at work. One is made at a time, since it takes all cores.
type meters struct {
	list     []Measurement
	uploads  *uploads
	places   chan struct{} // of checkpoints that are here as a whole
	measured chan struct{} // by whoever measures
	log      func(error)   // never nil
	ctx      context.Context
}

func newMeters(ctx context.Context, list []Measurement, log func(error)) *meters {
	if log == nil {
		log = func(error) {}
	}
	return &meters{list: list, uploads: newUploads(), places: make(chan struct{}, maxWaiting), measured: make(chan struct{}, 1), log: log, ctx: ctx}
}

// handlers returns what answers at each address. Answers are JSON.
func (m *meters) handlers() map[string]http.Handler {
	all := map[string]http.Handler{}
	for pattern, f := range map[string]func(http.ResponseWriter, *http.Request) (any, error){
		"GET /measure":         m.names,
		"POST /measure/{name}": m.measure,
		"GET /openapi.json":    m.document,
	} {
		all[pattern] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.answer(w, r, f) })
	}
	return all
}

// answer writes what f returns as JSON, or the error as {"error": …}.
func (m *meters) answer(w http.ResponseWriter, r *http.Request, f func(http.ResponseWriter, *http.Request) (any, error)) {
	body, err := f(w, r)
	code := http.StatusOK
	if err != nil {
		var fail failure
		switch {
		case errors.As(err, &fail):
		case m.ctx.Err() != nil:
			fail = failure{http.StatusServiceUnavailable, "the server is ending"}
		default:
			fail = failure{http.StatusInternalServerError, err.Error()}
			if r.Context().Err() == nil { // else nobody waits for it
				m.log(err)
			}
		}
		if code = fail.code; code == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "5")
		}
		body = map[string]string{"error": fail.text}
	}
	text, err := json.Marshal(body)
	if err != nil {
		m.log(err)
		code, text = http.StatusInternalServerError, []byte(`{"error": "the answer cannot be written"}`)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answered))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n')) // nobody may be there any more
}

type named struct {
	Name    string `json:"name"`
	About   string `json:"about"`
	Largest int64  `json:"largest"`
}

// names lists what is measured.
func (m *meters) names(_ http.ResponseWriter, r *http.Request) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	list := []named{}
	for _, one := range m.list {
		list = append(list, named{one.Name, one.About, one.Largest})
	}
	return map[string]any{"measurements": list}, nil
}

// measurement is the answer to a checkpoint.
type measurement struct {
	Name    string               `json:"measurement"`
	Step    int                  `json:"step"`
	Values  map[string]run.Value `json:"values"`
	Omitted []run.Omission       `json:"omitted"`
	Notes   []string             `json:"notes"`
	Seconds float64              `json:"seconds"`
}

// measure receives a checkpoint and measures at it.
func (m *meters) measure(w http.ResponseWriter, r *http.Request) (any, error) {
	body := m.uploads.begin(w, r)
	answer, err := m.measureAt(w, r, body)
	if err != nil {
		m.drain(r, body)
	}
	return answer, err
}

// drain reads what is left of a checkpoint that is of no use: most programs read no answer before they have sent all.
// One that asks first, by Expect, need not send it.
func (m *meters) drain(r *http.Request, body *upload) {
	largest := int64(0)
	for _, one := range m.list {
		largest = max(largest, one.Largest)
	}
	if r.Header.Get("Expect") == "" && r.ContentLength <= largest {
		_, _ = io.CopyN(io.Discard, body, largest) // it may have ended
	}
}

// measureAt measures at the checkpoint in a body. Only when that is here as a whole it takes a place.
func (m *meters) measureAt(w http.ResponseWriter, r *http.Request, body *upload) (any, error) {
	one, err := m.find(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	step, lr, err := point(r)
	if err != nil {
		return nil, err
	}
	busy := failf(http.StatusServiceUnavailable, "%d checkpoints wait to be measured already; try again in a few seconds", maxWaiting)
	if len(m.places) == cap(m.places) { // it need not be sent
		return nil, busy
	}
	file, size, err := m.uploads.receive(w, r, body, one.Largest)
	if err != nil {
		return nil, err
	}
	defer drop(file)
	select {
	case m.places <- struct{}{}:
		defer func() { <-m.places }()
	default:
		return nil, busy
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(m.ctx, cancel)()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // measuring may take long
	select {
	case m.measured <- struct{}{}:
		defer func() { <-m.measured }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	begun := time.Now()
	record, notes, err := one.Measure(ctx, file, size, step, lr)
	var unfit Unfit
	switch {
	case errors.As(err, &unfit):
		return nil, failure{http.StatusUnprocessableEntity, unfit.Why}
	case err != nil:
		return nil, err
	}
	return measurement{one.Name, record.Step, record.ByKey(), append([]run.Omission{}, record.Omitted...), append([]string{}, notes...), time.Since(begun).Seconds()}, nil
}

func (m *meters) find(name string) (Measurement, error) {
	var names []string
	for _, one := range m.list {
		if one.Name == name {
			return one, nil
		}
		names = append(names, one.Name)
	}
	return Measurement{}, failf(http.StatusNotFound, "no measurement is called %.40q; there are %s", name, strings.Join(names, ", "))
}

// point reads the step and the learning rate of a request.
func point(r *http.Request) (step int, lr float64, err error) {
	q, err := query(r, "step", "lr")
	if err != nil {
		return 0, 0, err
	}
	if text := q.Get("step"); text != "" {
		if step, err = strconv.Atoi(text); err != nil || step < 0 {
			return 0, 0, failf(http.StatusBadRequest, "step must be a whole number from 0, and is %.40q", text)
		}
	}
	if text := q.Get("lr"); text != "" {
		if lr, err = strconv.ParseFloat(text, 64); err != nil || !(lr > 0) || math.IsInf(lr, 0) {
			return 0, 0, failf(http.StatusBadRequest, "lr must be a number above 0, and is %.40q", text)
		}
	}
	return step, lr, nil
}
