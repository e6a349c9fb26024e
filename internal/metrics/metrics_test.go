package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/run"
)

// Values are there until they are cleared, without vectors, in the format that is asked for.
func TestValues(t *testing.T) {
	r := New(store.Origin{Program: "v1", ISA: "avx2", Numerics: 3})
	v := NewValues(r)
	v.Set("r1", run.Record{Step: 20, Values: []run.Value{{Key: "loss", Value: 0.25}, {Key: "h_top5", Value: 3, Vector: []float64{3, 2}}}})
	get := func(accept string) (media, text string) {
		w, q := httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil)
		q.Header.Set("Accept", accept)
		Handler(r).ServeHTTP(w, q)
		return w.Header().Get("Content-Type"), w.Body.String()
	}
	media, text := get("")
	for _, line := range []string{`breakeven_build_info{isa="avx2",numerics="3",version="v1"} 1`, `breakeven_run_step{run="r1"} 20`, `breakeven_run_value{key="loss",run="r1"} 0.25`, "go_goroutines "} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	if !strings.HasPrefix(media, "text/plain") || strings.Contains(text, "h_top5") {
		t.Errorf("%s\n%s", media, text)
	}
	if media, text := get("application/openmetrics-text; version=1.0.0"); !strings.HasPrefix(media, "application/openmetrics-text") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("%s\n%s", media, text)
	}
	v.Clear()
	if _, text := get(""); strings.Contains(text, "breakeven_run_") {
		t.Errorf("after Clear\n%s", text)
	}
}
