package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/internal/regular"
)

// maxParts bounds the files that an index names, all of which are open at a time.
const maxParts = 512

// An index says in which files the tensors of a state dict stand: model.safetensors.index.json and
// pytorch_model.bin.index.json of Hugging Face.
type index struct {
	folder string
	parts  []string          // names of files in the folder, in the order in which the index first names them
	in     map[string]string // the part that a tensor stands in
	meta   map[string]string
}

// isIndex reports whether a file begins as an index does, and as no safetensors file can: the length
// of its header would be 2⁵³ at least.
func isIndex(head []byte) bool {
	return len(head) > 8 && head[0] == '{' && bytes.IndexByte(head[:8], 0) < 0
}

// readIndex reads an index.
func readIndex(name string) (*index, error) {
	text, err := regular.Read(name, maxHeader)
	if err != nil {
		return nil, err
	}
	x := &index{folder: filepath.Dir(name), in: map[string]string{}, meta: map[string]string{}}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = object(d, func(key string) error {
		switch key {
		case "weight_map":
			return within(key, object(d, func(tensor string) error { return within("tensor "+label(tensor), x.add(d, tensor)) }))
		case "metadata":
			return within(key, object(d, func(key string) error { return x.about(d, key) }))
		}
		return skip(d)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("not a safetensors file: it is JSON, and no index of a model in several files: %w", err)
	case len(x.parts) == 0:
		return nil, errors.New("not a safetensors file: it is JSON, and no index of a model in several files: it has no weight_map that names files")
	}
	return x, nil
}

// add parses the file that a tensor stands in.
func (x *index) add(d *json.Decoder, tensor string) error {
	part, err := word(d)
	switch {
	case err != nil:
		return err
	case part == "" || part == "." || !filepath.IsLocal(part) || strings.ContainsAny(part, `\`):
		return fmt.Errorf("the file %s does not lie in the folder of the index", label(part))
	}
	if !slices.Contains(x.parts, part) {
		if len(x.parts) == maxParts {
			return fmt.Errorf("more than %d files", maxParts)
		}
		x.parts = append(x.parts, part)
	}
	x.in[tensor] = part
	return nil
}

// about parses an entry of the metadata. Only numbers and texts are kept.
func (x *index) about(d *json.Decoder, key string) error {
	var value any
	if err := d.Decode(&value); err != nil {
		return fmt.Errorf("%s: %w", label(key), err)
	}
	switch value.(type) {
	case json.Number, string:
		x.meta[key] = fmt.Sprint(value)
	}
	return nil
}

// skip passes over a value.
func skip(d *json.Decoder) error {
	var value json.RawMessage
	return d.Decode(&value)
}

// open opens the parts and calls f with what reads all of them, as if they stood one behind the other, and
// their header.
func (x *index) open(f func(r io.ReaderAt, size int64, h *header) error) error {
	all, whole := &joint{}, &header{meta: x.meta}
	defer all.close()
	for _, name := range x.parts {
		file, size, err := regular.Open(filepath.Join(x.folder, name))
		if err != nil {
			return fmt.Errorf("the index names a file that cannot be read: %w", err)
		}
		start := all.add(file, size)
		h, err := readHeader(file, size)
		if err == nil {
			err = h.choose(nil, nil)
		}
		if err == nil {
			err = x.take(whole, name, h, start)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, name := range x.missing(whole) {
		return fmt.Errorf("the index says that tensor %s stands in %s, and it does not", label(name), x.in[name])
	}
	return f(all, all.size(), whole)
}

// take adds to whole those tensors of a part that the index has there, as they stand from start on.
func (x *index) take(whole *header, part string, h *header, start int64) error {
	left := 0
	for _, e := range h.tensors {
		if x.in[e.name] != part {
			left++
			continue
		}
		e.at += start
		whole.tensors = append(whole.tensors, e)
	}
	for _, note := range h.notes {
		whole.notes = append(whole.notes, part+": "+note)
	}
	if left > 0 {
		whole.notes = append(whole.notes, fmt.Sprintf("%s: %d tensors that the index does not name there are left out", part, left))
	}
	return nil
}

// missing returns the tensors of the index that are in none of the parts, in the order of their names.
func (x *index) missing(whole *header) (names []string) {
	has := map[string]bool{}
	for _, e := range whole.tensors {
		has[e.name] = true
	}
	for name := range x.in {
		if !has[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A joint reads files as if they stood one behind the other.
type joint struct {
	files []*os.File
	ends  []int64
}

// add adds a file and returns where it begins.
func (j *joint) add(f *os.File, size int64) (start int64) {
	start = j.size()
	j.files, j.ends = append(j.files, f), append(j.ends, start+size)
	return start
}

func (j *joint) size() int64 {
	if len(j.ends) == 0 {
		return 0
	}
	return j.ends[len(j.ends)-1]
}

// ReadAt reads within one of the files, in which each tensor lies.
func (j *joint) ReadAt(b []byte, at int64) (int, error) {
	i, found := slices.BinarySearch(j.ends, at)
	if found {
		i++
	}
	if i == len(j.files) {
		return 0, io.EOF
	}
	if i > 0 {
		at -= j.ends[i-1]
	}
	return j.files[i].ReadAt(b, at)
}

func (j *joint) close() {
	for _, f := range j.files {
		f.Close()
	}
}
