package trial

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"breakeven/internal/digits"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
)

// Checkpoints are a trial that measures along weights files: kind "checkpoints". Its
// records are those of a run of our own, at the steps of the files.
type checkpoints struct {
	*setting
	files   []weightsFile
	dialect weights.Dialect // of the files
	batches task.Batches
}

func openCheckpoints(ctx context.Context, s run.Spec, env Env) (Job, error) {
	base, err := newSetting(s, env)
	if err != nil {
		return nil, err
	}
	t := &checkpoints{setting: base}
	notes, err := model.FileNotes(t.spec, t.net)
	if err != nil {
		return nil, err
	}
	t.warnings = append(t.warnings, notes...)
	if t.batches, err = t.task.Batches(s.Seed, t.spec.Batch); err != nil {
		return nil, err
	}
	if t.files, err = findFiles(s); err != nil {
		return nil, err
	}
	if t.dialect, err = t.setting.dialect(); err != nil {
		return nil, err
	}
	must, may := t.wanted(make([]float32, t.net.Dim()), t.net.InitialState(), "")
	for i := range t.files {
		notes, err := t.files[i].check(ctx, must, may, t.dialect)
		if err != nil {
			return nil, err
		}
		if i == 0 { // mostly the others are alike
			t.warnings = append(t.warnings, notes...)
		}
	}
	sum := digest(t.files)
	if begun := filesSHA256.Word(s); begun != "" && begun != sum {
		return nil, fmt.Errorf("files: %s names other weights than those that the run was begun with; begin another run for them", files.Word(s))
	}
	filesSHA256.Set(&t.spec, sum)
	return t, nil
}

// Plan returns what the trial will do.
func (t *checkpoints) Plan() Plan {
	return Plan{Spec: t.spec, Steps: t.last().step, PerEpoch: t.batches.Steps(), Train: t.task.Train.Len(), Valid: t.task.Valid.Len(),
		Params: t.net.Dim(), About: t.about(), Warnings: t.warnings}
}

// about describes a trial along weights files.
func (t *checkpoints) about() []Line {
	first, last := t.files[0], t.last()
	low, high := first.lr, first.lr
	for _, f := range t.files {
		low, high = min(low, f.lr), max(high, f.lr)
	}
	rate := fmt.Sprintf("learning rate %v", low)
	if low < high {
		rate = fmt.Sprintf("learning rates %v to %v", low, high)
	}
	return append(t.setting.about(fmt.Sprintf("weights of %s files", digits.Thousands(len(t.files)))),
		Line{"steps", fmt.Sprintf("%s (%s) to %s (%s), %s, batch %d", digits.Thousands(first.step), first.name, digits.Thousands(last.step), last.name, rate, t.spec.Batch)},
		Line{"measures", strings.Join(t.spec.Probes, ", ") + ", at each file"})
}

func (t *checkpoints) last() weightsFile { return t.files[len(t.files)-1] }

// Memory lists what Run takes.
func (t *checkpoints) Memory() []Memory {
	list := []Memory{
		{"data", t.task.Bytes + t.batches.Bytes() + t.task.Each*int64(t.spec.Batch+t.examples())},
		{"parameters", t.vector()},
	}
	sizes := t.sizes()
	sizes.Next = t.nextBytes()
	return append(list, t.measuring(sizes)...)
}

