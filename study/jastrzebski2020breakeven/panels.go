package jastrzebski2020breakeven

import (
	"breakeven/run"
	"breakeven/study"
)

// edge is 2/η, the largest λ_H¹ at which gradient descent on the full batch is
// stable.
func edge(s run.Spec) float64 { return 2 / s.LR }

// headings are the figures in the order of the page.
var headings = []study.Heading{
	{Title: "Break-even", Panels: []study.Panel{
		{Keys: []string{"stability"}, Title: "Left side of Eq. 1", Level: 1, Mark: "1",
			Caption: "Below the line at 1 a step is stable along the top eigenvector of the Hessian. The break-even point is where a curve first rises to it."},
		{Keys: []string{"h_max"}, Title: "Sharpness λ_H¹", LevelOf: edge, Mark: "2/η", Log: true,
			Caption: "Largest eigenvalue of the Hessian. 2/η is its limit for the full batch; small batches reach theirs below it."},
		{Keys: []string{"step_margin"}, Title: "Step margin α*", Level: 2, Mark: "2", Log: true,
			Caption: "Multiple of the training step that raises the loss by 20 %. Near 2 the step is mirrored at the minimum along its direction."},
		{Keys: []string{"batch_sharpness"}, Title: "Batch sharpness", LevelOf: edge, Mark: "2/η", Log: true,
			Caption: "Mean curvature of a minibatch's loss along its own gradient. At the edge of stochastic stability it hovers at 2/η."},
	}},
	{Title: "Gradient noise", Panels: []study.Panel{
		{Keys: []string{"k_max"}, Title: "Largest eigenvalue of K, λ_K¹",
			Caption: "K is the covariance of minibatch gradients. A lower peak is the variance reduction of a larger learning rate or a smaller batch."},
		{Keys: []string{"k_condition"}, Title: "Conditioning λ_K* / λ_K¹",
			Caption: "Smallest non-zero over largest eigenvalue of K. A higher peak is the pre-conditioning of a larger learning rate or a smaller batch."},
		{Keys: []string{"k_trace"}, Title: "Total variance Tr K",
			Caption: "Variance of a minibatch gradient, summed over all directions. It should peak lower for a larger learning rate or a smaller batch."},
		{Keys: []string{"k_rank"}, Title: "Effective rank Tr K / λ_K¹",
			Caption: "How many directions share the variance: 1 if all of it lies in one, L - 1 at most."},
		{Keys: []string{"k_min"}, Title: "Smallest eigenvalue of K, λ_K*",
			Caption: "The smallest that is not zero. It goes on growing where only the top of the spectrum is held down."},
		{Keys: []string{"noise_scale"}, Title: "Gradient noise scale", Log: true,
			Caption: "Variance of one example's gradient over the squared norm of the mean: the batch size at which both are alike."},
		{Keys: []string{"topspace"}, Title: "Gradient in the top space, ‖g‖ / ‖g₅‖",
			Caption: "1 means that a minibatch's gradient lies wholly in the space of the five top eigenvectors of K."},
	}},
	{Title: "Curvature", Panels: []study.Panel{
		{Keys: []string{"h_trace"}, Title: "Trace of the Hessian, Tr H",
			Caption: "Total curvature. It should peak lower for a larger learning rate or a smaller batch."},
		{Keys: []string{"curvature_variance"}, Title: "Spread of curvature, s²", Log: true,
			Caption: "Variance over examples of the curvature along the top eigenvector of the Hessian: the noise term of Eq. 1."},
		{Keys: []string{"alignment", "alignment_example"}, Title: "Alignment of H and K",
			Caption: "|cos| between the top eigenvectors of the Hessian and of K; dashed: K of single examples. The theory takes it as 1."},
	}, Spectrum: true},
	{Title: "Training", Panels: []study.Panel{
		{Keys: []string{"loss", "valid_loss"}, Title: "Loss", Caption: "On the measurement set; dashed: on the validation data."},
		{Keys: []string{"accuracy", "valid_accuracy"}, Title: "Accuracy", Caption: "On the measurement set; dashed: on the validation data."},
		{Keys: []string{"grad_norm"}, Title: "Gradient norm ‖g‖", Caption: "Of the loss on the measurement set."},
	}},
}
