package task

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/data/table"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// A reader reads the examples of a file for the model of a spec.
type reader struct {
	file    *table.File
	spec    run.Spec
	loss    string             // that targets are compared by
	target  string             // the name of the targets that is asked for; "": one of the usual ones
	inputs  string             // the array that was found; "" in a table
	targets []string           // the array or the columns that were found; nil: none are read
	kind    string             // of the targets for training
	own     *model.OutputLoss  // the loss, if it is one of the graph
	reads   []model.GraphInput // what the graph of the model reads; nil: the model is none
	used    map[string]bool    // arrays that were read
	mask    *mask              // of the examples that were read last; nil: they have none
}

// read reads arrays or columns, and notes their names.
func (r *reader) read(fields ...table.Field) error {
	for _, f := range fields {
		for _, name := range f.Names {
			r.used[name] = true
		}
	}
	return r.file.Read(fields...)
}

// unread says which arrays of the file nothing has read, if the model is a graph: one of the others may lack among
// its inputs what its user means it to read, such as a mask. It is "" if there are none.
func (r *reader) unread() string {
	var names, inputs []string
	for _, c := range r.file.Columns() {
		if !r.used[c.Name] {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 || r.reads == nil || !r.npz() {
		return ""
	}
	for _, in := range r.reads {
		inputs = append(inputs, in.Name)
	}
	return fmt.Sprintf("%s: nothing reads %s; the inputs of model %s are %s", r.file.Name(), words(names), r.spec.Model, words(inputs))
}

// npz reports whether the file holds arrays and not columns.
func (r *reader) npz() bool { return r.file.Format() == "npz" || r.file.Format() == "npy" }

// column returns the array or column of a name.
func (r *reader) column(name string) (table.Column, bool) {
	for _, c := range r.file.Columns() {
		if c.Name == name {
			return c, true
		}
	}
	return table.Column{}, false
}

func (r *reader) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, ok := r.column(name); return !ok })
}

// name returns the name that stands in the file: the one asked for, or the first of
// the usual ones.
func (r *reader) name(what, asked string, usual []string) (string, error) {
	if asked != "" {
		usual = []string{asked}
	}
	for _, name := range usual {
		if r.has(name) {
			return name, nil
		}
	}
	var there []string
	for _, c := range r.file.Columns() {
		there = append(there, c.Name)
	}
	if asked != "" {
		return "", fmt.Errorf("there is no %s %q; it has %s", what, asked, words(there))
	}
	return "", fmt.Errorf("none of %s is there for the %s; it has %s: say which with the field %s", words(usual), what, words(there), what)
}

// examples reads inputs and targets, those for training or with the suffix _test those
// for the test, which must be of the same kind.
func (r *reader) examples(src *source, suffix string) (b nn.Batch, err error) {
	of := func(name string) string {
		if suffix == "" {
			return name
		}
		return testName(name)
	}
	if suffix == "" && r.loss != nextToken {
		if r.targets, err = r.findTargets(); err != nil {
			return b, err
		}
	}
	x, in, n, err := r.readInputs(of)
	if err != nil {
		return b, err
	}
	more, ins, err := r.readMore(of, in, n)
	if err != nil {
		return b, err
	}
	y, err := r.readTargets(each(of, r.targets), n, x, in)
	switch {
	case err != nil:
		return b, err
	case suffix == "" && y.kind == labels && y.outputs < 2:
		return b, fmt.Errorf("all labels of %s are the same: classification needs two classes", strings.Join(r.targets, ", "))
	case suffix == "":
		r.kind = y.kind
		src.input, src.more, src.goals = in, ins, goals{kind: y.kind, outputs: y.outputs}
	case in != src.input:
		return b, fmt.Errorf("the inputs for the test have the shape %v, those for training %v", in.Shape, src.input.Shape)
	default:
		if err := y.fit(src.goals); err != nil {
			return b, err
		}
	}
	return nn.Batch{N: n, In: append([]nn.Values{x}, more...), Target: []nn.Target{y.Target}}, nil
}

// each returns what f makes of all names.
func each(f func(string) string, names []string) (all []string) {
	for _, name := range names {
		all = append(all, f(name))
	}
	return all
}

// countsNoRows returns an error if a table has a column of row names, which is no input: of examples in the order of their
// classes it tells the class.
func (r *reader) countsNoRows() error {
	for k, c := range r.file.Columns() {
		if c.Name == "" || strings.HasPrefix(c.Name, "__index_level_") || strings.HasPrefix(c.Name, "Unnamed: ") {
			return fmt.Errorf("column %d has the name %q, as row numbers that pandas and R write: leave them out (index=False), or give an input a name of its own", k+1, c.Name)
		}
	}
	return nil
}

