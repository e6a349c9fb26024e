package jastrzebski2020breakeven

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
)

// Lines says in plain sentences what a run shows: what is found first, and then
// what stands behind it. Open and Warnings are not among them.
func (f Findings) Lines() []string { return slices.Concat(f.first(), f.behind()) }

// first says whether the run learned and reached break-even, and what was measured there.
func (f Findings) first() []string {
	if f.Records == 0 {
		return nil
	}
	var lines []string
	if text := f.collapse(); text != "" {
		lines = append(lines, text)
	}
	return slices.Concat(lines, f.Reached.lines(f.Name))
}

// behind returns the accuracy line and the maxima, the closed form against measurement, the
// step margin, and what the model allows.
func (f Findings) behind() []string {
	if f.Records == 0 {
		return nil
	}
	lines := slices.Concat(f.Reached.course(), f.maximaLines(), f.Reached.checkLines())
	if lo, hi := f.Margin[0], f.Margin[1]; lo.Count > 0 {
		lines = append(lines, fmt.Sprintf("The step margin α* lay between %v at step %d and %v at step %d; near 2 a step is mirrored at the minimum along its direction, as at break-even.",
			lo.Figure, lo.At.Step, hi.Figure, hi.At.Step))
	}
	if text := f.Catapult.line(); text != "" {
		lines = append(lines, text)
	}
	return append(lines, f.Theory.lines(f)...)
}

func (b BreakEven) lines(name string) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	switch b.State {
	case NotDefined, NotMeasured:
		return nil
	case NotReached:
		add("%s did not reach break-even: the left side of Eq. 1 did not rise above 1, at most %v at %v.", name, b.Left, b.At)
		if b.Unsure && b.Left.Error > rounding {
			add("That is within its error of 1, so it may have been reached.")
		}
	case AtStart:
		add("%s was past break-even at its first measurement, %v: the left side of Eq. 1 was %v.", name, b.At, b.Left)
	case Bracketed:
		add("%s reached break-even between step %d and %v: the left side of Eq. 1 rose from %v to %v.", name, b.Before.Step, b.At, b.LeftBefore, b.Left)
	}
	if there := known("λ_H¹", b.H, "λ_K¹", b.K, "λ_K¹ of single examples", b.KExample, "|cos(e_H¹, e_K¹)|", b.Alignment, "α*", b.Margin); b.crossed() && len(there) > 0 {
		add("There %s.", strings.Join(there, ", "))
	}
	return lines
}

// course says what the left side did after break-even.
func (b BreakEven) course() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if b.State == AtStart && len(b.Rises) > 0 {
		add("The left side of Eq. 1 fell to 1 or below after that, and rose above 1 again between step %d and %v.", b.Rises[0][0].Step, b.Rises[0][1])
	}
	switch {
	case !b.crossed():
	case b.Later == 1 && b.Above == 1:
		add("The one measurement after break-even had a left side above 1, too.")
	case b.Later == 1:
		add("The one measurement after break-even had none above 1.")
	case b.Later > 1 && b.Above == 0:
		add("None of the %d measurements after break-even had a left side above 1.", b.Later)
	case b.Later > 1:
		add("Of the %d measurements after break-even %d had a left side above 1.", b.Later, b.Above)
	}
	return lines
}

func (b BreakEven) checkLines() []string {
	var lines []string
	for _, c := range b.Checks {
		if !(c.Predicted.Value > 0) {
			lines = append(lines, fmt.Sprintf("At step %d the closed form has no break-even point: by it nothing is stable at this learning rate and batch size; λ_H¹ measured there: %v.", c.At.Step, c.Measured))
			continue
		}
		line := fmt.Sprintf("At step %d the closed form puts λ_H¹ at break-even at %v; measured there: %v", c.At.Step, c.Predicted, c.Measured)
		line += fmt.Sprintf(", %s %% of it", digits.Significant(100*c.Measured.Value/c.Predicted.Value, 3))
		lines = append(lines, line+".")
	}
	return lines
}

// known returns "symbol = figure" for the figures that there are.
func known(pairs ...any) []string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		if x := pairs[i+1].(Figure); x.Known() {
			list = append(list, fmt.Sprintf("%v = %v", pairs[i], x))
		}
	}
	return list
}

