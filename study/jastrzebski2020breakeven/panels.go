package jastrzebski2020breakeven

import (
	"fmt"
	"math"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

// Bound returns the largest λ_H¹ at which a method is stable on a quadratic loss with the full
// batch, and whether there is one: see run.Bound. That of Adam, and that of preconditioned
// gradients, depends on their own rescaling and not on λ_H¹.
func Bound(s run.Spec) (float64, bool) {
	if method(s) == "adam" || method(s) != s.Method {
		return 0, false
	}
	return run.Bound(s.Method, s.LR, s.Momentum)
}

// method names the method of a spec and, if its gradients are preconditioned, by what.
func method(s run.Spec) string {
	if by := s.Text("precondition"); by != "" {
		return s.Method + " with " + by
	}
	return s.Method
}

// edge is Bound, and NaN if there is none.
func edge(s run.Spec) float64 {
	if bound, ok := Bound(s); ok {
		return bound
	}
	return math.NaN()
}

// edgeName is the formula of the bound.
func edgeName(s run.Spec) string {
	switch s.Method {
	case "momentum":
		return "2(1+β)/η"
	case "nesterov":
		return "2(1+β)/(η(1+2β))"
	}
	return "2/η"
}

// boundWords says which bound of λ_H¹ a method has, in a sentence after another.
func boundWords(s run.Spec) string {
	if bound, ok := Bound(s); ok {
		return fmt.Sprintf(" With the full batch it is stable up to λ_H¹ = %s.", digits.Significant(bound, 4))
	}
	return " Its stability is not decided by λ_H¹."
}

// headings are the figures in the order of the page. Those of the first show the finding.
var headings = []study.Heading{
	{Panels: []study.Panel{
		{Keys: []string{"k_max"}, Title: "Gradient noise: largest eigenvalue of K, λ_K¹",
			Caption: "K is the covariance of minibatch gradients. A lower peak is the variance reduction of a larger learning rate or a smaller batch."},
		{Keys: []string{"h_max"}, Title: "Curvature: largest eigenvalue of H, λ_H¹", LevelOf: edge, MarkOf: edgeName, Log: true,
			Caption: "H is the Hessian of the loss.", Line: "The horizontal line is its limit for the full batch, 2/η for plain SGD; small batches reach theirs below it."},
	}},
	{Title: "Break-even", Panels: []study.Panel{
		{Keys: []string{"stability", "stability_k"}, Title: "Left side of Eq. 1", Level: 1, Mark: "1",
			Caption: "(1 - ηλ_H¹)² + s²η²(N - S)/(S(N - 1)): up to 1 a step of SGD is stable along e_H¹, the top eigenvector of H. " +
				"s² is the variance over examples of the curvature along it. Break-even is where a curve first rises above 1.",
			Dashed: "Dashed: along e_K¹, with the curvature there in place of λ_H¹."},
		{Keys: []string{"step_margin"}, Title: "Step margin α*", Level: 2, Mark: "2", Log: true,
			Caption: "Multiple of the training step that raises the loss by 20 %. Near 2 the step is mirrored at the minimum along its direction."},
		{Keys: []string{"step_along_k"}, Title: "Oscillation ‖Δψ‖", Log: true,
			Caption: "How far the next training step goes along e_K¹, the top eigenvector of K."},
		{Keys: []string{"critical_sharpness", "h_max"}, Title: "Critical sharpness λ_c", LevelOf: edge, MarkOf: edgeName, Log: true,
			Caption: "2 over the smallest learning rate at which the next step raises the loss. It needs no products with H. With the full batch it is λ_H¹ at most, as far as the loss is a parabola; a noisy step gains less and may have more.",
			Line:    "With plain SGD the next step raises the loss above the limit.", Dashed: "Dashed: λ_H¹."},
		{Keys: []string{"batch_sharpness"}, Title: "Batch sharpness", LevelOf: edge, MarkOf: edgeName, Log: true,
			Caption: "Mean curvature of a minibatch's loss along its own gradient.",
			Line:    "At the edge of stochastic stability it hovers at the limit of the full batch, 2/η for plain SGD."},
		{Keys: []string{"edge_distance", "sharpness_gap"}, Title: "Distance to the edge, 2/η − λ_H¹", Log: true,
			Caption: "How far below 2/η λ_H¹ is.", Dashed: "Dashed: the stochastic sharpness gap ηβσ_u²/(4α), at which the noise of batches holds it, in closed form."},
		{Keys: []string{"edge"}, Title: "Edge of stability", Level: 1, Mark: "1", Log: true,
			Caption: "Largest eigenvalue of P⁻¹H, P what the method divides gradients by, over the largest at which it is stable with the full batch."},
	}, Planes: []study.Plane{
		{X: "h_max", Y: "k_max", Title: "Noise against curvature",
			Caption: "λ_K¹ against λ_H¹, a point for each measurement. Early on both grow together, as the theory takes it."},
		{X: "step_margin", Y: "k_max", Title: "Noise against the step margin",
			Caption: "λ_K¹ against α*. As the noise grows, ever smaller multiples of a step raise the loss."},
	}},
	{Title: "Gradient noise", Panels: []study.Panel{
		{Keys: []string{"k_condition"}, Title: "Conditioning λ_K* / λ_K¹",
			Caption: "Smallest non-zero over largest eigenvalue of K. A higher peak is the pre-conditioning of a larger learning rate or a smaller batch."},
		{Keys: []string{"k_trace"}, Title: "Total variance Tr K",
			Caption: "Variance of a minibatch gradient, summed over all directions. It should peak lower for a larger learning rate or a smaller batch."},
		{Keys: []string{"k_rank"}, Title: "Effective rank Tr K / λ_K¹",
			Caption: "How many directions share the variance: 1 if all of it lies in one, L - 1 at most."},
		{Keys: []string{"k_min"}, Title: "Smallest eigenvalue of K, λ_K*",
			Caption: "The smallest that is not zero. It goes on growing where only the top of the spectrum is held down."},
		{Keys: []string{"noise_scale", "noise_scale_unbiased"}, Title: "Gradient noise scale", Log: true,
			Caption: "Variance of one example's gradient over the squared norm of the mean: the batch size at which both are alike.", Dashed: "Dashed: from minibatches, without bias."},
		{Keys: []string{"critical_batch"}, Title: "Critical batch size Tr(HΣ) / (∇LᵀH∇L)", Log: true,
			Caption: "The noise scale in the metric of H: the batch size at which noise costs a step as much as its gradient gains."},
		{Keys: []string{"topspace"}, Title: "Minibatch gradients in the top space, ‖g_i‖ / ‖P₅g_i‖",
			Caption: "Mean over minibatches. 1 means that their gradients lie wholly in the space of the five top eigenvectors of K."},
	}},
	{Title: "Curvature", Panels: []study.Panel{
		{Keys: []string{"h_trace"}, Title: "Trace of the Hessian, Tr H",
			Caption: "Total curvature. It should peak lower for a larger learning rate or a smaller batch."},
		{Keys: []string{"fisher_trace"}, Title: "Trace of the Fisher matrix, Tr F", Log: true,
			Caption: "With labels drawn from the model. An early peak goes with worse generalisation."},
		{Keys: []string{"h_condition5"}, Title: "Largest over fifth eigenvalue, λ_H¹ / λ_H⁵",
			Caption: "How far the top of the spectrum sticks out: a sharpness that does not change with the scale of the loss."},
		{Keys: []string{"h_overlap"}, Title: "Gradient in the top space of H, ‖P₅g‖² / ‖g‖²",
			Caption: "The part of the squared gradient in the space of the five top eigenvectors of the Hessian."},
		{Keys: []string{"k_curvature"}, Title: "Curvature along e_K¹", LevelOf: edge, MarkOf: edgeName, Log: true,
			Caption: "e_K¹ᵀHe_K¹, at most λ_H¹. The theory takes both as equal.", Line: "The horizontal line is the limit of λ_H¹ for the full batch."},
		{Keys: []string{"curvature_variance", "k_curvature_variance"}, Title: "Spread of curvature, s²", Log: true,
			Caption: "Variance over examples of the curvature along the top eigenvector of the Hessian: the noise term of Eq. 1.", Dashed: "Dashed: along e_K¹."},
		{Keys: []string{"alignment", "alignment_example"}, Title: "Alignment of H and K",
			Caption: "|cos| between the top eigenvectors of the Hessian and of K. The theory takes it as 1.", Dashed: "Dashed: K of single examples."},
	}, Spectrum: true},
	{Title: "Training", Panels: []study.Panel{
		{Keys: []string{"loss", "valid_loss"}, Title: "Loss", Caption: "On the measurement set.", Dashed: "Dashed: on the validation data."},
		{Keys: []string{"accuracy", "valid_accuracy"}, Title: "Accuracy", Caption: "On the measurement set.", Dashed: "Dashed: on the validation data."},
		{Keys: []string{"grad_norm"}, Title: "Gradient norm ‖g‖", Caption: "Of the loss on the measurement set."},
	}},
}
