package task

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"breakeven/data/table"
	"breakeven/nn"
)

// maxClasses is the most classes that labels may have. A larger label is a mistake
// that would ask for a network of that many outputs.
const maxClasses = 1 << 16

// readLabels reads labels: whole numbers from 0, or in a table the names of classes,
// which are numbered in the order of the alphabet.
func (r *reader) readLabels(c table.Column, n int) (t goals, err error) {
	t.kind = labels
	var shape []int
	if c.Kind == table.String {
		var a table.Array[string]
		if err := r.read(table.Field{Names: []string{c.Name}, Into: &a}); err != nil {
			return t, err
		}
		if t.Labels, err = numbered(a.Data); err != nil {
			return t, err
		}
		shape = a.Shape
	} else {
		var a table.Array[int64]
		if err := r.read(table.Field{Names: []string{c.Name}, Into: &a}); err != nil {
			return t, err
		}
		t.Labels, shape = make([]int32, len(a.Data)), a.Shape
		for k, v := range a.Data {
			if t.Labels[k] = int32(v); int64(t.Labels[k]) != v {
				return t, largeLabel(k/max(1, len(t.Labels)/n), v)
			}
		}
	}
	if len(t.Labels) == 0 || len(shape) > 2 || shape[0] != n {
		return t, fmt.Errorf("%d inputs and labels of the shape %v; want [%d]: one whole number from 0 for each", n, shape, n)
	}
	for k, label := range t.Labels {
		i := k / (len(t.Labels) / n)
		switch {
		case label == nn.Ignored || r.own != nil && label == r.own.Ignored:
			t.Labels[k] = nn.Ignored
		case label < 0 || label >= maxClasses:
			return t, largeLabel(i, label)
		default:
			t.outputs = max(t.outputs, int(label)+1)
		}
	}
	return t, r.weigh(&t)
}

// weigh gives each label the weight that the loss has for it.
func (r *reader) weigh(t *goals) error {
	if r.own == nil || r.own.Weights == nil {
		return nil
	}
	weights := r.own.Weights
	if t.outputs > len(weights) {
		return fmt.Errorf("there is the label %d, and loss %s has weights for %d classes", t.outputs-1, r.spec.Loss, len(weights))
	}
	sum := 0.0
	t.Weight = make([]float32, len(t.Labels))
	for k, label := range t.Labels {
		if label != nn.Ignored {
			t.Weight[k] = weights[label]
			sum += float64(t.Weight[k])
		}
	}
	if sum == 0 {
		return fmt.Errorf("no label has a weight in loss %s", r.spec.Loss)
	}
	return nil
}

// largeLabel says that an example has a label that is no class.
func largeLabel(example int, label any) error {
	return fmt.Errorf("example %d has the label %v; want 0 to %d, or %d for a label that counts for nothing", example, label, maxClasses-1, nn.Ignored)
}

// numbered returns the numbers that texts are or, if they are names, their places in the
// order of the alphabet.
func numbered(texts []string) ([]int32, error) {
	labels := make([]int32, len(texts))
	for i, s := range texts {
		v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		if errors.Is(err, strconv.ErrRange) || err == nil && int64(int32(v)) != v {
			return nil, largeLabel(i, s)
		}
		if err != nil && !slices.ContainsFunc(texts, isName) {
			return nil, fmt.Errorf("example %d has the label %s, which is no whole number: for real targets use another loss, such as mse", i, s)
		}
		if err != nil {
			return byName(texts), nil
		}
		labels[i] = int32(v)
	}
	return labels, nil
}

func isName(s string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err != nil
}

func byName(texts []string) []int32 {
	classes := slices.Compact(slices.Sorted(slices.Values(texts)))
	labels := make([]int32, len(texts))
	for i, s := range texts {
		at, _ := slices.BinarySearch(classes, s)
		labels[i] = int32(at)
	}
	return labels
}
