package weights

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"breakeven/internal/foreign"
	"breakeven/internal/pickle"
)

const (
	// maxHeader bounds a header. The format allows 100 MB; a state dict of ten
	// thousand tensors needs 2 MB.
	maxHeader = 16 << 20
	// maxRank bounds the dimensions of a tensor, as NumPy does.
	maxRank = 64
)

// An entry is a tensor as its file describes it.
type entry struct {
	name       string
	shape      []int
	dtype      string
	begin, end uint64       // of its bytes, counted from the end of the header of a safetensors file
	at         int64        // the place of its first value in the file
	strides    []int        // in values, one for each dimension; nil: row-major without gaps
	check      func() error // reads its bytes and compares a checksum; nil: there is none
	turned     bool         // it is the transpose of what the file has
}

// A header is what a file says of its tensors.
type header struct {
	tensors []entry // in the order of the file
	meta    map[string]string
	notes   []string // of the file, for its user
	start   int64    // of the tensors' bytes in a safetensors file
	twins   []twin   // tensors that must equal others

	dicts []pickle.StateDict // of a file of PyTorch: where tensors lie together
}

// readHeader reads what a file of the given size says of its tensors, and checks it. It reads none
// of them.
func readHeader(r io.ReaderAt, size int64) (*header, error) {
	if isTorch(r) {
		return readTorch(r, size)
	}
	return readSafetensors(r, size)
}

// readSafetensors reads the header of a safetensors file. It allocates memory for the header only.
func readSafetensors(r io.ReaderAt, size int64) (*header, error) {
	n, err := headerLength(r, size)
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	if err := readAt(r, text, 8); err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("not a safetensors file: its header is not UTF-8 text")
	}
	h := &header{start: int64(8 + n)}
	if err := h.parse(text); err != nil {
		return nil, fmt.Errorf("not a safetensors file: %w", err)
	}
	return h, h.judge(uint64(size-8) - n)
}

// headerLength reads the length of a header. The error for a file of another kind says which.
func headerLength(r io.ReaderAt, size int64) (uint64, error) {
	head, err := foreign.Head(r)
	if err != nil {
		return 0, err
	}
	if size == 0 {
		return 0, errors.New("it is empty")
	}
	const not = "not a safetensors file"
	if size < 8 || len(head) < 8 {
		return 0, fmt.Errorf("%s: it has %d bytes, and the length of the header alone takes 8", not, size)
	}
	n, room := binary.LittleEndian.Uint64(head), uint64(size-8)
	if n > 0 && n <= min(maxHeader, room) && head[8] == '{' {
		return n, nil
	}
	what := otherFile(head)
	switch {
	case what != "":
		return 0, fmt.Errorf("%s: it is %s", not, what)
	case n > maxHeader:
		return 0, fmt.Errorf("%s: a header of %d bytes, more than the %d that are read", not, n, maxHeader)
	case n > room:
		return 0, fmt.Errorf("truncated, or %s: a header of %d bytes, and %d bytes are there", not, n, room)
	}
	return 0, fmt.Errorf("%s: no header follows its length, which is %d", not, n)
}

// readAt fills b from a place in r.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil // a reader may return io.EOF with the last bytes
	}
	return err
}

// judge sorts the tensors by place and checks that each has as many bytes as its shape takes, and
// that together they fill the given space without gaps.
func (h *header) judge(space uint64) error {
	var last uint64
	for _, e := range h.tensors {
		last = max(last, e.end)
	}
	switch {
	case last > space:
		return fmt.Errorf("truncated: the header names %d bytes of tensors, and %d are there", last, space)
	case last < space:
		return fmt.Errorf("damaged: the header names %d bytes of tensors, and %d are there", last, space)
	}
	slices.SortStableFunc(h.tensors, byPlace)
	at := uint64(0)
	for i, e := range h.tensors {
		if e.begin != at || e.end < e.begin {
			return fmt.Errorf("damaged: tensor %s lies at bytes %d to %d, and must begin at %d", label(e.name), e.begin, e.end, at)
		}
		if need, ok := e.bytes(); !ok || need != e.end-e.begin {
			return fmt.Errorf("damaged: tensor %s of shape %s and dtype %s has %d bytes", label(e.name), shapeText(e.shape), e.dtype, e.end-e.begin)
		}
		at = e.end
		h.tensors[i].at = h.start + int64(e.begin)
	}
	return nil
}

func byPlace(a, b entry) int {
	return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
}

// bytes returns the size of the shape, and whether it fits a uint64.
func (e entry) bytes() (n uint64, ok bool) {
	if slices.Contains(e.shape, 0) {
		return 0, true
	}
	n = dtypes[e.dtype].size
	for _, d := range e.shape {
		if n > math.MaxUint64/uint64(d) {
			return 0, false
		}
		n *= uint64(d)
	}
	return n, true
}

// counter reports whether the tensor is one of PyTorch's counters of batches.
func (e entry) counter() bool {
	return e.dtype == "I64" && strings.HasSuffix(e.name, "num_batches_tracked")
}

// elements returns the number of elements, for a header that was checked.
func (e entry) elements() int {
	n := 1
	for _, d := range e.shape {
		n *= d
	}
	return n
}

// dimension reads one number of a shape. More than a slice can hold is a fault, even if another
// dimension is 0.
func dimension(n uint64) (int, error) {
	if n > math.MaxInt32 {
		return 0, fmt.Errorf("dimension of %d", n)
	}
	return int(n), nil
}

// label quotes a text from a file for a message: shortened, and without control characters.
func label(text string) string {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}

// bare is label without the quotes, if none are needed.
func bare(text string) string {
	quoted := label(text)
	if inner := quoted[1 : len(quoted)-1]; !strings.ContainsAny(inner, "\\ ") {
		return inner
	}
	return quoted
}

// shapeText writes a shape as PyTorch does: [10, 128].
func shapeText(shape []int) string {
	return strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")
}
