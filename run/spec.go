package run

// A Spec says everything that decides a trajectory. Its canonical text
// (String) is the identity of the run: same text, same instruction set, same
// bits.
type Spec struct {
	Data       string   `yaml:"data" json:"data"`                           // fashion-mnist-sample | fashion-mnist | cifar10
	Train      int      `yaml:"train" json:"train"`                         // size of the training split; 0: all but Valid
	Valid      int      `yaml:"valid" json:"valid"`                         // examples held out of the training file for validation (last ones); 0: use the test file
	Preprocess string   `yaml:"preprocess" json:"preprocess"`               // unit | channel | paper
	Augment    bool     `yaml:"augment" json:"augment"`                     // flip and shift of training batches (never of measurements)
	Model      string   `yaml:"model" json:"model"`                         // simplecnn | simplecnn-bn | resnet32 | mlp | tiny
	Init       string   `yaml:"init" json:"init"`                           // glorot | he | gaussian | orthogonal
	Weights    string   `yaml:"weights,omitempty" json:"weights,omitempty"` // safetensors file to start from
	Loss       string   `yaml:"loss" json:"loss"`                           // cross-entropy | mse
	Method     string   `yaml:"method" json:"method"`                       // sgd | momentum | nesterov | adam
	LR         float64  `yaml:"lr" json:"lr"`
	Momentum   float64  `yaml:"momentum" json:"momentum"`
	Batch      int      `yaml:"batch" json:"batch"`
	Epochs     float64  `yaml:"epochs" json:"epochs"` // exactly one of Epochs and Steps is positive
	Steps      int      `yaml:"steps" json:"steps"`
	Until      float64  `yaml:"until" json:"until"` // stop once measured training accuracy reaches this; 0: never
	Seed       uint64   `yaml:"seed" json:"seed"`
	Every      int      `yaml:"every" json:"every"`   // steps between measurements; 0: once an epoch
	Probes     []string `yaml:"probes" json:"probes"` // names of probes, in canonical order
	Measure    Measure  `yaml:"measure" json:"measure"`
}

// Measure holds the sample sizes and tolerances of the probes.
type Measure struct {
	L          int     `yaml:"l" json:"l"`                     // minibatch gradients in K; default 25
	M          int     `yaml:"m" json:"m"`                     // examples in each; default 128
	Examples   int     `yaml:"examples" json:"examples"`       // measurement set of loss, accuracy, H, G; default 2250
	PerExample int     `yaml:"per_example" json:"per_example"` // examples of the per-example K; default 256
	Tolerance  float64 `yaml:"tolerance" json:"tolerance"`     // relative, of eigenvalues; default 0.01
}
