package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/study"
)

var origin = store.Origin{Program: "test", ISA: "generic", Numerics: 1}

// A place is a store that a test writes to, and a server that shows it.
type place struct {
	store *store.Store
	site  Site
	url   string
}

// serve shows a new store. Its study has two trials.
func serve(t testing.TB, change func(*Site)) place {
	t.Helper()
	dir := t.TempDir()
	writer, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	specs := []run.Spec{specWith(0.1, 32, 1), specWith(0.1, 32, 2)}
	site := Site{
		Store: reader, Origin: origin, Poll: 10 * time.Millisecond,
		Studies: []study.Study{{Name: "one", Title: "One study", Paper: "Somebody 2020", Doc: "It shows λ_K¹.", Analyze: study.Plain,
			Scales: []study.Scale{{Name: "small", Trials: func() []study.Trial { return study.Trials(specs, "1") }}}}},
		Page: func(runs []store.Run, _ func([]study.Run) study.Analysis) (report.Page, error) {
			return plainPage(reader, runs)
		},
		Specs:    func(study.Study, string) ([]run.Spec, error) { return specs, nil },
		Labels:   func(specs []run.Spec) []string { return labelsOf(specs) },
		Lacks:    func(run.Spec, string) string { return "" },
		State:    func(r store.Run) string { return string(r.Status) },
		Standing: func(t store.Standing, _ store.Sweep) string { return "trial " + string(t.Run.Status) },
	}
	if change != nil {
		change(&site)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(site.Handler(ctx))
	t.Cleanup(func() {
		cancel()
		server.Close()
		reader.Close()
		writer.Close()
	})
	return place{writer, site, server.URL}
}

func labelsOf(specs []run.Spec) (list []string) {
	for _, s := range specs {
		list = append(list, fmt.Sprintf("lr %g", s.LR))
	}
	return list
}

func plainPage(s *store.Store, runs []store.Run) (report.Page, error) {
	var p report.Page
	var list []study.Run
	for _, r := range runs {
		records, err := s.Records(r.ID)
		if err != nil {
			return p, err
		}
		one := study.Run{ID: r.ID, Name: r.ID, Spec: r.Spec, Status: r.Status, Train: 100, Records: records}
		list, p.Runs = append(list, one), append(p.Runs, report.Run{Run: one})
	}
	p.Analysis = study.Plain(list)
	return p, nil
}

func specWith(lr float64, batch int, seed uint64) run.Spec {
	s := run.Default()
	s.LR, s.Batch, s.Seed = lr, batch, seed
	return s
}

// begin adds a run with records up to a step, each 10 steps.
func (p place) begin(t testing.TB, spec run.Spec, until int) store.Lease {
	t.Helper()
	l, err := p.store.Begin(spec, origin)
	if err != nil {
		t.Fatal(err)
	}
	for step := 0; step <= until; step += 10 {
		p.save(t, l, step)
	}
	return l
}

// save adds a record. The largest eigenvalue is 3/η at step 20.
func (p place) save(t testing.TB, l store.Lease, step int) {
	t.Helper()
	r, err := p.store.Find(l.Run)
	if err != nil {
		t.Fatal(err)
	}
	h := 3 / r.Spec.LR
	if step != 20 {
		h /= 2
	}
	rec := run.Record{Step: step, Epoch: float64(step) / 100, Values: []run.Value{
		{Key: "loss", Unit: "nat", Value: 2 / (1 + float64(step))}, {Key: "h_max", Unit: "nat", Value: h, Error: 0.5, How: run.How{Probe: "h", Seconds: 0.5}}, {Key: "h_trace", Value: 1, How: run.How{Probe: "h", Seconds: 0.5}}}}
	if err := p.store.Save(l, &rec, nil); err != nil {
		t.Fatal(err)
	}
}

// get returns the answer to a request.
func (p place) get(t testing.TB, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	return p.do(t, http.MethodGet, path, "", headers...)
}

func (p place) do(t testing.TB, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// has checks the status of an answer, and that texts stand in it in this order.
func (p place) has(t *testing.T, path string, code int, texts ...string) {
	t.Helper()
	answer, body := p.get(t, path)
	if answer.StatusCode != code {
		t.Errorf("%s: status %d, want %d\n%.300s", path, answer.StatusCode, code, body)
	}
	rest := body
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Errorf("%s: no %q (behind the others)\n%s", path, text, body)
			return
		}
		rest = after
	}
}

