package golden

import (
	"fmt"
	"math"
	"testing"

	"breakeven/curvature"
	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/tensor"
	"breakeven/train"
)

// Three steps of each method.
func TestTraining(t *testing.T) {
	testenv.Slow(t)
	compare(t, networks, func(t *testing.T, s *subject, l *ledger) {
		if len(s.Training) != 3 && !((s.net.Couples() || s.Model == "lstm") && len(s.Training) == 2) {
			t.Fatalf("steps of %d methods", len(s.Training))
		}
		for _, name := range train.Names {
			steps := s.Training[name]
			slow := s.net.Couples() && name != "sgd"
			if steps != nil && (!slow || everything()) {
				s.train(t, l, name, steps)
			}
		}
	})
}

// train takes the steps of one method and compares after each.
func (s *subject) train(t *testing.T, l *ledger, name string, want *training) {
	method, err := train.New(name, want.LR, 0.9, s.Dim)
	if err != nil {
		t.Fatal(err)
	}
	plan := s.net.Compile(nn.Settings{Batch: want.Batches[0][1] - want.Batches[0][0]})
	loop := train.NewLoop(plan, append([]float32(nil), s.theta...), method, func(step int) nn.Batch {
		return s.set.Slice(want.Batches[step][0], want.Batches[step][1])
	})
	p := curvature.New(s.net, s.set, s.settings())
	before := l.loss // limit of the loss at the present parameters
	for k := range want.Batches {
		what := func(quantity string) string { return fmt.Sprintf("%s %d: %s", name, k+1, quantity) }
		after, moved := l.step[k], l.displacement
		if name == "adam" {
			after, moved = l.adam, l.adamMoved
		}
		last := append([]float32(nil), loop.Theta...)
		loss, err := loop.Step()
		if err != nil {
			t.Fatal(err)
		}
		l.relative(what("loss of the batch before"), before, loss, want.BatchLoss[k])
		if name == "sgd" {
			step := distance(loop.Theta, last)
			l.relative(what("gradient norm of the batch"), moved, step/want.LR, want.BatchNorm[k])
		}
		p.At(loop.Theta)
		l.relative(what("loss"), after, p.Loss(), want.Loss[k])
		l.relative(what("displacement"), moved, distance(loop.Theta, s.theta), want.Displacement[k])
		// The reference names no limit for gradients on the way.
		norms := math.Max(10*l.gradient, math.Max(10*after, moved))
		l.relative(what("gradient norm"), norms, tensor.Norm(p.Gradient()), want.Norm[k])
		l.near(what("accuracy"), 1e-12+flips(l, k)/float64(s.N), p.Metric(0), want.Accuracy[k], 1)
		if want.Inference != nil {
			l.relative(what("loss with running statistics"), l.inference[k], s.inference(loop), want.Inference[k])
		}
		before = after
	}
	s.statistics(t, l, name, plan, want)
}

// flips is how many examples may be classified differently: none if the losses agree to
// five digits.
func flips(l *ledger, step int) float64 {
	if l.step[step] <= 1e-5 {
		return 0
	}
	return math.Ceil(100 * l.step[step])
}

func distance(x, y []float32) float64 {
	sum := 0.0
	for i, v := range x {
		d := float64(v) - float64(y[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// inference is the loss on the whole set, batch norm with running statistics.
func (s *subject) inference(loop *train.Loop) float64 {
	p := curvature.New(s.net, s.set, curvature.Settings{Inference: true})
	copy(p.State(), loop.Plan.State())
	p.At(loop.Theta)
	return p.Loss()
}

// statistics compares running means and variances, relative to the largest of a layer,
// with the limit of the loss before the last step, since they are made of the batches
// up to that step.
func (s *subject) statistics(t *testing.T, l *ledger, name string, plan *nn.Plan, want *training) {
	if s.net.Couples() != (len(want.Statistics) == 2) {
		t.Fatalf("%s: running statistics of %d layers", name, len(want.Statistics))
	}
	for _, w := range want.Statistics {
		for _, b := range s.net.Buffers() {
			have := plan.State()[b.Offset : b.Offset+b.Size()]
			switch b.Name {
			case w.Layer + ".running_mean":
				all(l, name+": running mean of "+w.Layer, l.displacement, have, w.Mean, largest(w.Mean...))
			case w.Layer + ".running_var":
				all(l, name+": running variance of "+w.Layer, l.displacement, have, w.Var, largest(w.Var...))
			}
		}
	}
}
