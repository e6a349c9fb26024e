package trial

import (
	"fmt"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/train"
)

// The fields of descents that say how gradients are preconditioned.
var (
	precondition = run.Field{Name: "precondition", Default: "none", Choices: []string{"none", "kfac", "ekfac", "steps"},
		Doc: "kfac: gradients times the inverse of Kronecker factors, before the method; ekfac: with corrected eigenvalues; steps: only the lengths of kfac's steps, a control"}
	damping = run.Field{Name: "damping", Default: 0.01, Check: preconditioned(checkPositive),
		Doc: "ε of Kronecker factors: √ε is added to the diagonal of each, with ekfac ε to the corrected eigenvalues"}
	dampingSplit = run.Field{Name: "damping_split", Default: "equal", Choices: []string{"equal", "trace"}, Check: preconditioned(nil),
		Doc: "equal: √ε for both factors; trace: π√ε and √ε/π, with π² the quotient of their mean eigenvalues"}
	updateEvery = run.Field{Name: "update_every", Default: 50, Unit: "steps", Check: preconditioned(run.AtLeast(1)),
		Doc: "steps between new inverses of the factors"}
	factorAverage = run.Field{Name: "factor_average", Default: 1.0, Check: preconditioned(checkAverage),
		Doc: "α of the moving average of factors, (1 - α) old + α new at every step; 1: no average"}
	factors = run.Field{Name: "factors", Default: "curvature", Choices: []string{"curvature", "released"}, Check: preconditioned(nil),
		Doc: "scaling: curvature: a Fisher matrix; released: that of the code of Izadi et al. 2020"}
	fisher = run.Field{Name: "fisher", Default: "sampled", Choices: []string{"sampled", "empirical", "type2"}, Check: preconditioned(checkFisher),
		Doc: "of factors: sampled: the model's, with random signs; type2: exactly, a pass for each output; empirical: of the gradients"}
	sharing = run.Field{Name: "sharing", Default: "expand", Choices: []string{"expand", "reduce"}, Check: preconditioned(nil),
		Doc: "rows of shared weights (pixels, steps): expand: each for itself; reduce: mean input and sum of adjoints"}
)

var descentFields = []run.Field{precondition, damping, dampingSplit, updateEvery, factorAverage, factors, fisher, sharing}

// preconditioned is a check of a field that means something only with Kronecker factors.
func preconditioned(check func(run.Field, run.Spec, run.Known) string) func(run.Field, run.Spec, run.Known) string {
	return func(f run.Field, s run.Spec, known run.Known) string {
		switch {
		case precondition.Word(s) == precondition.Default && !f.IsDefault(f.Value(s)):
			return "means nothing without a precondition such as kfac; leave it out"
		case check == nil:
			return ""
		}
		return check(f, s, known)
	}
}

func checkAverage(f run.Field, s run.Spec, _ run.Known) string {
	if v := f.Float(s); !(v > 0 && v <= 1) {
		return fmt.Sprintf("must be above 0 and at most 1, not %v", v)
	}
	return ""
}

func checkFisher(f run.Field, s run.Spec, _ run.Known) string {
	if factors.Word(s) == "released" && !f.IsDefault(f.Value(s)) {
		return "means nothing with factors released, which are those of the mean loss; leave it out"
	}
	return ""
}

// natural returns how gradients are preconditioned, and whether they are.
func natural(s run.Spec) (n train.Natural, ok bool) {
	n = train.Natural{
		Eigen: precondition.Word(s) == "ekfac", StepsOnly: precondition.Word(s) == "steps", Released: factors.Word(s) == "released",
		Factors: curvature.FactorSettings{Seed: s.Seed}, Damping: curvature.Damping{Epsilon: damping.Float(s), Corrected: dampingSplit.Word(s) == "trace"},
		Every: updateEvery.Int(s), Average: factorAverage.Float(s),
	}
	switch fisher.Word(s) {
	case "sampled":
		n.Factors.Fisher = nn.Sampled
	case "type2":
		n.Factors.Fisher = nn.Type2
	}
	if sharing.Word(s) == "reduce" {
		n.Factors.Sharing = curvature.Reduce
	}
	return n, precondition.Word(s) != precondition.Default
}

// preconditioning reads and checks how the descent preconditions its gradients.
func (t *descent) preconditioning() error {
	if err := t.spec.Check(descentFields); err != nil {
		return err
	}
	n, ok := natural(t.spec)
	if !ok {
		return nil
	}
	if len(t.net.Blocks()) == 0 {
		return fmt.Errorf("precondition: %s has no layer with Kronecker factors", t.spec.Model)
	}
	t.natural = &n
	return nil
}

// unlabelled returns the examples that count with predicted labels; nil if there are none.
func (t *descent) unlabelled() *train.Unlabelled {
	if t.task.Gamma == 0 || len(t.task.Unlabelled) == 0 {
		return nil
	}
	return &train.Unlabelled{Nodes: t.task.Unlabelled, Gamma: t.task.Gamma, Steps: t.steps}
}

// naturalBytes returns what preconditioning and predicted labels take.
func (t *descent) naturalBytes() (bytes int64) {
	if t.natural != nil {
		bytes = t.natural.Bytes(t.net)
	}
	if u := t.unlabelled(); u != nil {
		bytes += u.Bytes(t.task.Nodes)
	}
	return bytes
}

// naturalWords describes it.
func (t *descent) naturalWords() string {
	s, words := t.spec, ""
	if t.natural != nil {
		words = fmt.Sprintf("%s (factors %s, damping %v, every %d steps), ", precondition.Word(s), factors.Word(s), damping.Float(s), updateEvery.Int(s))
	}
	if u := t.unlabelled(); u != nil {
		words += fmt.Sprintf("predicted labels of %d nodes with weight (t/T)^%v, ", len(u.Nodes), u.Gamma)
	}
	return words
}
