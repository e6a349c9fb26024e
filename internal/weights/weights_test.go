package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nlpodyssey/safetensors"
	"pgregory.net/rapid"
)

// encode returns the bytes that Write writes.
func encode(tensors []Tensor, meta map[string]string) []byte {
	var b bytes.Buffer
	if err := Write(&b, tensors, meta); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// raw puts a header of any text before data.
func raw(header string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

// dicts draws state dicts with names and numbers of any kind.
func dicts() *rapid.Generator[[]Tensor] {
	return rapid.Custom(func(t *rapid.T) []Tensor {
		var list []Tensor
		for i := range rapid.IntRange(0, 5).Draw(t, "n") {
			shape := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 4).Draw(t, "shape")
			data := make([]float32, size(shape))
			for j := range data {
				data[j] = math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
			}
			name := rapid.StringMatching(`[a-z."\\<λ ]*`).Draw(t, "name")
			list = append(list, Tensor{fmt.Sprint(name, i), shape, data})
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
		// Tensors without elements share their place and have no order.
		byName := func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) }
		if !slices.ContainsFunc(want, func(t Tensor) bool { return len(t.Data) == 0 }) {
			byName = func(a, b Tensor) int { return 0 }
		}
		slices.SortStableFunc(want, byName)
		slices.SortStableFunc(got.Tensors, byName)
		if d := cmp.Diff(want, got.Tensors, bits, cmp.Transformer("nil", func(s []int) string { return fmt.Sprint(s) })); d != "" && len(want)+len(got.Tensors) > 0 {
			t.Fatalf("(-want +got)\n%s", d)
		}
		if len(meta) > 0 && !cmp.Equal(meta, got.Meta) || len(meta) == 0 && got.Meta != nil || got.Notes != nil {
			t.Fatalf("meta %q, notes %q, want meta %q", got.Meta, got.Notes, meta)
		}
		// The second way: the library alone reads the same.
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
	want := []Tensor{{"b", []int{2}, []float32{1, 2}}, {"a", []int{}, []float32{3}}}
	if err := WriteFile(name, want, nil); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&File{Name: name, Tensors: want}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if err := WriteFile(filepath.Join(name, "x"), want, nil); err == nil {
		t.Error("no error where there is no folder")
	}
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	for name, tensors := range map[string][]Tensor{
		"twice":    {{"a", []int{1}, []float32{1}}, {"a", []int{1}, []float32{1}}},
		"shape":    {{"a", []int{2}, []float32{1}}},
		"reserved": {{"__metadata__", []int{1}, []float32{1}}},
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

func TestHostileFiles(t *testing.T) {
	good := encode([]Tensor{{"a", []int{2}, []float32{1, 2}}, {"b", []int{1}, []float32{3}}}, nil)
	huge := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	one := func(entry string, n int) []byte { return raw(`{"a":`+entry+`}`, make([]byte, n)) }
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":             {nil, "not a safetensors file: it has 0 bytes"},
		"no header":         {huge(10), "truncated, or not a safetensors file: a header of 10 bytes, and 0 bytes are there"},
		"largest header":    {huge(math.MaxUint64), "not a safetensors file: a header of 18446744073709551615 bytes"},
		"large header":      {huge(maxHeader + 1), "not a safetensors file: a header of 16777217 bytes"},
		"truncated":         {good[:len(good)-1], "truncated: the header names 12 bytes of tensors, and 11 are there"},
		"no tensors":        {good[:len(good)-12], "truncated: the header names 12 bytes of tensors, and 0 are there"},
		"cut in the header": {good[:20], "truncated, or not a safetensors file"},
		"too long":          {append(slices.Clone(good), 0), "damaged: the header names 12 bytes of tensors, and 13 are there"},
		"no JSON":           {raw(`{"a":`, nil), "not a safetensors file: "},
		"a list":            {raw(`[]`, nil), "not a safetensors file: "},
		"deep":              {raw(strings.Repeat(`{"a":`, 1<<20), nil), "not a safetensors file: "},
		"negative offset":   {one(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`, 4), "not a safetensors file: "},
		"backward":          {one(`{"dtype":"F32","shape":[1],"data_offsets":[4,0]}`, 4), "damaged: "},
		"gap":               {one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`, 8), "damaged: "},
		"far":               {one(`{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}`, 4), "truncated: "},
		"overlap":           {raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)), "damaged: "},
		"overflow":          {one(`{"dtype":"F32","shape":[4294967296,4294967296,4294967297],"data_offsets":[0,4]}`, 4), "damaged: "},
		"overflow to fit":   {one(`{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}`, 4), "damaged: "},
		"empty but wide":    {one(`{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}`, 0), `tensor "a": dimension of 9223372036854775807`},
		"size":              {one(`{"dtype":"F32","shape":[3],"data_offsets":[0,4]}`, 4), "damaged: "},
		"fraction":          {one(`{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}`, 4), "not a safetensors file: "},
		"dtype":             {one(`{"dtype":"F13","shape":[1],"data_offsets":[0,4]}`, 4), "not a safetensors file: "},
		"integers":          {one(`{"dtype":"I32","shape":[1],"data_offsets":[0,4]}`, 4), `tensor "a": dtype I32 is not read; save it as F32`},
		"missing field":     {one(`{"dtype":"F32","shape":[1]}`, 4), "not a safetensors file: "},
		"metadata":          {raw(`{"__metadata__":{"a":3}}`, nil), "not a safetensors file: "},
		"tensor null":       {raw(`{"a":null}`, nil), "not a safetensors file: "},
	} {
		_, err := Decode(test.content)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
	}
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadFile(dir); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a folder: error %v", err)
	}
	if _, err := ReadFile(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: error %v", err)
	}
	name := filepath.Join(dir, "short")
	if err := os.WriteFile(name, []byte("short"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(name); err == nil || !strings.HasPrefix(err.Error(), "weights: "+name+": not a safetensors file") {
		t.Errorf("short: error %v", err)
	}
	if err := os.Truncate(name, maxFile+1); err != nil {
		t.Skip("no sparse file of 2 GB: ", err)
	}
	if _, err := ReadFile(name); err == nil || !strings.Contains(err.Error(), "more than the") {
		t.Errorf("huge: error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode([]Tensor{{"a", []int{2}, []float32{1, 2}}, {"b", []int{}, []float32{3}}}, map[string]string{"k": "v"}))
	f.Add(raw(`{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[2,10]}}`, make([]byte, 10)))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Decode(content)
		if err != nil {
			return
		}
		bytes := 0
		for _, tensor := range file.Tensors {
			if size(tensor.Shape) != len(tensor.Data) {
				t.Errorf("tensor %q: shape %v, %d elements", tensor.Name, tensor.Shape, len(tensor.Data))
			}
			bytes += 2 * len(tensor.Data)
		}
		if bytes > len(content) {
			t.Errorf("%d bytes of tensors from %d bytes", bytes, len(content))
		}
	})
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
		Tensors: []Tensor{{"d", []int{1}, []float32{math.Pi}}, {"h", []int{1}, []float32{0.333251953125}}, {"b", []int{1}, []float32{-3.140625}}},
		Notes:   []string{"d: F64 read as float32", "h: F16 read as float32", "b: BF16 read as float32"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestMatch(t *testing.T) {
	file := &File{Name: "w.safetensors", Tensors: []Tensor{
		{"fc.weight", []int{2, 3}, make([]float32, 6)}, {"fc.bias", []int{2}, []float32{5, 6}}, {"bn.running_mean", []int{2}, []float32{7, 8}}}}
	params := []Param{{"fc.weight", []int{2, 3}}, {"fc.bias", []int{2}}}
	got, err := file.Match(params, []Param{{"bn.running_mean", []int{2}}, {"bn.running_var", []int{2}}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float32{"fc.weight": make([]float32, 6), "fc.bias": {5, 6}, "bn.running_mean": {7, 8}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}

	_, err = file.Match([]Param{{"fc.weight", []int{3, 2}}, {"fc.bias", []int{2}}, {"out.weight", []int{10, 2}}, {"s", nil}}, nil)
	text := "weights: w.safetensors does not fit the model: missing: out.weight [10, 2], s []; " +
		"surplus: bn.running_mean [2]; wrong shape: fc.weight has shape [2, 3], wanted [3, 2]"
	if err == nil || err.Error() != text {
		t.Errorf("error\n%v\nwant\n%s", err, text)
	}
}

// The reference state dicts that PyTorch wrote.
func TestGoldenFiles(t *testing.T) {
	const folder = "../../../shared/golden"
	names, _ := filepath.Glob(filepath.Join(folder, "*.safetensors"))
	if len(names) == 0 {
		t.Skip("no state dicts in ../shared/golden")
	}
	for _, name := range names {
		text, err := os.ReadFile(strings.TrimSuffix(name, ".safetensors") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Parameters []struct {
				Name  string
				Shape []int
				Norm  float64 `json:"norm"`
			}
		}
		if err := json.Unmarshal(text, &golden); err != nil {
			t.Fatal(err)
		}
		file, err := ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(golden.Parameters) == 0 || len(golden.Parameters) != len(file.Tensors) {
			t.Fatalf("%s: %d tensors, want %d", name, len(file.Tensors), len(golden.Parameters))
		}
		var params []Param
		for i, p := range golden.Parameters {
			params = append(params, Param{p.Name, p.Shape})
			if got := file.Tensors[i].Name; got != p.Name {
				t.Errorf("%s: tensor %d is %s, want %s", name, i, got, p.Name)
			}
		}
		matched, err := file.Match(params, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range golden.Parameters {
			sum := 0.0
			for _, x := range matched[p.Name] {
				sum += float64(x) * float64(x)
			}
			if norm := math.Sqrt(sum); math.Abs(norm-p.Norm) > 1e-12*p.Norm {
				t.Errorf("%s: norm of %s is %v, want %v", name, p.Name, norm, p.Norm)
			}
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encode(file.Tensors, nil), content) {
			t.Errorf("%s: written again it has other bytes", name)
		}
	}
}
