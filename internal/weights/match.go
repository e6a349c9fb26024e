package weights

import (
	"fmt"
	"slices"
	"strings"
)

// Match returns the data of every tensor in params, which must all be in f
// with their shapes, and of those in optional that are. Any other tensor in f
// is a fault. The error is one text that lists every fault: missing tensors,
// surplus ones, and wrong shapes with the found and the wanted one.
func (f *File) Match(params, optional []Param) (map[string][]float32, error) {
	found := map[string]Tensor{}
	for _, t := range f.Tensors {
		found[t.Name] = t
	}
	matched := map[string][]float32{}
	var missing, surplus, wrong []string
	take := func(p Param, must bool) {
		t, ok := found[p.Name]
		delete(found, p.Name)
		switch {
		case ok && slices.Equal(t.Shape, p.Shape):
			matched[p.Name] = t.Data
		case ok:
			wrong = append(wrong, fmt.Sprintf("%s has shape %s, wanted %s", p.Name, shapeText(t.Shape), shapeText(p.Shape)))
		case must:
			missing = append(missing, p.Name+" "+shapeText(p.Shape))
		}
	}
	for _, p := range params {
		take(p, true)
	}
	for _, p := range optional {
		take(p, false)
	}
	for _, t := range f.Tensors {
		if _, left := found[t.Name]; left {
			surplus = append(surplus, t.Name+" "+shapeText(t.Shape))
		}
	}
	var faults []string
	for _, list := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"surplus", surplus}, {"wrong shape", wrong}} {
		if len(list.names) > 0 {
			faults = append(faults, list.what+": "+strings.Join(list.names, ", "))
		}
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("weights: %s does not fit the model: %s", f.Name, strings.Join(faults, "; "))
	}
	return matched, nil
}

// shapeText writes a shape as PyTorch does: [10, 128].
func shapeText(shape []int) string {
	return strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")
}
