package model

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"breakeven/internal/regular"
	"breakeven/nn"
	"breakeven/onnx"
	"breakeven/run"
)

// fileEnding ends the names of files that hold a network.
const fileEnding = ".onnx"

// isFile reports whether a model is a file, and not one of All.
func isFile(name string) bool {
	return run.IsFile(name) && strings.HasSuffix(strings.ToLower(name), fileEnding)
}

// fromFile is the model of a file in ONNX. Its network is decided by what the file holds, which
// says which inputs fit.
func fromFile(name string) Model {
	return Model{Name: name, Doc: "a network in ONNX", Lacks: []string{"init"}, File: true}
}

// Reads returns what the model of a spec reads. Of a file it is what the file says.
func Reads(s run.Spec) (Content, error) {
	if m, ok := Lookup(s.Model); ok && !m.File {
		return m.Reads, nil
	}
	f, err := onnx.ReadFor(s.Model, s.Loss)
	if err != nil {
		return Numbers, err
	}
	if f.Integers() {
		return Tokens, nil
	}
	return Numbers, nil
}

// A GraphInput is what the graph of a file does with one of its inputs.
type GraphInput = onnx.Reading

// Readings returns what the graph of the model of a spec reads, nil if the model is no file.
func Readings(s run.Spec) ([]GraphInput, error) {
	if m, ok := Lookup(s.Model); !ok || !m.File {
		return nil, nil
	}
	f, err := onnx.ReadFor(s.Model, s.Loss)
	if err != nil {
		return nil, err
	}
	return f.Readings(), nil
}

// An OutputLoss is a loss that a graph computes of its network's outputs and of targets.
type OutputLoss = onnx.OutputLoss

// LossOf returns the loss that is an output of the graph of the model of a spec; nil if the spec names none.
func LossOf(s run.Spec) (*OutputLoss, error) {
	if !strings.HasPrefix(s.Loss, onnx.OutputPrefix) {
		return nil, nil
	}
	if m, ok := Lookup(s.Model); ok && !m.File {
		return nil, fmt.Errorf("loss %s is an output of the graph of a network in ONNX, and %s is none", s.Loss, s.Model)
	}
	f, err := onnx.ReadFor(s.Model, s.Loss)
	if err != nil {
		return nil, err
	}
	return f.OutputLoss(), nil
}

// Digest returns the SHA-256 of the file that a spec names as its model, "" if it names none.
func Digest(s run.Spec) (string, error) {
	switch {
	case !run.IsFile(s.Model):
		return "", nil
	case !isFile(s.Model):
		return "", unknownFile(s.Model)
	}
	sum, err := regular.Sum(s.Model)
	if err != nil {
		return "", fmt.Errorf("model: %w", err)
	}
	if s.ModelSHA256 != "" && s.ModelSHA256 != sum {
		return "", fmt.Errorf("model: %s is another file than the one that the run was begun with: its SHA-256 is %s, not %s", s.Model, sum, s.ModelSHA256)
	}
	return sum, nil
}

func unknownFile(name string) error {
	return fmt.Errorf("model: %s is no file in ONNX, whose name ends in %s: export the network with torch.onnx.export", name, fileEnding)
}

// BatchStatistics is what a user should know of a network of a file which has batch norm.
const BatchStatistics = "batch norm uses the statistics of each batch, as in training, and not the running ones of the file"

// FromFile returns the parameters that come with the network of a spec in its file, and what a user
// should know about it. Only a network of a file has any.
func FromFile(s run.Spec, net *nn.Network) (theta []float32, notes []string, err error) {
	n, err := open(s, net.Inputs())
	if err != nil {
		return nil, nil, err
	}
	if s.Weights == "" {
		if theta, err = n.Weights(); err != nil {
			return nil, nil, fmt.Errorf("%w; if its weights are elsewhere, name them with the field weights", err)
		}
	}
	return theta, notesOf(n), nil
}

// FileNotes returns what a user should know about the network of a spec, if it comes from a file, and the
// weights from another.
func FileNotes(s run.Spec, net *nn.Network) ([]string, error) {
	if m, _ := Lookup(s.Model); !m.File {
		return nil, nil
	}
	n, err := open(s, net.Inputs())
	if err != nil {
		return nil, err
	}
	return notesOf(n), nil
}

func notesOf(n *onnx.Network) []string {
	if !n.HasStatistics() {
		return n.Notes
	}
	return append(n.Notes, BatchStatistics)
}

// Described returns the network of a file for the inputs that its graph declares.
func Described(name string) (*nn.Network, error) {
	f, err := onnx.Read(name)
	if err != nil {
		return nil, err
	}
	in, err := f.Inputs()
	if err != nil {
		return nil, err
	}
	n, err := f.Network(in...)
	if err != nil {
		return nil, err
	}
	return n.Network, nil
}