func TestPages(t *testing.T) {
	p := serve(t, nil)
	p.has(t, "/", 200, "There are no runs yet")
	p.has(t, "/sweeps", 200, "There are no sweeps")
	p.has(t, "/studies", 200, "One study", "0 of 2 trials")
	a, b, c := p.begin(t, specWith(0.1, 32, 1), 40), p.begin(t, specWith(0.3, 32, 1), 10), p.begin(t, specWith(0.1, 128, 1), 30)
	if err := p.store.SetName(c.Run, "wide <b>"); err != nil {
		t.Fatal(err)
	}
	if err := p.store.End(a, run.Finished, "all steps are done"); err != nil {
		t.Fatal(err)
	}
	sweep, err := p.store.Submit("rates", 1, origin, []run.Spec{specWith(0.1, 32, 1), specWith(0.3, 32, 1), specWith(0.1, 128, 1), specWith(1, 1, 1)})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // older than an interval

	p.has(t, "/", 200, "wide &lt;b&gt;", "running", "0.1", "128", ">30<", b.Run, a.Run, "finished", ">30<")
	p.has(t, "/?sort=-h_max", 200, `aria-sort="descending"`, "wide", ">30<", a.Run, ">30<", b.Run, ">5<")
	p.has(t, "/?sort=lr&q=running", 200, "1 to 2 of 2, of 3 in all", "wide", b.Run)
	p.has(t, "/?q=lr%3D0.1+batch%3D32", 200, "1 to 1 of 1", a.Run)
	p.has(t, "/?q=nothing", 200, "No run has all of these words")

	p.has(t, "/runs/"+a.Run, 200, "finished", "all steps are done", "records.csv", "<svg", "/runs/"+a.Run+"/figures/h_max.svg", "Latest values", "h_max", "15 ± 0.5", "Where and when", "instruction set generic", "Measuring took", "2.5 s")
	p.has(t, "/runs/"+a.Run+"/records.csv", 200, "run,step,", a.Run+",0,")
	p.has(t, "/runs/"+a.Run+"/records.json", 200, `"id"`, a.Run)
	p.has(t, "/runs/"+a.Run+"/records.parquet", 200, "PAR1")
	p.has(t, "/runs/"+a.Run+"/figures/h_max.svg", 200, "<svg")
	p.has(t, "/compare?run="+a.Run+"&run="+b.Run, 200, "Runs shown in the figures", "show2", "<svg")

	p.has(t, "/sweeps", 200, "rates", "2 trial running")
	p.has(t, "/sweeps/"+sweep.ID, 200, "1 trial finished", "Extremes", "against the learning rate", "against the batch size", "Trials", "1: lr 0.1", a.Run, "4: lr 1")
	p.has(t, "/studies", 200, `/studies/one?scale=small`, "1 of 2 trials")
	p.has(t, "/studies/one?scale=small", 200, "One study", "Somebody 2020", "<svg", a.Run)
	p.has(t, "/healthz", 200, "ok")
}

// The trials of a sweep stand as the store says.
func TestStandings(t *testing.T) {
	p := serve(t, nil)
	spec := specWith(0.1, 32, 1)
	if err := p.store.End(p.begin(t, spec, 20), run.Finished, ""); err != nil {
		t.Fatal(err)
	}
	p.begin(t, spec, 0)
	sweep, err := p.store.Submit("two", 1, origin, []run.Spec{spec, specWith(0.2, 32, 1)})
	if err != nil {
		t.Fatal(err)
	}
	v := &server{Site: p.site, lister: p.site.Store.Lister()}
	list, err1 := newFeed(v.lister.Runs, time.Hour).now()
	got, err2 := v.standings(list, sweep)
	want, err3 := p.store.Standings(sweep.ID, origin)
	if err1 != nil || err2 != nil || err3 != nil || len(got) != 2 {
		t.Fatal(len(got), err1, err2, err3)
	}
	for i := range want {
		if got[i].Run.ID != want[i].Run.ID || got[i].Place != want[i].Place || got[i].Ended() != want[i].Ended() {
			t.Errorf("trial %d: %+v, want %+v", i+1, got[i], want[i])
		}
	}
}

// Names lead to runs and sweeps.
func TestNames(t *testing.T) {
	p := serve(t, nil)
	l := p.begin(t, specWith(0.1, 32, 1), 0)
	for _, path := range []string{"/runs/last", "/runs/" + l.Run[:5]} {
		if answer, _ := p.get(t, path); answer.StatusCode != 303 || answer.Header.Get("Location") != "/runs/"+l.Run {
			t.Errorf("%s: %d to %s", path, answer.StatusCode, answer.Header.Get("Location"))
		}
		for _, file := range []string{"/records.csv", "/figures/h_max.svg"} {
			if answer, _ := p.get(t, path+file); answer.StatusCode != 303 || answer.Header.Get("Location") != "/runs/"+l.Run+file {
				t.Errorf("%s%s: %d to %s", path, file, answer.StatusCode, answer.Header.Get("Location"))
			}
		}
	}
}
