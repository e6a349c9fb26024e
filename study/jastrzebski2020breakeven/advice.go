package jastrzebski2020breakeven

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// The places of a learning rate against what is stable.
const (
	TooLarge  = "too large"
	AtBound   = "at the bound of stability"
	Below     = "below break-even"
	NotLearnt = "nothing was learned"
	NotKnown  = "not enough data"
)

// Advise says what a run advises. What was not measured, or does not hold for the method, is said, and
// which probe would answer it.
func Advise(r study.Run) study.Advice {
	rated, _ := rated(r)
	f := Analyze(rated)
	a := study.Advice{Name: f.Name}
	half := later(rated.Records)
	rate := f.rateAnswer(half, &a)
	batch := f.batchAnswer(half, &a)
	a.Answers = []study.Answer{rate, batch, f.lengthAnswer(rated.Records)}
	return a
}

// later returns the second half of the records, at least one if there is any: what the run settled at.
func later(records []run.Record) []run.Record { return records[len(records)/2:] }

// median returns the median of a key over records, with the larger of its median error and half the
// distance between its quartiles; unknown if no record has it.
func median(records []run.Record, key string) Figure {
	var values, errors []float64
	for _, rec := range records {
		if v := figure(rec, key); v.Known() {
			values, errors = append(values, v.Value), append(errors, v.Error)
		}
	}
	if len(values) == 0 {
		return unknown
	}
	slices.Sort(values)
	slices.Sort(errors)
	n := len(values)
	quartiles := (values[(3*n-1)/4] - values[n/4]) / 2
	return Figure{values[n/2], max(errors[n/2], quartiles)}
}

const rateQuestion = "Is the learning rate too small, or too large?"

// rateAnswer decides where the learning rate stands, and what to try in its place.
func (f Findings) rateAnswer(half []run.Record, a *study.Advice) study.Answer {
	eta := digits.Significant(f.Spec.LR, 6)
	ans := study.Answer{Question: rateQuestion}
	switch {
	case f.Records == 0:
		a.Rate = NotKnown
		ans.Why = []string{"Nothing was measured yet."}
	case f.Status == run.Diverged:
		a.Rate = TooLarge
		ans.Why = []string{fmt.Sprintf("The run diverged after step %d.", f.End.Step)}
		f.tryRate(a, f.allowed(1.0/3), "the run diverged")
	case f.Collapsed() && f.Learned.Ever:
		a.Rate = TooLarge
		ans.Why = []string{f.collapse()}
		f.tryRate(a, f.allowed(1.0/3), "the run collapsed")
	case f.Collapsed() && f.End.Epoch < 1:
		a.Rate = NotKnown
		ans.Why = []string{f.collapse(), fmt.Sprintf("It trained for %s of an epoch: train longer before the rate is judged.", digits.Significant(f.End.Epoch, 2))}
	case f.Collapsed():
		a.Rate = NotLearnt
		ans.Why = []string{f.collapse(), "Whether a larger or a smaller rate would is not in these measurements: try both."}
		f.tryRate(a, f.Spec.LR/10, "nothing was learned")
		f.tryRate(a, f.Spec.LR*10, "nothing was learned")
	case f.Theory.Why == "" && f.Reached.State != NotMeasured:
		f.byEquation(half, a, &ans)
	default:
		f.byBound(half, a, &ans)
	}
	ans.Short = fmt.Sprintf("η = %s is %s.", eta, a.Rate)
	if a.Rate == NotLearnt {
		ans.Short = fmt.Sprintf("With η = %s %s.", eta, a.Rate)
	}
	if a.Rate == NotKnown {
		ans.Short = "Not enough data."
	}
	return ans
}

