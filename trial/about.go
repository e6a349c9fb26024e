package trial

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/digits"
	"breakeven/model"
	"breakeven/run"
	"breakeven/task"
)

// A Line says in words what a job does in one respect.
type Line struct{ What, Text string }

// about describes the network and the data of a trial whose weights are from where start
// says.
func (t *setting) about(start string) []Line {
	s := t.spec
	data := fmt.Sprintf("%s, %s for training, %s for validation", s.Data, digits.Thousands(t.task.Train.Len()), digits.Thousands(t.task.Valid.Len()))
	if !slices.Contains(task.Lacks(s), "preprocess") {
		data += ", preprocessing " + s.Preprocess
	}
	if m := s.Text("mean"); m != "" {
		data += fmt.Sprintf(" with means %s and deviations %s", m, s.Text("std"))
	}
	if s.Augment {
		data += ", augmented"
	}
	if hidden := task.Secrets(s); len(hidden) > 0 {
		data += "; the network carries secret ones for " + strings.Join(hidden, ", ")
	}
	frozen := 0
	for _, b := range t.net.Buffers() {
		if b.Frozen {
			frozen += b.Size()
		}
	}
	size := digits.Thousands(t.net.Dim()) + " parameters"
	if frozen > 0 {
		size += fmt.Sprintf(" and %s frozen numbers", digits.Thousands(frozen))
	}
	return []Line{
		{"network", fmt.Sprintf("%s, %s, %s", s.Model, size, start)},
		{"data", data},
	}
}

// ruleWords says what changes the steps of a method.
func ruleWords(s run.Spec) (words string) {
	add := func(format string, args ...any) { words += fmt.Sprintf(format, args...) + ", " }
	if s.Schedule != "constant" {
		add("schedule %s", s.Schedule)
	}
	if s.Warmup > 0 {
		add("warm-up of %d steps", s.Warmup)
	}
	if s.WeightDecay > 0 {
		add("weight decay %v (%s)", s.WeightDecay, s.Decay)
	}
	if s.Clip > 0 {
		add("gradients clipped at %v", s.Clip)
	}
	return words
}

// about describes a descent.
func (t *descent) about() []Line {
	s, start, momentum, every := t.spec, t.spec.Init+" initial weights", "", "once an epoch"
	switch m, _ := model.Lookup(s.Model); {
	case m.File:
		start = "its own weights"
	case m.Initial != nil:
		start = "initial weights of its own"
	}
	if s.Weights != "" {
		start = "weights of " + s.Weights
	}
	if s.Momentum != 0 {
		momentum = fmt.Sprintf("momentum %v, ", s.Momentum)
	}
	momentum += t.naturalWords() + ruleWords(s)
	if s.Every > 0 {
		every = fmt.Sprintf("every %d steps", s.Every)
	}
	what := strings.Join(s.Probes, ", ") + ", " + every
	if t.times != nil {
		what = fmt.Sprintf("%s, dense at the beginning: %.3g %% of the work", t.times, 100*t.times.share)
	}
	return append(t.setting.about(start),
		Line{"training", fmt.Sprintf("%s, learning rate %v, %sbatch %d, %s steps (%.4g epochs of %s), seed %d", s.Method, s.LR, momentum,
			s.Batch, digits.Thousands(t.steps), float64(t.steps)/float64(max(1, t.perEpoch)), digits.Thousands(t.perEpoch), s.Seed)},
		Line{"measures", what})
}
