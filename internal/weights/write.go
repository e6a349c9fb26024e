package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"breakeven/internal/atomicfile"
	"breakeven/run"
)

// WriteFile writes tensors and metadata as a safetensors file with the given
// name, atomically.
func WriteFile(name string, tensors []run.Tensor, meta map[string]string) error {
	err := atomicfile.Write(name, func(w io.Writer) error { return Write(w, tensors, meta) })
	if err != nil {
		return fmt.Errorf("weights: writing %s: %w", name, err)
	}
	return nil
}

// Write writes tensors, in the order given, and metadata in the safetensors format. Names must be
// distinct and valid UTF-8, and shapes must fit their data: anything else is a bug of the caller
// and panics.
func Write(w io.Writer, tensors []run.Tensor, meta map[string]string) error {
	header := headerText(tensors, meta)
	if err := binary.Write(w, binary.LittleEndian, uint64(len(header))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	var buffer []byte
	for _, t := range tensors {
		for chunk := range slices.Chunk(t.Data, 1<<14) {
			buffer = buffer[:0]
			for _, x := range chunk {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(x))
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
	}
	return nil
}

// headerText returns the JSON header, padded with spaces to a multiple of 8.
func headerText(tensors []run.Tensor, meta map[string]string) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(meta) > 0 {
		fmt.Fprintf(&b, `"__metadata__":%s,`, marshal(meta))
	}
	seen := map[string]bool{metadata: true}
	begin := 0
	for _, t := range tensors {
		if seen[t.Name] {
			panic(fmt.Sprintf("weights: tensor name %q is taken", t.Name))
		}
		seen[t.Name] = true
		if size(t.Shape) != len(t.Data) {
			panic(fmt.Sprintf("weights: tensor %q of shape %v has %d elements", t.Name, t.Shape, len(t.Data)))
		}
		end := begin + 4*len(t.Data)
		fmt.Fprintf(&b, `%s:{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]},`, marshal(t.Name), marshal(append([]int{}, t.Shape...)), begin, end)
		begin = end
	}
	text := append(bytes.TrimSuffix(b.Bytes(), []byte(",")), '}')
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	return text
}

// marshal writes names, shapes and metadata, which JSON can always hold.
func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("weights: " + err.Error()) // unreachable
	}
	return text
}

// size returns the number of elements of a shape.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