// byEquation judges the learning rate of plain SGD by Eq. 1.
func (f Findings) byEquation(half []run.Record, a *study.Advice, ans *study.Answer) {
	a.Note = Assumptions
	b, allowed := f.Reached, f.Theory.Narrowest.Rate
	say := func(format string, args ...any) { ans.Why = append(ans.Why, fmt.Sprintf(format, args...)) }
	if !b.crossed() {
		a.Rate = Below
		say("The left side of Eq. 1 was at most %v, at %v: SGD did not come to the point from which it limits curvature and noise itself.", b.Left, b.At)
		if b.Unsure {
			a.Rate = AtBound
			say("That is within its error of 1: it may have been reached.")
		}
		say("By the one-dimensional model η up to %s was stable at every measurement, %s times this one.", number(allowed.Value), digits.Significant(allowed.Value/f.Spec.LR, 2))
		f.cost(half, ans)
		if a.Rate == Below && allowed.Value > 1.3*f.Spec.LR {
			f.tryRate(a, min(allowed.Value, 4*f.Spec.LR), "this one is below break-even; a larger one conditions the gradient noise better and needs fewer steps")
		}
		return
	}
	a.Rate = AtBound
	say("Break-even was reached at %v, %s %% of the way: from there on SGD itself limits curvature and noise.", b.At, digits.Significant(100*float64(b.At.Step)/float64(max(1, f.End.Step)), 2))
	left := median(half, "stability")
	say("In the second half of the measurements the left side of Eq. 1 has a median of %v; 1 is the bound.", left)
	if m := median(half, "step_margin"); m.Known() {
		say("Steps %s times as long raise the loss by 20 %% there (α* = %v; near 2 is usual at break-even).", digits.Significant(m.Value, 2), m)
		if m.Value+m.Error < 1 {
			a.Rate = TooLarge
		}
	}
	if left.Value-left.Error > 2 && b.Later >= fewRecords && 4*b.Above > 3*b.Later {
		a.Rate = TooLarge
		say("It was above 1 at %d of the %d measurements after break-even: the curvature does not come down to what this rate allows.", b.Above, b.Later)
	}
	if a.Rate == TooLarge {
		f.tryRate(a, f.allowed(0.5), "this one is past the bound of stability")
	}
}

// cost says what a rate below break-even costs: the noise at break-even of a larger one, by the
// closed form, beside what was measured.
func (f Findings) cost(half []run.Record, ans *study.Answer) {
	p, ok := f.Forecast(4*f.Spec.LR, f.Spec.Batch)
	k, h := f.Maximum("k_max"), f.Maximum("h_max")
	if !ok || !(p.H.Value > 0) || k.Count == 0 || h.Count == 0 || p.H.Value >= h.Figure.Value {
		return
	}
	ans.Why = append(ans.Why, fmt.Sprintf("What it costs: λ_H¹ rose to %v and λ_K¹ to %v; with four times the rate the closed form holds them to %v and %v.", h.Figure, k.Figure, p.H, p.K))
}

// byBound judges the learning rate of another method, or of one whose Eq. 1 was not measured, by the
// curvature over the bound for the full batch.
func (f Findings) byBound(half []run.Record, a *study.Advice, ans *study.Answer) {
	say := func(format string, args ...any) { ans.Why = append(ans.Why, fmt.Sprintf(format, args...)) }
	ratio, what := median(half, "edge"), "λ(P⁻¹H)"
	if bound, ok := Bound(f.Spec); ok && !ratio.Known() {
		h := median(half, "h_max")
		ratio, what = Figure{h.Value / bound, h.Error / bound}, "λ_H¹"
	}
	if c := median(half, "critical_sharpness"); !ratio.Known() && c.Known() {
		f.byCritical(c, a, ans)
		return
	}
	if !ratio.Known() {
		a.Rate = NotKnown
		say("Neither Eq. 1 nor the curvature against the bound of %s was measured: add --probe loss,edge.", method(f.Spec))
		return
	}
	say("In the second half of the measurements %s is %v of what %s can have with the full batch.", what, ratio, method(f.Spec))
	switch {
	case ratio.Value+ratio.Error < 0.5:
		a.Rate = Below
		f.tryRate(a, f.Spec.LR*min(4, 1/ratio.Value), "the curvature is far below the bound of this rate")
	case ratio.Value-ratio.Error > 2:
		a.Rate = TooLarge
		f.tryRate(a, f.Spec.LR/2, "the curvature is far above the bound of this rate")
	default:
		a.Rate = AtBound
	}
	if f.Spec.Batch < f.Train {
		say("Batches of %d of %d examples have their bound below that of the full batch.", f.Spec.Batch, f.Train)
	}
}

