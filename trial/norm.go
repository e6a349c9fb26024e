package trial

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/weights"
	"breakeven/model"
)

// Norms are what batch norm can use in Measure: the statistics of each batch, as in training,
// or the running ones, which are then constants.
var Norms = []string{"batch", "running"}

// norm fixes the running statistics of the weights, if they are asked for.
func (t *measurement) norm() error {
	file := t.at.Weights
	m, _ := model.Lookup(t.spec.Model)
	own := m.File && t.net.HasInitialState()
	switch {
	case t.at.Norm == "" || t.at.Norm == Norms[0]:
		return nil
	case t.at.Norm != Norms[1]:
		return fmt.Errorf("norm: unknown statistics %q; use one of %s", t.at.Norm, strings.Join(Norms, ", "))
	case !t.net.HasStatistics():
		return fmt.Errorf("norm: %s has no batch norm, and so no running statistics", t.spec.Model)
	case t.at.Tensors == nil && file == "" && own:
	case t.at.Tensors == nil && file == "":
		return fmt.Errorf("norm: initial weights have no running statistics: take those of a run, or a weights file that holds them")
	case t.at.Tensors == nil:
		d, err := t.dialect()
		if err != nil {
			return err
		}
		all := append(places(t.net.Params(), t.theta), places(t.net.Buffers(), t.state)...)
		if _, err := weights.Check(file, all, nil, d); err != nil {
			return fmt.Errorf("norm: the running statistics are not in the weights: save the whole state dict, or measure with those of each batch: %w", err)
		}
	}
	if !own && slices.Equal(t.state, t.net.InitialState()) {
		t.warnings = append(t.warnings, "the running statistics are those of a new network, means 0 and variances 1")
	}
	t.warnings = slices.DeleteFunc(t.warnings, func(w string) bool { return w == model.BatchStatistics })
	t.net = t.net.Fixed(t.state)
	return nil
}
