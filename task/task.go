package task

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"breakeven/data"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/trojan"
)

// A Task is a learning problem: a network, its loss and the examples.
type Task struct {
	Net      *nn.Network
	Nodes    int // of the graph that each batch is; 0: there is none
	Loss     nn.Loss
	Metrics  []Metric
	Train    Examples
	Valid    Examples // held out of the training examples or, if none were, Test
	Test     Examples
	Tests    bool     // that Test is evaluated along a run, too
	Each     int64    // bytes of one example when it is read
	Bytes    int64    // of memory that the data take
	Digest   string   // SHA-256 of the data; "" if their name says which they are
	Warnings []string // that belong beside every result

	// Evaluate returns what else the task measures along a run: numbers that are not means over
	// examples, under keys of records. Nil: nothing.
	Evaluate      func(theta []float32, stop func() error) ([]run.Value, error)
	EvaluateBytes int64 // of memory that Evaluate takes

	// Unlabelled are the examples of each batch that are not for training. With Gamma > 0 they
	// count with predicted labels: see train.Unlabelled.
	Unlabelled []int32
	Gamma      float64

	// Joint are the networks that the network holds; nil: it is one.
	Joint *Joint
	// Complete fills in those fields of a spec that follow from what was opened. Nil: there are
	// none.
	Complete func(*run.Spec)

	// Batches returns the training batches of so many examples. Those that do not fill
	// a batch at the end of an epoch are left out of it.
	Batches func(seed uint64, size int) (Batches, error)
	// Augmented returns the training examples, each moved at random as in a training batch: differently
	// whenever it is read. Nil: they are not augmented, or not singly.
	Augmented func(seed uint64) Examples
}

// Examples are one part of the data.
type Examples interface {
	Len() int
	// Read returns the examples of the given numbers as one batch. If stop, asked
	// again and again, returns an error, Read gives up and returns it.
	Read(index []int, stop func() error) (nn.Batch, error)
}

// Batches are the training batches of all epochs.
type Batches interface {
	Steps() int              // batches in an epoch
	Batch(step int) nn.Batch // valid until the next call
	Bytes() int64            // of memory
}

// Broken returns why one of the batches that were asked for could not be read; nil if all could.
// What is computed with a batch that could not be read means nothing.
func Broken(b Batches) error {
	if r, ok := b.(interface{ Err() error }); ok {
		return r.Err()
	}
	return nil
}

// A Metric is what a task evaluates beside its loss: the mean over examples of a
// number. On validation data it has the key valid_NAME.
type Metric struct {
	Name   string // a key of records, with its unit: "accuracy"; metrics of one name make a vector
	Of     func(nn.Row) float64
	Output int // of the network, whose rows it reads
}

// The metrics of tasks.
var (
	accuracy      = Metric{Name: "accuracy", Of: nn.Correct}
	rightAnswers  = Metric{Name: "accuracy", Of: nn.CorrectOdds}
	absoluteError = Metric{Name: "absolute_error", Of: meanAbsolute}
)

// A Family makes the tasks of one kind of data.
type Family struct {
	Name string
	Doc  string      // one line
	Sets []data.Info // the data sets that it reads
	// Files reports whether it reads the file of this name. Nil: it reads none.
	Files  func(name string) bool
	Fields []run.Field // of a spec, beside those that every spec has
	Lacks  []string    // fields of every spec that mean nothing here
	// Usual are the values of fields, of every spec or of the family or its usual model, that
	// are usual for such data, for those who name the family and not each of them. Nil: the
	// defaults.
	Usual map[string]string
	// Shape returns the network's input and its outputs, as far as they are known without
	// the data. Nil: only the data say.
	Shape func(s run.Spec) (in nn.Input, outputs int)
	// Train returns how many training examples there are, if that is known without the data.
	// Nil: as many as the description of the set says, less those for validation.
	Train func(s run.Spec) (n int, ok bool)
	// Reading returns about how many bytes of memory opening takes for a while.
	Reading func(s run.Spec) int64
	// Open reads the data that s names from folder dir ("" is data.DefaultDir), and
	// builds the network.
	Open func(s run.Spec, dir string) (*Task, error)
	// OpenKeyed is Open for specs with secret networks, given their keys. Nil: there are none.
	OpenKeyed func(s run.Spec, dir string, keys []trojan.Key) (*Task, error)
}

