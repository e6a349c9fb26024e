package run

import "slices"

// Format is the number of the form of specs: what their fields mean, and what holds
// where nothing is said. It is the first line of the canonical text.
const Format = 2

// Fields are the fields of every Spec, in canonical order. Kinds and models declare
// further ones: see [Known.Declared].
//
// The paper, where one is meant, is Jastrzebski et al., "The Break-Even Point on
// Optimization Trajectories of Deep Neural Networks", ICLR 2020; its predecessor's
// code is that of "On the Relation Between the Sharpest Directions of DNN Loss and
// the SGD Step Length", ICLR 2019.
var Fields = []Field{
	{Name: "kind", Default: "descent", at: func(s *Spec) any { return &s.Kind },
		Doc: "kind of trial; see: breakeven kinds"},
	// The one data set that is inside the program.
	{Name: "data", Default: "fashion-mnist-sample", File: true, at: func(s *Spec) any { return &s.Data },
		Doc: "data set, or a file such as data.npz; see: breakeven data list"},
	{Name: "data_sha256", Default: "", Derived: true, at: func(s *Spec) any { return &s.DataSHA256 },
		Doc: "of its contents, if they are not the published ones of that name"},
	{Name: "train", Default: 0, Unit: "examples", Check: AtLeast(0), at: func(s *Spec) any { return &s.Train },
		Doc: "training examples; 0: all that --valid leaves"},
	{Name: "valid", Default: 0, Unit: "examples", Check: checkValid, at: func(s *Spec) any { return &s.Valid },
		Doc: "examples at the end of the training file held out for validation; 0: use the test file"},
	// Per-pixel mean, scalar deviation: the predecessor's code.
	{Name: "preprocess", Default: "paper", Choices: []string{"none", "unit", "channel", "paper"}, at: func(s *Spec) any { return &s.Preprocess },
		Doc: "none: bytes x; unit: x/255; channel: mean and deviation of each channel; paper: mean of each pixel, one deviation"},
	// Flips and shifts are the paper's for CIFAR-10 only.
	{Name: "augment", Default: false, at: func(s *Spec) any { return &s.Augment },
		Doc: "flip and shift training batches (not measurements); signs and digits are not flipped"},
	// The main experiment, Sec. 4.
	{Name: "model", Default: "simplecnn", File: true, at: func(s *Spec) any { return &s.Model },
		Doc: "network, or a file in ONNX such as net.onnx; see: breakeven models"},
	{Name: "model_sha256", Default: "", Derived: true, at: func(s *Spec) any { return &s.ModelSHA256 },
		Doc: "of that file"},
	// Glorot and Bengio 2010, uniform; the predecessor's code.
	{Name: "init", Default: "glorot", Choices: []string{"glorot", "he", "gaussian", "orthogonal"}, at: func(s *Spec) any { return &s.Init },
		Doc: "initial weights: glorot, he, gaussian or orthogonal"},
	{Name: "weights", Default: "", Place: true, Check: checkWeights, at: func(s *Spec) any { return &s.Weights },
		Doc: "file to start from, in place of --init: safetensors, or .pt of PyTorch"},
	{Name: "weights_sha256", Default: "", Derived: true, at: func(s *Spec) any { return &s.WeightsSHA256 },
		Doc: "of that file"},
	{Name: "freeze", Default: []string(nil), at: func(s *Spec) any { return &s.Freeze },
		Doc: "parameters that are constants: patterns of names with commas between, such as features.*"},
	{Name: "loss", Default: "cross-entropy", Choices: []string{"cross-entropy", "mse", "binary-cross-entropy", "next-token"}, Prefix: "output:", at: func(s *Spec) any { return &s.Loss }, // Sec. 4
		Doc: "cross-entropy; mse; binary-cross-entropy of log odds and answers 0 or 1; next-token of models that read tokens; or output:NAME, an output of a network in ONNX which is a loss"},
	// Plain SGD without momentum: the main results.
	{Name: "method", Default: "sgd", Choices: []string{"sgd", "momentum", "nesterov", "adam"}, at: func(s *Spec) any { return &s.Method },
		Doc: "sgd, momentum, nesterov or adam"},
	// The larger one of the main pair 0.1 and 0.01, Figs. 1 and 3.
	{Name: "lr", Default: 0.1, Check: checkLR, at: func(s *Spec) any { return &s.LR },
		Doc: "learning rate η"},
	{Name: "momentum", Default: 0.0, Check: checkMomentum, at: func(s *Spec) any { return &s.Momentum },
		Doc: "of the methods momentum (implied when this is given) and nesterov"},
	// The main results have none of these.
	{Name: "schedule", Default: "constant", Choices: []string{"constant", "step", "cosine"}, at: func(s *Spec) any { return &s.Schedule },
		Doc: "of the learning rate: constant; step: a tenth after 1/2 of all steps, and after 3/4; cosine: to 0"},
	{Name: "warmup", Default: 0, Unit: "steps", Check: AtLeast(0), at: func(s *Spec) any { return &s.Warmup },
		Doc: "steps in which the learning rate rises to --lr"},
	{Name: "weight_decay", Default: 0.0, Check: checkNotNegative, at: func(s *Spec) any { return &s.WeightDecay },
		Doc: "λ of weight decay; H, K and the loss are measured without it unless measure.decay is set"},
	{Name: "decay", Default: "loss", Choices: []string{"loss", "decoupled"}, at: func(s *Spec) any { return &s.Decay },
		Doc: "loss: λ/2·‖θ‖² is added to the training loss; decoupled: θ shrinks by ηλ before each step, as in AdamW"},
	{Name: "clip", Default: 0.0, Check: checkNotNegative, at: func(s *Spec) any { return &s.Clip },
		Doc: "largest norm of a training gradient, which is shortened to it; 0: none"},
	// S of the learning-rate sweeps.
	{Name: "batch", Default: 128, Unit: "examples", Check: checkBatch, at: func(s *Spec) any { return &s.Batch },
		Doc: "examples in a training batch, S; 0: all"},
	// The early phase, where the effect is; the paper trains for 200.
	{Name: "epochs", Default: 10.0, Unit: "epochs", Check: checkEpochs, at: func(s *Spec) any { return &s.Epochs },
		Doc: "passes over the training examples"},
	{Name: "steps", Default: 0, Unit: "steps", Check: checkSteps, at: func(s *Spec) any { return &s.Steps },
		Doc: "parameter updates, in place of --epochs"},
	{Name: "until", Default: 0.0, Check: checkUntil, at: func(s *Spec) any { return &s.Until },
		Doc: "stop when the measured training accuracy reaches this; 0: never"},
	{Name: "seed", Default: uint64(0), at: func(s *Spec) any { return &s.Seed },
		Doc: "decides initial weights, order of examples and samples"},
	// Once an epoch, as the predecessor's code.
	{Name: "every", Default: 0, Unit: "steps", Check: AtLeast(0), at: func(s *Spec) any { return &s.Every },
		Doc: "steps between measurements; 0: once an epoch"},
	{Name: "overhead", Default: 0.0, Percent: true, Check: checkOverhead, at: func(s *Spec) any { return &s.Overhead },
		Doc: "share of the work that measuring may take, such as 10%: the program chooses when each probe measures, dense at the beginning; 0: every decides"},
	// The names of probes are not known here: the caller puts in the standard ones
	// before a run begins, so that a stored spec names them.
	{Name: "probes", Flag: "probe", Default: []string(nil), at: func(s *Spec) any { return &s.Probes },
		Doc: "what to measure, names with commas between; see: breakeven probes"},
	// 25 minibatches: the setting of the paper's estimate of K, about 6 % of CIFAR-10.
	{Name: "measure.l", Default: 25, Unit: "minibatches", Check: AtLeast(2), at: func(s *Spec) any { return &s.Measure.L },
		Doc: "minibatch gradients in the covariance K"},
	// Constant, whatever the training batch, Sec. 4.
	{Name: "measure.m", Default: 128, Unit: "examples", Check: checkM, at: func(s *Spec) any { return &s.Measure.M },
		Doc: "examples in each of them"},
	// 5 % of 45,000, the paper's sample for H.
	{Name: "measure.examples", Default: 2250, Unit: "examples", Check: AtLeast(1), at: func(s *Spec) any { return &s.Measure.Examples },
		Doc: "training examples in the measurement set of loss, gradient and H"},
	// Ours: the Gram matrix of 256 gradients has rank enough for ten top eigenvalues.
	{Name: "measure.per_example", Default: 256, Unit: "examples", Check: AtLeast(2), at: func(s *Spec) any { return &s.Measure.PerExample },
		Doc: "examples in the covariance of per-example gradients"},
	// Ours: well under the differences between learning rates that are looked for.
	{Name: "measure.tolerance", Default: 0.01, Check: checkTolerance, at: func(s *Spec) any { return &s.Measure.Tolerance },
		Doc: "residual asked for, relative to the eigenvalue"},
	{Name: "measure.augment", Flag: "augment-k", Default: false, Check: checkAugmented, at: func(s *Spec) any { return &s.Measure.Augment },
		Doc: "flip and shift the examples of K as --augment does those of training batches"},
	{Name: "measure.decay", Flag: "measure-decay", Default: false, Check: checkMeasuredDecay, at: func(s *Spec) any { return &s.Measure.Decay },
		Doc: "measure the loss with its weight decay λ/2·‖θ‖²: gradients then have λθ besides and H has λI, and K is as it is"},
	{Name: "measure.layers", Flag: "layer", Default: []string(nil), at: func(s *Spec) any { return &s.Measure.Layers },
		Doc: "of probes of layers: patterns of names with commas between, each a layer; none: each operation is one"},
}

// LookupField returns the field of every Spec with the given name.
func LookupField(name string) (Field, bool) { return lookup(Fields, name) }

func lookup(fields []Field, name string) (Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}
