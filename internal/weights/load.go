package weights

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"breakeven/run"
)

// Load reads the file with the given name into tensors. Their names and shapes say
// what is wanted, and their Data is filled: all of must, and those of may that the file has. Any
// other tensor in the file is a fault. Nothing but the header is read before all names and shapes
// fit; the error lists all that do not: missing tensors, surplus ones, and wrong shapes with the
// found and the wanted one. Notes are what a user should know: the prefix, conversions. After an error
// the data is undefined.
func Load(name string, must, may []run.Tensor) (notes []string, err error) {
	_, notes, err = load(name, must, may, loading{})
	return notes, err
}

// LoadSome is Load of the tensors must from a file that may hold others, which it returns without
// their data.
func LoadSome(name string, must []run.Tensor) (others []run.Tensor, notes []string, err error) {
	return load(name, must, nil, loading{some: true})
}

// LoadAs is Load for a file in a dialect. If that renames, a note says which of may the file lacks.
func LoadAs(name string, must, may []run.Tensor, d Dialect) (notes []string, err error) {
	_, notes, err = load(name, must, may, loading{dialect: d})
	return notes, err
}

// LoadFrom is LoadAs for a file of the given size that r reads; the errors call it by name.
func LoadFrom(name string, r io.ReaderAt, size int64, must, may []run.Tensor, d Dialect) (notes []string, err error) {
	h, err := readHeader(r, size)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	_, notes, err = loadFrom(name, r, h, must, may, loading{dialect: d})
	return notes, err
}

// A loading says how the tensors of a file are taken.
type loading struct {
	some    bool // there may be other tensors
	dialect Dialect
}

func load(name string, must, may []run.Tensor, how loading) (others []run.Tensor, notes []string, err error) {
	err = open(name, func(f io.ReaderAt, _ int64, h *header) (err error) {
		others, notes, err = loadFrom(name, f, h, must, may, how)
		return err
	})
	return others, notes, err
}

