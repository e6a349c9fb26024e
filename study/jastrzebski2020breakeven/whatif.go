package jastrzebski2020breakeven

import (
	"cmp"
	"fmt"
	"slices"

	"breakeven/run"
)

// Theory holds what the one-dimensional model says about other learning rates
// and batch sizes at the weights of this run. It is a prediction: a run with
// another setting takes another trajectory from its first step on.
type Theory struct {
	Why       string   `json:"why,omitempty"` // why there is no prediction; "" where there is one
	At        Moment   `json:"at"`            // where α and (ψ-ψ*)² are read: at break-even, else at Narrowest
	Alpha     Figure   `json:"alpha"`         // λ_K¹ (M = 1) / λ_H¹
	Distance2 Figure   `json:"distance2"`     // (ψ-ψ*)²
	KeyOfK    string   `json:"key_of_k"`      // k_example_max, or k_max scaled to single examples
	Stable    []Stable `json:"stable"`        // one for each measurement that has λ_H¹ and s²
	Narrowest Stable   `json:"narrowest"`     // of them, where the largest stable η was smallest
}

// Stable is what Eq. 1 allows at one measurement.
type Stable struct {
	At    Moment  `json:"at"`
	Edge  float64 `json:"edge"`  // ηλ_H¹/2: 1 is the limit of the full batch
	Rate  Figure  `json:"rate"`  // largest stable η at the run's S; 0 where none is
	Batch int     `json:"batch"` // smallest stable S at the run's η; 0 where none is
}

// A Forecast is the closed form's break-even point for another setting.
type Forecast struct {
	Eta float64 `json:"eta"`
	S   int     `json:"s"`
	H   Figure  `json:"h_max"` // 0 or less: nothing is stable
	K   Figure  `json:"k_max"` // of minibatches of M, as k_max is
}

// Assumptions of every prediction, in words.
const Assumptions = "Prediction of the one-dimensional model (Eq. 1): it takes the loss along e_H¹ as quadratic for every example, e_H¹ = ±e_K¹, λ_K¹ = α λ_H¹, plain SGD, and the weights of this run, although another setting takes another trajectory from its first step on."

func (f Findings) theory(records []run.Record) Theory {
	t := Theory{Alpha: unknown, Distance2: unknown}
	eta, S, N := f.Spec.LR, f.Spec.Batch, f.Train
	switch {
	case method(f.Spec) != "sgd" && method(f.Spec) != "":
		t.Why = "the model is that of plain SGD, and this run used " + method(f.Spec)
	case N <= 0:
		t.Why = "the number of training examples is not known"
	case S < 1 || S > N || !(eta > 0):
		t.Why = fmt.Sprintf("η = %v and S = %d of %d examples are outside the theory", eta, S, N)
	}
	if t.Why != "" {
		return t
	}
	for i, rec := range records {
		h, s2 := figure(rec, "h_max"), figure(rec, "curvature_variance")
		if !h.Known() || !s2.Known() || s2.Value < 0 || zero(rec, "h_max") {
			continue
		}
		batch, _ := SmallestBatch(eta, h.Value, s2.Value, N)
		t.Stable = append(t.Stable, Stable{
			At: moment(records, i), Edge: eta * h.Value / 2,
			Rate: Figure{Value: LargestRate(h.Value, s2.Value, S, N)}, Batch: batch,
		})
	}
	if len(t.Stable) == 0 {
		t.Why = "it needs λ_H¹ and s² of the same measurement, and there are none"
		return t
	}
	t.Narrowest = slices.MinFunc(t.Stable, func(a, b Stable) int { return cmp.Compare(a.Rate.Value, b.Rate.Value) })
	t.At = t.Narrowest.At
	if f.Reached.crossed() {
		t.At = f.Reached.At
	}
	t.read(records[t.At.Index], f.Spec.Measure.M, N)
	return t
}

// read takes α and (ψ-ψ*)² from one record. K of single examples is measured
// where the network has such gradients; else that of minibatches is scaled.
func (t *Theory) read(rec run.Record, M, N int) {
	k, h, s2 := figure(rec, "k_example_max"), figure(rec, "h_max"), figure(rec, "curvature_variance")
	t.KeyOfK = "k_example_max"
	if !k.Known() && M >= 1 && M < N {
		k, t.KeyOfK = figure(rec, "k_max"), "k_max"
		k = Figure{PerExampleK(k.Value, M, N), PerExampleK(k.Error, M, N)}
	}
	if h.Value > 0 && s2.Value > 0 {
		t.Alpha, t.Distance2 = quotient(k, h), quotient(k, s2)
	}
}

// Forecast returns what the closed form says of another η and S, with α and
// (ψ-ψ*)² as measured in this run. It is false where these were not measured
// or the setting is outside the theory.
func (f Findings) Forecast(eta float64, S int) (Forecast, bool) {
	t, N, M := f.Theory, f.Train, f.Spec.Measure.M
	if !t.Alpha.Known() || !(t.Distance2.Value > 0) || !(eta > 0) || S < 1 || S > N {
		return Forecast{}, false
	}
	h := HAtBreakEven(eta, t.Alpha.Value, t.Distance2.Value, S, N)
	c := Forecast{Eta: eta, S: S, H: Figure{Value: h}, K: unknown}
	if M >= 1 && M <= N {
		c.K.Value = BatchK(t.Alpha.Value*h, M, N)
	}
	return c, true
}
