package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/train"
	"breakeven/trojan"
)

// A Counter is a change of a file's weights that keeps the carrier and may destroy what is hidden.
type Counter struct {
	Name, Doc string
	change    func(ctx context.Context, c *Carrier, s run.Spec) error
}

// Counters lists them; the first changes nothing.
var Counters = []Counter{
	{"none", "the file as it is", func(context.Context, *Carrier, run.Spec) error { return nil }},
	{"units", "hidden units in another order, which the carrier does not notice", permuteUnits},
	{"quantise 8", "each tensor rounded to 8 bits", quantise(8)},
	{"quantise 4", "each tensor rounded to 4 bits", quantise(4)},
	{"prune 30 %", "the smallest weights of each tensor set to 0", prune(0.3)},
	{"prune 70 %", "the smallest weights of each tensor set to 0", prune(0.7)},
	{"fine-tune", "one epoch of Adam on the carrier's data alone", fineTune},
}

// Apply returns a carrier whose weights are changed. The first one stays.
func (k Counter) Apply(ctx context.Context, c *Carrier, s run.Spec) (*Carrier, error) {
	changed := *c
	changed.theta, changed.state = slices.Clone(c.theta), slices.Clone(c.state)
	if err := k.change(ctx, &changed, s); err != nil {
		return nil, fmt.Errorf("%s: %w", k.Name, err)
	}
	return &changed, nil
}