// ofFile returns the network of a file for data.
func ofFile(s run.Spec, in []nn.Input, outputs int) (*nn.Network, error) {
	n, err := open(s, in)
	if err != nil {
		return nil, err
	}
	if has := n.Output().C; has < outputs {
		hint := ""
		if has == 1 && outputs == 2 && s.Loss == (nn.CrossEntropy{}).Name() {
			hint = fmt.Sprintf(": if its output are the log odds of two classes, use loss %s", nn.BinaryCrossEntropy{}.Name())
		}
		return nil, fmt.Errorf("model: %s has %d outputs, and the data need %d%s", s.Model, has, outputs, hint)
	}
	return n.Network, nil
}

// A Layout says how state dicts of the program that exported a network differ from its parameters here. Of
// the networks inside this program, nothing does.
type Layout struct {
	Turned map[string]bool // parameters that are [out, in] here and [in, out] there
	Tied   map[string]bool // weights of embeddings that are those of another layer, too, whose name they may have there
	// Constants are tensors of the graph that are constants here, and that state dicts may have.
	Constants []run.Tensor
}

// LayoutOf returns the layout of the network of a spec.
func LayoutOf(s run.Spec, net *nn.Network) (Layout, error) {
	return layoutOf(s, func() (*onnx.Network, error) { return open(s, net.Inputs()) })
}

func layoutOf(s run.Spec, read func() (*onnx.Network, error)) (Layout, error) {
	l := Layout{Turned: map[string]bool{}, Tied: map[string]bool{}}
	if !isFile(s.Model) {
		return l, nil
	}
	n, err := read()
	if err != nil {
		return l, err
	}
	for _, p := range slices.Concat(n.Params(), n.Buffers()) {
		l.Turned[p.Name], l.Tied[p.Name] = n.Turned(p.Name), n.Tied(p.Name)
	}
	for _, c := range n.Constants() {
		l.Constants = append(l.Constants, run.Tensor{Name: c.Name, Shape: c.Shape, Data: c.Numbers})
	}
	return l, nil
}

// StateDict returns parameters of the network of a spec as the program that exported it has them. Inputs is
// that of Save.
func StateDict(s run.Spec, inputs func() ([]nn.Input, error), tensors []run.Tensor) ([]run.Tensor, error) {
	l, err := layoutOf(s, func() (*onnx.Network, error) { return openAgain(s, inputs) })
	if err != nil {
		return nil, fmt.Errorf("%w; it says how the weights are laid out", err)
	}
	tensors = slices.Clone(tensors)
	for i, t := range tensors {
		if l.Turned[t.Name] {
			tensors[i] = transposed(t)
		}
	}
	return tensors, nil
}

// transposed returns the transpose of a matrix.
func transposed(t run.Tensor) run.Tensor {
	rows, cols := t.Shape[0], t.Shape[1]
	x := make([]float32, len(t.Data))
	for i := range rows {
		for j := range cols {
			x[j*rows+i] = t.Data[i*cols+j]
		}
	}
	return run.Tensor{Name: t.Name, Shape: []int{cols, rows}, Data: x}
}

// Save writes the file of the network of a spec with other numbers in it: tensors are its parameters and running
// statistics. Inputs says what the network reads, which is asked for if the file does not say it.
func Save(w io.Writer, s run.Spec, inputs func() ([]nn.Input, error), tensors []run.Tensor) error {
	if !isFile(s.Model) {
		return fmt.Errorf("model: %s is no file in ONNX, into which weights could be written: write them as safetensors", s.Model)
	}
	n, err := openAgain(s, inputs)
	if err != nil {
		return err
	}
	numbers := map[string][]float32{}
	for _, t := range tensors {
		numbers[t.Name] = t.Data
	}
	return n.Save(w, func(name string) ([]float32, bool) { x, ok := numbers[name]; return x, ok })
}

// openAgain reads the network of a run that was made, whose file must be the one that it was begun with.
func openAgain(s run.Spec, inputs func() ([]nn.Input, error)) (*onnx.Network, error) {
	if _, err := Digest(s); err != nil {
		return nil, err
	}
	f, err := onnx.ReadFor(s.Model, s.Loss)
	if err != nil {
		return nil, err
	}
	in, err := f.Inputs()
	if err != nil {
		if in, err = inputs(); err != nil {
			return nil, err
		}
	}
	return freeze(s, f, in)
}

func open(s run.Spec, in []nn.Input) (*onnx.Network, error) {
	f, err := onnx.ReadFor(s.Model, s.Loss)
	if err != nil {
		return nil, err
	}
	return freeze(s, f, in)
}

// freeze returns the network of a file with what a spec freezes.
func freeze(s run.Spec, f *onnx.File, in []nn.Input) (*onnx.Network, error) {
	n, err := f.Network(in...)
	if err != nil || len(s.Freeze) == 0 {
		return n, err
	}
	frozen, err := frozen(s, n.Params())
	if err != nil {
		return nil, err
	}
	n.Freeze(frozen)
	return n, nil
}
