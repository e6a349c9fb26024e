package jastrzebski2020breakeven

import (
	"fmt"
	"math"
	"slices"

	"breakeven/study"
)

// An axis is a direction along which Eq. 1 is taken, with the keys of what is measured along it.
type axis struct{ name, left, curvature, closed string }

var (
	alongH = axis{"e_H¹", "stability", "h_max", "predicted_h_max"}           // as the submitted version of the paper does
	alongK = axis{"e_K¹", "stability_k", "k_curvature", "predicted_h_max_k"} // as the published one does
)

// An Axis holds break-even as it was found along one direction, and what the closed forms say of it.
type Axis struct {
	Of         string   `json:"of"` // e_H¹ or e_K¹
	State      Crossing `json:"state"`
	Before     Moment   `json:"before"` // Bracketed only
	At         Moment   `json:"at"`     // where all that follows is read: see [BreakEven]
	Left       Figure   `json:"left"`
	Alignment  Figure   `json:"alignment"`
	Curvature  Figure   `json:"curvature"` // along the axis: λ_H¹, or e_K¹ᵀHe_K¹
	H          Figure   `json:"h_max"`     // measured
	K          Figure   `json:"k_max"`
	PredictedH Figure   `json:"predicted_h_max"` // in closed form; λ_K¹ with λ_K¹/curvature as measured
	PredictedK Figure   `json:"predicted_k_max"`
}

// axes returns break-even along those directions along which Eq. 1 was measured.
func axes(r study.Run) []Axis {
	var list []Axis
	for _, along := range []axis{alongH, alongK} {
		b := breakEven(r.Records, method(r.Spec), along)
		if b.State == NotDefined || b.State == NotMeasured {
			continue
		}
		rec := r.Records[b.At.Index]
		a := Axis{
			Of: along.name, State: b.State, Before: b.Before, At: b.At, Left: b.Left, Alignment: b.Alignment, H: b.H, K: b.K,
			Curvature: figure(rec, along.curvature), PredictedH: figure(rec, along.closed), PredictedK: figure(rec, "predicted_k_max"),
		}
		if along == alongH && !zero(rec, "h_max") {
			a.PredictedK = product(a.K, quotient(a.PredictedH, a.H))
		}
		list = append(list, a)
	}
	return list
}

// product returns a·b with the error that independent errors give it.
func product(a, b Figure) Figure {
	if !a.Known() || !b.Known() {
		return unknown
	}
	return Figure{a.Value * b.Value, math.Hypot(a.Error*b.Value, b.Error*a.Value)}
}

func (a Axis) crossed() bool { return a.State == AtStart || a.State == Bracketed }

// step returns the step at which the axis reached break-even, or came nearest to it.
func (a Axis) step() string {
	if !a.crossed() {
		return fmt.Sprintf("not reached; nearest %d", a.At.Step)
	}
	return fmt.Sprint(a.At.Step)
}

// AtBreakEven returns the table of λ_H¹ and λ_K¹ at break-even, in closed form and as they were measured,
// along each axis of each run that reached it along one. It has no rows if none did.
func AtBreakEven(runs []Findings) study.Table {
	t := study.Table{
		Title: "λ_H¹ and λ_K¹ at break-even", Note: "Closed form and measurement are those of the first record with a left side above 1, or else of the one nearest to it: " +
			"before break-even the measured ones are smaller than the closed form, at break-even the same, and after it larger.",
		Head: []string{"run, axis", "step", "|cos(e_H¹, e_K¹)|", "curvature there", "λ_H¹ closed form", "λ_H¹ measured", "λ_K¹ closed form", "λ_K¹ measured"},
	}
	for _, f := range runs {
		if !slices.ContainsFunc(f.Axes, Axis.crossed) {
			continue
		}
		for _, a := range f.Axes {
			h, k := a.PredictedH.String(), a.PredictedK.String()
			if a.PredictedH.Value <= 0 {
				h, k = "none is stable", study.Empty
			}
			t.Rows = append(t.Rows, []string{f.Name + ", " + a.Of, a.step(), a.Alignment.String(), a.Curvature.String(), h, a.H.String(), k, a.K.String()})
		}
	}
	return t
}
