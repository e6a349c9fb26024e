// Package trial runs one trial: from a run.Spec to a trajectory of records. It
// opens the data, compiles the network, trains, and measures along the way; it
// knows no store and no terminal, which stand behind [Sink].
//
// Laws:
//
//   - Same spec, same instruction set, same bits, whatever the number of cores
//     and whether or not the run was interrupted.
//   - A record is handed to the sink, which makes it durable, before the next
//     measurement starts.
//   - Divergence is a result: status run.Diverged and no error.
package trial

import (
	"context"
	"time"

	"breakeven/run"
)

// A Trial is a spec made ready: data read, network built, nothing allocated
// that is large. Make one with [New].
type Trial struct {
	Spec     run.Spec
	Warnings []string // to be shown to the user: of the data set, of the settings
	Steps    int      // parameter updates of the whole run
	PerEpoch int      // parameter updates in an epoch
	Train    int      // examples
	Valid    int
	Params   int // parameters of the network

	// Keep is the memory, in bytes, in which the measurement set may keep its
	// values and adjoints between products with the Hessian: 3 GiB unless
	// changed before Memory and Run. Less is slower and gives the same bits.
	Keep int64

	setup
}

// Memory is the memory that a run needs, in bytes, by part.
type Memory struct {
	Part  string
	Bytes int64
}

// New opens the data of a spec, builds its network and checks everything that
// can be wrong before a run starts. dataDir "" means the default folder.
func New(spec run.Spec, dataDir string) (*Trial, error) { return newTrial(spec, dataDir, false) }

// Reopen is New for a run that goes on from a checkpoint: it does not need the file
// of the initial weights.
func Reopen(spec run.Spec, dataDir string) (*Trial, error) { return newTrial(spec, dataDir, true) }

// Memory returns what a run needs, before any of it is allocated.
func (t *Trial) Memory() []Memory { return t.memory() }

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
	Loss        float64 // of the last training batch
	Elapsed     time.Duration
}

// Run trains and measures until the end of the spec, its stopping rule, the end
// of ctx (status run.Stopped, after a checkpoint if there is anything to keep) or
// divergence. A step or a measurement under way when ctx ends is given up, and made
// anew when the run goes on; a checkpoint is written to its end. From nil it
// starts at step 0, otherwise at the checkpoint. The message says in a sentence
// why the run ended. The error is that of the sink or of the checkpoint.
func (t *Trial) Run(ctx context.Context, from *run.Checkpoint, sink Sink) (run.Status, string, error) {
	return t.run(ctx, from, sink)
}

// At says at which weights and on which examples Measure works.
type At struct {
	Weights string // safetensors file; "" means the spec's initial weights
	Split   string // train | valid | test
	From    int    // examples From … To-1 of the split
	To      int
	L       int // minibatches: the examples in order, cut into L equal parts
	NTK     int // examples of the tangent kernel; 0: none
	// Fits, if not nil, is shown the memory needed before any of it is taken;
	// its error ends the measurement.
	Fits func([]Memory) error
	// Warn, if not nil, is told what a user must know beside the numbers: of
	// the data set and of the weights.
	Warn func(string)
}

// Measure measures every quantity at given weights, without training and
// augmentation. When ctx ends it gives up, with the error of ctx. Progress may be
// nil.
func Measure(ctx context.Context, spec run.Spec, dataDir string, at At, progress func(Progress)) (run.Record, error) {
	return measure(ctx, spec, dataDir, at, progress)
}
