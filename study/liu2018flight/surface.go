package liu2018flight

import (
	"fmt"

	"breakeven/internal/digits"
	"breakeven/study"
)

// A Surface is what one run says of curvature, noise and stability; 0 where they were not measured.
type Surface struct {
	Name      string  `json:"name"`
	LR        float64 `json:"lr"`
	Curvature float64 `json:"largest_h_max"`
	Noise     float64 `json:"largest_k_max"`
	Edge      float64 `json:"largest_edge_after_start"` // of λ(P⁻¹H) over its bound, without the first record
	Crossed   int     `json:"first_step_above"`         // of the edge above 1 after the start; −1: never
	others    string  // settings but the learning rate
}

// surfacesOf reads the records of all runs.
func surfacesOf(runs []study.Run) []Surface {
	list := make([]Surface, len(runs))
	for i, r := range runs {
		s := Surface{Name: r.Name, LR: r.Spec.LR, Crossed: -1}
		other := r.Spec
		other.LR = 1
		s.others = other.ID()
		for k, rec := range r.Records {
			if v, ok := rec.Get("h_max"); ok {
				s.Curvature = max(s.Curvature, v.Value)
			}
			if v, ok := rec.Get("k_max"); ok {
				s.Noise = max(s.Noise, v.Value)
			}
			v, ok := rec.Get("edge")
			if !ok || k == 0 { // Adam divides by its first gradient alone at the start
				continue
			}
			s.Edge = max(s.Edge, v.Value)
			if v.Value > 1 && s.Crossed < 0 {
				s.Crossed = rec.Step
			}
		}
		list[i] = s
	}
	return list
}

// surfaceSection says whether the largest curvature and noise fall with the learning rate, and
// where the runs stand against their bounds.
func surfaceSection(list []Surface) []study.Section {
	s := study.Section{Title: "Curvature, noise and the learning rate", Badge: "open"}
	fall, rise := 0, 0
	for i, a := range list {
		if a.Curvature == 0 {
			continue
		}
		line := fmt.Sprintf("%s: λ_H¹ is at most %s, λ_K¹ at most %s.", a.Name, digits.Significant(a.Curvature, 3), digits.Significant(a.Noise, 3))
		switch {
		case a.Edge == 0:
		case a.Crossed >= 0:
			line += fmt.Sprintf(" λ(P⁻¹H) passes its bound at step %d and comes to %s of it.", a.Crossed, digits.Significant(a.Edge, 3))
		default:
			line += fmt.Sprintf(" λ(P⁻¹H) comes to %s of its bound.", digits.Significant(a.Edge, 3))
		}
		s.Lines = append(s.Lines, line)
		for _, b := range list[:i] {
			if b.Curvature == 0 || b.others != a.others || a.LR == b.LR {
				continue
			}
			if (a.LR > b.LR) == (a.Curvature < b.Curvature) {
				fall++
			} else {
				rise++
			}
			if (a.LR > b.LR) == (a.Noise < b.Noise) {
				fall++
			} else {
				rise++
			}
		}
	}
	switch {
	case len(s.Lines) == 0:
		return nil
	case fall+rise == 0:
		s.Open = []string{"Two learning rates, with everything else alike, are needed."}
	case rise == 0:
		s.Badge, s.Tone = "smaller with larger rates", "good"
	case fall == 0:
		s.Badge, s.Tone = "larger with larger rates", "bad"
	default:
		s.Badge = "mixed"
	}
	if fall+rise > 0 {
		s.More = []string{fmt.Sprintf("Of %d comparisons of two learning rates, the larger one has the smaller maximum in %d.", fall+rise, fall)}
	}
	return []study.Section{s}
}

// headings are the figures.
var headings = []study.Heading{
	{Title: "Predicted tracks", Panels: []study.Panel{
		{Keys: []string{"valid_track_error"}, Title: "Error of predicted tracks", Caption: "Mean distance of validation flights from tracks predicted from the network's own predictions, after 20 fixes."}}},
	{Title: "Learning", Panels: []study.Panel{
		{Keys: []string{"loss", "valid_loss"}, Title: "Loss", Caption: "Negative log-density of the next state, without dropout and drift.", Dashed: "Dashed: on validation flights."},
		{Keys: []string{"valid_step_error"}, Title: "Error of single steps", Caption: "Mean distance of next positions from the likeliest component, on validation flights."}}},
	{Title: "Curvature, noise and the edge of stability", Panels: []study.Panel{
		{Keys: []string{"h_max"}, Title: "Curvature, λ_H¹", Caption: "H is the Hessian of the training loss, without dropout.", Log: true},
		{Keys: []string{"k_max"}, Title: "Gradient noise, λ_K¹", Caption: "K is the covariance of the gradients of minibatches.", Log: true},
		{Keys: []string{"edge"}, Title: "Edge of stability", Caption: "Largest eigenvalue of P⁻¹H, P what the method divides gradients by, over the largest at which the method is stable with the full batch.", Level: 1, Mark: "1", Line: "Above the line it is unstable.", Log: true},
		{Keys: []string{"stability"}, Title: "Stability of plain steps", Caption: "Left side of Eq. 1 of the break-even study, which is the condition of gradient descent and not of Adam.", Level: 1, Mark: "1", Line: "Above the line it is unstable.", Log: true}}},
}