// loadFrom is load for a file whose header was read.
func loadFrom(name string, f io.ReaderAt, h *header, must, may []run.Tensor, how loading) (others []run.Tensor, notes []string, err error) {
	if notes, err = h.taken(name, must, how.dialect); err != nil {
		return nil, nil, err
	}
	constants := how.dialect.constants()
	pairs, others, err := h.fit(name, must, slices.Concat(may, constants), how.some)
	if err != nil {
		return nil, nil, err
	}
	buffer := make([]byte, chunk)
	for _, p := range pairs {
		if err := h.fill(p.into, *p.entry, f, buffer); err != nil {
			return nil, nil, fmt.Errorf("weights: %s: %w", name, err)
		}
	}
	if err := cmp.Or(h.compare(f, buffer), how.dialect.changed(constants)); err != nil {
		return nil, nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	for _, line := range h.converted() {
		notes = append(notes, name+": "+line)
	}
	if lacks := h.lacks(may); how.dialect.Rename != nil && lacks != "" {
		notes = append(notes, fmt.Sprintf("%s lacks %s, which keep their initial values", name, lacks))
	}
	return others, notes, nil
}

// rename gives the tensors their wanted names, and drops those that are of no use.
func (h *header) rename(to func(string) string) error {
	if to == nil {
		return nil
	}
	var kept []entry
	from := map[string]string{}
	for _, e := range h.tensors {
		wanted := to(e.name)
		if wanted == "" {
			continue
		}
		if other, ok := from[wanted]; ok {
			return fmt.Errorf("it has both %s and %s, of which there can be only one", bare(other), bare(e.name))
		}
		from[wanted] = e.name
		e.name = wanted
		kept = append(kept, e)
	}
	h.tensors = kept
	return nil
}

// lacks lists those of the tensors that the file does not have.
func (h *header) lacks(tensors []run.Tensor) string {
	var names []string
	for _, t := range tensors {
		if !slices.ContainsFunc(h.tensors, func(e entry) bool { return e.name == t.Name }) {
			names = append(names, t.Name)
		}
	}
	return strings.Join(names, " and ")
}

// Check returns the error that LoadAs would return for the names and shapes in a file, and the
// notes without those of conversions. It reads no tensor.
func Check(name string, must, may []run.Tensor, d Dialect) (notes []string, err error) {
	err = open(name, func(_ io.ReaderAt, _ int64, h *header) (err error) {
		if notes, err = h.taken(name, must, d); err != nil {
			return err
		}
		_, _, err = h.fit(name, must, slices.Concat(may, d.Constants), false)
		return err
	})
	return notes, err
}

// taken takes the tensors of a file under their wanted names, by unwrap, in the wanted layouts, and says what
// it did.
func (h *header) taken(name string, must []run.Tensor, d Dialect) (notes []string, err error) {
	cut, put, err := h.unwrap(must, d.Rename)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	lines := h.notes
	if cut != "" {
		lines = append(lines, fmt.Sprintf("all names begin with %s, which was taken off", label(cut)))
	}
	if put != "" {
		lines = append(lines, fmt.Sprintf("names lack %s, with which those of the network begin", label(put)))
	}
	more, err := h.translate(d, must)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	for _, line := range append(lines, more...) {
		notes = append(notes, name+": "+line)
	}
	return notes, nil
}

// Shapes returns the shapes of the tensors in a file by their names, without the prefix that Load
// takes off for the wanted ones. It reads only the header.
func Shapes(name string, wanted []run.Tensor) (shapes map[string][]int, err error) {
	err = open(name, func(_ io.ReaderAt, _ int64, h *header) error {
		if _, err := h.taken(name, wanted, Dialect{}); err != nil {
			return err
		}
		shapes = map[string][]int{}
		for _, e := range h.tensors {
			shapes[e.name] = e.shape
		}
		return nil
	})
	return shapes, err
}

// Meta returns the metadata in the header of a file. Of a file of PyTorch these are the numbers and
// texts beside its tensors, such as step.
func Meta(name string) (meta map[string]string, err error) {
	err = open(name, func(_ io.ReaderAt, _ int64, h *header) error {
		meta = h.meta
		return nil
	})
	return meta, err
}

// fit is match for a named file.
func (h *header) fit(name string, must, may []run.Tensor, some bool) (pairs []pair, others []run.Tensor, err error) {
	if pairs, others, err = h.match(must, may, some); err != nil {
		return nil, nil, fmt.Errorf("weights: %s does not fit the model: %w", name, err)
	}
	return pairs, others, nil
}

// A pair is a tensor of a file and its destination.
type pair struct {
	*entry
	into []float32
}

// match finds the wanted tensors of a file, and returns the others if some are enough; else these are
// a fault. The error is one text that lists every kind of fault.
func (h *header) match(must, may []run.Tensor, some bool) (pairs []pair, others []run.Tensor, err error) {
	found := make(map[string]*entry, len(h.tensors))
	for i := range h.tensors {
		if e := &h.tensors[i]; !e.counter() {
			found[e.name] = e
		}
	}
	missing, surplus := &faults{what: "missing"}, &faults{what: "surplus"}
	wrong, unread := &faults{what: "wrong shape"}, &faults{what: "of a kind that is not read"}
	for i, t := range slices.Concat(must, may) {
		e, ok := found[t.Name]
		delete(found, t.Name)
		switch {
		case !ok && i < len(must):
			missing.add(t.Name + " " + shapeText(t.Shape))
		case !ok:
		case !slices.Equal(e.shape, t.Shape):
			wrong.add(e.unlike(t))
		case !e.readable():
			unread.add(fmt.Sprintf("%s is %s; save it as F32", t.Name, e.dtype))
		case len(t.Data) != e.elements():
			panic(fmt.Sprintf("weights: %d numbers for tensor %q of shape %v", len(t.Data), t.Name, t.Shape))
		default:
			pairs = append(pairs, pair{e, t.Data})
		}
	}
	for _, e := range h.tensors {
		if _, left := found[e.name]; !left || e.idle() {
			continue
		}
		if some {
			others = append(others, run.Tensor{Name: e.name, Shape: e.shape})
		} else {
			surplus.add(bare(e.name) + " " + shapeText(e.shape))
		}
	}
	near := &faults{what: "perhaps meant"}
	if wrong.count == 0 { // else the file is of another network
		for _, text := range h.similar(must, found) {
			near.add(text)
		}
	}
	return pairs, others, together(missing, surplus, wrong, unread, near)
}

// unlike says that a tensor has another shape than the wanted one, both as in the file.
func (e *entry) unlike(t run.Tensor) string {
	found, want := slices.Clone(e.shape), slices.Clone(t.Shape)
	if e.turned {
		slices.Reverse(found)
		slices.Reverse(want)
	}
	return fmt.Sprintf("%s has shape %s, wanted %s", t.Name, shapeText(found), shapeText(want))
}

// similar returns which of the tensors left in a file the missing ones may be: those of the same shape
// with the nearest name.
func (h *header) similar(must []run.Tensor, left map[string]*entry) (list []string) {
	const most = 20 // that are looked at, of missing ones
	has := map[string]bool{}
	for _, e := range h.tensors {
		has[e.name] = true
	}
	for _, t := range must {
		if has[t.Name] || len(list) == most {
			continue
		}
		var names []string
		for _, e := range h.tensors {
			if left[e.name] != nil && len(e.name) < 200 && len(names) < 1000 && slices.Equal(e.shape, t.Shape) {
				names = append(names, e.name)
			}
		}
		name, ok := run.Nearest(t.Name, names)
		if !ok && len(names) == 1 && lastWord(names[0]) == lastWord(t.Name) {
			name, ok = names[0], true
		}
		if ok {
			list = append(list, bare(name)+" for "+t.Name)
		}
	}
	return list
}

// lastWord returns what follows the last point of a name, such as weight.
func lastWord(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// faults are the faults of one kind. The first ones are listed, the others counted.
type faults struct {
	what  string
	list  []string
	count int
}

func (f *faults) add(text string) {
	if f.count++; f.count <= 20 {
		f.list = append(f.list, text)
	}
}

// together returns an error of all faults, or nil if there are none.
func together(kinds ...*faults) error {
	var texts []string
	for _, f := range kinds {
		if f.count == 0 {
			continue
		}
		text := f.what + ": " + strings.Join(f.list, ", ")
		if more := f.count - len(f.list); more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		texts = append(texts, text)
	}
	if texts == nil {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}
