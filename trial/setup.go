package trial

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/curvature"
	"breakeven/data"
	"breakeven/internal/regular"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/train"
)

// setup is what New makes of a spec.
type setup struct {
	begun     bool // there is a checkpoint, which holds the weights
	split     data.Split
	transform *data.Transform
	batcher   *data.Batcher
	net       *nn.Network
	loss      nn.Loss
	read      int64 // bytes of the data that was read
	init      nn.Init
	theta     []float32 // initial parameters, if they come from a file
	state     []float32 // initial running statistics
	probes    []probe.Probe
	every     int
}

func newTrial(spec run.Spec, dataDir string, begun bool) (*Trial, error) {
	t := &Trial{Spec: spec, Keep: 3 << 30, setup: setup{begun: begun}}
	if err := t.openData(dataDir); err != nil {
		return nil, err
	}
	if err := t.buildNetwork(); err != nil {
		return nil, err
	}
	if len(spec.Probes) == 0 {
		t.Spec.Probes = probe.Defaults()
	}
	var err error
	if t.probes, err = probe.Select(t.Spec.Probes); err != nil {
		return nil, err
	}
	if !train.Known(spec.Method) {
		return nil, fmt.Errorf("unknown method %q: use one of %s", spec.Method, strings.Join(train.Names, ", "))
	}
	return t, t.plan()
}

// openData reads the data set and cuts and prepares it as the spec says.
func (t *Trial) openData(dir string) error {
	s := t.Spec
	trainSet, test, warnings, err := data.Open(s.Data, dir)
	if err != nil {
		return err
	}
	t.Warnings = append(t.Warnings, warnings...)
	t.read = trainSet.Bytes() + test.Bytes()
	if t.split, err = data.NewSplit(trainSet, test, s.Train, s.Valid); err != nil {
		return err
	}
	if t.transform, err = data.NewTransform(s.Preprocess, t.split.Train); err != nil {
		return err
	}
	t.Train, t.Valid = t.split.Train.Len(), t.split.Valid.Len()
	return nil
}

// buildNetwork makes the network and its initial parameters.
func (t *Trial) buildNetwork() error {
	s, set := t.Spec, t.split.Train
	var err error
	if t.net, err = model.Of(s, nn.Shape{C: set.Shape[0], H: set.Shape[1], W: set.Shape[2]}, set.Classes); err != nil {
		return err
	}
	if err := t.net.CheckNames(stateName); err != nil {
		return err
	}
	t.Params = t.net.Dim()
	loss, ok := nn.LossByName(s.Loss)
	if !ok {
		return fmt.Errorf("unknown loss %q: use cross-entropy or mse", s.Loss)
	}
	t.loss, t.state = loss, t.net.InitialState()
	if s.Weights != "" {
		return t.startAt(s.Weights)
	}
	t.init, err = nn.InitByName(s.Init)
	return err
}

// initial returns new initial parameters, which are drawn no earlier than it is
// known that they fit into memory.
func (t *Trial) initial() []float32 {
	switch {
	case t.theta != nil:
		return slices.Clone(t.theta)
	case t.Spec.Weights != "": // a checkpoint holds them
		return make([]float32, t.net.Dim())
	}
	return t.net.InitialParams(t.init, t.Spec.Seed)
}

// startAt makes the weights of a file the initial ones. The spec knows them by their
// content: a spec that was stored goes on only from the same.
func (t *Trial) startAt(file string) error {
	if t.begun {
		return nil
	}
	t.theta = make([]float32, t.net.Dim())
	notes, err := readWeights(t.net, file, t.theta, t.state)
	if err != nil {
		return err
	}
	t.Warnings = append(t.Warnings, notes...)
	sum, err := regular.Sum(file)
	if err != nil {
		return err
	}
	if begun := t.Spec.WeightsSHA256; begun != "" && begun != sum {
		return fmt.Errorf("weights: %s is another file than the one that the run was begun with: its SHA-256 is %s, not %s", file, sum, begun)
	}
	t.Spec.WeightsSHA256 = sum
	return nil
}

// readWeights fills theta and, where the file has them, the running statistics.
func readWeights(net *nn.Network, file string, theta, state []float32) (notes []string, err error) {
	return weights.Load(file, places(net.Params(), theta), places(net.Buffers(), state))
}

// places are the tensors of a vector.
func places(ps []nn.Param, vector []float32) []weights.Tensor {
	var list []weights.Tensor
	for _, p := range ps {
		list = append(list, weights.Tensor{Name: p.Name, Shape: p.Shape, Data: vector[p.Offset : p.Offset+p.Size()]})
	}
	return list
}

// plan derives the numbers of steps and checks that the samples exist.
func (t *Trial) plan() error {
	s, n := t.Spec, t.Train
	if s.Batch > n {
		return fmt.Errorf("batch: %d examples, but the training split has only %d: use a smaller batch", s.Batch, n)
	}
	if m := s.Measure; m.L > n/max(1, m.M) { // the product could overflow
		return fmt.Errorf("measure: L·M = %d·%d minibatch examples, but the training split has only %d: use a smaller l or m", m.L, m.M, n)
	}
	var err error
	augment := data.Augment{}
	if s.Augment {
		augment = data.StandardAugment()
	}
	if t.batcher, err = data.NewBatcher(t.split.Train, t.transform, augment, s.Seed, s.Batch); err != nil {
		return err
	}
	t.PerEpoch = t.batcher.Steps()
	t.Steps = s.Steps
	if s.Epochs > 0 {
		t.Steps = max(1, int(math.Round(s.Epochs*float64(t.PerEpoch))))
	}
	t.every = s.Every
	if t.every == 0 {
		t.every = t.PerEpoch
	}
	return nil
}

// problem says how the measurement set is computed.
func (t *Trial) problem() curvature.Settings {
	m, s := t.Spec.Measure.M, t.Spec.Batch
	return probe.ProblemSettings(curvature.Settings{Loss: t.loss, Chunk: max(m, s), Keep: t.Keep}, t.probes, t.net, m, s)
}

func (t *Trial) validSettings() nn.Settings {
	return nn.Settings{Batch: min(128, t.Valid), Loss: t.loss, Inference: true, Evaluate: true}
}

// sample reads n examples of the training split, drawn without replacement from
// the named stream.
func (t *Trial) sample(ctx context.Context, name string, n int) (curvature.Set, error) {
	order := make([]int, t.Train)
	rng.New(t.Spec.Seed, "measure/"+name).Perm(order)
	return read(ctx, t.split.Train, t.transform, order[:n])
}

// read preprocesses the given examples. The error is that of ctx.
func read(ctx context.Context, set *data.Set, tr *data.Transform, index []int) (curvature.Set, error) {
	size := set.Shape[0] * set.Shape[1] * set.Shape[2]
	x, y := make([]float32, len(index)*size), make([]int32, len(index))
	for k, i := range index {
		if err := ctx.Err(); err != nil {
			return curvature.Set{}, err
		}
		tr.To(x[k*size:(k+1)*size], set, i)
		y[k] = int32(set.Labels[i])
	}
	return nn.Labelled(x, y), nil
}
