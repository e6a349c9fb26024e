package weights

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/foreign"
	"breakeven/internal/pickle"
	"breakeven/run"
)

// isTorch reports whether a file is a zip archive as PyTorch writes them: its first member lies in a
// folder.
func isTorch(r io.ReaderAt) bool {
	head, err := foreign.Head(r)
	return err == nil && bytes.HasPrefix(head, []byte("PK\x03\x04")) && strings.Contains(firstMember(head), "/")
}

// readTorch reads what a file of PyTorch says of its tensors. Nothing in it is run.
func readTorch(r io.ReaderAt, size int64) (*header, error) {
	v, unknown, err := pickle.Torch(r, size)
	if err != nil {
		return nil, err
	}
	tensors, dicts, err := pickle.StateDicts(v)
	if err != nil {
		return nil, err
	}
	h := &header{dicts: dicts, meta: besides(v)}
	checks := map[*pickle.Storage]func() error{}
	for _, t := range tensors {
		e := entry{name: t.Name, shape: t.Shape, dtype: t.DType, check: checks[t.Storage]}
		if e.check == nil {
			e.check = once(t.Check)
			checks[t.Storage] = e.check
		}
		e.at = t.Start + t.Offset*int64(dtypes[t.DType].size)
		if !dense(t.Shape, t.Strides) {
			e.strides = t.Strides
		}
		h.tensors = append(h.tensors, e)
	}
	if len(unknown) > 0 {
		h.notes = append(h.notes, "it names what is neither read nor run: "+some(unknown))
	}
	return h, nil
}

// once returns a function that calls f the first time only, and forgets no error.
func once(f func() error) func() error {
	var done bool
	var err error
	return func() error {
		if !done {
			done, err = true, f()
		}
		return err
	}
}

// some lists the first few names of a file, and counts the others.
func some(names []string) string {
	const most = 5
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, bare(name))
	}
	text := strings.Join(list, ", ")
	if more := len(names) - len(list); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// dense reports whether values at the strides are row-major without gaps.
func dense(shape, strides []int) bool {
	step := 1
	for d := len(shape) - 1; d >= 0; d-- {
		if shape[d] != 1 && strides[d] != step {
			return slices.Contains(shape, 0)
		}
		step *= shape[d]
	}
	return true
}

// besides returns the numbers and texts that stand beside the state dict of a checkpoint.
func besides(v any) map[string]string {
	d, ok := v.(*pickle.Dict)
	if !ok {
		return nil
	}
	meta := map[string]string{}
	for i, k := range d.Keys {
		key, ok := pickle.Text(k)
		if !ok {
			continue
		}
		switch x := d.Values[i].(type) {
		case int64:
			meta[key] = strconv.FormatInt(x, 10)
		case float64:
			meta[key] = strconv.FormatFloat(x, 'g', -1, 64)
		case string:
			meta[key] = x
		}
	}
	return meta
}

// usual are the names that programs give to the state dict of a network, those that come first being
// preferred where several fit.
var usual = []string{"state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "params", "weights"}

// rank returns the place of a state dict's name among the usual ones.
func rank(d pickle.StateDict) int {
	name := strings.TrimSuffix(d.Prefix, ".")
	if i := slices.Index(usual, name[strings.LastIndex(name, ".")+1:]); i >= 0 {
		return i
	}
	return len(usual)
}

// choose takes the tensors of one state dict: that with the most wanted names, of equal ones that with
// the most usual name, and of these the smallest. If nothing is wanted, or nothing fits, it is the one
// with the most usual name, or else the largest.
func (h *header) choose(wanted []run.Tensor, rename func(string) string) error {
	if len(h.dicts) == 0 {
		return nil
	}
	names := namesOf(wanted)
	fits := make([]int, len(h.dicts))
	for i, d := range h.dicts {
		_, fits[i] = bestPrefix(h.of(d), func(name string) bool {
			return names[name] || rename != nil && names[rename(name)] || longer(names, wanted, name)
		})
	}
	order := make([]int, len(h.dicts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := h.dicts[a], h.dicts[b]
		size := (x.To - x.From) - (y.To - y.From)
		if fits[a] == 0 {
			size = -size
		}
		return cmp.Or(fits[b]-fits[a], rank(x)-rank(y), size, len(y.Prefix)-len(x.Prefix))
	})
	best := h.dicts[order[0]]
	if err := h.doubt(order, fits); err != nil {
		return err
	}
	if best.Prefix != "" {
		h.notes = append(h.notes, fmt.Sprintf("the state dict is the one under %s", label(strings.TrimSuffix(best.Prefix, "."))))
	}
	h.tensors, h.dicts = h.of(best), nil
	return nil
}

// of returns the tensors of a state dict under the names that they have in it.
func (h *header) of(d pickle.StateDict) []entry {
	list := slices.Clone(h.tensors[d.From:d.To])
	for i := range list {
		list[i].name = list[i].name[len(d.Prefix):]
	}
	return list
}

// doubt returns an error if the second of the state dicts, in an order, could be meant as well as the
// first.
func (h *header) doubt(order, fits []int) error {
	if len(order) < 2 || fits[order[0]] == 0 || fits[order[0]] != fits[order[1]] {
		return nil
	}
	a, b := h.dicts[order[0]], h.dicts[order[1]]
	within := a.From >= b.From && a.To <= b.To || b.From >= a.From && b.To <= a.To
	if within || rank(a) != rank(b) || a.To-a.From != b.To-b.From {
		return nil
	}
	return fmt.Errorf("two state dicts in it fit, %s and %s: save the one that is meant by itself", label(strings.TrimSuffix(a.Prefix, ".")), label(strings.TrimSuffix(b.Prefix, ".")))
}
