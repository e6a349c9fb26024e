package weights

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"breakeven/run"
)

// A Dialect says how the state dicts of another program differ from a network's own tensors. The zero
// Dialect says that they do not.
type Dialect struct {
	// Rename returns what is wanted under the name of a tensor in a file, or "" for a tensor that is of
	// no use. Nil changes nothing.
	Rename func(string) string
	// Turned names the matrices that are [out, in] here and [in, out] there, as those of Conv1D of
	// transformers. Files that this program wrote have them as they are here, unless StateDict says otherwise.
	Turned map[string]bool
	// Tied names the weights of embeddings that are those of another layer, too: a file may have such a
	// tensor under either name, or under both.
	Tied map[string]bool
	// Constants are tensors that a file may have besides, with these numbers and no others: the network has them as constants.
	Constants []run.Tensor
}

// constants returns copies of them, to be filled.
func (d Dialect) constants() []run.Tensor {
	all := slices.Clone(d.Constants)
	for i := range all {
		all[i].Data = slices.Clone(all[i].Data)
	}
	return all
}

// changed returns an error that names a constant which a file has with other numbers.
func (d Dialect) changed(read []run.Tensor) error {
	for i, c := range d.Constants {
		if !slices.Equal(c.Data, read[i].Data) {
			return fmt.Errorf("%s has other numbers than in the network, where it is a constant: export the network anew with these weights", c.Name)
		}
	}
	return nil
}

// RunKey is the entry of the metadata by which a file of this program is known: the run that its weights
// are of. LayoutKey, with the value StateDict, says that its tensors are laid out as other programs have them.
const (
	RunKey    = "breakeven.run"
	LayoutKey = "breakeven.layout"
	StateDict = "state dict"
)

// translate gives the tensors of a file the names and layouts that are wanted. Notes say what was taken for
// what.
func (h *header) translate(d Dialect, wanted []run.Tensor) (notes []string, err error) {
	if err := h.rename(d.Rename); err != nil {
		return nil, err
	}
	if h.meta[RunKey] == "" || h.meta[LayoutKey] == StateDict {
		h.turn(d.Turned)
	}
	for _, t := range wanted {
		if !d.Tied[t.Name] {
			continue
		}
		note, err := h.tie(t, wanted)
		if err != nil {
			return nil, err
		}
		if note != "" {
			notes = append(notes, note)
		}
	}
	return notes, nil
}

// turn makes the named matrices those of the transposed shape.
func (h *header) turn(names map[string]bool) {
	for i := range h.tensors {
		e := &h.tensors[i]
		if !names[e.name] || len(e.shape) != 2 {
			continue
		}
		if e.strides == nil {
			e.strides = []int{e.shape[1], 1}
		}
		e.turned = true
		e.shape, e.strides = []int{e.shape[1], e.shape[0]}, []int{e.strides[1], e.strides[0]}
	}
}

// tie finds what a file has of a tensor that may stand in it under two names: the tensors of its shape that
// nothing else is wanted of, and that are called like the weights of an embedding or a last layer.
func (h *header) tie(t run.Tensor, wanted []run.Tensor) (note string, err error) {
	names, own := namesOf(wanted), false
	var others []int
	for i, e := range h.tensors {
		own = own || e.name == t.Name
		if !names[e.name] && slices.Equal(e.shape, t.Shape) && e.readable() && lastWord(e.name) == lastWord(t.Name) {
			others = append(others, i)
		}
	}
	switch {
	case len(others) == 0:
		return "", nil
	case len(others) > 1:
		return "", fmt.Errorf("%s is an embedding and a last layer at once, and may stand under either name: which of %s and %s is it?", t.Name, bare(h.tensors[others[0]].name), bare(h.tensors[others[1]].name))
	}
	at := others[0]
	found := h.tensors[at]
	if own {
		h.tensors = slices.Delete(h.tensors, at, at+1)
		h.twins = append(h.twins, twin{found, t})
		return "", nil
	}
	h.tensors[at].name = t.Name
	return fmt.Sprintf("%s is taken for %s: an embedding and a last layer have these weights", bare(found.name), t.Name), nil
}

// A twin is a tensor of a file that must equal one that is wanted.
type twin struct {
	entry
	of run.Tensor
}

// compare reads the twins of tensors that were read, and returns an error if one differs.
func (h *header) compare(r io.ReaderAt, buffer []byte) error {
	for _, p := range h.twins {
		first := sumOf(p.of.Data)
		if err := h.fill(p.of.Data, p.entry, r, buffer); err != nil {
			return err
		}
		if sumOf(p.of.Data) != first {
			return fmt.Errorf("%s and %s differ, and in the network they are one parameter: export a network in which they are two", p.of.Name, bare(p.name))
		}
	}
	return nil
}

// sumOf is a digest of numbers.
func sumOf(x []float32) (sum [sha256.Size]byte) {
	h := sha256.New()
	var buffer []byte
	for part := range slices.Chunk(x, 1<<14) {
		buffer = buffer[:0]
		for _, v := range part {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		h.Write(buffer)
	}
	h.Sum(sum[:0])
	return sum
}

// lengthen puts before the names in a file what most of the wanted ones begin with, if most of these are
// there without it: a network within another one was saved by itself. It returns what it put there.
func (h *header) lengthen(wanted []run.Tensor, names map[string]bool) string {
	has := func(with string) (count int) {
		for _, e := range h.tensors {
			if names[with+e.name] {
				count++
			}
		}
		return count
	}
	most, best := has(""), ""
	if most == len(names) {
		return ""
	}
	for _, p := range dotted(median(wanted)) {
		if n := has(p); n > most && 2*n > len(names) {
			most, best = n, p
		}
	}
	for i := range h.tensors {
		if e := &h.tensors[i]; best != "" && !names[e.name] {
			e.name = best + e.name
		}
	}
	return best
}

// longer reports whether a name is wanted with something before it that lengthen could put there.
func longer(names map[string]bool, wanted []run.Tensor, name string) bool {
	return len(wanted) > 0 && slices.ContainsFunc(dotted(median(wanted)), func(p string) bool { return names[p+name] })
}

// median returns the name in the middle of their order: what most names begin with, it begins with.
func median(wanted []run.Tensor) string {
	var names []string
	for _, t := range wanted {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return names[len(names)/2]
}

// dotted returns the beginnings of a name that end with a dot, the shortest first.
func dotted(name string) (list []string) {
	for i, c := range name {
		if c == '.' {
			list = append(list, name[:i+1])
		}
	}
	return list
}

// idle reports whether a tensor that nothing wants is of no use: one of the masks and places that older versions of
// transformers saved beside the weights.
func (e entry) idle() bool {
	switch {
	case lastWord(e.name) == "position_ids":
		return e.dtype == "I64"
	case strings.HasSuffix(e.name, "attn.bias"):
		return len(e.shape) == 4 && e.shape[0] == 1 && e.shape[1] == 1 && e.shape[2] == e.shape[3]
	case strings.HasSuffix(e.name, "attn.masked_bias"):
		return len(e.shape) == 0
	}
	return false
}
