package trial

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"breakeven/internal/digits"
	"breakeven/ntk"
	"breakeven/run"
)

// A limit is a trial that trains a network of infinite width by gradient descent on all
// examples, in closed form: kind "limit". Its records hold what networks do on average.
type limit struct {
	*Infinite
	steps int
	every int
}

func openLimit(_ context.Context, s run.Spec, env Env) (Job, error) {
	if s.Loss != "mse" {
		return nil, fmt.Errorf("loss: kind limit has a closed form for mse alone, not for %s", s.Loss)
	}
	base, err := OpenInfinite(s, env.DataDir)
	if err != nil {
		return nil, err
	}
	t := &limit{Infinite: base, steps: s.Steps, every: s.Every}
	if s.Epochs > 0 {
		t.steps = max(1, int(math.Round(s.Epochs)))
	}
	if t.every == 0 {
		t.every = max(1, t.steps/50)
	}
	return t, nil
}

// Plan returns what the trial will do.
func (t *limit) Plan() Plan {
	s, train := t.spec, t.task.Train.Len()
	return Plan{Spec: s, Steps: t.steps, PerEpoch: 1, Train: train, Valid: t.task.Valid.Len(), Params: t.net.Dim(),
		Warnings: t.warnings,
		About: []Line{
			{"network", fmt.Sprintf("%s, infinitely wide", s.Model)},
			{"data", fmt.Sprintf("%s, %s for training, %s for validation", s.Data, digits.Thousands(train), digits.Thousands(t.task.Valid.Len()))},
			{"training", fmt.Sprintf("gradient descent on all examples in closed form, learning rate %v, %s steps", s.LR, digits.Thousands(t.steps))},
		}}
}

// Run makes the records.
func (t *limit) Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error) {
	done := -1
	if from != nil {
		if from.Meta[metaStatus] != "" {
			return Outcome{run.Status(from.Meta[metaStatus]), from.Meta[metaMessage]}, nil
		}
		done = from.Step
	}
	begin := time.Now()
	sink.Progress(Progress{Steps: t.steps, Doing: "kernels"})
	r, sides, err := t.Regression(ctx)
	if ended(ctx, err) {
		return t.stopped(done), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	for step := 0; step <= t.steps; step++ {
		if step <= done || step%t.every != 0 && step != t.steps {
			continue
		}
		if ctx.Err() != nil || until > 0 && done >= until {
			return t.stopped(done), nil
		}
		record, end := t.record(r, sides, step)
		c := run.Checkpoint{Step: step, Meta: map[string]string{metaMeasured: "true", "model": t.spec.Model}}
		if end.Status != "" {
			c.Meta[metaStatus], c.Meta[metaMessage] = string(end.Status), end.Message
		}
		if err := sink.Save(&record, &c); err != nil || end.Status != "" {
			return end, err
		}
		done = step
		sink.Progress(Progress{Step: step, Steps: t.steps, Epoch: float64(step), Doing: "predicting", Part: float64(step) / float64(max(1, t.steps)),
			Loss: record.Values[0].Value, Elapsed: time.Since(begin)})
	}
	sink.Progress(Progress{Step: t.steps, Steps: t.steps, Epoch: float64(t.steps), Doing: "finished", Part: 1, Elapsed: time.Since(begin)})
	return Outcome{run.Finished, fmt.Sprintf("all %d steps are predicted", t.steps)}, nil
}

func (t *limit) stopped(done int) Outcome {
	return Outcome{run.Stopped, fmt.Sprintf("stopped at step %d of %d", max(0, done), t.steps)}
}

// record makes the record of a step.
func (t *limit) record(r *ntk.Regression, sides []Side, step int) (run.Record, Outcome) {
	begin := time.Now()
	at, end := r.Steps(t.spec.LR, step), Outcome{}
	record := run.Record{Step: step, Epoch: float64(step)}
	for _, s := range sides {
		mean, covariance := at.Mean(s.Theta), at.Covariance(s.Theta, s.NNGP, s.Own)
		variance := Variances(covariance)
		expected := s.Expected(mean, variance)
		if s.Prefix == "" && (math.IsNaN(expected[0].Value) || math.IsInf(expected[0].Value, 0)) {
			end = Outcome{run.Diverged, fmt.Sprintf("the loss is %v at step %d: the largest learning rate is %.4g", expected[0].Value, step, r.MaxLearningRate())}
		}
		for _, v := range expected {
			v.Key = s.Prefix + v.Key
			v.How = run.How{Probe: "limit", Method: "mean over networks of infinite width, in closed form", Examples: len(variance)}
			record.Values = append(record.Values, v)
		}
	}
	record.Time = time.Now().UTC()
	for i := range record.Values {
		record.Values[i].How.Seconds = time.Since(begin).Seconds()
	}
	record.Values = slices.DeleteFunc(record.Values, func(v run.Value) bool { return math.IsNaN(v.Value) && v.Key != "loss" })
	return record, end
}
