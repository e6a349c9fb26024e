package huang2021orthogonal

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// regime is Figure 3: gradient descent in the regime of the tangent kernel, beside the
// network of infinite width.
func regime(runs []study.Run) (r result) {
	r.section.Title, r.group.Title = "In the regime of the tangent kernel", "Gradient descent in the regime of the tangent kernel (Figure 3)"
	limits := pick(runs, func(r study.Run) bool { return r.Spec.Kind == "limit" && len(r.Records) > 0 })
	all := cells(pick(runs, func(r study.Run) bool {
		return r.Spec.Kind == "descent" && r.Spec.Loss == "mse" && r.Spec.Until == 0 && len(r.Records) > 1 && !has(r, "ntk_change")
	}))
	for k, family := range families(all, "law") {
		limit := limitOf(limits, family[0].spec)
		ends := map[string]map[string]estimate{}
		for _, key := range []string{"loss", "accuracy", "valid_accuracy"} {
			f := study.Figure{Name: fmt.Sprintf("regime_%d_%s", k+1, key), Title: strings.ReplaceAll(key, "_", " "), X: "step", Y: key, LogY: key == "loss",
				Caption: "Mean over seeds with its interval; dashed, the mean over networks of infinite width in closed form."}
			for _, c := range family {
				s := trajectory(c, key)
				if len(s.x) < 2 {
					continue
				}
				f.Curves = append(f.Curves, s.curve(false))
				if ends[s.law] == nil {
					ends[s.law] = map[string]estimate{}
				}
				ends[s.law][key] = s.last()
			}
			if limit != nil {
				s := trajectory(cell{limit.Spec, []study.Run{*limit}}, key)
				s.name, s.law = "infinite width", laws[2]
				f.Curves = append(f.Curves, s.curve(true))
			}
			switch {
			case len(f.Curves) == 0:
			case len(r.lead) == 0:
				f.Title = "Loss in the regime of the tangent kernel"
				r.lead = append(r.lead, f)
			default:
				r.group.Figures = append(r.group.Figures, f)
			}
		}
		r.overlap(family[0].spec, ends, limit)
	}
	return r
}

// limitOf returns the run of infinite width that has the network, the data and the steps of a
// spec, or nil.
func limitOf(limits []study.Run, s run.Spec) *study.Run {
	for i := range limits {
		l := limits[i].Spec
		same := l.Data == s.Data && l.Train == s.Train && l.Valid == s.Valid && l.Preprocess == s.Preprocess && l.LR == s.LR
		for _, name := range []string{"network", "repeats", "parameters", "weight_variance", "bias_variance"} {
			same = same && text(l, name) == text(s, name)
		}
		if same && (text(s, "parameters") == "ntk" || text(l, "width") == text(s, "width")) {
			return &limits[i]
		}
	}
	return nil
}

// trajectory returns a key along the steps that all runs of a cell have.
func trajectory(c cell, key string) series {
	s := series{name: text(c.spec, "law"), law: text(c.spec, "law")}
	at := map[int][]float64{}
	var steps []int
	for _, r := range c.runs {
		for _, rec := range r.Records {
			if v, ok := rec.Get(key); ok {
				if at[rec.Step] == nil {
					steps = append(steps, rec.Step)
				}
				at[rec.Step] = append(at[rec.Step], v.Value)
			}
		}
	}
	slices.Sort(steps)
	for _, step := range steps {
		if len(at[step]) == len(c.runs) {
			s.x, s.y = append(s.x, float64(step)), append(s.y, mean(at[step]))
		}
	}
	return s
}

// overlap says whether the curves of both laws end alike, and beside the closed form.
func (r *result) overlap(s run.Spec, ends map[string]map[string]estimate, limit *study.Run) {
	g, o := ends["gaussian"], ends["orthogonal"]
	if g == nil || o == nil {
		r.section.Open = append(r.section.Open, "Whether the curves overlap: there are no runs of both laws.")
		return
	}
	r.section.Lines = append(r.section.Lines, fmt.Sprintf("%s, at the end: loss %v with gaussian and %v with orthogonal weights, training accuracy %v and %v.",
		shape(s), g["loss"], o["loss"], g["accuracy"], o["accuracy"]))
	for _, key := range []string{"loss", "accuracy", "valid_accuracy"} {
		expected := study.Empty
		if limit != nil {
			if v, ok := last(*limit, key); ok {
				expected = digits.Significant(v.Value, 3) + " (infinite width)"
			}
		}
		r.rows = append(r.rows, []string{fmt.Sprintf("%s at the end (%s)", strings.ReplaceAll(key, "_", " "), shape(s)), g[key].String(), o[key].String(), expected})
	}
	if limit != nil {
		loss, _ := last(*limit, "loss")
		accuracy, _ := last(*limit, "accuracy")
		r.section.Lines = append(r.section.Lines, fmt.Sprintf("Networks of infinite width have there a loss of %s and an accuracy of %s on average, in closed form.",
			digits.Significant(loss.Value, 3), digits.Significant(accuracy.Value, 3)))
	}
	switch differ, known := g["loss"].apart(o["loss"]); {
	case !known:
		r.section.Badge = "one network of each law"
		r.section.Open = append(r.section.Open, "Whether the curves differ by more than networks do: it needs two seeds or more of each law.")
	case differ:
		r.section.Badge, r.section.Tone = "the curves differ", "bad"
		r.headline = "In its regime the training curves of both differ."
	default:
		r.section.Badge, r.section.Tone = "the curves overlap", "good"
		r.headline = "In its regime the training curves of both overlap."
	}
	r.section.More = []string{"The paper, L = 3, width 400, CIFAR-10, at step 1,000: accuracy 0.920 and 0.941, loss (a sum over ten classes, of which ours is the mean) 0.422 and 0.393; " +
		"at step 10,000: accuracy 1 and 1, loss 0.038 and 0.035."}
}