// byCritical judges the learning rate by the one at which the next step first raises the loss, η_c = 2/λ_c.
func (f Findings) byCritical(c Figure, a *study.Advice, ans *study.Answer) {
	times := Figure{2 / (f.Spec.LR * c.Value), 2 * c.Error / (f.Spec.LR * c.Value * c.Value)}
	ans.Why = append(ans.Why, fmt.Sprintf("In the second half of the measurements steps %v times as long are the first that raise the loss (critical sharpness λ_c = %v).", times, c))
	switch {
	case times.Value-times.Error > 4:
		a.Rate = Below
		f.tryRate(a, f.Spec.LR*min(4, times.Value), "much longer steps would still lower the loss")
	case times.Value+times.Error < 0.5:
		a.Rate = TooLarge
		f.tryRate(a, f.Spec.LR/2, "most steps raise the loss")
	default:
		a.Rate = AtBound
	}
}

// allowed returns the largest rate that the model found stable at every measurement, if that is
// smaller than the run's, and else a share of the run's.
func (f Findings) allowed(share float64) float64 {
	if r := f.Theory.Narrowest.Rate.Value; r > 0 && r < f.Spec.LR {
		return r
	}
	return share * f.Spec.LR
}

func (f Findings) tryRate(a *study.Advice, eta float64, why string) {
	if eta = round(eta); eta > 0 && eta != f.Spec.LR {
		a.Try = append(a.Try, study.Try{LR: eta, Batch: f.Spec.Batch, Why: why})
	}
}

// lengthAnswer says whether the loss of validation data was still falling at the end.
func (f Findings) lengthAnswer(records []run.Record) study.Answer {
	ans := study.Answer{Question: "Did it train long enough?", Short: "Not enough data."}
	key, name := lossOf(records)
	best, end := extreme(records, run.ColumnsOf(records), key, -1), unknown
	for _, rec := range records {
		if v := figure(rec, key); v.Known() {
			end = v
		}
	}
	switch {
	case best.Count < 3:
		ans.Why = []string{"There are fewer than three measurements of the loss."}
	case best.Last:
		ans.Short = "It was still improving at its last measurement."
		ans.Why = []string{fmt.Sprintf("The %s was least there: %v.", name, best.Figure)}
	case key == "valid_loss" && end.Value > 1.02*best.Figure.Value:
		ans.Short = fmt.Sprintf("It was best at step %d.", best.At.Step)
		ans.Why = []string{fmt.Sprintf("The %s was %v there, and %v at the end: what came after fits the training data alone.", name, best.Figure, end)}
	default:
		ans.Short = "It has come to rest."
		ans.Why = []string{fmt.Sprintf("The %s was least at step %d, %v, and is %v at the end.", name, best.At.Step, best.Figure, end)}
	}
	return ans
}

// lossOf returns the key and the name of the loss that says how good a run is: that of the validation
// data if it was measured.
func lossOf(records []run.Record) (key, name string) {
	if median(records, "valid_loss").Known() {
		return "valid_loss", "validation loss"
	}
	return "loss", "loss"
}

// round returns the largest of 1, 2 and 5 times a power of ten that is not above x; 0 if there is none.
func round(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 0) {
		return 0
	}
	ten := math.Floor(math.Log10(x))
	best := math.Pow(10, ten)
	for _, m := range []float64{2, 5, 10} {
		if v := m * math.Pow(10, ten); v <= x*(1+1e-9) {
			best = v
		}
	}
	best, _ = strconv.ParseFloat(strconv.FormatFloat(best, 'g', 6, 64), 64) // without the last bit of a power of ten
	return best
}

func number(x float64) string { return digits.Significant(x, 2) }
