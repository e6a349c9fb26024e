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
	{Name: "valid_loss", Symbol: "", Unit: "nat", Meaning: "mean loss on the validation data", Max: inf,
		Definition: "loss, on the validation data."},
	{Name: "valid_accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the validation data classified correctly", Max: 1,
		Definition: "accuracy, on the validation data."},
	{Name: "valid_absolute_error", Symbol: "", Unit: "output", Meaning: "mean distance of outputs from real targets on the validation data", Max: inf,
		Definition: "absolute_error, on the validation data."},
	{Name: "test_loss", Symbol: "", Unit: "nat", Meaning: "mean loss on the test data", Max: inf,
		Definition: "loss, on the test data. Along a run of tasks that have validation data of their own, such as graphs."},
	{Name: "test_accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the test data classified correctly", Max: 1,
		Definition: "accuracy, on the test data: see test_loss."},
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
	{Name: "step_margin", Symbol: "α*", Unit: "1", Meaning: "multiple of the training step that raises the loss by 20 %", Max: inf,
		Definition: "Smallest α with L(θ + α·Δθ) ≥ 1.2 L(θ) along the next training step Δθ, on up to 512 examples of the measurement set: doubled from 1/4 to 64, then halved. Error: half the bracket. Left out where the loss or the step is 0."},
	{Name: "batch_sharpness", Symbol: "E[gᵀHg / ‖g‖²]", Unit: "nat", Meaning: "mean curvature of a minibatch's loss along its own gradient; tends to 2/η",
		Definition: "Mean over minibatches B of the training size of g_BᵀH_B g_B / ‖g_B‖². Error: standard error over the minibatches. One whose gradient is 0 does not count."},
	{Name: "noise_scale", Symbol: "Tr K / ‖g‖²", Unit: "example", Meaning: "simple gradient noise scale, with K of single examples", Max: inf,
		Definition: "k_example_trace / grad_norm². Error: that of the trace; sampling error: that of grad_norm. ‖g‖² of N examples is on average larger than that of the population by Tr K/N. Left out where the gradient is 0."},
	{Name: "topspace", Symbol: "E[‖g_i‖ / ‖P₅g_i‖]", Unit: "1", Meaning: "minibatch gradient over its part in the space of the five top eigenvectors of K, on average; 1 is wholly inside", Min: 1, Max: inf,
		Definition: "(1/L) Σ ‖g_i‖ / ‖P g_i‖ over the minibatch gradients g_i of K that are not 0, P the projection on the five top eigenvectors of K (left out if a g_i has no part there): a mean over minibatch gradients, not the ratio of the full gradient. Error: standard error over the gradients."},
	{Name: "bn_scale", Symbol: "‖γ‖", Unit: "1", Meaning: "norm of the scale of the last batch-norm layer", Max: inf,
		Definition: "Euclidean norm of the scales γ of the last batch-norm layer."},
	{Name: "ntk_max", Symbol: "λ_Θ¹", Unit: "output²", Meaning: "largest eigenvalue of the empirical neural tangent kernel", Max: inf,
		Definition: "Largest eigenvalue of Θ = J Jᵀ of all outputs on a few examples. Exact for these; it grows with their number, and is no estimate for all."},
	{Name: "ntk_trace", Symbol: "Tr Θ", Unit: "output²", Meaning: "trace of the empirical neural tangent kernel", Max: inf,
		Definition: "Trace of that Θ."},
	{Name: "predicted_h_max", Symbol: "λ_H¹ (break-even)", Unit: "nat", Meaning: "closed form of λ_H¹ at the break-even point",
		Definition: "2/η − s²(N−S)/(λ_H¹S(N−1)): Eq. 1 solved for λ_H¹ at the measured s² and λ_H¹; left out where λ_H¹ is 0 or negative."},
	{Name: "constant_loss", Symbol: "", Unit: "nat", Meaning: "smallest loss there of one prediction for all examples: what is not below has learned nothing", Max: inf,
		Definition: "Entropy of the frequencies of labels, or variance of the targets, on the measurement set."},
	{Name: "lr", Symbol: "η", Unit: "1", Meaning: "learning rate of the step that follows, if it is not the same throughout", Max: inf,
		Definition: "Learning rate of the step from this record on."},
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