func (f Findings) maximaLines() []string {
	var lines []string
	if f.Line.Passed {
		lines = append(lines, fmt.Sprintf("Training accuracy first passed %.2f at %v.", f.Line.Accuracy, f.Line.At))
	}
	for _, e := range f.Maxima {
		if e.Count == 0 || e.Key != "k_max" && e.Key != "h_max" {
			continue
		}
		line := fmt.Sprintf("%s was largest at %v: %v", symbol(e.Key), e.At, e.Figure)
		if e.From.Step < e.To.Step {
			line += fmt.Sprintf("; within the errors it may have been anywhere from step %d to %d", e.From.Step, e.To.Step)
		}
		switch {
		case !f.Line.Passed || !e.At.Accuracy.Known():
		case slices.Contains(f.Line.Near, e.Key):
			line += fmt.Sprintf(". That is near the accuracy line (within %v of it)", nearLine)
		default:
			line += ". That is not near the accuracy line"
		}
		lines = append(lines, line+".")
	}
	return lines
}

func (t Theory) lines(f Findings) []string {
	if len(t.Stable) == 0 {
		return nil
	}
	worst := t.Narrowest
	batch := fmt.Sprintf("the smallest stable batch at η = %s was %d", digits.Significant(f.Spec.LR, 6), worst.Batch)
	if worst.Batch == 0 {
		batch = fmt.Sprintf("not even the full batch was stable at η = %s", digits.Significant(f.Spec.LR, 6))
	}
	return []string{fmt.Sprintf("By the one-dimensional model the narrowest point was step %d: ηλ_H¹/2 = %s, the largest stable learning rate at S = %d was %v, and %s.",
		worst.At.Step, digits.Significant(worst.Edge, 3), f.Spec.Batch, worst.Rate, batch)}
}

// Lines says in plain sentences what the sweeps show, with their figures, and
// what was not compared.
func (c Comparison) Lines() []string {
	var lines []string
	for _, s := range c.Sweeps {
		for _, v := range s.Conjectures {
			lines = append(lines, v.line(s))
			for _, p := range v.Parts {
				lines = append(lines, "  "+p.line(s))
			}
		}
		lines = append(lines, s.Forecasts...)
		lines = append(lines, s.Warnings...)
	}
	return append(lines, c.Notes...)
}

func (v Verdict) line(s Sweep) string {
	return fmt.Sprintf("%s (%s), %s for %s.", v.Name, v.Statement, v.verb(), s.all())
}

// verb returns "held", "did not hold" and so on, for a sentence.
func (v Verdict) verb() string {
	switch {
	case v.Outcome == Undecided:
		return "is undecided"
	case v.Outcome == Untested:
		return "was not tested"
	case v.Outcome == Held && slices.ContainsFunc(v.Parts, func(p Part) bool { return p.Decides && p.Outcome == Untested }):
		return "held, as far as it was measured,"
	}
	return string(v.Outcome)
}

// all returns "η = 0.01 and η = 0.1 at S = 32, one seed each".
func (s Sweep) all() string {
	var names []string
	for _, set := range s.Settings {
		names = append(names, s.name(set))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " at " + s.Fixed + ", " + s.seeds()
}

// seeds returns "one seed each", "3 seeds each" or "2 to 5 seeds each".
func (s Sweep) seeds() string {
	least, most := len(s.Settings[0].of), 0
	for _, set := range s.Settings {
		least, most = min(least, len(set.of)), max(most, len(set.of))
	}
	switch {
	case most == 1:
		return "one seed each"
	case least == most:
		return fmt.Sprintf("%d seeds each", most)
	}
	return fmt.Sprintf("%d to %d seeds each", least, most)
}

func (p Part) line(s Sweep) string {
	if p.Outcome == Untested {
		return fmt.Sprintf("max %s: not measured.", symbol(p.Key))
	}
	var figures []string
	for i, set := range s.Settings {
		figures = append(figures, fmt.Sprintf("%v (%s)", p.Figures[i], s.name(set)))
	}
	line := fmt.Sprintf("max %s: %s", symbol(p.Key), strings.Join(figures, ", "))
	if p.Effect.Known() {
		line += ", " + p.Effect.String()
	}
	line += ": " + string(p.Outcome)
	if p.Why != "" {
		line += ": " + p.Why
	}
	if !p.Decides {
		line += " (stands beside, does not decide)"
	}
	return line + "."
}
