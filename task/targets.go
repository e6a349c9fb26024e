package task

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"breakeven/data/table"
	"breakeven/nn"
)

// binaryLoss is the loss whose targets are answers.
var binaryLoss = nn.BinaryCrossEntropy{}.Name()

// The kinds of targets.
const (
	labels  = "labels"        // a whole number for each row
	shares  = "probabilities" // of the classes, for each example
	answers = "answers"       // numbers from 0 (no) to 1 (yes), one or several for each example
	reals   = "real numbers"  // one or several for each example
)

// goals are the targets of examples.
type goals struct {
	nn.Target
	kind    string
	outputs int // classes, or numbers of an example
}

// fit returns why the targets for the test differ in kind from those for training.
func (t goals) fit(train goals) error {
	switch {
	case t.kind != train.kind || t.kind != labels && t.outputs != train.outputs:
		return fmt.Errorf("the targets for the test are of another kind than those for training: %s (%d) and %s (%d)", t.kind, t.outputs, train.kind, train.outputs)
	case t.kind == labels && t.outputs > train.outputs:
		return fmt.Errorf("label %d stands among the examples for the test and not among those for training", t.outputs-1)
	}
	return nil
}

// metric returns what such targets are evaluated by beside the loss.
func (t goals) metric() Metric {
	switch t.kind {
	case reals:
		return absoluteError
	case answers:
		return rightAnswers
	}
	return accuracy
}

