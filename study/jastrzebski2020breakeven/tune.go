package jastrzebski2020breakeven

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// A candidate is a learning rate with what its short run shows.
type candidate struct {
	eta      float64
	loss     Figure // at the end, see lossAtEnd; +Inf if the run failed
	critical Figure // η_c/η in the second half of the measurements
	of       Findings
	word     string
}

// Tune says which learning rate short runs of one setting speak for, and which to try next. From the first
// run it jumps to the rate at which a step just raises the loss, η_c = 2/λ_c (Kalra et al. 2026),
// or far down if the run diverged; then it tries double, half, four times and a quarter of the one with the least
// loss until all are worse, since a single run may have had bad luck. There is at least one run, and most bounds how many there will be.
func Tune(runs []study.Run, most int) study.Tuning {
	var list []candidate
	for _, r := range runs {
		list = append(list, candidateOf(r))
	}
	first := list[0]
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Compare(a.eta, b.eta) })
	best := bestCandidate(list)
	t := study.Tuning{Best: best}
	for _, c := range list {
		t.Tried = append(t.Tried, c.tried())
	}
	if len(runs) < most {
		t.Next = nextRate(list, leastCandidate(list), first, len(runs))
	}
	t.Why = why(list, best, t.Next)
	return t
}

func candidateOf(r study.Run) candidate {
	rated, _ := rated(r)
	f := Analyze(rated)
	c := candidate{eta: f.Spec.LR, loss: Figure{Value: math.Inf(1)}, critical: unknown, of: f}
	if lambda := median(later(rated.Records), "critical_sharpness"); lambda.Value > 0 && f.Spec.LR > 0 {
		ratio := 2 / (f.Spec.LR * lambda.Value)
		c.critical = Figure{ratio, ratio * lambda.Error / lambda.Value}
	}
	start, end := lossAtStart(rated.Records), lossAtEnd(rated.Records)
	switch {
	case f.Status == run.Diverged:
		c.word = "diverged"
	case !end.Known():
		c.word = "not measured"
	case end.Value > start.Value+start.Error: // first of all, since such a network has not learned either
		c.word = "its loss rose"
	case f.Collapsed():
		c.word = f.collapseBadge()
	default:
		c.loss = end
	}
	return c
}

// lossAtStart returns the first loss of a run, of the validation data if they are measured.
func lossAtStart(records []run.Record) Figure {
	key, _ := lossOf(records)
	for _, rec := range records {
		if v := figure(rec, key); v.Known() {
			return v
		}
	}
	return unknown
}

// lossAtEnd returns the loss that a run is judged by: within the first epoch the mean over the last
// training batches, which are of examples not seen before; later the mean of what was measured, on the
// validation data if there are any, in the last quarter of the steps. A single measurement is no measure of a
// network with batch norm: its running statistics, and with them the loss, jump from step to step.
func lossAtEnd(records []run.Record) Figure {
	if len(records) == 0 {
		return unknown
	}
	last := records[len(records)-1]
	if v := figure(last, "train_loss"); v.Known() && last.Epoch <= 1 {
		return v
	}
	key, _ := lossOf(records)
	sum, n := Figure{}, 0.0
	for _, rec := range slices.Backward(records) {
		v := figure(rec, key)
		if n > 0 && 4*rec.Step < 3*last.Step {
			break
		}
		if v.Known() {
			sum.Value, sum.Error, n = sum.Value+v.Value, sum.Error+v.Error, n+1 // errors of one sample of examples
		}
	}
	if n == 0 {
		return unknown
	}
	return Figure{sum.Value / n, sum.Error / n}
}

// bestCandidate returns the place of the one with the least loss, or of the largest rate whose loss the
// errors do not tell from the least; -1 if all failed.
func bestCandidate(list []candidate) int {
	least := leastCandidate(list)
	for i := len(list) - 1; least >= 0 && i > least; i-- {
		c, l := list[i], list[least]
		if c.word == "" && c.loss.Value-l.loss.Value <= math.Hypot(c.loss.Error, l.loss.Error) {
			return i
		}
	}
	return least
}

func leastCandidate(list []candidate) int {
	least := -1
	for i, c := range list {
		if c.word == "" && (least < 0 || c.loss.Value <= list[least].loss.Value) {
			least = i
		}
	}
	return least
}

// nearRate is the factor below which two learning rates are the same to a search.
const nearRate = 1.4

