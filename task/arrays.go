package task

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/data"
	"breakeven/data/table"
	"breakeven/internal/regular"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// arrays are somebody's own data: classification if the targets are labels, else
// regression.
var arrays = Family{
	Name: "arrays",
	Doc:  "your own inputs, with labels or real targets, from an npz file or a table",
	Files: func(name string) bool {
		return slices.ContainsFunc(endings, func(e string) bool { return hasEnding(name, e) })
	},
	Fields: arrayFields,
	Lacks:  []string{"preprocess", "augment", "measure.augment"},
	Reading: func(s run.Spec) int64 {
		info, err := os.Stat(s.Data)
		if err != nil {
			return 0
		}
		return info.Size()
	},
	Open: openArrays,
}

// endings are the ends of the names of files that are read.
var endings = []string{".npz", ".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet"}

func hasEnding(name, end string) bool { return strings.HasSuffix(strings.ToLower(name), end) }

// The fields that tasks of arrays declare.
var (
	input = run.Field{Name: "input", Default: "",
		Doc: "array of the inputs in an npz file; default: " + strings.Join(inputNames, ", ") + ", the first that is there"}
	target = run.Field{Name: "target", Default: "",
		Doc: "array or column of the labels or real targets, or several columns such as y1,y2 or y*; default: " + strings.Join(targetNames, ", ") + ", the first that is there"}
)

var arrayFields = []run.Field{input, target, vocabulary, mean, std}

// The names that are looked for. With _test behind it, a name is that of examples for
// the test.
var (
	inputNames  = []string{"x_train", "x", "X", "inputs", "images", "features"}
	tokenNames  = []string{"tokens", "input_ids", "x_train", "x", "X", "inputs"}
	targetNames = []string{"y_train", "y", "labels", "label", "targets", "target", "class"}
)

func openArrays(s run.Spec, dir string) (*Task, error) {
	if err := s.Check(arrayFields); err != nil {
		return nil, err
	}
	name := place(s.Data, dir)
	f, err := readExamples(name, s)
	if err != nil {
		return nil, err
	}
	if err := normalise(s, f.input, f.train, f.test); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	train, held, err := cut(s.Data, f.train, f.test, s.Train, s.Valid)
	if err != nil {
		return nil, err
	}
	net, err := model.Of(s, f.input, f.outputs, f.more...)
	if err != nil {
		return nil, err
	}
	for _, b := range []nn.Batch{f.train, f.test} {
		if err := checkRows(s.Model, net, b); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if s.Loss == nextToken {
		s.Loss = nn.CrossEntropy{}.Name()
	}
	loss := f.loss
	if loss == nil {
		if loss, err = lossOf(s); err != nil {
			return nil, err
		}
	}
	if err := f.fits(s, net); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sum, err := regular.Sum(name)
	if err != nil {
		return nil, err
	}
	return &Task{
		Net: net, Loss: loss, Metrics: []Metric{f.goals.metric()},
		Train: resident{train}, Valid: resident{held}, Test: resident{f.test},
		Each: bytes(f.train) / int64(f.train.N), Bytes: bytes(f.train) + bytes(f.test),
		Digest: sum, Warnings: f.warnings, Batches: shuffle(train),
	}, nil
}

// place returns where a file is: where its name says or, if nothing is there, below
// the folder of data sets.
func place(name, dir string) string {
	if _, err := os.Stat(name); err == nil || filepath.IsAbs(name) {
		return name
	}
	if dir == "" {
		var err error
		if dir, err = data.DefaultDir(); err != nil {
			return name
		}
	}
	if below := filepath.Join(dir, name); exists(below) {
		return below
	}
	return name
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// A source is a file that is read.
type source struct {
	train, test nn.Batch
	input       nn.Input
	more        []nn.Input // of a graph
	goals                  // what those for training are, without them
	warnings    []string
	loss        nn.Loss // of the graph; nil: that of the spec
}

// fits returns an error unless there is a number of a target for each output of the network.
func (f *source) fits(s run.Spec, net *nn.Network) error {
	has := net.Output().C
	switch {
	case f.kind == labels:
		return nil
	case has != f.outputs && f.kind == answers && f.outputs == 1:
		return fmt.Errorf("a target is one number, and model %s has %d outputs: loss %s wants one output for each number; for two classes with an output each use cross-entropy", s.Model, has, binaryLoss)
	case has != f.outputs:
		return fmt.Errorf("a target has %d numbers, and model %s %d outputs", f.outputs, s.Model, has)
	}
	return nil
}

// readExamples reads a file of examples for the model of s.
func readExamples(name string, s run.Spec) (*source, error) {
	file, err := table.Open(name, nil)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, src := &reader{file: file, spec: s, loss: s.Loss, target: target.Word(s), used: map[string]bool{}}, &source{}
	if own, err := model.LossOf(s); err != nil {
		return nil, err
	} else if own != nil {
		r.own, r.loss, src.loss = own, own.Loss.Name(), own.Loss
		r.target = cmp.Or(r.target, own.Targets)
	}
	if r.reads, err = model.Readings(s); err != nil {
		return nil, err
	}
	if src.train, err = r.examples(src, ""); err != nil {
		return nil, inFile(name, err)
	}
	if file.Format() == "npz" && r.has(testName(r.inputs)) && (s.Loss == nextToken || r.has(testName(r.targets[0]))) {
		if src.test, err = r.examples(src, "_test"); err != nil {
			return nil, inFile(name, err)
		}
	}
	if text := r.unread(); text != "" {
		src.warnings = append(src.warnings, text)
	}
	return src, nil
}

// inFile adds the name of a file to an error that does not begin with it.
func inFile(name string, err error) error {
	if strings.HasPrefix(err.Error(), name+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// testName returns the name of the array with the examples for the test.
func testName(name string) string { return strings.TrimSuffix(name, "_train") + "_test" }

func meanAbsolute(r nn.Row) float64 {
	sum := 0.0
	for c, z := range r.Z {
		sum += math.Abs(float64(z) - float64(r.Vector[c]))
	}
	return sum / float64(len(r.Z))
}
