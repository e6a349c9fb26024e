package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"breakeven/curvature"
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
	if from != nil && from.Meta[metaStatus] != "" { // ended, and was killed before that was noted
		return run.Status(from.Meta[metaStatus]), from.Meta[metaMessage], nil
	}
	r, err := t.start(from, sink)
	if err != nil {
		return "", "", err
	}
	measured := from != nil && from.Meta[metaMeasured] == "true"
	for {
		if !measured && r.due() {
			end, err := r.measure(ctx)
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return t.stopped(r)
			}
			if err != nil || end.status != "" {
				return end.status, end.message, err
			}
		}
		measured = false
		switch {
		case r.loop.Done >= t.Steps:
			r.finished()
			return run.Finished, fmt.Sprintf("all %d steps are done", t.Steps), nil
		case ctx.Err() != nil:
			return t.stopped(r)
		}
		begin := time.Now()
		r.last = r.loop.Step()
		r.clock.step(time.Since(begin))
		if math.IsNaN(r.last) || math.IsInf(r.last, 0) {
			return r.diverged(r.last)
		}
		r.progress("training", 0)
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
	plan := t.net.Compile(nn.Settings{Batch: s.Batch, Loss: t.loss, Dropout: true})
	copy(plan.State(), t.state)
	x, y := make([]float32, s.Batch*t.net.Input.Size()), make([]int32, s.Batch)
	theta := append([]float32(nil), t.theta...)
	r := &runner{Trial: t, sink: sink, saved: -1}
	batch := nn.Labelled(x, y)
	r.loop = train.NewLoop(plan, theta, method, func(step int) nn.Batch {
		t.batcher.Batch(step, x, y)
		return batch
	})
	r.loop.Seed = s.Seed
	r.subject = t.newSubject(r.loop)
	r.subject.Doing = r.probing
	r.clock.begin(t.Steps, t.measurements(t.Steps)+1, r.guess())
	if from != nil {
		return r, r.restore(from)
	}
	return r, nil
}

// newSubject draws the measurement sets.
func (t *Trial) newSubject(loop *train.Loop) *probe.Subject {
	s, m := t.Spec, t.Spec.Measure
	set := t.sample("set", min(m.Examples, t.Train))
	sharp := t.sharp()
	return &probe.Subject{
		Net: t.net, Loss: t.loss, LR: s.LR, Size: s.Batch, N: t.Train, Seed: s.Seed, Tol: m.Tolerance,
		Problem: curvature.New(t.net, set, t.problem()),
		Batches: curvature.Parts(t.sample("k", m.L*m.M), m.L),
		Sharp:   curvature.Parts(t.sample("sharp", sharp*s.Batch), sharp),
		Single:  set.Slice(0, min(m.PerExample, set.Len())),
		Kernel:  set.Slice(0, min(8, set.Len())),
		Valid:   t.validation(loop),
		Next:    loop.Next,
	}
}

// sharp returns how many minibatches of the training size are measured.
func (t *Trial) sharp() int {
	size := t.Spec.Batch
	return max(1, min(max(4, min(t.Spec.Measure.L, 3200/size)), t.Train/size))
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
		loss, correct := 0.0, 0.0
		for _, c := range curvature.Split(set, plan.Batch()) {
			loss += plan.Forward(c).Loss
			correct += plan.Metric(nn.Correct)
		}
		n := float64(t.Valid)
		return loss / n, correct / n, t.Valid
	}
}

// due reports whether a measurement belongs to the current step.
func (r *runner) due() bool {
	return r.loop.Done%r.every == 0 || r.loop.Done == r.Steps
}

// An ending is why a run ended at a measurement; the zero ending means that it
// goes on.
type ending struct {
	status  run.Status
	message string
}

// measure makes the record of the current step and saves it with a checkpoint.
func (r *runner) measure(ctx context.Context) (ending, error) {
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
		return ending{}, err
	}
	record, end := r.record(values), r.ending()
	r.clock.measured(time.Since(begin))
	if err := r.save(&record, end); err != nil {
		return ending{}, err
	}
	if end.status == run.Finished {
		r.finished()
	}
	return end, nil
}

// ending says whether the run ends with what has just been measured.
func (r *runner) ending() ending {
	loss, step := r.subject.Problem.Loss(), r.loop.Done
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return ending{run.Diverged, fmt.Sprintf("the loss is %v at step %d", loss, step)}
	}
	if a := r.subject.Problem.Accuracy(); r.Spec.Until > 0 && a >= r.Spec.Until {
		return ending{run.Finished, fmt.Sprintf("training accuracy %.3g has reached %.3g at step %d", a, r.Spec.Until, step)}
	}
	return ending{}
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

func (r *runner) save(record *run.Record, end ending) error {
	r.saved = r.loop.Done
	c := r.snapshot(true)
	if end.status != "" {
		c.Meta[metaStatus], c.Meta[metaMessage] = string(end.status), end.message
	}
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
