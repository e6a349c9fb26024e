package run

// Default returns the Spec that holds where its user says nothing else. The
// paper, where one is meant, is Jastrzebski et al., "The Break-Even Point on
// Optimization Trajectories of Deep Neural Networks", ICLR 2020; its
// predecessor's code is that of "On the Relation Between the Sharpest
// Directions of DNN Loss and the SGD Step Length", ICLR 2019.
//
// Probes is nil: the names of probes are not known here, and the caller puts
// in the standard ones before the run begins, so that a stored Spec names
// them. A caller that sets Steps sets Epochs to 0 where its user did not give
// both.
func Default() Spec {
	return Spec{
		Data:       "fashion-mnist-sample", // the one data set that is inside the program
		Train:      0,                      // all that Valid leaves
		Valid:      0,                      // the test file
		Preprocess: "paper",                // per-pixel mean, scalar deviation: the predecessor's code
		Augment:    false,                  // flips and shifts are the paper's for CIFAR-10 only
		Model:      "simplecnn",            // main experiment, Sec. 4
		Init:       "glorot",               // Glorot and Bengio 2010, uniform; the predecessor's code
		Loss:       "cross-entropy",        // Sec. 4
		Method:     "sgd",                  // plain SGD without momentum: the main results
		LR:         0.1,                    // the larger one of the main pair 0.1 and 0.01, Figs. 1 and 3
		Momentum:   0,                      // as Method
		Batch:      128,                    // S of the learning-rate sweeps
		Epochs:     10,                     // the early phase, where the effect is; the paper trains for 200
		Steps:      0,                      // Epochs decides
		Until:      0,                      // run to the end
		Seed:       0,
		Every:      0, // once an epoch, as the predecessor's code
		Measure: Measure{
			L:          25,   // 25 minibatches: the setting of the paper's estimate of K, about 6 % of CIFAR-10
			M:          128,  // constant, whatever the training batch, Sec. 4
			Examples:   2250, // 5 % of 45,000, the paper's sample for H
			PerExample: 256,  // ours: the Gram matrix of 256 gradients has rank enough for ten top eigenvalues
			Tolerance:  0.01, // ours: well under the differences between learning rates that are looked for
		},
	}
}
