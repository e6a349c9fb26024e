package trial

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"breakeven/curvature"
	"breakeven/internal/weights"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trojan"
)

// A Carrier is a weights file that may hold secret networks, with the networks that a spec says are
// in it.
type Carrier struct {
	Notes []string // of the file, for the user

	store    *nn.Network
	nets     []*nn.Network
	joint    *trojan.Joint // with the weights as they are
	theta    []float32
	state    []float32
	others   []run.Tensor // of the file that none of the networks reads, without data
	borrowed []int        // secret networks that have the carrier's batch norm
	tasks    []*task.Task // nil until Open
	plans    []*nn.Plan
	sets     []nn.Batch
	metric   []curvature.Metric
}

// ReadCarrier reads a file that holds the networks of a spec with secrets.
func ReadCarrier(s run.Spec, file string) (*Carrier, error) {
	store, nets, err := task.HiddenNetworks(s)
	if err != nil {
		return nil, err
	}
	c, err := newCarrier(store, nets)
	if err != nil {
		return nil, err
	}
	shapes, err := shapesIn(file, store)
	if err != nil {
		return nil, err
	}
	if lacks := c.withoutNorm(shapes); len(lacks) > 0 {
		return nil, fmt.Errorf("weights: %s has no batch norm of secret network %d, whose names begin with %s: it does not hold that network", file, lacks[0], trojan.Prefix(lacks[0]))
	}
	return c, c.read(file, nil)
}

// newCarrier returns a carrier whose weights are to be read.
func newCarrier(store *nn.Network, nets []*nn.Network) (*Carrier, error) {
	joint, err := trojan.Join(store, nets, trojan.Plain)
	if err != nil {
		return nil, err
	}
	net := joint.Net
	return &Carrier{store: store, nets: nets, joint: joint, theta: make([]float32, net.Dim()), state: make([]float32, net.StateDim())}, nil
}

// tensors are those of the networks, those of the file first.
func (c *Carrier) tensors() []run.Tensor {
	return append(places(c.joint.Net.Params(), c.theta), places(c.joint.Net.Buffers(), c.state)...)
}

// read reads the weights of a file. Networks whose number is borrowed have no batch norm of their own
// in it, and get the carrier's.
func (c *Carrier) read(file string, borrowed []int) (err error) {
	c.borrowed = borrowed
	all := c.tensors()
	own := slices.DeleteFunc(slices.Clone(all), func(t run.Tensor) bool { return c.lender(t.Name) != "" })
	if c.others, c.Notes, err = weights.LoadSome(file, own); err != nil {
		return fmt.Errorf("%w; the file must hold the networks of the data that are named", err)
	}
	for _, t := range all {
		if from := c.lender(t.Name); from != "" {
			copy(t.Data, all[slices.IndexFunc(all, func(o run.Tensor) bool { return o.Name == from })].Data)
		}
	}
	if n := len(c.others); n > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%s: none of the networks reads %d of its tensors, such as %s", file, n, c.others[0].Name))
	}
	if err := allFinite(all); err != nil {
		return fmt.Errorf("weights: %s: %w", file, err)
	}
	return nil
}

// lender returns the name of the carrier's tensor that a borrowed one is a copy of; "" for the others.
func (c *Carrier) lender(name string) string {
	for _, k := range c.borrowed {
		if own, ok := strings.CutPrefix(name, trojan.Prefix(k)); ok {
			return own
		}
	}
	return ""
}

// Networks returns how many networks there are, with the carrier.
func (c *Carrier) Networks() int { return len(c.nets) }

// Leftovers returns what the carrier's network alone does not read of the file.
func (c *Carrier) Leftovers() []trojan.Leftover {
	var file []trojan.Tensor
	for _, t := range append(c.tensors(), c.others...) {
		if c.lender(t.Name) == "" {
			file = append(file, trojan.Tensor{Name: t.Name, Shape: t.Shape})
		}
	}
	return trojan.Leftovers(c.nets[0], file)
}

// Read returns what somebody reads as network number k who has a key: weights by name.
func (c *Carrier) Read(k int, key trojan.Key) ([]run.Tensor, error) {
	theta, state, err := c.extract(k, key)
	net := c.nets[k]
	return append(places(net.Params(), theta), places(net.Buffers(), state)...), err
}

