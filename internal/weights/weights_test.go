package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/run"

	"github.com/google/go-cmp/cmp"
	"github.com/nlpodyssey/safetensors"
	"pgregory.net/rapid"
)

// encode returns the bytes that Write writes.
func encode(tensors []run.Tensor, meta map[string]string) []byte {
	var b bytes.Buffer
	if err := Write(&b, tensors, meta); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// raw returns a file with the given text as its header, before data.
func raw(header string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

// dicts draws state dicts with arbitrary names and numbers.
func dicts() *rapid.Generator[[]run.Tensor] {
	return rapid.Custom(func(t *rapid.T) []run.Tensor {
		var list []run.Tensor
		for i := range rapid.IntRange(0, 5).Draw(t, "n") {
			shape := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 4).Draw(t, "shape")
			data := make([]float32, size(shape))
			for j := range data {
				data[j] = math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
			}
			name := rapid.StringMatching(`[a-z."\\<λ ]*`).Draw(t, "name")
			list = append(list, run.Tensor{Name: fmt.Sprint(name, i), Shape: shape, Data: data})
		}
		return list
	})
}

// bits compares float32 by their bits.
var bits = cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := dicts().Draw(t, "tensors")
		meta := rapid.MapOf(rapid.StringMatching(`[a-z]*`), rapid.StringMatching(`[a-z"λ]*`)).Draw(t, "meta")
		content := encode(want, meta)
		if n := binary.LittleEndian.Uint64(content); n%8 != 0 {
			t.Fatalf("the header has %d bytes, no multiple of 8", n)
		}
		got, err := Decode(content)
		if err != nil {
			t.Fatal(err)
		}
		// Tensors without elements share a place, so their order is not defined.
		byName := func(a, b run.Tensor) int { return strings.Compare(a.Name, b.Name) }
		if !slices.ContainsFunc(want, func(t run.Tensor) bool { return len(t.Data) == 0 }) {
			byName = func(a, b run.Tensor) int { return 0 }
		}
		slices.SortStableFunc(want, byName)
		slices.SortStableFunc(got.Tensors, byName)
		if d := cmp.Diff(want, got.Tensors, bits, cmp.Transformer("nil", func(s []int) string { return fmt.Sprint(s) })); d != "" && len(want)+len(got.Tensors) > 0 {
			t.Fatalf("(-want +got)\n%s", d)
		}
		if len(meta) > 0 && !cmp.Equal(meta, got.Meta) || len(meta) == 0 && got.Meta != nil || got.Notes != nil {
			t.Fatalf("meta %q, notes %q, want meta %q", got.Meta, got.Notes, meta)
		}
		// The second way: the external library reads the same.
		other, err := safetensors.Deserialize(content)
		if err != nil {
			t.Fatalf("library: %v", err)
		}
		for _, w := range want {
			view, ok := other.Tensor(w.Name)
			if !ok || view.DType() != safetensors.F32 || view.DataLen() != uint64(4*len(w.Data)) {
				t.Fatalf("library: tensor %q: %v %v", w.Name, ok, view)
			}
			for i, x := range w.Data {
				if b := binary.LittleEndian.Uint32(view.Data()[4*i:]); b != math.Float32bits(x) {
					t.Fatalf("library: tensor %q: element %d is %#x, want %#x", w.Name, i, b, math.Float32bits(x))
				}
			}
		}
	})
}

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "w.safetensors")
	want := []run.Tensor{{Name: "b", Shape: []int{2}, Data: []float32{1, 2}}, {Name: "a", Shape: []int{}, Data: []float32{3}}}
	if err := WriteFile(name, want, nil); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&File{Tensors: want}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if err := WriteFile(filepath.Join(name, "x"), want, nil); err == nil {
		t.Error("no error where there is no folder")
	}
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	for name, tensors := range map[string][]run.Tensor{
		"twice":    {{Name: "a", Shape: []int{1}, Data: []float32{1}}, {Name: "a", Shape: []int{1}, Data: []float32{1}}},
		"shape":    {{Name: "a", Shape: []int{2}, Data: []float32{1}}},
		"reserved": {{Name: "__metadata__", Shape: []int{1}, Data: []float32{1}}},
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "weights: ") {
					t.Errorf("%s: panic %q", name, p)
				}
			}()
			encode(tensors, nil)
		}()
	}
}

// Every half-precision number against its definition.
func TestFloat16(t *testing.T) {
	for h := range 1 << 16 {
		sign := 1 - 2*float64(h>>15)
		exponent, fraction := h>>10&31, float64(h&1023)
		want := sign * math.Ldexp(1+fraction/1024, exponent-15)
		switch {
		case exponent == 0:
			want = sign * math.Ldexp(fraction/1024, -14)
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			want = math.NaN()
		}
		got := float64(float16(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != (h>>15 == 1) {
			t.Fatalf("float16(%#04x) = %v, want %v", h, got, want)
		}
	}
}

func TestOtherTypes(t *testing.T) {
	var data []byte
	data = binary.LittleEndian.AppendUint64(data, math.Float64bits(math.Pi))
	data = binary.LittleEndian.AppendUint64(data, 7)
	data = binary.LittleEndian.AppendUint16(data, 0x3555)
	data = binary.LittleEndian.AppendUint16(data, 0xc049)
	header := `{"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},
		"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[8,16]},
		"h":{"dtype":"F16","shape":[1],"data_offsets":[16,18]},
		"b":{"dtype":"BF16","shape":[1],"data_offsets":[18,20]}}`
	got, err := Decode(raw(header, data))
	if err != nil {
		t.Fatal(err)
	}
	want := &File{
		Tensors: []run.Tensor{{Name: "d", Shape: []int{1}, Data: []float32{math.Pi}}, {Name: "h", Shape: []int{1}, Data: []float32{0.333251953125}}, {Name: "b", Shape: []int{1}, Data: []float32{-3.140625}}},
		Notes:   []string{"1 of 3 tensors are F64, and were read as float32", "1 of 3 tensors are F16, and were read as float32", "1 of 3 tensors are BF16, and were read as float32"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