// All evaluates all networks: the carrier, and the secret ones with a key.
func (c *Carrier) All(ctx context.Context, key func(number int) trojan.Key) (list []probe.Evaluation, err error) {
	for k := range c.nets {
		e, err := c.Evaluate(ctx, k, key(k))
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// quantise rounds the weights of each tensor to whole multiples of its largest over 2^(bits−1) − 1.
func quantise(bits int) func(context.Context, *Carrier, run.Spec) error {
	return func(_ context.Context, c *Carrier, _ run.Spec) error {
		for _, t := range c.Layers() {
			largest := 0.0
			for _, v := range t.Data {
				largest = max(largest, math.Abs(float64(v)))
			}
			step := largest / float64(int(1)<<(bits-1)-1)
			for i, v := range t.Data {
				if step > 0 {
					t.Data[i] = float32(math.Round(float64(v)/step) * step)
				}
			}
		}
		return nil
	}
}

// prune sets a share of the weights of each tensor to 0, the smallest ones.
func prune(share float64) func(context.Context, *Carrier, run.Spec) error {
	return func(_ context.Context, c *Carrier, _ run.Spec) error {
		for _, t := range c.Layers() {
			order := identity(len(t.Data))
			slices.SortStableFunc(order, func(i, j int) int {
				return cmp.Compare(math.Abs(float64(t.Data[i])), math.Abs(float64(t.Data[j])))
			})
			for _, i := range order[:int(share*float64(len(order)))] {
				t.Data[i] = 0
			}
		}
		return nil
	}
}

// fineTune trains the carrier alone for one epoch.
func fineTune(ctx context.Context, c *Carrier, s run.Spec) error {
	const size, rate = 100, 1e-4
	alone, err := trojan.Join(c.store, c.nets[:1], trojan.Plain)
	if err != nil {
		return err
	}
	net := alone.Net
	batches, err := c.tasks[0].Batches(s.Seed, min(size, c.tasks[0].Train.Len()))
	if err != nil {
		return err
	}
	method, err := train.New("adam", rate, 0, net.Dim())
	if err != nil {
		return err
	}
	plan := net.Compile(nn.Settings{Batch: size, Loss: c.tasks[0].Loss})
	plan.SetStop(stop(ctx, batches))
	copy(plan.State(), c.state)
	loop := train.NewLoop(plan, c.theta[:net.Dim()], method, batches.Batch)
	for range batches.Steps() {
		if _, err := loop.Step(); err != nil {
			return err
		}
	}
	copy(c.state, plan.State())
	return nil
}

// ErrUnits is the error of a network whose hidden units are not put in another order: of the model
// wide with sums, whose parts share units.
var ErrUnits = errors.New("layers that are added share their units, which stay where they are")

// permuteUnits puts the hidden units of the carrier in another order: the outputs of one layer and
// the inputs of the next. In networks of blocks these are the units inside of each block. Under group
// norm groups stay together.
func permuteUnits(_ context.Context, c *Carrier, s run.Spec) error {
	if layers := s.Text("network"); strings.Contains(layers, "residual") || strings.Contains(layers, "sum") {
		return ErrUnits
	}
	tensors := append(places(c.store.Params(), c.theta), places(c.store.Buffers(), c.state)...)
	return orderUnits(c.store.Params(), tensors, s.Text("norm_layer") == "group")
}

// orderUnits does so with the tensors of a network.
func orderUnits(params []nn.Param, tensors []run.Tensor, groupNorm bool) error {
	key, err := trojan.Bytes([]byte("order of units"))
	if err != nil {
		return err
	}
	for _, pair := range unitPairs(params) {
		from, to := pair[0], pair[1]
		units, group := from.Shape[0], 1
		if groupNorm && slices.ContainsFunc(params, func(p nn.Param) bool { return p.Name == normOf(from.Name)+".weight" }) {
			group = units / model.NormGroups(units)
		}
		order := make([]int, units)
		for i, at := range key.Permutation(1, from.Name, units/group) {
			for j := range group {
				order[i*group+j] = int(at)*group + j
			}
		}
		for _, t := range tensors {
			switch layer, _, _ := cutLast(t.Name); {
			case t.Name == to.Name:
				moveInputs(t, units, order)
			case layer == strings.TrimSuffix(from.Name, ".weight") || layer == normOf(from.Name):
				moveRows(t.Data, order)
			}
		}
	}
	return nil
}

// normOf returns the name of the norm behind a convolution: "layer1.0.bn1" for
// "layer1.0.conv1.weight". Inside of a dense block it is the one before the next convolution.
func normOf(weight string) string {
	layer := strings.TrimSuffix(weight, ".weight")
	at := strings.LastIndex(layer, "conv")
	switch {
	case at < 0:
		return layer + " has none"
	case strings.Contains(layer, "denselayer"):
		return layer[:at] + "norm2"
	}
	return layer[:at] + "bn" + layer[at+len("conv"):]
}

// cutLast cuts a name at its last point.
func cutLast(name string) (before, after string, ok bool) {
	at := strings.LastIndex(name, ".")
	if at < 0 {
		return name, "", false
	}
	return name[:at], name[at+1:], true
}

// unitPairs returns the weights whose outputs are read by the next weight alone.
func unitPairs(params []nn.Param) (pairs [][2]nn.Param) {
	var before nn.Param
	blocks := slices.ContainsFunc(params, func(p nn.Param) bool {
		return strings.HasPrefix(p.Name, "layer1.") || strings.HasPrefix(p.Name, "features.denseblock1.")
	})
	for _, p := range params {
		if len(p.Shape) < 2 {
			continue
		}
		block := blockOf(p.Name)
		inside := !blocks || strings.Contains(block, ".") && block == blockOf(before.Name) && !strings.Contains(p.Name, "shortcut")
		if before.Name != "" && inside && p.Shape[1]%before.Shape[0] == 0 {
			pairs = append(pairs, [2]nn.Param{before, p})
		}
		before = p
	}
	return pairs
}

// blockOf returns the name of the block of a layer: "layer1.0" of "layer1.0.conv1.weight".
func blockOf(name string) string {
	layer, _, _ := cutLast(name)
	block, _, _ := cutLast(layer)
	return block
}

// moveRows puts the rows of a tensor in another order: row i becomes what row order[i] was.
func moveRows(data []float32, order []int) {
	old, size := slices.Clone(data), len(data)/len(order)
	for i, at := range order {
		copy(data[i*size:(i+1)*size], old[at*size:(at+1)*size])
	}
}

// moveInputs does so with the inputs of each output. An input has several numbers: taps of a
// window, or pixels that were made one vector.
func moveInputs(t run.Tensor, units int, order []int) {
	row := len(t.Data) / t.Shape[0]
	for o := range t.Shape[0] {
		moveRows(t.Data[o*row:(o+1)*row], order[:units])
	}
}
