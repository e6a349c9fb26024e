package main

import (
	"fmt"
	"io"
	"slices"

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

	about []trial.Line
}

// planOf returns the plan of a job, with warnings beside the job's own.
func planOf(t trial.Job, warnings ...string) plan {
	p := t.Plan()
	return plan{
		Spec: p.Spec, Steps: p.Steps, PerEpoch: p.PerEpoch, Train: p.Train, Valid: p.Valid,
		Parameters: p.Params, about: p.About, Memory: runMemory(t), Warnings: slices.Concat([]string{}, p.Warnings, warnings),
	}
}

// write prints the plan in a few lines.
func (p plan) write(w io.Writer) {
	if p.Run != "" {
		fmt.Fprintf(w, "run      %s\n", p.Run)
	}
	if p.Start != "" {
		fmt.Fprintf(w, "goes on  %s\n", p.Start)
	}
	for _, line := range p.about {
		fmt.Fprintf(w, "%-8s %s\n", line.What, line.Text)
	}
	fmt.Fprintf(w, "memory   %s besides the program's own %s (%s)\n", bytesText(totalMemory(p.Memory)), bytesText(programMemory), partsText(p.Memory, 3))
	for _, warning := range p.Warnings {
		fmt.Fprintf(w, "warning  %s\n", warning)
	}
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
