// Package metrics is what workers and servers tell programs that watch them: numbers at an address, in the format
// of Prometheus or, if the reader asks for it, in that of OpenMetrics.
//
// # Law
//
//   - How many series there are does not grow with the store: values are those of runs under way, and no reader can
//     add any.
package metrics

import (
	"fmt"
	"net/http"

	"breakeven/internal/store"
	"breakeven/run"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// New returns a registry with what the program, Go and the process say of themselves.
func New(o store.Origin) *prometheus.Registry {
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "breakeven_build_info", Help: "1; what makes the bits of the runs.",
		ConstLabels: prometheus.Labels{"version": o.Program, "isa": o.ISA, "numerics": fmt.Sprint(o.Numerics)}})
	info.Set(1)
	r := prometheus.NewRegistry()
	r.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Handler answers with the numbers of a registry.
func Handler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Values are the last measured values of runs.
type Values struct{ step, value *prometheus.GaugeVec }

// NewValues returns none yet, in a registry.
func NewValues(r *prometheus.Registry) Values {
	v := Values{
		prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "breakeven_run_step", Help: "Step of the last record of a run under way."}, []string{"run"}),
		prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "breakeven_run_value", Help: "Last measured value of a run under way, by key."}, []string{"run", "key"}),
	}
	r.MustRegister(v.step, v.value)
	return v
}

// Set sets those of a run to what a record has. Vectors, such as spectra, are left out.
func (v Values) Set(id string, r run.Record) {
	v.step.WithLabelValues(id).Set(float64(r.Step))
	for _, one := range r.Values {
		if one.Vector == nil {
			v.value.WithLabelValues(id, one.Key).Set(one.Value)
		}
	}
}

// Clear forgets all of them.
func (v Values) Clear() {
	v.step.Reset()
	v.value.Reset()
}
