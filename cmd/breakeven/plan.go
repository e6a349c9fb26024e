package main

import (
	"fmt"
	"io"

	"breakeven/run"
	"breakeven/trial"
)

// A plan is what a run will do, known before it starts.
type plan struct {
	Run        string         `json:"run,omitempty"` // its name in the store; none in a dry run
	Start      string         `json:"-"`             // where a resumed run goes on
	Spec       run.Spec       `json:"spec"`
	Steps      int            `json:"steps"`
	PerEpoch   int            `json:"steps_per_epoch"`
	Train      int            `json:"train"`
	Valid      int            `json:"valid"`
	Parameters int            `json:"parameters"`
	Memory     []trial.Memory `json:"memory"`
	Warnings   []string       `json:"warnings"`
}

func planOf(t *trial.Trial) plan {
	return plan{
		Spec: t.Spec, Steps: t.Steps, PerEpoch: t.PerEpoch, Train: t.Train, Valid: t.Valid,
		Parameters: t.Params, Memory: runMemory(t), Warnings: append([]string{}, t.Warnings...),
	}
}

// write prints the plan in a few lines.
func (p plan) write(w io.Writer) {
	s := p.Spec
	if p.Run != "" {
		fmt.Fprintf(w, "run      %s\n", p.Run)
	}
	if p.Start != "" {
		fmt.Fprintf(w, "goes on  %s\n", p.Start)
	}
	fmt.Fprintf(w, "network  %s, %s parameters, %s\n", s.Model, count(p.Parameters), startText(s))
	fmt.Fprintf(w, "data     %s, %s for training, %s for validation, preprocessing %s%s\n",
		s.Data, count(p.Train), count(p.Valid), s.Preprocess, either(s.Augment, ", augmented", ""))
	fmt.Fprintf(w, "training %s, learning rate %v, %sbatch %d, %s steps (%.4g epochs of %s), seed %d\n",
		s.Method, s.LR, either(s.Momentum != 0, fmt.Sprintf("momentum %v, ", s.Momentum), ""),
		s.Batch, count(p.Steps), float64(p.Steps)/float64(max(1, p.PerEpoch)), count(p.PerEpoch), s.Seed)
	fmt.Fprintf(w, "measures %s, %s\n", listText(s.Probes), either(s.Every > 0, fmt.Sprintf("every %d steps", s.Every), "once an epoch"))
	fmt.Fprintf(w, "memory   %s besides the program's own %s (%s)\n", bytesText(totalMemory(p.Memory)), bytesText(programMemory), partsText(p.Memory, 3))
	for _, warning := range p.Warnings {
		fmt.Fprintf(w, "warning  %s\n", warning)
	}
}

func startText(s run.Spec) string {
	if s.Weights != "" {
		return "weights of " + s.Weights
	}
	return s.Init + " initial weights"
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
