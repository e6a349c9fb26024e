package trial

import (
	"context"
	"fmt"
	"strings"
	"time"

	"breakeven/run"
	"breakeven/trojan"
)

// Numerics is the version of everything beside the instruction set that decides the bits
// of a record. It is raised by each change after which some spec gives other bits.
const Numerics = 12

// A Job is a trial made ready: everything that can be wrong before it starts has been
// checked, and nothing large has been allocated.
type Job interface {
	Plan() Plan
	// Memory returns what Run needs, before any of it is allocated.
	Memory() []Memory
	// Run goes on from a checkpoint, or begins if that is nil, and returns at the end of
	// the spec, at its stopping rule, at divergence, or with status run.Stopped at the
	// step until (0: none) or when ctx ends, after a checkpoint if there is anything to
	// keep. A step or a measurement under way when ctx ends is given up, and made again
	// when the run goes on; a checkpoint is written to its end. The error is that of
	// the sink or of the checkpoint.
	Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error)
}

// A Plan is what a job will do.
type Plan struct {
	Spec     run.Spec // complete: with its probes and the digests of files
	Steps    int      // the last step
	PerEpoch int      // steps in an epoch
	Train    int      // examples
	Valid    int
	Params   int      // parameters of the network
	Work     float64  // about how much it is, in multiplications; 0: that follows from batches and probes
	About    []Line   // in words
	Warnings []string // to be shown to the user: of the data, of the settings
}

// An Outcome is how a run ended, and why in a sentence.
type Outcome struct {
	Status  run.Status
	Message string
}

// Memory is the memory that a run needs, in bytes, by part.
type Memory struct {
	Part  string
	Bytes int64
}

// An Env is what a job finds where it runs.
type Env struct {
	DataDir string       // folder of the data sets; "" means the default
	Keys    []trojan.Key // of the secret networks of a spec
	Begun   bool         // there is a checkpoint, which holds the weights
	// Keep is the memory, in bytes, in which the measurement set may keep its
	// values and adjoints between products with the Hessian. Less is slower and
	// gives the same bits. 0: 3 GiB.
	Keep int64
}

// A Sink receives what a run produces.
type Sink interface {
	// Save makes a record, a checkpoint, or both, durable; either may be nil.
	Save(*run.Record, *run.Checkpoint) error
	// Progress is called often and must return at once.
	Progress(Progress)
}

// Progress says how far a run is.
type Progress struct {
	Step, Steps int
	Epoch       float64
	Doing       string  // "training", or the name of the probe under way
	Part        float64 // of the whole run that is done, 0…1, by estimated work
	Loss        float64 // of the last training batch; NaN before the first
	Elapsed     time.Duration
}

// Open makes a job of a spec. The error of ctx is returned if it ends before.
func Open(ctx context.Context, s run.Spec, env Env) (Job, error) {
	for _, k := range Kinds {
		if k.Name == s.Kind {
			return k.Open(ctx, s, env)
		}
	}
	return nil, fmt.Errorf("unknown kind %q: use one of %s", s.Kind, strings.Join(KindNames(), ", "))
}