// extract returns the parameters and statistics of network number k with a key.
func (c *Carrier) extract(k int, key trojan.Key) (theta, state []float32, err error) {
	j, err := trojan.Join(c.store, c.nets[:k+1], func(task int, tensor string, n int) ([]int32, error) {
		if task != k {
			return nil, nil
		}
		return trojan.Keyed(key)(task, tensor, n)
	})
	if err != nil {
		return nil, nil, err
	}
	// What a joint network of fewer networks has of its own are the first ones of all.
	theta, state = j.Extract(k, c.theta[:j.Net.Dim()], c.state[:j.Net.StateDim()])
	return theta, state, nil
}

// Open reads the data of all networks: their test examples.
func (c *Carrier) Open(ctx context.Context, s run.Spec, dir string) (err error) {
	if c.tasks, err = task.OpenHidden(s, dir); err != nil {
		return err
	}
	for k, t := range c.tasks {
		set, err := t.Test.Read(identity(t.Test.Len()), ctx.Err)
		if err != nil {
			return err
		}
		c.sets = append(c.sets, set)
		plan := c.nets[k].Compile(nn.Settings{Batch: min(128, set.N), Loss: t.Loss, Inference: true, Evaluate: true})
		c.plans = append(c.plans, plan)
	}
	c.metric = []curvature.Metric{{Of: nn.Correct}}
	return nil
}

// Prior returns the share of the most frequent class among the test examples of network number k,
// and their number: what guessing gets right.
func (c *Carrier) Prior(k int) (prior float64, n int) {
	count, most := map[int32]int{}, 0
	for _, y := range c.sets[k].Target[0].Labels {
		count[y]++
		most = max(most, count[y])
	}
	return float64(most) / float64(c.sets[k].N), c.sets[k].N
}

// Evaluate returns loss and accuracy, in this order among the metrics, of network number k with a key
// on its test examples. The carrier needs none.
func (c *Carrier) Evaluate(ctx context.Context, k int, key trojan.Key) (probe.Evaluation, error) {
	theta, state, err := c.extract(k, key)
	if err != nil {
		return probe.Evaluation{}, err
	}
	return c.evaluate(ctx, k, theta, state)
}

func (c *Carrier) evaluate(ctx context.Context, k int, theta, state []float32) (probe.Evaluation, error) {
	plan := c.plans[k]
	plan.SetStop(ctx.Err)
	copy(plan.State(), state)
	plan.SetParams(theta)
	sums := curvature.NewSums(len(c.metric))
	for _, b := range curvature.Split(c.sets[k], plan.Batch()) {
		sums.Add(plan, plan.Forward(b).Loss, c.metric)
	}
	n := float64(c.sets[k].N)
	return probe.Evaluation{Loss: sums.Loss / n, Metrics: []float64{sums.Metric[0] / n}, Examples: c.sets[k].N}, plan.Err()
}

// Answers returns the labels of the test examples of network number k, and the classes that it
// answers with a key.
func (c *Carrier) Answers(ctx context.Context, k int, key trojan.Key) (labels, answers []int32, err error) {
	theta, state, err := c.extract(k, key)
	if err != nil {
		return nil, nil, err
	}
	plan := c.plans[k]
	plan.SetStop(ctx.Err)
	copy(plan.State(), state)
	plan.SetParams(theta)
	classes := c.nets[k].Output().Size()
	for _, b := range curvature.Split(c.sets[k], plan.Batch()) {
		plan.Forward(b)
		for row := range slices.Chunk(plan.Outputs(), classes) {
			answers = append(answers, int32(slices.Index(row, slices.Max(row))))
		}
	}
	return c.sets[k].Target[0].Labels, answers, plan.Err()
}

// TestKey returns the test of a candidate key of network number k against so many random ones, with
// its evaluation.
func (c *Carrier) TestKey(ctx context.Context, k int, key trojan.Key, random []probe.Evaluation, candidates int) (trojan.KeyTest, probe.Evaluation, error) {
	e, err := c.Evaluate(ctx, k, key)
	losses := make([]float64, len(random))
	for i, r := range random {
		losses[i] = r.Loss
	}
	return trojan.NewKeyTest(e.Loss, losses, candidates), e, err
}

// Random evaluates network number k under so many random keys, the same ones each time.
func (c *Carrier) Random(ctx context.Context, k, count int) ([]probe.Evaluation, error) {
	var list []probe.Evaluation
	for r := range count {
		key, err := trojan.Bytes(fmt.Appendf(nil, "random key %d of an audit", r))
		if err != nil {
			return nil, err
		}
		e, err := c.Evaluate(ctx, k, key)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// Layers returns the weight tensors of the file, of two dimensions or more.
func (c *Carrier) Layers() (list []run.Tensor) {
	for _, t := range places(c.store.Params(), c.theta) {
		if len(t.Shape) > 1 {
			list = append(list, t)
		}
	}
	return list
}
