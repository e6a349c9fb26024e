package run

// A Spec says everything that decides a trajectory. What each field means, its
// default and what it may hold stands in [Fields]; what follows is where the values
// are. String is its canonical text, and ID the identity that follows from it.
type Spec struct {
	Kind string

	Data       string
	DataSHA256 string
	Train      int
	Valid      int
	Preprocess string
	Augment    bool

	Model         string
	ModelSHA256   string
	Init          string
	Weights       string
	WeightsSHA256 string
	Freeze        []string
	Loss          string

	Method   string
	LR       float64
	Momentum float64

	Schedule    string
	Warmup      int
	WeightDecay float64
	Decay       string
	Clip        float64
	Batch       int
	Epochs      float64
	Steps       int
	Until       float64
	Seed        uint64

	Every    int
	Overhead float64
	Probes   []string
	Measure  Measure

	// More holds the fields that a kind or a model declares for itself: name
	// and canonical text of the value. Those at their defaults are left out. A
	// [Field] reads and writes them.
	More map[string]string
}

// Measure holds the sample sizes and tolerances of the probes.
type Measure struct {
	L          int
	M          int
	Examples   int
	PerExample int
	Tolerance  float64
	Augment    bool
	Decay      bool
	Layers     []string
}

// Default returns the Spec that holds where its user says nothing else.
func Default() Spec {
	var s Spec
	for _, f := range Fields {
		f.Set(&s, f.Default)
	}
	return s
}
