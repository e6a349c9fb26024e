package jastrzebski2020breakeven

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// Analyze returns what the records of a run show. It never fails: what the
// records do not hold stands in Open with the reason.
func Analyze(r study.Run) Findings {
	r, varies := rated(r)
	f := Findings{
		Name: r.Name, Spec: r.Spec, Status: r.Status, Train: r.Train, Records: len(r.Records),
		Line: Line{Accuracy: AccuracyLine(r.Spec)},
	}
	if f.Name == "" {
		f.Name = Label(r.Spec)
	}
	if f.Train == 0 {
		f.Train = r.Spec.Train
	}
	if varies != "" {
		f.Warnings = append(f.Warnings, varies)
	}
	for _, rec := range r.Records {
		if finite(figure(rec, "loss").Value) {
			f.Finite++
		}
	}
	if len(r.Records) == 0 {
		f.Reached, f.Theory = breakEven(nil, method(r.Spec), alongH), f.theory(nil)
		f.Open = append(f.Open, "Nothing was measured yet, so nothing can be said.")
		return f
	}
	f.End = moment(r.Records, len(r.Records)-1)
	f.Reached = breakEven(r.Records, method(r.Spec), alongH)
	columns := run.ColumnsOf(r.Records)
	for _, key := range MaximaKeys {
		f.Maxima = append(f.Maxima, extreme(r.Records, columns, key, 1))
	}
	f.Margin = [2]Extreme{extreme(r.Records, columns, "step_margin", -1), extreme(r.Records, columns, "step_margin", 1)}
	f.Line = accuracyLine(f.Line.Accuracy, r.Records, f.Maxima)
	f.Learned, f.Catapult = learned(r.Records), catapult(r.Records)
	f.Theory = f.theory(r.Records)
	if f.Reached.State == NotReached && f.Theory.Why == "" {
		f.Reached.check(r.Records, f.Theory.At, alongH)
	}
	f.Axes = axes(r)
	f.judge(r.Records)
	return f
}

// Label names a run by its learning rate and batch size, and by its seed unless
// that is 0.
func Label(s run.Spec) string {
	name := fmt.Sprintf("η = %s, S = %d", digits.Significant(s.LR, 6), s.Batch)
	if s.Seed != 0 {
		name += fmt.Sprintf(", seed %d", s.Seed)
	}
	return name
}

// Maximum returns the maximum of a key along the run.
func (f Findings) Maximum(key string) Extreme {
	if i := slices.Index(MaximaKeys, key); i >= 0 && i < len(f.Maxima) {
		return f.Maxima[i]
	}
	return Extreme{Key: key, Figure: unknown, End: unknown}
}

// figure returns the value of a key, unknown where the record has none.
func figure(rec run.Record, key string) Figure {
	if key == "h_rank" {
		if zero(rec, "h_max") {
			return unknown
		}
		return quotient(figure(rec, "h_trace"), figure(rec, "h_max"))
	}
	v, ok := rec.Get(key)
	if !ok {
		return unknown
	}
	return Figure{v.Value, v.Combined()}
}

// zero reports whether a key is 0 within the error of its estimate.
func zero(rec run.Record, key string) bool {
	v, ok := rec.Get(key)
	return ok && math.Abs(v.Value) <= v.Error
}

// quotient returns a/b with the error that independent errors give it.
func quotient(a, b Figure) Figure {
	if !a.Known() || !b.Known() || b.Value == 0 {
		return unknown
	}
	q := a.Value / b.Value
	return Figure{q, math.Hypot(a.Error/b.Value, q*b.Error/b.Value)}
}

func moment(records []run.Record, i int) Moment {
	rec := records[i]
	return Moment{Index: i, Step: rec.Step, Epoch: rec.Epoch, Accuracy: figure(rec, "accuracy")}
}

// along returns a key as figure does, of all records, whose columns are given.
func along(records []run.Record, columns run.Columns, key string) []Figure {
	list := make([]Figure, len(records))
	for i := range list {
		list[i] = unknown
	}
	if key == "h_rank" {
		for _, v := range columns["h_trace"] {
			list[v.Index] = figure(records[v.Index], key)
		}
		return list
	}
	for _, v := range columns[key] {
		list[v.Index] = Figure{v.Value.Value, v.Combined()}
	}
	return list
}

// extreme returns the largest (sign 1) or smallest (sign -1) finite value of a
// key, the first of equals, in records whose columns are given.
func extreme(records []run.Record, columns run.Columns, key string, sign float64) Extreme {
	e := Extreme{Key: key, Figure: unknown, End: unknown}
	all := along(records, columns, key)
	first, last := -1, -1
	for i, x := range all {
		if !x.Known() {
			continue
		}
		e.Count++
		last = i
		if first < 0 || sign*x.Value > sign*all[first].Value {
			first = i
		}
	}
	for _, v := range columns[key] {
		if !all[v.Index].Known() {
			e.Lost++
		}
	}
	if e.Count == 0 {
		return e
	}
	e.Figure, e.At = all[first], moment(records, first)
	e.End, e.Ended = all[last], moment(records, last)
	if v, ok := records[first].Get(key); ok && v.Sample > 0 {
		e.Solver = v.Error
	}
	e.Last = e.At.Index == e.Ended.Index && e.Count > 1
	from, to := first, first
	for i, x := range all {
		if x.Known() && sign*(e.Figure.Value-x.Value) <= x.Error+e.Figure.Error {
			from, to = min(from, i), max(to, i)
		}
	}
	e.From, e.To = moment(records, from), moment(records, to)
	return e
}

