package trial

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/task"
)

// small is a run of a few steps on the embedded images.
func small(model, method string) run.Spec {
	s := run.Default()
	s.Train, s.Valid, s.Preprocess, s.Model, s.Method, s.LR, s.Batch = 48, 16, "unit", model, method, 0.05, 8
	if method == "momentum" || method == "nesterov" {
		s.Momentum = 0.9
	}
	s.Epochs, s.Steps, s.Every, s.Seed = 0, 4, 2, 7
	s.Probes = []string{"loss", "k", "examples", "h", "stability", "step", "sharpness", "bn"}
	s.Measure = run.Measure{L: 3, M: 4, Examples: 24, PerExample: 12, Tolerance: 0.01}
	return s
}

// newSmall makes a trial. The model "norm" is not in package model: a fast network with
// batch norm.
func newSmall(t *testing.T, s run.Spec) *descent {
	t.Helper()
	spec := s
	if s.Model == "norm" {
		spec.Model = "tiny"
	}
	tr, err := newDescent(spec, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Model == "norm" {
		tr.net = normNetwork()
		tr.task.Net = tr.net
		tr.theta, tr.state = tr.net.InitialParams(nn.Glorot, s.Seed), tr.net.InitialState()
	}
	return tr
}

func normNetwork() *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 28, W: 28})
	for _, k := range []string{"1", "2"} {
		x = net.Add("conv"+k, nn.Conv2D{Filters: 4, K: 3, Stride: 2, Pad: 1}, x)
		x = net.Add("bn"+k, nn.BatchNorm{}, x)
		x = net.Add("relu"+k, nn.ReLU{}, x)
	}
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 10}, x)
	return net
}

// A tape is a sink that keeps copies of everything it receives.
type tape struct {
	records     map[int]run.Record // by step
	saves       int                // of records
	checkpoints []run.Checkpoint
	progress    []Progress
	fail        error // of the next Save
}

func (p *tape) Save(r *run.Record, c *run.Checkpoint) error {
	if p.fail != nil {
		return p.fail
	}
	if r != nil {
		if p.records == nil {
			p.records = map[int]run.Record{}
		}
		p.records[r.Step] = *r
		p.saves++
	}
	if c != nil {
		p.checkpoints = append(p.checkpoints, copied(*c))
	}
	return nil
}

func (p *tape) Progress(now Progress) { p.progress = append(p.progress, now) }

// last returns the last checkpoint, or nil.
func (p *tape) last() *run.Checkpoint {
	if len(p.checkpoints) == 0 {
		return nil
	}
	return &p.checkpoints[len(p.checkpoints)-1]
}

// readAll reads all examples.
func readAll(t *testing.T, examples task.Examples) nn.Batch {
	t.Helper()
	all, err := examples.Read(identity(examples.Len()), context.Background().Err)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func copied(c run.Checkpoint) run.Checkpoint {
	tensors := func(ts []run.Tensor) (all []run.Tensor) {
		for _, t := range ts {
			t.Data = slices.Clone(t.Data)
			all = append(all, t)
		}
		return all
	}
	c.Weights, c.State = tensors(c.Weights), tensors(c.State)
	return c
}

// runAll runs a spec to its end.
func runAll(t *testing.T, s run.Spec) (*tape, run.Status) {
	t.Helper()
	p := new(tape)
	end, err := newSmall(t, s).Run(context.Background(), nil, 0, p)
	if err != nil || end.Message == "" {
		t.Fatalf("%s: %q, %v", end.Status, end.Message, err)
	}
	return p, end.Status
}

// compare fails unless two runs have the same bits.
func compare(t *testing.T, what string, got, want *tape) {
	t.Helper()
	if len(got.records) != len(want.records) {
		t.Errorf("%s: records of %d steps, want %d", what, len(got.records), len(want.records))
	}
	for step, w := range want.records {
		if g, w := bits(got.records[step]), bits(w); g != w {
			t.Errorf("%s: the record of step %d is\n%s, want\n%s", what, step, g, w)
		}
	}
	a, b := got.last(), want.last()
	if a.Step != b.Step || !sameTensors(a.Weights, b.Weights) || !sameTensors(a.State, b.State) || fmt.Sprint(a.Meta) != fmt.Sprint(b.Meta) {
		t.Errorf("%s: the last checkpoint (step %d) differs from the one of step %d", what, a.Step, b.Step)
	}
}

// bits writes everything in a record except times.
func bits(r run.Record) string {
	text := fmt.Sprintf("step %d epoch %v", r.Step, r.Epoch)
	for _, v := range r.Values {
		v.How.Seconds = 0
		text += fmt.Sprintf("\n%s %x %x %x %x %+v", v.Key, v.Value, v.Error, v.Sample, v.Vector, v.How)
	}
	return text
}

func sameTensors(a, b []run.Tensor) bool {
	return slices.EqualFunc(a, b, func(x, y run.Tensor) bool {
		return x.Name == y.Name && slices.Equal(x.Shape, y.Shape) && slices.EqualFunc(x.Data, y.Data, func(p, q float32) bool {
			return math.Float32bits(p) == math.Float32bits(q)
		})
	})
}

// A countdown is a context that ends when it has been asked so many times.
type countdown struct {
	context.Context
	left atomic.Int64
}

func after(n int) *countdown {
	c := &countdown{Context: context.Background()}
	c.left.Store(int64(n))
	return c
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// asked is how many times the context has been asked.
func (c *countdown) asked(n int) int { return n - int(c.left.Load()) }