// nextRate returns the rate to try next, 0 if the one with the least loss is better than two on either side,
// or than all up to one that failed.
func nextRate(list []candidate, least int, first candidate, tried int) float64 {
	if least < 0 {
		return beyond(list)
	}
	// With Adam a step of many times its length is the first that raises the loss, and trains nothing.
	if tried == 1 && first.critical.Known() && first.of.Spec.Method != "adam" {
		if jump := min(max(first.critical.Value, 1.0/32), 32); jump > nearRate || jump < 1/nearRate {
			return two(first.eta * jump)
		}
	}
	c := list[least]
	ways := []float64{2, 0.5, 4, 0.25}
	switch {
	case c.critical.Value < 1: // its steps raise the loss
		ways = []float64{0.5, 2, 0.25, 4}
	case c.critical.Value > 8: // far below what is possible
		ways = []float64{4, 2, 0.5, 0.25}
	}
	for _, by := range ways {
		next := two(c.eta * by)
		if !slices.ContainsFunc(list, func(o candidate) bool {
			return o.eta < nearRate*next && o.eta > next/nearRate || o.word != "" && (o.eta-c.eta)*(o.eta-next) < 0
		}) {
			return next
		}
	}
	return 0
}

// beyond returns the rate to try next if none learned: far below all if the smallest was too large, far
// above if the largest was too small, and else the middle of the gap between those. If there is none left, what
// seemed too small may have been too large as well, such as a rate at which all ReLUs die: the next is far below, down to a thousandth.
func beyond(list []candidate) float64 {
	small := func(c candidate) bool { return c.word == notLearnedWord }
	large := slices.IndexFunc(list, func(c candidate) bool { return !small(c) }) // the first
	switch {
	case large == 0:
		return two(list[0].eta / 8)
	case large < 0:
		return two(list[len(list)-1].eta * 8)
	}
	low, high := list[large-1].eta, list[large].eta
	switch {
	case high >= nearRate*nearRate*low:
		return two(math.Sqrt(low * high))
	case list[0].eta > high/1000:
		return two(list[0].eta / 8)
	}
	return 0
}

// two rounds a rate to two digits.
func two(x float64) float64 {
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 2, 64), 64)
	return x
}

func (c candidate) tried() study.Tried {
	t := study.Tried{LR: c.eta, Loss: study.Empty, Critical: c.critical.String(), BreakEven: study.Empty, Word: c.word}
	if c.word == "" {
		t.Loss = c.loss.String()
	}
	switch b := c.of.Reached; {
	case b.crossed():
		t.BreakEven = fmt.Sprint(b.At.Step)
	case b.State == NotReached:
		t.BreakEven = "not reached"
	}
	return t
}

// why says what speaks for the best rate.
func why(list []candidate, best int, next float64) string {
	if best < 0 {
		if next > 0 {
			return "No rate that was tried learned anything yet."
		}
		return "No rate that was tried learned anything: give more steps, or another network."
	}
	c := list[best]
	among := fmt.Sprintf("of %d rates from %s to %s", len(list), digits.Significant(list[0].eta, 2), digits.Significant(list[len(list)-1].eta, 2))
	text := fmt.Sprintf("η = %s has the least loss at the end, %v, %s.", digits.Significant(c.eta, 2), c.loss, among)
	if least := list[leastCandidate(list)]; least.eta != c.eta {
		text = fmt.Sprintf("η = %s is the largest %s with a loss at the end, %v, that its error does not tell from the least, %v at η = %s.",
			digits.Significant(c.eta, 2), among, c.loss, least.loss, digits.Significant(least.eta, 2))
	}
	switch {
	case len(list) == 1:
		text = fmt.Sprintf("η = %s is the only rate that was tried, with a loss of %v at the end.", digits.Significant(c.eta, 2), c.loss)
	case best == 0 || best == len(list)-1:
		text += " It stands at the end of those tried: the best may lie beyond."
	}
	if c.critical.Known() {
		text += fmt.Sprintf(" A step of %v times its length is the first that raises the loss.", c.critical)
	}
	switch b := c.of.Reached; {
	case b.crossed():
		text += fmt.Sprintf(" It is past break-even from step %d of %d on.", b.At.Step, c.of.End.Step)
	case b.State == NotReached:
		text += fmt.Sprintf(" It did not reach break-even in its %d steps.", c.of.End.Step)
	}
	return text
}
