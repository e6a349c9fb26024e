package run

// A Key describes one record key.
type Key struct {
	Name    string // as in Value.Key
	Symbol  string // as in the literature, without markup
	Unit    string // "1" for a pure number; with the mse loss read "output²" for "nat"
	Meaning string // one line
	Vector  bool   // the numbers are in Value.Vector
}

// Keys lists every record key, in the order in which they are shown. K is the
// covariance of minibatch gradients (L of size M, centred, divided by L); the
// k_example keys are for single examples. H is the Hessian of the mean loss
// on the measurement set, G its Gauss-Newton part. Parameters have no unit, so
// that gradients and curvatures have that of the loss.
var Keys = []Key{
	{Name: "loss", Symbol: "L", Unit: "nat", Meaning: "mean loss on the measurement set"},
	{Name: "accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the measurement set classified correctly"},
	{Name: "absolute_error", Symbol: "", Unit: "output", Meaning: "mean distance of outputs from real targets on the measurement set"},
	{Name: "valid_loss", Symbol: "", Unit: "nat", Meaning: "mean loss on the validation data"},
	{Name: "valid_accuracy", Symbol: "", Unit: "1", Meaning: "fraction of the validation data classified correctly"},
	{Name: "valid_absolute_error", Symbol: "", Unit: "output", Meaning: "mean distance of outputs from real targets on the validation data"},
	{Name: "grad_norm", Symbol: "‖g‖", Unit: "nat", Meaning: "norm of the gradient of the loss on the measurement set"},
	{Name: "k_max", Symbol: "λ_K¹", Unit: "nat²", Meaning: "largest eigenvalue of the covariance of minibatch gradients"},
	{Name: "k_min", Symbol: "λ_K*", Unit: "nat²", Meaning: "smallest non-zero eigenvalue of that covariance, the (L-1)-th"},
	{Name: "k_trace", Symbol: "Tr K", Unit: "nat²", Meaning: "trace of that covariance: total variance of a minibatch gradient"},
	{Name: "k_rank", Symbol: "Tr K / λ_K¹", Unit: "1", Meaning: "effective rank of that covariance, between 1 and L-1"},
	{Name: "k_condition", Symbol: "λ_K* / λ_K¹", Unit: "1", Meaning: "conditioning of that covariance; larger is better"},
	{Name: "k_example_max", Symbol: "λ_K¹ (M = 1)", Unit: "nat²", Meaning: "largest eigenvalue of the covariance of per-example gradients"},
	{Name: "k_example_min", Symbol: "λ_K* (M = 1)", Unit: "nat²", Meaning: "smallest non-zero eigenvalue of that covariance, the (N-1)-th"},
	{Name: "k_example_trace", Symbol: "Tr K (M = 1)", Unit: "nat²", Meaning: "trace of that covariance: total variance of one example's gradient"},
	{Name: "k_example_rank", Symbol: "Tr K / λ_K¹ (M = 1)", Unit: "1", Meaning: "effective rank of that covariance"},
	{Name: "k_example_condition", Symbol: "λ_K* / λ_K¹ (M = 1)", Unit: "1", Meaning: "conditioning of that covariance"},
	{Name: "h_max", Symbol: "λ_H¹", Unit: "nat", Meaning: "largest eigenvalue of the Hessian"},
	{Name: "h_min", Symbol: "λ_Hᴰ", Unit: "nat", Meaning: "smallest (most negative) eigenvalue of the Hessian"},
	{Name: "h_top5", Symbol: "λ_H¹ … λ_H⁵", Unit: "nat", Meaning: "five largest eigenvalues of the Hessian, descending", Vector: true},
	{Name: "h_trace", Symbol: "Tr H", Unit: "nat", Meaning: "trace of the Hessian, estimated"},
	{Name: "h_condition5", Symbol: "λ_H¹ / λ_H⁵", Unit: "1", Meaning: "largest over fifth largest eigenvalue of the Hessian"},
	{Name: "h_density", Symbol: "φ_H(t)", Unit: "1/nat", Meaning: "spectral density of the Hessian: pairs of grid point t (nat) and density", Vector: true},
	{Name: "ggn_max", Symbol: "λ_G¹", Unit: "nat", Meaning: "largest eigenvalue of the Gauss-Newton matrix"},
	{Name: "alignment", Symbol: "|cos(e_H¹, e_K¹)|", Unit: "1", Meaning: "alignment of the top eigenvectors of H and of K (minibatches): 1 is the theory's assumption"},
	{Name: "alignment_example", Symbol: "|cos(e_H¹, e_K¹)| (M = 1)", Unit: "1", Meaning: "the same with K of single examples"},
	{Name: "curvature_variance", Symbol: "s²", Unit: "nat²", Meaning: "variance over examples of the curvature along e_H¹"},
	{Name: "stability", Symbol: "(1-ηλ_H¹)² + s²η²(N-S)/(S(N-1))", Unit: "1", Meaning: "left side of Eq. 1: 1 or less is stable; its first crossing of 1 is the break-even point"},
	{Name: "step_margin", Symbol: "α*", Unit: "1", Meaning: "multiple of the training step that raises the loss by 20 %"},
	{Name: "batch_sharpness", Symbol: "E[gᵀHg / ‖g‖²]", Unit: "nat", Meaning: "mean curvature of a minibatch's loss along its own gradient; tends to 2/η"},
	{Name: "noise_scale", Symbol: "Tr K / ‖g‖²", Unit: "example", Meaning: "simple gradient noise scale, with K of single examples"},
	{Name: "topspace", Symbol: "‖g‖ / ‖g₅‖", Unit: "1", Meaning: "gradient over its part in the space of the five top eigenvectors of K; 1 is wholly inside"},
	{Name: "bn_scale", Symbol: "‖γ‖", Unit: "1", Meaning: "norm of the scale of the last batch-norm layer"},
	{Name: "ntk_max", Symbol: "λ_Θ¹", Unit: "output²", Meaning: "largest eigenvalue of the empirical neural tangent kernel"},
	{Name: "ntk_trace", Symbol: "Tr Θ", Unit: "output²", Meaning: "trace of the empirical neural tangent kernel"},
	{Name: "predicted_h_max", Symbol: "λ_H¹ (break-even)", Unit: "nat", Meaning: "closed form of λ_H¹ at the break-even point"},
	{Name: "constant_loss", Symbol: "", Unit: "nat", Meaning: "smallest loss there of one prediction for all examples: what is not below has learned nothing"},
	{Name: "lr", Symbol: "η", Unit: "1", Meaning: "learning rate of the step that follows, if it is not the same throughout"},
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
