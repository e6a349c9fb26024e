package report

import "breakeven/run"

// A figure says what is drawn in one picture.
type figure struct {
	keys    []string // the first as a full line, the second dashed
	title   string
	see     string                   // what to see, for the caption
	level   float64                  // a horizontal line that is the same for all runs; 0: none
	levelOf func(s run.Spec) float64 // one for each run
	name    string                   // of the lines
	log     bool                     // logarithmic where the values are far apart
}

// A group is a heading with its figures.
type group struct {
	title   string
	figures []figure
}

func edge(s run.Spec) float64 { return 2 / s.LR }

// groups are the figures in the order of the page. What is measured beyond them
// is drawn under the last heading.
var groups = []group{
	{"Break-even", []figure{
		{keys: []string{"stability"}, title: "Left side of Eq. 1", level: 1, name: "1",
			see: "Below the line at 1 a step is stable along the top eigenvector of the Hessian. The break-even point is where a curve first rises to it."},
		{keys: []string{"h_max"}, title: "Sharpness λ_H¹", levelOf: edge, name: "2/η", log: true,
			see: "Largest eigenvalue of the Hessian. 2/η is its limit for the full batch; small batches reach theirs below it."},
		{keys: []string{"step_margin"}, title: "Step margin α*", level: 2, name: "2", log: true,
			see: "Multiple of the training step that raises the loss by 20 %. Near 2 the step is mirrored at the minimum along its direction."},
		{keys: []string{"batch_sharpness"}, title: "Batch sharpness", levelOf: edge, name: "2/η", log: true,
			see: "Mean curvature of a minibatch's loss along its own gradient. At the edge of stochastic stability it hovers at 2/η."},
	}},
	{"Gradient noise", []figure{
		{keys: []string{"k_max"}, title: "Largest eigenvalue of K, λ_K¹",
			see: "K is the covariance of minibatch gradients. A lower peak is the variance reduction of a larger learning rate or a smaller batch."},
		{keys: []string{"k_condition"}, title: "Conditioning λ_K* / λ_K¹",
			see: "Smallest non-zero over largest eigenvalue of K. A higher peak is the pre-conditioning of a larger learning rate or a smaller batch."},
		{keys: []string{"k_trace"}, title: "Total variance Tr K",
			see: "Variance of a minibatch gradient, summed over all directions. It should peak lower for a larger learning rate or a smaller batch."},
		{keys: []string{"k_rank"}, title: "Effective rank Tr K / λ_K¹",
			see: "How many directions share the variance: 1 if all of it lies in one, L - 1 at most."},
		{keys: []string{"k_min"}, title: "Smallest eigenvalue of K, λ_K*",
			see: "The smallest that is not zero. It goes on growing where only the top of the spectrum is held down."},
		{keys: []string{"noise_scale"}, title: "Gradient noise scale", log: true,
			see: "Variance of one example's gradient over the squared norm of the mean: the batch size at which both are alike."},
		{keys: []string{"topspace"}, title: "Gradient in the top space, ‖g‖ / ‖g₅‖",
			see: "1 means that a minibatch's gradient lies wholly in the space of the five top eigenvectors of K."},
	}},
	{"Curvature", []figure{
		{keys: []string{"h_trace"}, title: "Trace of the Hessian, Tr H",
			see: "Total curvature. It should peak lower for a larger learning rate or a smaller batch."},
		{keys: []string{"curvature_variance"}, title: "Spread of curvature, s²", log: true,
			see: "Variance over examples of the curvature along the top eigenvector of the Hessian: the noise term of Eq. 1."},
		{keys: []string{"alignment", "alignment_example"}, title: "Alignment of H and K",
			see: "|cos| between the top eigenvectors of the Hessian and of K; dashed: K of single examples. The theory takes it as 1."},
	}},
	{"Training", []figure{
		{keys: []string{"loss", "valid_loss"}, title: "Loss", see: "On the measurement set; dashed: on the validation data."},
		{keys: []string{"accuracy", "valid_accuracy"}, title: "Accuracy", see: "On the measurement set; dashed: on the validation data."},
		{keys: []string{"grad_norm"}, title: "Gradient norm ‖g‖", see: "Of the loss on the measurement set."},
	}},
	{"Other measurements", nil},
}
