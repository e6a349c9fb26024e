package jastrzebski2020breakeven

import (
	"breakeven/run"
)

// A Crossing says whether and how the left side of Eq. 1 reached 1.
type Crossing string

// The states of a break-even point.
const (
	NotDefined  Crossing = "not defined"
	NotMeasured Crossing = "not measured"
	NotReached  Crossing = "not reached"
	AtStart     Crossing = "at or before the first measurement"
	Bracketed   Crossing = "between two measurements"
)

// BreakEven is the first crossing of 1 by the left side of Eq. 1. The
// convention: At is the first measurement at which it is above 1 by more than its
// error, Before the last earlier one at which it was not, so that the point itself
// lies between the two. Nothing is interpolated. Values that are NaN or infinite are
// passed over. Eq. 1 is the condition of plain SGD: for other methods the point is not
// defined.
type BreakEven struct {
	State      Crossing    `json:"state"`
	Before     Moment      `json:"before"` // Bracketed only
	At         Moment      `json:"at"`     // Bracketed and AtStart; else the measurement with the largest left side
	LeftBefore Figure      `json:"left_before"`
	Left       Figure      `json:"left"`             // at At
	Unsure     bool        `json:"unsure"`           // no crossing, but Left is within its error of 1
	H          Figure      `json:"h_max"`            // λ_H¹ and what follows, at At
	K          Figure      `json:"k_max"`            //
	KExample   Figure      `json:"k_example_max"`    //
	Alignment  Figure      `json:"alignment"`        //
	Margin     Figure      `json:"step_margin"`      //
	Checks     []Check     `json:"checks"`           // of the closed form: at Before and At, or where break-even was nearest
	Rises      [][2]Moment `json:"rises"`            // every crossing of 1 from below
	Later      int         `json:"later"`            // finite measurements after At
	Above      int         `json:"above"`            // of them with a left side above 1
	Missed     int         `json:"missed,omitempty"` // measurements without a finite left side
}

// A Check holds the closed form of λ_H¹ at break-even, as computed from one
// measurement, against λ_H¹ there. Before break-even the measured one should be
// smaller, after it larger.
type Check struct {
	At        Moment `json:"at"`
	Predicted Figure `json:"predicted"`
	Measured  Figure `json:"measured"`
}

func breakEven(records []run.Record, method string, along axis) BreakEven {
	b := BreakEven{
		State: NotMeasured, Left: unknown, LeftBefore: unknown,
		H: unknown, K: unknown, KExample: unknown, Alignment: unknown, Margin: unknown,
	}
	if method != "sgd" && method != "" {
		b.State = NotDefined
		return b
	}
	last := unknown // left side of the finite measurement before
	var lastAt Moment
	for i, rec := range records {
		left, here := figure(rec, along.left), moment(records, i)
		if !left.Known() {
			b.Missed++
			continue
		}
		if last.Known() && !above(last) && above(left) {
			b.Rises = append(b.Rises, [2]Moment{lastAt, here})
		}
		switch {
		case b.crossed():
			b.Later++
			if above(left) {
				b.Above++
			}
		case !above(left):
			if b.State == NotMeasured || left.Value > b.Left.Value {
				b.State, b.At, b.Left = NotReached, here, left
			}
		case last.Known():
			b.State, b.Before, b.LeftBefore, b.At, b.Left = Bracketed, lastAt, last, here, left
		default:
			b.State, b.At, b.Left = AtStart, here, left
		}
		last, lastAt = left, here
	}
	if b.State != NotMeasured {
		b.read(records, along)
	}
	return b
}

// read takes what was measured at break-even.
func (b *BreakEven) read(records []run.Record, along axis) {
	b.Unsure = !b.crossed() && b.Left.Value > 1-threshold(b.Left)
	at := records[b.At.Index]
	b.H, b.K, b.KExample = figure(at, "h_max"), figure(at, "k_max"), figure(at, "k_example_max")
	b.Alignment, b.Margin = figure(at, "alignment"), figure(at, "step_margin")
	if b.State == Bracketed {
		b.check(records, b.Before, along)
	}
	if b.crossed() {
		b.check(records, b.At, along)
	}
}

// rounding is what a left side is away from 1 by rounding alone.
const rounding = 1e-6

// threshold is how far from 1 a left side must be to count as another number.
func threshold(left Figure) float64 { return max(left.Error, rounding) }

// above reports whether a left side is above 1 by more than its error and rounding.
func above(left Figure) bool { return left.Value > 1+threshold(left) }

// crossed reports whether the left side has reached 1.
func (b BreakEven) crossed() bool { return b.State == AtStart || b.State == Bracketed }

func (b *BreakEven) check(records []run.Record, m Moment, along axis) {
	rec := records[m.Index]
	if c := (Check{m, figure(rec, along.closed), figure(rec, "h_max")}); c.Predicted.Known() && c.Measured.Known() {
		b.Checks = append(b.Checks, c)
	}
}
