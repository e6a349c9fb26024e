package jastrzebski2020breakeven

import (
	"encoding/json"
	"fmt"
	"math"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// Findings is what a run shows about its break-even point, in numbers. Lines
// says it in words.
type Findings struct {
	Name     string     `json:"name"`
	Spec     run.Spec   `json:"spec"`
	Status   run.Status `json:"status"`
	Train    int        `json:"train"`   // N; 0 is unknown
	Records  int        `json:"records"` // measurements
	Finite   int        `json:"finite"`  // of them with a finite loss
	End      Moment     `json:"end"`     // the last measurement
	Reached  BreakEven  `json:"break_even"`
	Axes     []Axis     `json:"axes,omitempty"`
	Maxima   []Extreme  `json:"maxima"`      // of MaximaKeys, in their order
	Margin   [2]Extreme `json:"step_margin"` // smallest and largest α*
	Line     Line       `json:"accuracy_line"`
	Learned  Learning   `json:"learned"`
	Catapult Catapult   `json:"catapult"`
	Theory   Theory     `json:"theory"`
	Open     []string   `json:"open"`     // what could not be decided, and why
	Warnings []string   `json:"warnings"` // what to bear in mind with the rest
}

// MaximaKeys are the record keys whose running maxima the conjectures are
// about. h_rank is Tr H / λ_H¹, worked out here from h_trace and h_max.
var MaximaKeys = []string{"k_max", "k_trace", "k_rank", "k_condition", "h_max", "h_trace", "h_rank"}

// A Figure is a number with its error; an error of 0 says that none is stated.
// A figure that is NaN or infinite was not measured, and is null in JSON.
type Figure struct{ Value, Error float64 } // the error is that of the estimate and of its sample together

var unknown = Figure{Value: math.NaN()}

// Errors says what ± is.
const Errors = "± is the error of the estimate (a solver's residual, or of random vectors) and that of its sample together: what another sample of as many examples would change. The numbers behind each figure have both."

// Known reports whether there is a number.
func (f Figure) Known() bool { return finite(f.Value) }

// String returns "0.87 ± 0.08", or a dash if there is no number.
func (f Figure) String() string {
	if !f.Known() {
		return study.Empty
	}
	return digits.Measured(f.Value, f.Error)
}

// MarshalJSON writes {"value": …, "error": …}, or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known() {
		return []byte("null"), nil
	}
	v := map[string]float64{"value": f.Value}
	if finite(f.Error) {
		v["error"] = f.Error
	}
	return json.Marshal(v)
}

// A Moment is a measurement's place on the trajectory.
type Moment struct {
	Index    int     `json:"index"` // of the record
	Step     int     `json:"step"`
	Epoch    float64 `json:"epoch"`
	Accuracy Figure  `json:"accuracy"`
}

// String returns "step 94 (epoch 0.5, accuracy 0.61)".
func (m Moment) String() string {
	if !m.Accuracy.Known() {
		return fmt.Sprintf("step %d (epoch %s)", m.Step, digits.Significant(m.Epoch, 3))
	}
	return fmt.Sprintf("step %d (epoch %s, accuracy %.2f)", m.Step, digits.Significant(m.Epoch, 3), m.Accuracy.Value)
}

// An Extreme is the largest or smallest value of a key along a run.
type Extreme struct {
	Key    string  `json:"key"`
	Figure Figure  `json:"figure"`
	Solver float64 `json:"solver_error,omitempty"` // the part of its error that is not the sample's, if it has both
	At     Moment  `json:"at"`
	From   Moment  `json:"from"`  // first and last measurement that the error
	To     Moment  `json:"to"`    // bars cannot tell from it
	Last   bool    `json:"last"`  // stands at the last measurement: it may still go on
	End    Figure  `json:"end"`   // the last finite value
	Ended  Moment  `json:"ended"` // where it stands
	Count  int     `json:"count"` // finite values
	Lost   int     `json:"lost"`  // values that were NaN or infinite
}

// A Learning says whether a run has learned anything: whether its loss is below that of
// the best prediction which is the same for all examples, by more than 1 %.
type Learning struct {
	Known    bool   `json:"known"`    // the records say it
	Ever     bool   `json:"ever"`     // at some measurement
	Still    bool   `json:"still"`    // at the last measurement
	Loss     Figure `json:"loss"`     // there
	Constant Figure `json:"constant"` // loss of that prediction
}

// A Line is the first passing of [AccuracyLine].
type Line struct {
	Accuracy float64  `json:"accuracy"`
	Passed   bool     `json:"passed"`
	At       Moment   `json:"at"`
	Near     []string `json:"near"` // keys of Maxima whose maximum stands near it
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// symbol returns the mathematical name of a key.
func symbol(key string) string {
	if key == "h_rank" {
		return "Tr H / λ_H¹"
	}
	if k, ok := run.LookupKey(key); ok && k.Symbol != "" {
		return k.Symbol
	}
	return key
}