// Run measures at one file after the other.
func (t *checkpoints) Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error) {
	if from != nil && from.Meta[metaStatus] != "" {
		return Outcome{run.Status(from.Meta[metaStatus]), from.Meta[metaMessage]}, nil
	}
	w := &walk{checkpoints: t, sink: sink, theta: make([]float32, t.net.Dim()), state: t.net.InitialState()}
	if from != nil {
		for w.at < len(t.files) && t.files[w.at].step <= from.Step {
			w.at++
		}
	}
	err := w.start(ctx)
	if err == nil && from != nil {
		w.subject.Warm = warmVectors(from.State, t.net.Dim())
	}
	for err == nil && w.at < len(t.files) {
		if ctx.Err() != nil || until > 0 && w.at > 0 && t.files[w.at-1].step >= until {
			return w.stopped(), nil
		}
		var end Outcome
		if end, err = w.measure(ctx); err == nil && end.Status != "" {
			return end, nil
		}
	}
	if ended(ctx, err) {
		return w.stopped(), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	w.progress("finished", 0)
	return Outcome{run.Finished, fmt.Sprintf("all %d files are measured", len(t.files))}, nil
}

// A walk is a trial along weights files under way.
type walk struct {
	*checkpoints
	sink    Sink
	at      int // the file to be measured next
	theta   []float32
	state   []float32
	subject *probe.Subject
	clock   clock
}

func (w *walk) stopped() Outcome {
	return Outcome{run.Stopped, fmt.Sprintf("stopped after %d of %d files", w.at, len(w.files))}
}

// start allocates what the measurements need.
func (w *walk) start(ctx context.Context) error {
	if err := w.prepare(ctx); err != nil {
		return err
	}
	w.subject.Doing = func(name string) { w.progress(name, share(w.probes, w.sizes(), probeIndex(w.probes, name))) }
	w.clock.begin(0, float64(len(w.files)), 1)
	return nil
}

// prepare makes the subject of the measurements, at the weights of w.
func (w *walk) prepare(ctx context.Context) (err error) {
	if w.subject, err = w.checkpoints.subject(ctx); err != nil {
		return err
	}
	s := w.subject
	s.Theta = w.theta
	s.Next = func() ([]float32, error) {
		return w.plainStep(stop(ctx, w.batches), w.batches.Batch(s.Step), w.theta, s.LR)
	}
	return w.evaluations(ctx, s, func() (theta, state []float32) { return w.theta, w.state })
}

// measure reads the next file, makes its record and saves it. The outcome has no status
// if there may be more.
func (w *walk) measure(ctx context.Context) (Outcome, error) {
	file, begin, s := w.files[w.at], time.Now(), w.subject
	if sum, err := weights.Sum(file.name); err != nil || sum != file.sum {
		return Outcome{}, cmp.Or(err, fmt.Errorf("weights: %s has changed since the run was begun: its SHA-256 is %s, not %s", file.name, sum, file.sum))
	}
	copy(w.state, w.net.InitialState())
	must, may := w.wanted(w.theta, w.state, "")
	if _, err := weights.LoadAs(file.name, must, may, w.dialect); err != nil {
		return Outcome{}, err
	}
	w.setFrozen(w.state)
	s.Step, s.LR = file.step, file.lr
	values, err := w.setting.measure(ctx, s, w.probes)
	if err != nil {
		return Outcome{}, err
	}
	values = append(values, run.Value{Key: "lr", Value: file.lr, Unit: "1", How: run.How{Probe: "checkpoints", Method: file.lrFrom}})
	record := run.Record{Step: file.step, Epoch: float64(file.step*w.spec.Batch) / float64(w.task.Train.Len()), Time: time.Now().UTC(), Values: values, Omitted: s.Omitted}
	end := Outcome{}
	if loss := s.Problem.Loss(); math.IsNaN(loss) || math.IsInf(loss, 0) {
		end = Outcome{run.Diverged, fmt.Sprintf("the loss is %v at step %d", loss, file.step)}
	}
	c := w.snapshot(end)
	if err := w.sink.Save(&record, &c); err != nil {
		return Outcome{}, err
	}
	w.at++
	w.clock.measured(time.Since(begin), 1)
	return end, nil
}

// snapshot is the checkpoint at the file that was measured.
func (w *walk) snapshot(end Outcome) run.Checkpoint {
	c := run.Checkpoint{Step: w.files[w.at].step, State: warmTensors(w.subject.Warm),
		Weights: append(places(w.net.Params(), w.theta), places(w.net.Buffers(), w.state)...),
		Meta:    map[string]string{metaMeasured: "true", "model": w.spec.Model}}
	if end.Status != "" {
		c.Meta[metaStatus], c.Meta[metaMessage] = string(end.Status), end.Message
	}
	return c
}

// progress tells the sink which file is being measured, and how far.
func (w *walk) progress(doing string, part float64) {
	file := w.files[min(w.at, len(w.files)-1)]
	w.sink.Progress(Progress{
		Step: file.step, Steps: w.last().step, Doing: doing, Part: w.clock.done(0, float64(w.at)+part), Elapsed: time.Since(w.clock.start),
		Epoch: float64(file.step*w.spec.Batch) / float64(w.task.Train.Len()), Loss: w.subject.Problem.Loss(),
	})
}