// findTargets returns the array of the targets, or the columns: the field target has names or
// patterns of names, with commas between.
func (r *reader) findTargets() (names []string, err error) {
	asked := r.target
	if asked == "" || r.npz() || r.has(asked) {
		name, err := r.name("target", asked, targetNames)
		return []string{name}, err
	}
	for _, word := range strings.Split(asked, ",") {
		found := r.matching(strings.TrimSpace(word))
		if len(found) == 0 {
			_, err := r.name("target", word, nil)
			return nil, err
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// matching returns the columns whose names fit a pattern of a shell.
func (r *reader) matching(pattern string) (names []string) {
	for _, c := range r.file.Columns() {
		if ok, _ := path.Match(pattern, c.Name); ok || c.Name == pattern {
			names = append(names, c.Name)
		}
	}
	return names
}

// readTargets reads the targets of n examples, whose first input is x. With the loss cross-entropy
// they are labels or probabilities of classes; with mse they are labels if the file holds one integer
// for each example or step, and otherwise real numbers.
func (r *reader) readTargets(names []string, n int, x nn.Values, in nn.Input) (t goals, err error) {
	if r.loss == nextToken {
		if x.I == nil {
			return t, fmt.Errorf("loss %s is one of models that read tokens, and %s reads none", nextToken, r.spec.Model)
		}
		return goals{nextTokens(x, in, r.mask), labels, in.Below}, nil
	}
	c, _ := r.column(names[0])
	matrix := len(names) > 1 || len(c.Shape) == 2 && c.Shape[1] > 1
	whole := c.Kind == table.Int || c.Kind == table.Bool
	steps := in.Shape.T
	if r.main().Signal {
		steps = in.Shape.W
	}
	ofSteps := len(c.Shape) == 2 && c.Shape[1] == steps // a label for each of them
	switch {
	case r.loss == binaryLoss:
		return r.readAnswers(names, n)
	case r.loss == "cross-entropy" && matrix && !ofSteps:
		return r.readShares(names, n, whole)
	case r.loss == "cross-entropy" || r.spec.Loss == "mse" && whole && (ofSteps || !matrix):
		return r.readLabels(c, n)
	}
	return r.readNumbers(names, n, reals)
}

// readNumbers reads one or several numbers for each example, of one array or several columns.
func (r *reader) readNumbers(names []string, n int, kind string) (t goals, err error) {
	columns := make([]table.Array[float32], len(names))
	var fields []table.Field
	for k, name := range names {
		fields = append(fields, table.Field{Names: []string{name}, Into: &columns[k]})
	}
	if err := r.read(fields...); err != nil {
		return t, err
	}
	a := columns[0]
	if len(a.Shape) < 1 || len(a.Shape) > 2 || a.Shape[0] != n || a.Len() == 0 {
		return t, fmt.Errorf("%d inputs and targets of the shape %v; want [%d] or [%d, numbers]", n, a.Shape, n, n)
	}
	if len(names) > 1 {
		a.Shape, a.Data = []int{n, len(names)}, nil
		for i := range n {
			for _, c := range columns {
				a.Data = append(a.Data, c.Data[i])
			}
		}
	}
	return goals{nn.Target{Vector: a.Data}, kind, len(a.Data) / n}, finite("target", a.Data, a.Shape)
}

// readAnswers reads numbers from 0 to 1. In a table they may be the names of two classes, of which the
// second in the order of the alphabet is 1.
func (r *reader) readAnswers(names []string, n int) (t goals, err error) {
	if c, _ := r.column(names[0]); c.Kind == table.String && len(names) == 1 {
		var a table.Array[string]
		if err := r.read(table.Field{Names: names, Into: &a}); err != nil {
			return t, err
		}
		if slices.ContainsFunc(a.Data, isName) {
			return twoNames(a.Data)
		}
	}
	if t, err = r.readNumbers(names, n, answers); err != nil {
		return t, err
	}
	for k, y := range t.Vector {
		if !(y >= 0 && y <= 1) {
			return t, fmt.Errorf("example %d has the target %v; loss %s wants 0 (no) or 1 (yes), or a probability between them: for labels of more than two classes use cross-entropy, for real numbers mse",
				k/t.outputs, y, binaryLoss)
		}
	}
	return t, nil
}

// twoNames are the answers that names of two classes stand for.
func twoNames(texts []string) (t goals, err error) {
	t = goals{kind: answers, outputs: 1}
	for _, label := range byName(texts) {
		if label > 1 {
			return t, fmt.Errorf("its targets are the names of more than two classes, and loss %s has two: use cross-entropy", binaryLoss)
		}
		t.Vector = append(t.Vector, float32(label))
	}
	return t, nil
}

// sums is how far from 1 the probabilities of an example may sum up, if they were stored in 16 bits.
const sums = 2e-3

// readShares reads probabilities of classes. If each example is of one class wholly they become
// labels, unless those for training did not.
func (r *reader) readShares(names []string, n int, whole bool) (t goals, err error) {
	if t, err = r.readNumbers(names, n, shares); err != nil {
		return t, err
	}
	classes, pure := make([]int32, 0, n), true
	for row := range slices.Chunk(t.Vector, t.outputs) {
		sum, negative := 0.0, false
		for _, y := range row {
			sum, negative = sum+float64(y), negative || y < 0
		}
		if negative || !(sum > 1-sums && sum < 1+sums) {
			return t, r.noShares(len(classes), row, sum, whole)
		}
		at := slices.Index(row, 1)
		pure = pure && at >= 0 && sum == 1
		classes = append(classes, int32(at))
	}
	switch {
	case pure && r.kind != shares:
		t.Target, t.kind = nn.Target{Labels: classes}, labels
		return t, r.weigh(&t)
	case r.own != nil && r.own.Weighted():
		return t, fmt.Errorf("loss %s has weights of classes, and its targets are labels, not probabilities", r.spec.Loss)
	}
	return t, nil
}

// noShares is the error for a row that is not one of probabilities.
func (r *reader) noShares(example int, row []float32, sum float64, whole bool) error {
	hint := fmt.Sprintf("for several classes of an example at once use loss %s, for real numbers mse", binaryLoss)
	if whole {
		hint = "labels of steps are an array [examples, steps] for a model that reads so many; " + hint
	}
	return fmt.Errorf("example %d has the target %s, which sums up to %.4g; loss cross-entropy wants a label for each example, or the probabilities of its classes, as in a one-hot matrix: %s",
		example, shortened(row), sum, hint)
}

// shortened writes the first numbers of a row.
func shortened(row []float32) string {
	const most = 8
	if len(row) <= most {
		return fmt.Sprint(row)
	}
	return fmt.Sprint(row[:most]) + " …"
}
