package run

import "math"

// A Key describes one record key.
type Key struct {
	Name    string // as in Value.Key
	Symbol  string // as in the literature, without markup
	Unit    string // "1" for a pure number; with the mse loss read "output²" for "nat"
	Meaning string // one line
	Vector  bool   // the numbers are in Value.Vector
	// Definition is what the number is, and the estimator that makes it.
	Definition string
	// Min and Max are the range that the quantity has by its definition, infinite where it has
	// no bound. Both 0: not said.
	Min, Max float64
	Kind     string // of the trials that measure it; "" for those that train or measure by probes
}

// Band returns the ends of value ± err, cut at the range of the quantity.
func (k Key) Band(value, err float64) (lo, hi float64) {
	lo, hi = value-err, value+err
	if k.Min < k.Max {
		lo, hi = max(lo, k.Min), min(hi, k.Max)
	}
	return min(lo, value), max(hi, value)
}

var inf = math.Inf(1)

// Keys lists every record key, in the order in which they are shown. K is the
// covariance of minibatch gradients (L of size M, centred, divided by L); the
// k_example keys are for single examples. H is the Hessian of the mean loss
// on the measurement set, G its Gauss-Newton part. Parameters have no unit, so
// that gradients and curvatures have that of the loss.
var Keys = []Key{
	{Name: "loss", Symbol: "L", Unit: "nat", Meaning: "mean loss on the measurement set", Max: inf,
		Definition: "(1/N) Σ ℓ(f(x_i), y_i) over the N examples of the measurement set, each loss in float32, the sum in float64. Exact for that set; its sampling error is the deviation of the ℓ_i over √N."},
	{Name: "accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the measurement set classified correctly", Max: 1,
		Definition: "Share of the examples, or rows, of the measurement set whose largest output is that of their label. Sampling error: √(p(1−p)/N)."},
	{Name: "absolute_error", Symbol: "", Unit: "output", Meaning: "mean distance of outputs from real targets on the measurement set", Max: inf,
		Definition: "Mean over the measurement set of |output − target|."},
	{Name: "step_error", Symbol: "", Unit: "nmi", Meaning: "mean distance of next positions of flights from predicted ones on the measurement set", Max: inf,
		Definition: "Mean over the states of the measurement set of the distance between the next position and the mean of the likeliest component of its predicted density. Degrees of longitude are those at the training flights' mean latitude."},
	{Name: "train_loss", Symbol: "", Unit: "nat", Meaning: "mean loss of the last training minibatches, as they were trained on", Max: inf,
		Definition: "Mean loss of the minibatches of the last quarter of the steps so far, 128 at most, each before its step, with augmentation, dropout and the statistics of its own minibatch. It costs nothing, and within the first epoch it is of examples not seen before. Error: standard error over the minibatches, with what the loss fell meanwhile."},
	{Name: "valid_loss", Symbol: "", Unit: "nat", Meaning: "mean loss on the validation data", Max: inf,
		Definition: "loss, on the validation data."},
	{Name: "valid_accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the validation data classified correctly", Max: 1,
		Definition: "accuracy, on the validation data."},
	{Name: "valid_absolute_error", Symbol: "", Unit: "output", Meaning: "mean distance of outputs from real targets on the validation data", Max: inf,
		Definition: "absolute_error, on the validation data."},
	{Name: "valid_step_error", Symbol: "", Unit: "nmi", Meaning: "mean distance of next positions of flights from predicted ones on the validation data", Max: inf,
		Definition: "step_error, on the validation data."},
	{Name: "valid_track_error", Symbol: "", Unit: "nmi", Meaning: "mean distance of validation flights from their predicted tracks, after their first 20 fixes", Max: inf,
		Definition: "Mean, over up to 69 states after the first 20 fixes of each validation flight, of the distance between where it was and where the network predicts it, from its own predictions: at each step the mean of the likeliest component, without a filter. Sampling error: the deviation of the flights' means over √n. Flights that cannot be predicted, or have no 21st fix, do not count."},
	{Name: "test_loss", Symbol: "", Unit: "nat", Meaning: "mean loss on the test data", Max: inf,
		Definition: "loss, on the test data. Along a run of tasks that have validation data of their own, such as graphs."},
	{Name: "test_accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the test data classified correctly", Max: 1,
		Definition: "accuracy, on the test data: see test_loss."},
	{Name: "predictions", Symbol: "", Unit: "1", Meaning: "what the network predicts for some validation examples, and the root of their mean square", Max: inf, Vector: true,
		Definition: "Probabilities of the classes under the cross-entropy, outputs otherwise, for the first validation examples, 2,000 numbers at most; of a graph for its first nodes. Batch norm with its running statistics. The numbers of two records can be subtracted: their distance is that of two functions."},
	{Name: "task_loss", Symbol: "", Unit: "nat", Meaning: "mean loss of each network of a joint one, the carrier's first", Max: inf, Vector: true,
		Definition: "loss of each task of a joint one on its examples in the measurement set: of the carrier, then of the secret networks. The value is their mean; loss is their sum."},
	{Name: "task_accuracy", Symbol: "", Unit: "1", Meaning: "fraction of its examples that each network of a joint one classifies correctly, the carrier's first", Max: 1, Vector: true,
		Definition: "accuracy of each task of a joint one, in the same order; accuracy is that of the carrier."},
	{Name: "valid_task_loss", Symbol: "", Unit: "nat", Meaning: "the same loss on the validation data", Max: inf, Vector: true,
		Definition: "task_loss, on the validation data of each task."},
	{Name: "valid_task_accuracy", Symbol: "", Unit: "1", Meaning: "the same fraction on the validation data", Max: 1, Vector: true,
		Definition: "task_accuracy, on the validation data of each task."},
	{Name: "other_key_loss", Symbol: "", Unit: "nat", Meaning: "mean loss of the secret networks on the validation data when read with each of 20 other keys", Max: inf, Vector: true,
		Definition: "Mean over the secret networks of their loss on the validation data, the weights read in the order of another key: one number for each of 20 keys, the same ones at every step. The value is their mean."},
	{Name: "other_key_accuracy", Symbol: "", Unit: "1", Meaning: "fraction classified correctly with each of these keys", Max: 1, Vector: true,
		Definition: "The same for the accuracy: what chance gives."},
	{Name: "carrier_h_max", Symbol: "λ_H¹ (carrier)", Unit: "nat", Meaning: "largest eigenvalue of the Hessian of the carrier's own loss, where a network carries secret ones",
		Definition: "h_max of the carrier's loss alone, on the carrier's examples of the measurement set: what somebody measures who knows of no secret network. h_max of such a run is of the sum of all losses."},
	{Name: "carrier_k_max", Symbol: "λ_K¹ (carrier)", Unit: "nat²", Meaning: "largest eigenvalue of the covariance of the carrier's own minibatch gradients", Max: inf,
		Definition: "k_max of the gradients of the carrier's loss alone, on the carrier's examples of the same minibatches."},
	{Name: "carrier_k_trace", Symbol: "Tr K (carrier)", Unit: "nat²", Meaning: "trace of that covariance", Max: inf,
		Definition: "k_trace of the same gradients."},
	{Name: "grad_norm", Symbol: "‖g‖", Unit: "nat", Meaning: "norm of the gradient of the loss on the measurement set", Max: inf,
		Definition: "‖g‖, g = ∇L the mean gradient of the measurement set. Sampling error: that of the mean of ⟨g_i, g⟩/‖g‖ over examples, under batch norm over minibatches of the training size, and where H is not measured over 16 or more blocks of the measurement set. The norm of a sample's gradient is on average larger than that of the population."},
	{Name: "k_max", Symbol: "λ_K¹", Unit: "nat²", Meaning: "largest eigenvalue of the covariance of minibatch gradients", Max: inf,
		Definition: "Largest eigenvalue of K = (1/L) Σ (g_i − ḡ)(g_i − ḡ)ᵀ, g_i the gradients of the mean losses of L minibatches of M examples, ḡ their mean, from their L×L centred Gram matrix. Error: delete-one jackknife over the gradients. The largest eigenvalue of few gradients is on average larger than that of many: docs/results/sampling.md has how much. 0 where it is below 1e-12 of the mean ‖g_i‖²."},
	{Name: "k_min", Symbol: "λ_K*", Unit: "nat²", Meaning: "smallest non-zero eigenvalue of that covariance, the (L-1)-th", Max: inf,
		Definition: "The (L−1)-th eigenvalue of that K, the smallest that centring does not make 0."},
	{Name: "k_trace", Symbol: "Tr K", Unit: "nat²", Meaning: "trace of that covariance: total variance of a minibatch gradient", Max: inf,
		Definition: "(1/L) Σ ‖g_i − ḡ‖²: divided by L, not L − 1. Error: as k_max."},
	{Name: "k_rank", Symbol: "Tr K / λ_K¹", Unit: "1", Meaning: "effective rank of that covariance, between 1 and L-1", Min: 1, Max: inf,
		Definition: "k_trace / k_max; left out where K is 0."},
	{Name: "k_condition", Symbol: "λ_K* / λ_K¹", Unit: "1", Meaning: "conditioning of that covariance; larger is better", Max: 1,
		Definition: "k_min / k_max; left out where K is 0."},
	{Name: "k_example_max", Symbol: "λ_K¹ (M = 1)", Unit: "nat²", Meaning: "largest eigenvalue of the covariance of per-example gradients", Max: inf,
		Definition: "k_max with the gradients of N single examples (M = 1, L = N)."},
	{Name: "k_example_min", Symbol: "λ_K* (M = 1)", Unit: "nat²", Meaning: "smallest non-zero eigenvalue of that covariance, the (N-1)-th", Max: inf,
		Definition: "The (N−1)-th eigenvalue of that K."},
	{Name: "k_example_trace", Symbol: "Tr K (M = 1)", Unit: "nat²", Meaning: "trace of that covariance: total variance of one example's gradient", Max: inf,
		Definition: "(1/N) Σ ‖g_i − ḡ‖² over single examples."},
	{Name: "k_example_rank", Symbol: "Tr K / λ_K¹ (M = 1)", Unit: "1", Meaning: "effective rank of that covariance", Min: 1, Max: inf,
		Definition: "k_example_trace / k_example_max."},
	{Name: "k_example_condition", Symbol: "λ_K* / λ_K¹ (M = 1)", Unit: "1", Meaning: "conditioning of that covariance", Max: 1,
		Definition: "k_example_min / k_example_max."},
	{Name: "h_max", Symbol: "λ_H¹", Unit: "nat", Meaning: "largest eigenvalue of the Hessian",
		Definition: "Largest eigenvalue of H, the Hessian of the mean loss on the measurement set, by Lanczos with residual bound. Error: the residual, and the rounding of its product. Sampling error, to first order: the deviation of eᵀH_i e over examples, over √N; under batch norm from eᵀH_B e of minibatches B of the training size. The largest eigenvalue of a sample is on average larger than that of the population: docs/results/sampling.md has how much."},
	{Name: "h_min", Symbol: "λ_Hᴰ", Unit: "nat", Meaning: "smallest (most negative) eigenvalue of the Hessian",
		Definition: "The two smallest eigenvalues of H, as h_max, with its errors; the value is the smallest."},
	{Name: "h_top5", Symbol: "λ_H¹ … λ_H⁵", Unit: "nat", Meaning: "five largest eigenvalues of the Hessian, descending", Vector: true,
		Definition: "The five largest eigenvalues of H, as h_max, with copies of multiple ones; the errors are the largest of theirs."},
	{Name: "h_trace", Symbol: "Tr H", Unit: "nat", Meaning: "trace of the Hessian, estimated",
		Definition: "Tr H of the measurement set by Hutch++ with 30 products. Error: the standard error of its random part. Sampling error: the deviation of zᵀH_i z over examples (under batch norm: minibatches), over √N, z random signs, which is that of Tr H_i or more."},
	{Name: "h_condition5", Symbol: "λ_H¹ / λ_H⁵", Unit: "1", Meaning: "largest over fifth largest eigenvalue of the Hessian",
		Definition: "λ_H¹ / λ_H⁵ of h_top5, with their errors propagated; left out where λ_H⁵ is 0 within its error."},
	{Name: "h_density", Symbol: "φ_H(t)", Unit: "1/nat", Meaning: "spectral density of the Hessian: pairs of grid point t (nat) and density", Vector: true,
		Definition: "Density of the eigenvalues of H by stochastic Lanczos quadrature: 2 random vectors, 30 products each, blurred with √1e-5 of the range. The value is the mean eigenvalue; no error is known."},
	{Name: "ggn_max", Symbol: "λ_G¹", Unit: "nat", Meaning: "largest eigenvalue of the Gauss-Newton matrix", Max: inf,
		Definition: "Largest eigenvalue of G = (1/N) Σ J_iᵀ (∇²ℓ_i) J_i on the measurement set, found as h_max, with its errors made of eᵀG_i e."},
	{Name: "alignment", Symbol: "|cos(e_H¹, e_K¹)|", Unit: "1", Meaning: "alignment of the top eigenvectors of H and of K (minibatches): 1 is the theory's assumption", Max: 1,
		Definition: "|⟨e_H¹, e_K¹⟩|, the eigenvectors of h_max and k_max. Error: the angle of e_H¹ to an eigenvector, error over gap, and that of e_K¹ by the jackknife over the gradients of K. Left out where λ_H¹ or K is 0."},
	{Name: "alignment_example", Symbol: "|cos(e_H¹, e_K¹)| (M = 1)", Unit: "1", Meaning: "the same with K of single examples", Max: 1,
		Definition: "alignment, with the K of single examples."},
	{Name: "curvature_variance", Symbol: "s²", Unit: "nat²", Meaning: "variance over training examples of the curvature along e_H¹, estimated", Max: inf,
		Definition: "s² = (N−1)/N · (1/(n−1)) Σ (c_i − c̄)² of the curvatures c_i = e_H¹ᵀ H_i e_H¹ of the n single examples measured, N the training examples: the sample variance times (N−1)/N, which estimates the population variance of all N and is it where n = N. Under batch norm M times that of minibatches of M. Error: standard error. Left out where λ_H¹ is 0 within its error, or where there is one minibatch."},
	{Name: "stability", Symbol: "(1-ηλ_H¹)² + s²η²(N-S)/(S(N-1))", Unit: "1", Meaning: "left side of Eq. 1: 1 or less is stable; its first crossing of 1 is the break-even point", Max: inf,
		Definition: "(1 − ηλ_H¹)² + s²η²(N−S)/(S(N−1)): h_max, curvature_variance, the learning rate η, the batch size S and the number of training examples N, which How holds. Where S = N the second term is 0. Left out where curvature_variance is."},
	{Name: "k_curvature", Symbol: "e_K¹ᵀHe_K¹", Unit: "nat", Meaning: "curvature along the top eigenvector of K: λ_H¹ if that is e_H¹, as the theory takes it",
		Definition: "eᵀHe on the measurement set, e the eigenvector of k_max, by one product with H. Sampling error: the deviation of eᵀH_i e over examples, over √N, as for h_max, and the jackknife over the gradients of K, to first order in the angle by which e turns. Left out where K is 0, or where there is one minibatch for s²."},
	{Name: "k_curvature_variance", Symbol: "s² (e_K¹)", Unit: "nat²", Meaning: "variance over training examples of the curvature along e_K¹, estimated", Max: inf,
		Definition: "curvature_variance with the eigenvector of k_max in place of that of h_max. Error: standard error over examples, with this eigenvector."},
	{Name: "stability_k", Symbol: "(1-ηe_K¹ᵀHe_K¹)² + s²η²(N-S)/(S(N-1))", Unit: "1", Meaning: "left side of Eq. 1 along e_K¹: 1 or less is stable", Max: inf,
		Definition: "stability with k_curvature and k_curvature_variance in place of λ_H¹ and s²: the factor by which a step of SGD multiplies the mean square distance along e_K¹, where the loss is a parabola along it. The published version of the paper takes Eq. 1 along e_K¹, the submitted one along e_H¹. Errors: propagated from theirs."},
	{Name: "ph_max", Symbol: "λ(P⁻¹H)", Unit: "nat", Meaning: "largest eigenvalue of the Hessian as the method sees it: of P⁻¹H, P what it divides gradients by",
		Definition: "Largest eigenvalue (real part) of D(CH + λI) on the measurement set, by which the next step changes θ if what the method adapts to is held fixed: C the damped inverse of Kronecker factors, D = 1/((1−β₁ᵗ)(√v̂ + ε)) of Adam, λ the weight decay; clipping is left out. By Lanczos on a symmetric matrix with the same eigenvalues; with both C and D by Arnoldi, where the error is a residual and no bound. Without C, D and λ it is h_max."},
	{Name: "edge", Symbol: "λ(P⁻¹H) / bound", Unit: "1", Meaning: "that eigenvalue over the largest at which the method is stable with the full batch: above 1 it is unstable",
		Definition: "ph_max over 2/η for gradient descent, 2(1+β)/η with momentum, 2(1+β)/(η(1+2β)) for Nesterov's method, 38/η for Adam (Cohen et al. 2022)."},
	{Name: "step_margin", Symbol: "α*", Unit: "1", Meaning: "multiple of the training step that raises the loss by 20 %", Max: inf,
		Definition: "Smallest α with L(θ + α·Δθ) ≥ 1.2 L(θ) along the next training step Δθ, on up to 512 examples of the measurement set: doubled from 1/4 to 64, then halved. Error: half the bracket. Left out where the loss or the step is 0."},
	{Name: "step_along_k", Symbol: "‖Δψ‖", Unit: "1", Meaning: "how far the next training step goes along the top eigenvector of K", Max: inf,
		Definition: "|⟨Δθ, e⟩| of the next training step Δθ, e the eigenvector of k_max: what the published version of the paper plots as oscillation along e_K¹. Of one training batch: no error is known. Left out where K is 0."},
	{Name: "critical_sharpness", Symbol: "λ_c", Unit: "nat", Meaning: "2 over the smallest learning rate at which the next training step raises the loss", Max: inf,
		Definition: "2/η_c, η_c the smallest learning rate at which the next training step, in the direction that the method has, raises the loss of the measurement set (Kalra et al. 2026). On a parabola it is ΔᵀHΔ/⟨−g, Δ⟩ for a step ηΔ: gᵀHg/‖g‖² for gradient descent with the full batch. By fewer than ten losses along the step: up to 4096 steps until it rises, then interpolation to 1/32 of η_c; a rise that ends between two of them is not seen. Error: half the bracket, and the rounding of the loss. Left out where the step is 0 or points uphill, and where the loss does not rise."},
	{Name: "batch_sharpness", Symbol: "E[gᵀHg / ‖g‖²]", Unit: "nat", Meaning: "mean curvature of a minibatch's loss along its own gradient; tends to 2/η",
		Definition: "Mean over minibatches B of the training size of g_BᵀH_B g_B / ‖g_B‖². Error: standard error over the minibatches. One whose gradient is 0 does not count."},
	{Name: "top_noise", Symbol: "σ_u²", Unit: "nat²", Meaning: "variance of a training batch's gradient along the top eigenvector of the Hessian", Max: inf,
		Definition: "e_H¹ᵀ K e_H¹ with K of batches of the training size S: the variance of ⟨g_i, e_H¹⟩ over single examples (under batch norm over minibatches) times (N−S)/(S(N−1)), as curvature_variance is made. Error: standard error. Left out where λ_H¹ is 0 within its error, or where there is one minibatch."},
	{Name: "sharpening", Symbol: "α", Unit: "nat²", Meaning: "rate at which gradient flow across the top eigenvector raises λ_H¹: progressive sharpening",
		Definition: "−⟨g, ∇λ_H¹⟩ without the parts along e_H¹, with ∇λ_H¹ = ∇³L[e_H¹, e_H¹, ·] by a central difference of Hessian products, whose step changes the curvature by about a twentieth. Error: the difference to the double step, and the rounding of products; that of the eigenvector is not in it, and no sampling error is known."},
	{Name: "stabilisation", Symbol: "β", Unit: "nat²", Meaning: "strength of self-stabilisation: how much an oscillation along the top eigenvector lowers λ_H¹", Max: inf,
		Definition: "‖∇λ_H¹‖² without the part along e_H¹ (Damian et al. 2023), with ∇λ_H¹ and errors as for sharpening."},
	{Name: "sharpness_gap", Symbol: "ΔS", Unit: "nat", Meaning: "how far below 2/η the noise of batches should hold λ_H¹, in closed form", Max: inf,
		Definition: "ηβσ_u²/(4α) of top_noise, sharpening and stabilisation (Liao et al. 2026): the distance at which the noise of SGD balances progressive sharpening, where λ_H¹ is near 2/η. Errors: those of α and β; sampling error: that of σ_u². 0 where S = N. Left out for other methods than plain SGD, and where α is 0 within its error or negative, as where cross-entropy has become small."},
	{Name: "edge_distance", Symbol: "2/η − λ_H¹", Unit: "nat", Meaning: "how far below 2/η λ_H¹ is: the gap as measured",
		Definition: "2/η − h_max, with the errors of h_max. Left out for other methods than plain SGD."},
	{Name: "noise_scale", Symbol: "Tr K / ‖g‖²", Unit: "example", Meaning: "simple gradient noise scale, with K of single examples", Max: inf,
		Definition: "k_example_trace / grad_norm². Error: that of the trace; sampling error: that of grad_norm. ‖g‖² of N examples is on average larger than that of the population by Tr K/N. Left out where the gradient is 0."},
	{Name: "grad_square", Symbol: "‖∇L‖²", Unit: "nat²", Meaning: "squared norm of the gradient, without the bias that a sample gives it",
		Definition: "Mean of ⟨g_i, g_j⟩ over pairs of different minibatch gradients of K: the squared norm of the gradient of all examples, of which the minibatches are taken for independent samples. It may be negative. Error: delete-one jackknife over the gradients. To average noise scales along a run, average this and example_variance, and then divide."},
	{Name: "example_variance", Symbol: "Tr Σ", Unit: "nat²", Meaning: "total variance of one example's gradient, from minibatches", Max: inf,
		Definition: "M times the unbiased total variance of the minibatch gradients of K: M · L/(L−1) · k_trace. Also with batch norm, where it is M times the variance of a minibatch. Error: as grad_square."},
	{Name: "noise_scale_unbiased", Symbol: "Tr Σ / ‖∇L‖²", Unit: "example", Meaning: "simple gradient noise scale from two batch sizes, without bias in either part", Max: inf,
		Definition: "example_variance / grad_square (McCandlish et al. 2018, App. A, with batches of M and of L·M examples). Error: delete-one jackknife over the gradients of K. Left out where grad_square is not above 0 by its error."},
	{Name: "critical_batch", Symbol: "Tr(HΣ) / (∇Lᵀ H ∇L)", Unit: "example", Meaning: "batch size at which noise costs a step as much as its gradient gains, to second order",
		Definition: "The noise scale in the metric of H (McCandlish et al. 2018, Sec. 2.2): as noise_scale_unbiased, with ⟨g_i, Hg_j⟩ of up to 25 gradients of K in place of ⟨g_i, g_j⟩. Steps with smaller batches are dominated by noise, with larger ones by curvature. Error: delete-one jackknife. Left out where ∇LᵀH∇L is not above 0 by its error."},
	{Name: "fisher_trace", Symbol: "Tr F", Unit: "nat", Meaning: "trace of the Fisher matrix of the model, with labels from the model", Max: inf,
		Definition: "Tr F of the measurement set (mse: Tr G): n·‖g‖² of 16 or more blocks of n examples, averaged, with g the mean gradient of losses whose labels are drawn from the model (Jastrzębski et al. 2021), random signs times a root of ∂²ℓ/∂z² in place of labels. Error: standard error over the blocks, of draws and examples together."},
	{Name: "h_overlap", Symbol: "‖P₅g‖² / ‖g‖²", Unit: "1", Meaning: "part of the squared gradient in the space of the five top eigenvectors of the Hessian, and along each", Vector: true, Max: 1,
		Definition: "Σ ⟨g, e_H^i⟩² / ‖g‖² over the five largest eigenvalues, g the gradient of the measurement set (Gur-Ari et al. 2018); the vector has the five parts. Error: to first order, that of the angles of the eigenvectors. Sampling error: slopes of examples."},
	{Name: "topspace", Symbol: "E[‖g_i‖ / ‖P₅g_i‖]", Unit: "1", Meaning: "minibatch gradient over its part in the space of the five top eigenvectors of K, on average; 1 is wholly inside", Min: 1, Max: inf,
		Definition: "(1/L) Σ ‖g_i‖ / ‖P g_i‖ over the minibatch gradients g_i of K that are not 0, P the projection on the five top eigenvectors of K (left out if a g_i has no part there): a mean over minibatch gradients, not the ratio of the full gradient. Error: standard error over the gradients."},
	{Name: "bn_scale", Symbol: "‖γ‖", Unit: "1", Meaning: "norm of the scale of the last batch-norm layer", Max: inf,
		Definition: "Euclidean norm of the scales γ of the last batch-norm layer."},
	{Name: "ntk_max", Symbol: "λ_Θ¹", Unit: "output²", Meaning: "largest eigenvalue of the empirical neural tangent kernel", Max: inf,
		Definition: "Largest eigenvalue of Θ = J Jᵀ of all outputs on a few examples. Exact for these; it grows with their number, and is no estimate for all."},
	{Name: "ntk_trace", Symbol: "Tr Θ", Unit: "output²", Meaning: "trace of the empirical neural tangent kernel", Max: inf,
		Definition: "Trace of that Θ."},
	{Name: "ntk_change", Symbol: "‖Θ − Θ₀‖ / ‖Θ₀‖", Unit: "1", Meaning: "change of the empirical neural tangent kernel since step 0", Max: inf,
		Definition: "‖Θ − Θ₀‖ / ‖Θ₀‖ of the kernels of all outputs on a few examples, in the Frobenius norm; Θ₀ is that of step 0."},
	{Name: "weight_change", Symbol: "‖W − W₀‖ / ‖W₀‖", Unit: "1", Meaning: "change of the parameters since step 0, and of each weight tensor by itself", Max: inf, Vector: true,
		Definition: "‖θ − θ₀‖ / ‖θ₀‖ of all parameters; the vector has the same of each weight tensor, in the order of the network."},
	{Name: "linear_gap", Symbol: "", Unit: "1", Meaning: "distance of the outputs from those of the linearised network, over how far they have moved", Max: inf,
		Definition: "‖f(θ) − f(θ₀) − J₀(θ − θ₀)‖ / ‖f(θ) − f(θ₀)‖ on a few examples, J₀ the Jacobian at step 0. Left out where no output has moved."},
	{Name: "nngp_error", Symbol: "‖K − K∞‖ / ‖K∞‖", Unit: "1", Meaning: "distance of a network's covariance of outputs from that of infinite width", Max: inf,
		Definition: "‖K̂ − K∞‖ / ‖K∞‖ in the Frobenius norm, K̂ the mean of f(x)f(x′) over as many outputs as a hidden layer has units, of one network before training."},
	{Name: "ntk_error", Symbol: "‖Θ − Θ∞‖ / ‖Θ∞‖", Unit: "1", Meaning: "distance of a network's tangent kernel from that of infinite width", Max: inf,
		Definition: "‖Θ̂ − Θ∞‖ / ‖Θ∞‖ in the Frobenius norm, Θ̂ the tangent kernel of one output of one network before training."},
	{Name: "nngp_mean_error", Symbol: "‖K̄ − K∞‖ / ‖K∞‖", Unit: "1", Meaning: "the same of the mean over the networks so far", Max: inf,
		Definition: "nngp_error of the mean of K̂ over the networks up to this record."},
	{Name: "ntk_mean_error", Symbol: "‖Θ̄ − Θ∞‖ / ‖Θ∞‖", Unit: "1", Meaning: "the same of the mean over the networks so far", Max: inf,
		Definition: "ntk_error of the mean of Θ̂ over the networks up to this record."},
	{Name: "nngp_spread", Symbol: "", Unit: "1", Meaning: "deviation of a network's covariance from the mean over networks", Max: inf,
		Definition: "√(Σ Var K̂) / ‖K∞‖, the unbiased variance over the networks up to this record, summed over the elements."},
	{Name: "ntk_spread", Symbol: "", Unit: "1", Meaning: "deviation of a network's tangent kernel from the mean over networks", Max: inf,
		Definition: "√(Σ Var Θ̂) / ‖Θ∞‖, the unbiased variance over the networks up to this record, summed over the elements."},
	{Name: "ntk_diagonal", Symbol: "Θ / Θ∞", Unit: "1", Meaning: "mean of a network's Θ(x, x) over that of infinite width", Max: inf,
		Definition: "Mean over examples of Θ̂(x, x) / Θ∞(x, x) of one network."},
	{Name: "predicted_h_max", Symbol: "λ_H¹ (break-even)", Unit: "nat", Meaning: "closed form of λ_H¹ at the break-even point",
		Definition: "2/η − s²(N−S)/(λ_H¹S(N−1)): Eq. 1 solved for λ_H¹ at the measured s² and λ_H¹; left out where λ_H¹ is 0 or negative."},
	{Name: "predicted_h_max_k", Symbol: "λ_H¹ (break-even, e_K¹)", Unit: "nat", Meaning: "closed form of λ_H¹ at the break-even point, from curvatures along e_K¹",
		Definition: "predicted_h_max with k_curvature and k_curvature_variance in place of λ_H¹ and s². Left out where k_curvature is 0 or negative."},
	{Name: "predicted_k_max", Symbol: "λ_K¹ (break-even)", Unit: "nat²", Meaning: "closed form of λ_K¹ at the break-even point, from curvatures along e_K¹",
		Definition: "αλ_H¹ with λ_H¹ = predicted_h_max_k and α = k_max / k_curvature (Assumption 2 of the paper): of minibatches of M, as k_max. Left out where predicted_h_max_k is."},
	{Name: "constant_loss", Symbol: "", Unit: "nat", Meaning: "smallest loss there of one prediction for all examples: what is not below has learned nothing", Max: inf,
		Definition: "Entropy of the frequencies of labels, or variance of the targets, on the measurement set."},
	{Name: "lr", Symbol: "η", Unit: "1", Meaning: "learning rate of the step that follows, if it is not the same throughout", Max: inf,
		Definition: "Learning rate of the step from this record on."},
	{Name: "flow_times", Symbol: "t", Unit: "1", Meaning: "times at which a flow is looked at, ascending; the first is 0", Vector: true, Kind: "hierarchy",
		Definition: "Times of gradient flow dθ/dt = −∇L with L = (1/2n) Σ (f − y)²: 0, and flow_time halved again and again, the last at flow_time."},
	{Name: "flow_loss", Symbol: "L", Unit: "output²", Meaning: "half the mean squared error of the training points at the end of exact gradient flow", Max: inf, Kind: "hierarchy",
		Definition: "(1/2n) Σ (f(x_β) − y_β)² at flow_time, of the network's own gradient flow, integrated to flow_tolerance a step."},
	{Name: "f_error", Symbol: "max|f̃ − f|", Unit: "output", Meaning: "largest error of the outputs of the hierarchy truncated at level p = 2, 3, …, at the end", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "Largest |f̃(x) − f(x)| over training and test points at flow_time, f̃ of the hierarchy truncated at level p with the kernels of this network, f of its exact gradient flow. One number for each level from 2 on; NaN if a truncated system blew up before."},
	{Name: "k2_error", Symbol: "max|K̃² − K²|", Unit: "output²", Meaning: "largest error of the tangent kernel of the truncated hierarchy at level p = 2, 3, …, at the end", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "Largest |K̃^(2) − K^(2)| over pairs of a point and a training point at flow_time, as f_error."},
	{Name: "f_error_path", Symbol: "max|f̃ − f|(t)", Unit: "output", Meaning: "f_error at all times: those of level 2, then those of level 3, …", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "f_error at each of flow_times, for one level after the other."},
	{Name: "k2_error_path", Symbol: "max|K̃² − K²|(t)", Unit: "output²", Meaning: "k2_error at all times, in the same order", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "k2_error at each of flow_times, for one level after the other."},
	{Name: "k2_drift", Symbol: "max|K²(t) − K²(0)|", Unit: "output²", Meaning: "largest change of the tangent kernel along exact gradient flow", Max: inf, Kind: "hierarchy",
		Definition: "Largest |K^(2)(t) − K^(2)(0)| over pairs of a point and a training point at flow_time: k2_error of level 2."},
	{Name: "k_size", Symbol: "max|K^(r)|", Unit: "output^r", Meaning: "largest magnitude of the kernels of order r = 2, 3, … at the beginning", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "Largest |K^(r)| over all index tuples of the network as drawn, for one order after the other."},
	{Name: "k2_min", Symbol: "λ_min(K²)", Unit: "output²", Meaning: "smallest eigenvalue of the tangent kernel of the training points at the beginning", Kind: "hierarchy",
		Definition: "Smallest eigenvalue of the n × n matrix K^(2)(x_α, x_β) of the training points of the network as drawn."},
	{Name: "k2_max", Symbol: "λ_max(K²)", Unit: "output²", Meaning: "largest eigenvalue of that kernel", Max: inf, Kind: "hierarchy",
		Definition: "Largest eigenvalue of the same matrix."},
	{Name: "k2_max_path", Symbol: "λ_max(K²)(t)", Unit: "output²", Meaning: "that eigenvalue at all times: exact, then by the hierarchy at level 2, 3, …", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "Largest eigenvalue of K^(2) of the training points at each of flow_times: of the exact flow, then of the truncated hierarchies, one level after the other."},
	{Name: "test_error", Symbol: "RMS(f̃ − f)", Unit: "output", Meaning: "error of the truncated hierarchy on the test points at level p = 2, 3, …, at the end", Vector: true, Max: inf, Kind: "hierarchy",
		Definition: "Root of the mean of (f̃(x) − f(x))² over the test points at flow_time, for one level after the other. At level 2 it is the distance of the network from regression with its initial tangent kernel."},
	{Name: "test_agreement", Symbol: "", Unit: "1", Meaning: "share of the test points labelled rightly: by the network, then by the hierarchy at level 2, 3, …", Vector: true, Max: 1, Kind: "hierarchy",
		Definition: "Share of the test points at which the sign of the output at flow_time is that of the label: of the exact flow, then of the truncated hierarchies, one level after the other. For points of data alone."},
	{Name: "f_k3", Symbol: "mean f K³", Unit: "output⁴", Meaning: "f(x) K³(x, x, x) at the beginning, averaged over training points", Kind: "hierarchy",
		Definition: "(1/n) Σ_β f(x_β) K^(3)(x_β, x_β, x_β) of the network as drawn. Its mean over networks is the first correction of the differential of the tangent kernel (dNTK) at finite width."},
	{Name: "k4_diagonal", Symbol: "mean K⁴", Unit: "output⁴", Meaning: "K⁴(x, x, x, x) at the beginning, averaged over training points", Kind: "hierarchy",
		Definition: "(1/n) Σ_β K^(4)(x_β, x_β, x_β, x_β) of the network as drawn. Its mean over networks is that of the second differential of the tangent kernel (ddNTK)."},
	{Name: "f_k3_theory", Symbol: "E[f K³]", Unit: "output⁴", Meaning: "mean of f_k3 over networks, to first order in 1/m", Kind: "hierarchy",
		Definition: "The theory's average of f_k3 over Gaussian networks to the first order in 1/m, by recursions over layers for inputs of length 1; exact for one hidden layer."},
	{Name: "k4_theory", Symbol: "E[K⁴]", Unit: "output⁴", Meaning: "mean of k4_diagonal over networks, to first order in 1/m", Kind: "hierarchy",
		Definition: "The same for k4_diagonal."},
	{Name: "descent_error", Symbol: "max|f_η − f|", Unit: "output", Meaning: "largest distance of gradient descent at the given rate from gradient flow at the end", Max: inf, Kind: "hierarchy",
		Definition: "Largest |f_η − f| over training and test points at flow_time, f_η of gradient descent with steps of rate (the nearest that end at flow_time), f of gradient flow."},
	{Name: "indefinite", Symbol: "t", Unit: "1", Meaning: "first time at which a truncated tangent kernel is no longer positive semi-definite", Max: inf, Kind: "hierarchy",
		Definition: "The earliest such time among the levels; left out if there is none. From there on that truncated system is no approximation."},
}

// LookupKey returns the description of the key with the given name.
func LookupKey(name string) (Key, bool) {
	for _, k := range Keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// Measured returns the keys that records hold: rows of Keys in their order, and then
// those that no row describes, as they appear, with the unit of their values.
func Measured(records []Record) []Key {
	var keys, others []Key
	found := map[string]bool{}
	for _, r := range records {
		for _, v := range r.Values {
			if found[v.Key] {
				continue
			}
			found[v.Key] = true
			if _, ok := LookupKey(v.Key); !ok {
				others = append(others, Key{Name: v.Key, Unit: v.Unit, Vector: v.Vector != nil})
			}
		}
	}
	for _, k := range Keys {
		if found[k.Name] {
			keys = append(keys, k)
		}
	}
	return append(keys, others...)
}