// readInputs reads the inputs: as tokens if the model wants them, else as numbers.
func (r *reader) readInputs(of func(string) string) (v nn.Values, in nn.Input, n int, err error) {
	reads, err := model.Reads(r.spec)
	if err != nil {
		return v, in, 0, err
	}
	if !r.npz() {
		if reads == model.Tokens {
			return v, in, 0, fmt.Errorf("model %s reads tokens, which only an npz file can hold", r.spec.Model)
		}
		var x table.Array[float32]
		if err := r.countsNoRows(); err != nil {
			return v, in, 0, err
		}
		if err := r.read(table.Field{Rest: true, Into: &x, Without: each(of, r.targets)}); err != nil {
			return v, in, 0, err
		}
		in, n, err = numbersInput(x.Shape)
		return nn.Values{F: x.Data}, in, n, errors.Join(err, finite("input", x.Data, x.Shape))
	}
	if r.inputs == "" {
		usual := inputNames
		if reads == model.Tokens {
			usual = tokenNames
		}
		if r.inputs, err = r.name("input", input.Word(r.spec), usual); err != nil {
			return v, in, 0, err
		}
	}
	name := of(r.inputs)
	if reads == model.Tokens {
		var x table.Array[int32]
		if err := r.read(table.Field{Names: []string{name}, Into: &x}); err != nil {
			return v, in, 0, err
		}
		below := vocabulary.Int(r.spec)
		if rows := r.main().Rows; rows > 0 {
			below = rows
		}
		in, n, err = tokensInput(x, below)
		return nn.Values{I: x.Data}, in, n, err
	}
	var x table.Array[float32]
	if err := r.read(table.Field{Names: []string{name}, Into: &x}); err != nil {
		return v, in, 0, err
	}
	in, n, err = numbersInput(x.Shape)
	switch {
	case len(x.Shape) != 3:
	case r.main().Sequence:
		in.Shape = nn.Seq(x.Shape[1], x.Shape[2])
	case r.main().Signal:
		in.Shape = nn.Shape{C: x.Shape[1], H: 1, W: x.Shape[2]}
	}
	return nn.Values{F: x.Data}, in, n, errors.Join(err, finite("input", x.Data, x.Shape))
}

// tokensInput is the input of tokens [examples, steps].
func tokensInput(x table.Array[int32], below int) (in nn.Input, n int, err error) {
	if len(x.Shape) > 0 && x.Shape[0] == 0 {
		return in, 0, errNone(x.Shape)
	}
	if len(x.Shape) != 2 || x.Len() == 0 {
		return in, 0, fmt.Errorf("tokens of the shape %v; want [examples, steps]", x.Shape)
	}
	for i, token := range x.Data {
		if token < 0 || int(token) >= below {
			return in, 0, fmt.Errorf("token %d at [%d, %d] does not lie between 0 and %d: set the field vocabulary, unless the model decides it", token, i/x.Shape[1], i%x.Shape[1], below-1)
		}
	}
	return nn.Input{Name: "tokens", Shape: nn.Seq(x.Shape[1], 1), Below: below}, x.Shape[0], nil
}

// numbersInput is the input of an array: [examples], [examples, features], images
// [examples, H, W] or [examples, C, H, W].
func numbersInput(shape []int) (in nn.Input, n int, err error) {
	if len(shape) > 0 && shape[0] == 0 {
		return in, 0, errNone(shape)
	}
	if slices.Contains(shape, 0) || len(shape) < 1 || len(shape) > 4 {
		return in, 0, fmt.Errorf("inputs of the shape %v; want [examples, features], [examples, height, width] or [examples, channels, height, width]", shape)
	}
	s := nn.Vec(1)
	switch len(shape) {
	case 2:
		s = nn.Vec(shape[1])
	case 3:
		s = nn.Shape{C: 1, H: shape[1], W: shape[2]}
	case 4:
		s = nn.Shape{C: shape[1], H: shape[2], W: shape[3]}
	}
	return nn.Input{Shape: s}, shape[0], nil
}

// errNone says that there are no examples.
func errNone(shape []int) error {
	return fmt.Errorf("it has no examples: the inputs have the shape %v", shape)
}

// finite returns an error if an input or a target of an example is not a finite number.
func finite(what string, x []float32, shape []int) error {
	for i, v := range x {
		if math.IsInf(float64(v), 0) || math.IsNaN(float64(v)) {
			return fmt.Errorf("example %d has the %s %v", i*shape[0]/max(1, len(x)), what, v)
		}
	}
	return nil
}
