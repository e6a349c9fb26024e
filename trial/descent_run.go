package trial

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/train"
)

// A runner is a descent under way.
type runner struct {
	*descent
	sink    Sink
	loop    *train.Loop
	subject *probe.Subject
	clock   clock
	saved   int // step of the last checkpoint
	secured secured
	last    float64 // loss of the last training batch; NaN: none yet
	recent  recentLosses
	due     []probe.Probe // of the measurement under way
	spent   spent
}

// Run trains and measures.
func (t *descent) Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error) {
	if from != nil && from.Meta[metaStatus] != "" { // ended, and was killed before that was noted
		return Outcome{run.Status(from.Meta[metaStatus]), from.Meta[metaMessage]}, nil
	}
	r, err := t.start(ctx, from, sink)
	if ended(ctx, err) { // nothing was done that a checkpoint could hold
		step := 0
		if from != nil {
			step = from.Step
		}
		return t.stopped(step), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	measured := from != nil && from.Meta[metaMeasured] == "true"
	for {
		if r.due = r.descent.due(r.loop.Done); !measured && r.due != nil {
			end, err := r.measure(ctx)
			if ended(ctx, err) {
				return r.stop()
			}
			if err != nil || end.Status != "" {
				return end, err
			}
		}
		measured = false
		switch {
		case r.loop.Done >= t.steps:
			r.finished()
			return Outcome{run.Finished, fmt.Sprintf("all %d steps are done%s", t.steps, r.shareWords())}, nil
		case ctx.Err() != nil, until > 0 && r.loop.Done >= until:
			return r.stop()
		}
		begin := time.Now()
		loss, err := r.loop.Step()
		if ended(ctx, err) {
			return r.stop()
		}
		if err != nil {
			return Outcome{}, err
		}
		r.last = loss
		r.recent.add(loss)
		took := time.Since(begin)
		r.clock.step(took)
		r.spent.steps += took
		if math.IsNaN(r.last) || math.IsInf(r.last, 0) {
			return r.diverged(r.last)
		}
		if overdue(time.Since(r.secured.at), r.secured.took) {
			if err := r.checkpoint(); err != nil {
				return Outcome{}, err
			}
		}
		r.progress("training", 0)
	}
}

// secured says when the work was saved last, and how long that took.
type secured struct {
	at   time.Time
	took time.Duration
}

// overdue says whether a checkpoint is made between measurements, so that whoever is killed has lost a
// minute: if the last one is older, and saving takes a hundredth of the time at most. Tests replace it.
var overdue = func(since, took time.Duration) bool { return since >= max(time.Minute, 100*took) }

func (t *descent) stopped(step int) Outcome {
	return Outcome{run.Stopped, fmt.Sprintf("stopped at step %d of %d", step, t.steps)}
}

// stop ends a run that can go on from the present step.
func (r *runner) stop() (Outcome, error) { return r.stopped(r.loop.Done), r.checkpoint() }

// start allocates everything and restores a checkpoint. What takes time asks ctx
// whether to go on.
func (t *descent) start(ctx context.Context, from *run.Checkpoint, sink Sink) (*runner, error) {
	s := t.spec
	method, err := train.New(s.Method, s.LR, s.Momentum, t.net.Dim())
	if err != nil {
		return nil, err
	}
	plan := t.net.Compile(t.training())
	plan.SetStop(stop(ctx, t.batches))
	theta := t.initial()
	copy(plan.State(), t.state)
	r := &runner{descent: t, sink: sink, saved: -1, last: math.NaN()}
	r.loop = train.NewLoop(plan, theta, method, t.batches.Batch)
	r.loop.Seed, r.loop.Rules, r.loop.Unlabelled = s.Seed, t.rules, t.unlabelled()
	if t.natural != nil {
		r.loop.Precondition(*t.natural)
	}
	if r.subject, err = t.subject(ctx); err != nil {
		return nil, err
	}
	r.subject.Next, r.subject.Preconditioner = r.loop.Next, r.loop.Preconditioner
	r.subject.Bound = func() (float64, bool) { return run.Bound(s.Method, r.subject.LR, s.Momentum) }
	if t.spec.Weights == "" { // else a checkpoint has lost the first ones
		r.subject.Start = t.initial
	}
	r.secured.at = time.Now()
	r.subject.Doing = r.probing
	if err = t.evaluations(ctx, r.subject, func() (theta, state []float32) { return r.loop.Theta, plan.State() }); err != nil {
		return nil, err
	}
	r.clock.begin(t.steps, t.measurements(t.steps+1), r.guess())
	if from != nil {
		return r, r.restore(from)
	}
	return r, nil
}

// stop returns what a plan for training asks before each piece of its work: whether ctx has ended,
// and whether the batch could be read.
func stop(ctx context.Context, b task.Batches) func() error {
	return func() error { return cmp.Or(ctx.Err(), task.Broken(b)) }
}

// training says how a training batch is computed.
func (t *descent) training() nn.Settings {
	return nn.Settings{Batch: t.room(t.spec.Batch), Loss: t.task.Loss, Dropout: true, Factors: t.natural != nil}
}

// measure makes the record of the current step and saves it with a checkpoint. The
// outcome has no status if the run goes on.
func (r *runner) measure(ctx context.Context) (Outcome, error) {
	begin := time.Now()
	r.subject.Theta, r.subject.Step, r.subject.LR = r.loop.Theta, r.loop.Done, r.rules.Rate(min(r.loop.Done, r.steps-1))
	values, err := r.setting.measure(ctx, r.subject, r.due)
	if err != nil {
		return Outcome{}, err
	}
	values = append(values, r.recent.value(r.loop.Done, r.spec.Batch)...)
	if r.varies() {
		values = append(values, run.Value{Key: "lr", Value: r.subject.LR, Unit: "1", How: run.How{Probe: "training", Method: "from the schedule " + r.spec.Schedule}})
	}
	record, end := r.record(values), r.ending()
	record.Omitted = r.subject.Omitted
	took := time.Since(begin)
	r.clock.measured(took, r.whole(r.due))
	r.spent.measurements += took
	if err := r.save(&record, end); err != nil {
		return Outcome{}, err
	}
	if end.Status == run.Finished {
		r.finished()
	}
	return end, nil
}

// ending says whether the run ends with what has just been measured.
func (r *runner) ending() Outcome {
	step := r.loop.Done
	if loss := r.subject.Problem.Loss(); math.IsNaN(loss) || math.IsInf(loss, 0) {
		return Outcome{run.Diverged, fmt.Sprintf("the loss is %v at step %d", loss, step)}
	}
	if until := r.spec.Until; until > 0 {
		if a := r.subject.Problem.Metric(slices.Index(r.subject.Metrics, "accuracy")); a >= until {
			return Outcome{run.Finished, fmt.Sprintf("training accuracy %.3g has reached %.3g at step %d", a, until, step)}
		}
	}
	return Outcome{}
}

// diverged records the last loss, which is not a number or infinite.
func (r *runner) diverged(loss float64) (Outcome, error) {
	record := r.record([]run.Value{{Key: "loss", Value: loss, Unit: "nat",
		How: run.How{Probe: "training", Method: "mean over the training batch", Examples: r.spec.Batch}}})
	message := fmt.Sprintf("the loss became %v at step %d: the learning rate %g is too large for this network", loss, r.loop.Done, r.spec.LR)
	return Outcome{run.Diverged, message}, r.sink.Save(&record, nil)
}

func (r *runner) record(values []run.Value) run.Record {
	step := r.loop.Done
	return run.Record{Step: step, Epoch: float64(step*r.spec.Batch) / float64(r.task.Train.Len()), Time: time.Now().UTC(), Values: values}
}

func (r *runner) save(record *run.Record, end Outcome) error {
	c := r.snapshot(true)
	if end.Status != "" {
		c.Meta[metaStatus], c.Meta[metaMessage] = string(end.Status), end.Message
	}
	return r.secure(record, c)
}

// checkpoint saves the current step without a record, unless it is saved.
func (r *runner) checkpoint() error {
	if r.saved == r.loop.Done {
		return nil
	}
	return r.secure(nil, r.snapshot(false))
}

// secure saves a checkpoint of the current step.
func (r *runner) secure(record *run.Record, c run.Checkpoint) error {
	begin := time.Now()
	err := r.sink.Save(record, &c)
	r.saved, r.secured = r.loop.Done, secured{time.Now(), time.Since(begin)}
	return err
}
