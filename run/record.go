package run

import (
	"math"
	"time"
)

// Status is the state of a run.
type Status string

// The states of a run. A run that is Running has no process working on it when
// its store is not locked: it was killed and can be resumed.
const (
	Running  Status = "running"
	Finished Status = "finished" // reached its last step or its stopping rule
	Stopped  Status = "stopped"  // interrupted by its user; can be resumed
	Diverged Status = "diverged" // the loss became NaN or infinite: a result, not a failure
)

// A Record is one measurement: everything that was measured at one step.
// Step counts parameter updates done so far, so Step 0 is the initial network.
type Record struct {
	Step   int       `json:"step"`
	Epoch  float64   `json:"epoch"` // examples seen / size of the training set
	Time   time.Time `json:"time"`
	Values []Value   `json:"values"`
	// Omitted are the keys that were to be measured and are not defined at this point.
	Omitted []Omission `json:"omitted,omitempty"`
}

// An Omission says why a key has no value in a record: "the loss is 0".
type Omission struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

// A Value is one measured number, or a short vector of them, with its error
// and how it was made.
type Value struct {
	Key     string    `json:"key"`
	Unit    string    `json:"unit,omitempty"`
	Value   float64   `json:"value"`                     // NaN and ±Inf are written as strings in JSON
	Vector  []float64 `json:"vector,omitempty"`          // for keys that hold several numbers: h_top5, h_density
	Names   []string  `json:"names,omitempty"`           // what the numbers of Vector are of, if they have names: layers
	Errors  []float64 `json:"errors,omitempty"`          // those of Vector, if they are known; Error is the largest
	Samples []float64 `json:"sampling_errors,omitempty"` // those of Vector, as Sample is, if they are known; Sample is the largest
	Error   float64   `json:"error"`                     // absolute: residual bound or standard error; 0 where exact up to rounding
	Sample  float64   `json:"sampling_error,omitempty"`  // what another sample of examples would change, one standard deviation; 0 where not known, and where Error is that
	How     How       `json:"how"`
}

// Combined returns the error of v as an estimate for all examples: Error and Sample together.
func (v Value) Combined() float64 { return math.Hypot(v.Error, v.Sample) }

// How says how a number was made.
type How struct {
	Probe     string  `json:"probe"`                   // the probe that made it
	Method    string  `json:"method,omitempty"`        // one phrase: "Lanczos with full reorthogonalisation"
	Error     string  `json:"error_kind,omitempty"`    // what Value.Error is: "residual bound" (which includes Rounding), "standard error"
	Sampling  string  `json:"sampling_kind,omitempty"` // what Value.Sample is made of: "curvatures of examples"
	Examples  int     `json:"examples,omitempty"`      // how many examples were used
	L         int     `json:"l,omitempty"`             // number of sampled gradients
	M         int     `json:"m,omitempty"`             // examples in each
	LR        float64 `json:"lr,omitempty"`            // η of Eq. 1
	Batch     int     `json:"batch,omitempty"`         // S of Eq. 1
	N         int     `json:"n,omitempty"`             // N of Eq. 1: training examples
	Products  int     `json:"products,omitempty"`      // operator-vector products spent
	Seed      uint64  `json:"seed,omitempty"`
	Tolerance float64 `json:"tolerance,omitempty"` // asked for, relative
	Rounding  float64 `json:"rounding,omitempty"`  // the part of Value.Error that is the rounding of float32, as measured
	Seconds   float64 `json:"seconds,omitempty"`   // of the probe that made it
	Note      string  `json:"note,omitempty"`
}

// Get returns the value with the given key.
func (r Record) Get(key string) (Value, bool) {
	for i := range r.Values { // values are large
		if r.Values[i].Key == key {
			return r.Values[i], true
		}
	}
	return Value{}, false
}

// Valid reports whether s is one of the states of a run.
func (s Status) Valid() bool {
	return s == Running || s == Finished || s == Stopped || s == Diverged
}

// Resumable reports whether a run of this status has steps left to do.
func (s Status) Resumable() bool { return s == Running || s == Stopped }

// ByKey returns the values of r under their keys. Its JSON is the form in
// which a single measurement is printed.
func (r Record) ByKey() map[string]Value {
	m := make(map[string]Value, len(r.Values))
	for _, v := range r.Values {
		m[v.Key] = v
	}
	return m
}