// Families lists all families.
var Families = []Family{images, texts, pairs, graphs, flights, arrays, folders}

// FamilyOf returns the family whose data a spec names.
func FamilyOf(s run.Spec) (Family, bool) {
	for _, f := range Families {
		if _, ok := f.set(s.Data); ok || f.Files != nil && run.IsFile(s.Data) && f.Files(s.Data) {
			return f, true
		}
	}
	return Family{}, false
}

// set returns the family's data set of the given name.
func (f Family) set(name string) (data.Info, bool) {
	for _, in := range f.Sets {
		if in.Name == name {
			return in, true
		}
	}
	return data.Info{}, false
}

// Open reads the data of s and builds its network. A spec that knows the digest of
// its data is refused others, and so is one that knows the commitment to its keys.
func Open(s run.Spec, dir string, keys ...trojan.Key) (*Task, error) {
	f, ok := FamilyOf(s)
	if !ok {
		return nil, unknown(s.Data)
	}
	if _, err := model.Digest(s); err != nil {
		return nil, err
	}
	open := f.Open
	if f.OpenKeyed != nil {
		open = func(s run.Spec, dir string) (*Task, error) { return f.OpenKeyed(s, dir, keys) }
	}
	t, err := open(s, dir)
	if err == nil {
		err = begun(s, t.Digest)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && run.IsFile(s.Data) && !exists(place(s.Data, dir)):
		return nil, fmt.Errorf("data: %s: %w, neither here nor in the folder of data sets: name one that is there", s.Data, fs.ErrNotExist)
	case err != nil:
		return nil, err
	}
	return t, nil
}

// begun returns an error if s was begun with other data than those with the digest.
func begun(s run.Spec, digest string) error {
	switch s.DataSHA256 {
	case "", digest:
		return nil
	}
	if digest == "" {
		return fmt.Errorf("data: %s holds the published examples, and the run was begun with others, whose SHA-256 is %s", s.Data, s.DataSHA256)
	}
	return fmt.Errorf("data: %s does not hold the examples that the run was begun with: the SHA-256 is %s, not %s", s.Data, digest, s.DataSHA256)
}

// Network returns the network of s if it is known without the data.
func Network(s run.Spec) (*nn.Network, bool) {
	f, ok := FamilyOf(s)
	if !ok || f.Shape == nil || s.Check(f.Fields) != nil || len(Secrets(s)) > 0 {
		return nil, false
	}
	in, outputs := f.Shape(s)
	net, err := model.Of(s, in, outputs)
	return net, err == nil
}

// Split returns the examples of a split, train, valid or test; nil: there is no other.
func (t *Task) Split(name string) Examples {
	return map[string]Examples{"train": t.Train, "valid": t.Valid, "test": t.Test}[name]
}

// TrainSize returns how many examples s trains on, and whether that is known without
// the data.
func TrainSize(s run.Spec) (n int, ok bool) {
	if f, ok := FamilyOf(s); ok && f.Train != nil {
		return f.Train(s)
	}
	if s.Train > 0 {
		return s.Train, true
	}
	in, err := Lookup(s.Data)
	return in.Train - s.Valid, err == nil && in.Train > 0
}

// Reading returns about how many bytes of memory are taken while the data of s are
// read.
func Reading(s run.Spec) int64 {
	f, ok := FamilyOf(s)
	if !ok {
		return 0
	}
	return f.Reading(s)
}

// Lacks returns the fields of every spec that mean nothing for the data of s.
func Lacks(s run.Spec) []string {
	f, _ := FamilyOf(s)
	return f.Lacks
}

// lossOf returns the loss of a spec.
func lossOf(s run.Spec) (nn.Loss, error) {
	if s.Loss == nextToken {
		return nil, fmt.Errorf("loss %s is one of networks in ONNX that read tokens, with an npz file of your own", nextToken)
	}
	if strings.HasPrefix(s.Loss, "output:") {
		return nil, fmt.Errorf("loss %s is an output of a network in ONNX whose targets are in an npz file or a table of your own", s.Loss)
	}
	loss, ok := nn.LossByName(s.Loss)
	if !ok {
		return nil, fmt.Errorf("unknown loss %q: use one of %s", s.Loss, words(lossNames()))
	}
	return loss, nil
}

func lossNames() []string {
	var names []string
	for _, l := range nn.Losses {
		names = append(names, l.Name())
	}
	return names
}
