package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
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

func (t *Trial) run(ctx context.Context, from *run.Checkpoint, sink Sink) (run.Status, string, error) {
	if from != nil && from.Meta[metaStatus] != "" { // ended, and was killed before that was noted
		return run.Status(from.Meta[metaStatus]), from.Meta[metaMessage], nil
	}
	r, err := t.start(ctx, from, sink)
	if ended(ctx, err) { // nothing was done that a checkpoint could hold
		step := 0
		if from != nil {
			step = from.Step
		}
		return run.Stopped, t.stopped(step), nil
	}
	if err != nil {
		return "", "", err
	}
	measured := from != nil && from.Meta[metaMeasured] == "true"
	for {
		if !measured && r.due() {
			end, err := r.measure(ctx)
			if ended(ctx, err) {
				return r.stop()
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
			return r.stop()
		}
		begin := time.Now()
		loss, err := r.loop.Step()
		if ended(ctx, err) {
			return r.stop()
		}
		if err != nil {
			return "", "", err
		}
		r.last = loss
		r.clock.step(time.Since(begin))
		if math.IsNaN(r.last) || math.IsInf(r.last, 0) {
			return r.diverged(r.last)
		}
		r.progress("training", 0)
	}
}

// ended reports whether err is that of a context which has ended.
func ended(ctx context.Context, err error) bool { return err != nil && errors.Is(err, ctx.Err()) }

func (t *Trial) stopped(step int) string {
	return fmt.Sprintf("stopped at step %d of %d", step, t.Steps)
}

// stop ends a run that can go on from the present step.
func (r *runner) stop() (run.Status, string, error) {
	return run.Stopped, r.stopped(r.loop.Done), r.checkpoint()
}

// start allocates everything and restores a checkpoint. What takes time asks ctx
// whether to go on.
func (t *Trial) start(ctx context.Context, from *run.Checkpoint, sink Sink) (*runner, error) {
	s := t.Spec
	method, err := train.New(s.Method, s.LR, s.Momentum, t.net.Dim())
	if err != nil {
		return nil, err
	}
	plan := t.net.Compile(nn.Settings{Batch: s.Batch, Loss: t.loss, Dropout: true})
	plan.SetStop(ctx.Err)
	copy(plan.State(), t.state)
	x, y := make([]float32, s.Batch*t.net.Input.Size()), make([]int32, s.Batch)
	r := &runner{Trial: t, sink: sink, saved: -1}
	batch := nn.Labelled(x, y)
	r.loop = train.NewLoop(plan, t.initial(), method, func(step int) nn.Batch {
		t.batcher.Batch(step, x, y)
		return batch
	})
	r.loop.Seed = s.Seed
	if r.subject, err = t.newSubject(ctx, r.loop); err != nil {
		return nil, err
	}
	r.subject.Doing = r.probing
	r.clock.begin(t.Steps, t.measurements(t.Steps)+1, r.guess())
	if from != nil {
		return r, r.restore(from)
	}
	return r, nil
}

// newSubject draws the measurement sets.
func (t *Trial) newSubject(ctx context.Context, loop *train.Loop) (*probe.Subject, error) {
	s, m := t.Spec, t.Spec.Measure
	set, err1 := t.sample(ctx, "set", min(m.Examples, t.Train))
	valid, err2 := t.validation(ctx, loop)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	subject := &probe.Subject{
		Net: t.net, Loss: t.loss, LR: s.LR, Size: s.Batch, N: t.Train, Seed: s.Seed, Tol: m.Tolerance,
		Problem: curvature.New(t.net, set, t.problem()),
		Single:  set.Slice(0, min(m.PerExample, set.Len())),
		Kernel:  set.Slice(0, min(8, set.Len())),
		Valid:   valid,
		Next:    loop.Next,
	}
	return subject, t.addBatches(ctx, subject)
}

// addBatches draws the minibatches for those probes that read them.
func (t *Trial) addBatches(ctx context.Context, s *probe.Subject) error {
	m, count := t.Spec.Measure, t.sharp()
	if t.measures("k") {
		set, err := t.sample(ctx, "k", m.L*m.M)
		if err != nil {
			return err
		}
		s.Batches = curvature.Parts(set, m.L)
	}
	if t.measuresBatches() {
		set, err := t.sample(ctx, "sharp", count*t.Spec.Batch)
		if err != nil {
			return err
		}
		s.Sharp = curvature.Parts(set, count)
	}
	return nil
}

// measures reports whether a probe is among those of the trial.
func (t *Trial) measures(name string) bool {
	return slices.ContainsFunc(t.probes, func(p probe.Probe) bool { return p.Name == name })
}

// measuresBatches reports whether a probe reads minibatches of the training size.
func (t *Trial) measuresBatches() bool {
	return t.measures("sharpness") || t.measures("stability") && t.net.Couples()
}

// sharp returns how many minibatches of the training size are measured.
func (t *Trial) sharp() int {
	size := t.Spec.Batch
	return max(1, min(max(4, min(t.Spec.Measure.L, 3200/size)), t.Train/size))
}

// An evaluation is the mean loss and the accuracy on so many examples.
type evaluation = func() (loss, accuracy float64, n int, err error)

// validation evaluates the current parameters on the validation data, batch norm
// with its running statistics.
func (t *Trial) validation(ctx context.Context, loop *train.Loop) (evaluation, error) {
	if t.Valid == 0 {
		return nil, nil
	}
	plan := t.net.Compile(t.validSettings())
	plan.SetStop(ctx.Err)
	index := make([]int, t.Valid)
	for i := range index {
		index[i] = i
	}
	set, err := read(ctx, t.split.Valid, t.transform, index)
	if err != nil {
		return nil, err
	}
	return func() (float64, float64, int, error) {
		copy(plan.State(), loop.Plan.State())
		plan.SetParams(loop.Theta)
		loss, correct := 0.0, 0.0
		for _, c := range curvature.Split(set, plan.Batch()) {
			loss += plan.Forward(c).Loss
			correct += plan.Metric(nn.Correct)
		}
		n := float64(t.Valid)
		return loss / n, correct / n, t.Valid, plan.Err()
	}, nil
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
	s.Problem.SetStop(ctx.Err)
	warm := s.Warm
	values, err := []run.Value(nil), s.Problem.At(s.Theta)
	if err == nil {
		values, err = probe.Measure(ctx, s, r.probes)
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