// nearLine is how far, in accuracy, a maximum may stand from the accuracy line
// and still be called near it.
const nearLine = 0.1

func accuracyLine(accuracy float64, records []run.Record, maxima []Extreme) Line {
	l := Line{Accuracy: accuracy}
	for i, rec := range records {
		if figure(rec, "accuracy").Value >= l.Accuracy {
			l.Passed, l.At = true, moment(records, i)
			break
		}
	}
	for _, e := range maxima {
		if l.Passed && e.Count > 0 && math.Abs(e.At.Accuracy.Value-l.Accuracy) <= nearLine {
			l.Near = append(l.Near, e.Key)
		}
	}
	return l
}

// fewRecords is the number of measurements below which maxima and the first
// crossing are rough.
const fewRecords = 5

// judge fills Open and Warnings.
func (f *Findings) judge(records []run.Record) {
	warn := func(format string, args ...any) { f.Warnings = append(f.Warnings, fmt.Sprintf(format, args...)) }
	if f.Records < fewRecords {
		warn("Only %d measurements: maxima and the break-even step are rough. Measure more often.", f.Records)
	}
	if f.Spec.WeightDecay > 0 && !f.Spec.Measure.Decay {
		warn("The run had a weight decay of %v; λ_H¹, s² and the left side of Eq. 1 are those of the loss without it; measure.decay adds it.", f.Spec.WeightDecay)
	}
	if f.Spec.Clip > 0 {
		warn("Gradients were clipped at %v; Eq. 1 is the condition of steps that are not.", f.Spec.Clip)
	}
	switch f.Status {
	case run.Running, run.Stopped:
		warn("The run is not finished: maxima are those up to %v.", f.End)
	case run.Diverged:
		warn("The run diverged: its maxima are those of the way there, up to %v, and it takes no part in comparisons.", f.End)
	}
	if a := f.Reached.Alignment; f.Reached.crossed() && a.Known() && a.Value < 0.5 {
		warn("At break-even |cos(e_H¹, e_K¹)| was %v, far from the 1 that the theory assumes (Assumption 2); its predictions are weak here.", a)
	}
	var rising []string
	for _, e := range f.Maxima {
		switch {
		case e.Count == 0 && e.Key == "h_rank" && slices.ContainsFunc(records, func(r run.Record) bool { return zero(r, "h_max") }):
			f.Open = append(f.Open, fmt.Sprintf("The maximum of %s: λ_H¹ was 0 within its error.", symbol(e.Key)))
		case e.Count == 0 && e.Lost > 0:
			f.Open = append(f.Open, fmt.Sprintf("The maximum of %s: none of its %d values was finite.", symbol(e.Key), e.Lost))
		case e.Count == 0:
			f.Open = append(f.Open, fmt.Sprintf("The maximum of %s: it was not measured.", symbol(e.Key)))
		case e.Lost > 0:
			warn("%s was NaN or infinite at %d of %d measurements; these are left out.", symbol(e.Key), e.Lost, e.Lost+e.Count)
		}
		if e.Last {
			rising = append(rising, symbol(e.Key))
		}
	}
	switch n := len(rising); {
	case n == 1:
		warn("%s was largest at the last measurement: it may still rise, so its maximum is a lower bound.", rising[0])
	case n > 1:
		warn("%s and %s were largest at the last measurement: they may still rise, so their maxima are lower bounds.", strings.Join(rising[:n-1], ", "), rising[n-1])
	}
	f.Warnings = append(f.Warnings, study.Omissions(records)...)
	f.open()
}

func (f *Findings) open() {
	add := func(format string, args ...any) { f.Open = append(f.Open, fmt.Sprintf(format, args...)) }
	switch f.Reached.State {
	case NotDefined:
		add("The break-even point: Eq. 1 is the condition of plain SGD, and this run used %s.%s", method(f.Spec), boundWords(f.Spec))
	case NotMeasured:
		add("The break-even point: the left side of Eq. 1 has no finite value at any of %d measurements.", f.Records)
	case AtStart:
		add("When the break-even point was reached: the left side of Eq. 1 was %v at the first measurement already.", f.Reached.Left)
	}
	if !f.Line.Passed {
		add("Whether the maxima come early: no measurement reached a training accuracy of %.2f.", f.Line.Accuracy)
	}
	if f.Theory.Why != "" {
		add("What another learning rate or batch size would have done: %s.", f.Theory.Why)
	}
}
