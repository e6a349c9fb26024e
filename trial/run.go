package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"breakeven/curvature"
	"breakeven/internal/weights"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/train"
)

// A runner is a trial under way.
type runner struct {
	*Trial
	sink    Sink
	loop    *train.Loop
	subject *probe.Subject
	clock   clock
	saved   int     // step of the last checkpoint
	last    float64 // loss of the last training batch
}

func (t *Trial) run(ctx context.Context, from *Checkpoint, sink Sink) (run.Status, string, error) {
	r, err := t.start(from, sink)
	if err != nil {
		return "", "", err
	}
	measured := from != nil && from.Meta[metaMeasured] == "true"
	for {
		if !measured && r.due() {
			stop, err := r.measure(ctx)
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return t.stopped(r)
			}
			if err != nil || stop != nil {
				return stop.status(), stop.message(), err
			}
		}
		measured = false
		switch {
		case r.loop.Done >= t.Steps:
			return run.Finished, fmt.Sprintf("all %d steps are done", t.Steps), nil
		case ctx.Err() != nil:
			return t.stopped(r)
		}
		begin := time.Now()
		loss := r.loop.Step()
		r.last = loss
		r.clock.step(time.Since(begin))
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return r.diverged(loss)
		}
		r.progress("training")
	}
}

func (t *Trial) stopped(r *runner) (run.Status, string, error) {
	return run.Stopped, fmt.Sprintf("stopped at step %d of %d", r.loop.Done, t.Steps), r.checkpoint()
}

// start allocates everything and restores a checkpoint.
func (t *Trial) start(from *Checkpoint, sink Sink) (*runner, error) {
	s := t.Spec
	method, err := train.New(s.Method, s.LR, s.Momentum, t.net.Dim())
	if err != nil {
		return nil, err
	}
	plan := t.net.Compile(nn.Settings{Batch: s.Batch, Loss: t.loss})
	copy(plan.State(), t.state)
	x, y := make([]float32, s.Batch*t.net.Input.Size()), make([]int32, s.Batch)
	theta := append([]float32(nil), t.theta...)
	r := &runner{Trial: t, sink: sink, saved: -1}
	r.loop = train.NewLoop(plan, theta, method, func(step int) ([]float32, []int32) {
		t.batcher.Batch(step, x, y)
		return x, y
	})
	r.subject = t.newSubject(r.loop)
	r.subject.Doing = func(name string) { r.progress(name) }
	r.clock.begin(t.Steps, t.every, r.guess())
	if from != nil {
		return r, r.restore(from)
	}
	return r, nil
}

// newSubject draws the measurement sets.
func (t *Trial) newSubject(loop *train.Loop) *probe.Subject {
	s, m := t.Spec, t.Spec.Measure
	set := t.sample("set", min(m.Examples, t.Train))
	sharp := max(4, min(m.L, 3200/s.Batch))
	sharp = max(1, min(sharp, t.Train/s.Batch))
	sub := &probe.Subject{
		Net: t.net, Loss: t.loss, LR: s.LR, Size: s.Batch, N: t.Train, Seed: s.Seed, Tol: m.Tolerance,
		Problem: curvature.New(t.net, set, t.problem()),
		Batches: curvature.Parts(t.sample("k", m.L*m.M), m.L),
		Sharp:   curvature.Parts(t.sample("sharp", sharp*s.Batch), sharp),
		Single:  set.Slice(0, min(m.PerExample, set.Len())),
		Kernel:  set.Slice(0, min(8, set.Len())),
		Valid:   t.validation(loop),
		Next:    loop.Next,
	}
	return sub
}

// validation evaluates the current parameters on the validation data, batch norm
// with its running statistics.
func (t *Trial) validation(loop *train.Loop) func() (loss, accuracy float64, n int) {
	if t.Valid == 0 {
		return nil
	}
	plan := t.net.Compile(t.validSettings())
	index := make([]int, t.Valid)
	for i := range index {
		index[i] = i
	}
	set := read(t.split.Valid, t.transform, index)
	return func() (float64, float64, int) {
		copy(plan.State(), loop.Plan.State())
		plan.SetParams(loop.Theta)
		var e nn.Eval
		for _, c := range curvature.Split(set, plan.Batch()) {
			one := plan.Forward(c.X, c.Y)
			e.Loss += one.Loss
			e.Correct += one.Correct
		}
		n := float64(t.Valid)
		return e.Loss / n, float64(e.Correct) / n, t.Valid
	}
}

// due reports whether a measurement belongs to the current step.
func (r *runner) due() bool {
	return r.loop.Done%r.every == 0 || r.loop.Done == r.Steps
}

// An ending is why a run ended before its last step; nil means that it goes on.
type ending struct {
	s run.Status
	m string
}

func (e *ending) status() run.Status {
	if e == nil {
		return ""
	}
	return e.s
}

func (e *ending) message() string {
	if e == nil {
		return ""
	}
	return e.m
}

// measure makes the record of the current step and saves it with a checkpoint.
func (r *runner) measure(ctx context.Context) (*ending, error) {
	begin := time.Now()
	s := r.subject
	s.Theta, s.Step = r.loop.Theta, r.loop.Done
	s.Forget()
	s.Problem.At(s.Theta)
	s.Problem.Stop = func() bool { return ctx.Err() != nil }
	warm := s.Warm
	values, err := probe.Measure(ctx, s, r.probes)
	if ctx.Err() != nil {
		err = ctx.Err() // whatever a product that was given up has led to
	}
	if errors.Is(err, spectrum.ErrNotFinite) {
		err = nil // a curvature too large for float32: the loss decides what it means
	}
	if err != nil {
		s.Warm = warm // as if this measurement had not begun
		return nil, err
	}
	record := r.record(values)
	r.clock.measured(time.Since(begin))
	if err := r.save(&record); err != nil {
		return nil, err
	}
	loss := s.Problem.Loss()
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return &ending{run.Diverged, fmt.Sprintf("the loss is %v at step %d", loss, s.Step)}, nil
	}
	if a := s.Problem.Accuracy(); r.Spec.Until > 0 && a >= r.Spec.Until {
		return &ending{run.Finished, fmt.Sprintf("training accuracy %.3g has reached %.3g at step %d", a, r.Spec.Until, s.Step)}, nil
	}
	return nil, nil
}

// diverged records the last loss, which is not a number or infinite.
func (r *runner) diverged(loss float64) (run.Status, string, error) {
	record := r.record([]run.Value{{Key: "loss", Value: loss, Unit: "nat",
		How: run.How{Probe: "training", Method: "mean over the training batch", Examples: r.Spec.Batch}}})
	message := fmt.Sprintf("the loss became %v at step %d: the learning rate %g is too large for this network", loss, r.loop.Done, r.Spec.LR)
	return run.Diverged, message, r.sink.Save(&record, nil)
}

func (r *runner) record(values []run.Value) run.Record {
	step := r.loop.Done
	return run.Record{Step: step, Epoch: float64(step*r.Spec.Batch) / float64(r.Train), Time: time.Now().UTC(), Values: values}
}

func (r *runner) save(record *run.Record) error {
	r.saved = r.loop.Done
	c := r.snapshot(true)
	return r.sink.Save(record, &c)
}

// checkpoint saves the current step without a record, unless it is saved.
func (r *runner) checkpoint() error {
	if r.saved == r.loop.Done {
		return nil
	}
	c := r.snapshot(false)
	return r.sink.Save(nil, &c)
}

const metaMeasured = "measured"

func (r *runner) snapshot(measured bool) Checkpoint {
	c := Checkpoint{Step: r.loop.Done, Meta: map[string]string{metaMeasured: fmt.Sprint(measured), "model": r.Spec.Model}}
	add := func(ps []nn.Param, from []float32) {
		for _, p := range ps {
			c.Weights = append(c.Weights, weights.Tensor{Name: p.Name, Shape: p.Shape, Data: from[p.Offset : p.Offset+p.Size()]})
		}
	}
	add(r.net.Params(), r.loop.Theta)
	add(r.net.Buffers(), r.loop.Plan.State())
	for _, v := range r.loop.Method.Memory() {
		c.State = append(c.State, weights.Tensor{Name: v.Name, Shape: []int{len(v.Data)}, Data: v.Data})
	}
	for i, v := range r.subject.Warm {
		c.State = append(c.State, weights.Tensor{Name: warmName(i), Shape: []int{len(v)}, Data: v})
	}
	return c
}

func warmName(i int) string { return fmt.Sprintf("warm.%d", i) }

// restore is the inverse of snapshot.
func (r *runner) restore(c *Checkpoint) error {
	found := map[string][]float32{}
	for _, ts := range [][]weights.Tensor{c.Weights, c.State} {
		for _, t := range ts {
			found[t.Name] = t.Data
		}
	}
	fill := func(name string, dst []float32) error {
		if len(found[name]) != len(dst) {
			return fmt.Errorf("checkpoint of step %d: %s has %d numbers instead of %d", c.Step, name, len(found[name]), len(dst))
		}
		copy(dst, found[name])
		return nil
	}
	var errs []error
	for _, p := range r.net.Params() {
		errs = append(errs, fill(p.Name, r.loop.Theta[p.Offset:p.Offset+p.Size()]))
	}
	for _, b := range r.net.Buffers() {
		errs = append(errs, fill(b.Name, r.loop.Plan.State()[b.Offset:b.Offset+b.Size()]))
	}
	for _, v := range r.loop.Method.Memory() {
		errs = append(errs, fill(v.Name, v.Data))
	}
	for i := 0; len(found[warmName(i)]) == r.net.Dim(); i++ {
		r.subject.Warm = append(r.subject.Warm, found[warmName(i)])
	}
	r.loop.Done, r.saved = c.Step, c.Step
	return errors.Join(errs...)
}
