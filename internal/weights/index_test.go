package weights

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
)

// shards writes tensors a and b in a file each, and an index of them, and returns the folder.
func shards(t testing.TB, index string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i, name := range []string{"a", "b"} {
		tensors := []run.Tensor{{Name: name, Shape: []int{2, 2}, Data: []float32{float32(i), 1, 2, 3}}, {Name: name + ".bias", Shape: []int{1}, Data: []float32{7 + float32(i)}}}
		if err := WriteFile(filepath.Join(dir, name+".safetensors"), tensors, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), []byte(index), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

const wholeIndex = `{
  "metadata": {"total_size": 40, "step": "12", "more": [1]},
  "weight_map": {"b": "b.safetensors", "b.bias": "b.safetensors", "a": "a.safetensors"},
  "else": {"x": null}
}`

func TestIndex(t *testing.T) {
	dir := shards(t, wholeIndex)
	name := filepath.Join(dir, "model.safetensors.index.json")
	a, b := run.Tensor{Name: "a", Shape: []int{2, 2}, Data: make([]float32, 4)}, run.Tensor{Name: "b", Shape: []int{2, 2}, Data: make([]float32, 4)}
	bias := run.Tensor{Name: "b.bias", Shape: []int{1}, Data: make([]float32, 1)}
	notes, err := Load(name, []run.Tensor{a, b}, []run.Tensor{bias})
	if err != nil || !slices.Equal(a.Data, []float32{0, 1, 2, 3}) || !slices.Equal(b.Data, []float32{1, 1, 2, 3}) || bias.Data[0] != 8 {
		t.Errorf("read %v, %v and %v (%v)", a.Data, b.Data, bias.Data, err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "a.safetensors: 1 tensors that the index does not name there are left out") {
		t.Errorf("notes %q", notes)
	}
	if meta, err := Meta(name); err != nil || meta["step"] != "12" || meta["total_size"] != "40" || len(meta) != 2 {
		t.Errorf("metadata %v (%v)", meta, err)
	}
	if f, err := ReadFile(name); err != nil || len(f.Tensors) != 3 {
		t.Errorf("ReadFile: %v (%v)", f, err)
	}
	if _, err := Check(name, []run.Tensor{a}, []run.Tensor{bias}, Dialect{}); err == nil || !strings.Contains(err.Error(), "surplus: b [2, 2]") {
		t.Errorf("a tensor too many: %v", err)
	}
	before, err1 := Sum(name)
	other := []run.Tensor{{Name: "a", Shape: []int{2, 2}, Data: make([]float32, 4)}, {Name: "a.bias", Shape: []int{1}, Data: make([]float32, 1)}}
	err2 := WriteFile(filepath.Join(dir, "a.safetensors"), other, nil)
	if after, err3 := Sum(name); err1 != nil || err2 != nil || err3 != nil || before == after {
		t.Errorf("the sum of other weights is the same: %s (%v, %v, %v)", after, err1, err2, err3)
	}
}

// The parts of an index may be files of PyTorch.
func TestIndexOfTorch(t *testing.T) {
	file, err := os.ReadFile("testdata/plain.pt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range f.Tensors {
		names = append(names, `"`+x.Name+`": "pytorch_model-1.bin"`)
	}
	name := filepath.Join(dir, "pytorch_model.bin.index.json")
	err1 := os.WriteFile(name, []byte(`{"weight_map": {`+strings.Join(names, ", ")+`}}`), 0o666)
	err2 := os.WriteFile(filepath.Join(dir, "pytorch_model-1.bin"), file, 0o666)
	got, err := ReadFile(name)
	if err != nil || err1 != nil || err2 != nil || len(got.Tensors) != len(f.Tensors) {
		t.Fatalf("%v (%v, %v, %v)", got, err, err1, err2)
	}
	for i, x := range f.Tensors {
		if !slices.Equal(x.Data, got.Tensors[i].Data) {
			t.Errorf("tensor %s differs", x.Name)
		}
	}
}

func TestIndexRefuses(t *testing.T) {
	for _, c := range []struct{ index, want string }{
		{`{"weight_map": {"a": "c.safetensors"}}`, "the index names a file that cannot be read: stat "},
		{`{"weight_map": {"a": "../a.safetensors"}}`, `tensor "a": the file "../a.safetensors" does not lie in the folder of the index`},
		{`{"weight_map": {"a": "/etc/passwd"}}`, `does not lie in the folder`},
		{`{"weight_map": {"a": "."}}`, `does not lie in the folder`},
		{`{"weight_map": {"a": 7}}`, `want a text, found "7"`},
		{`{"weight_map": {"a": "a.safetensors", "a": "b.safetensors"}}`, `"a" stands there twice`},
		{`{"weight_map": {"b": "a.safetensors"}}`, `the index says that tensor "b" stands in a.safetensors, and it does not`},
		{`{"weight_map": {"a": "model.safetensors.index.json"}}`, "model.safetensors.index.json: not a safetensors file"},
		{`{"weight_map": {}, "metadata": {}}`, "it has no weight_map that names files"},
		{`{"weight_map": {"a": "a.safetens`, "no index of a model in several files"},
		{`{"tensors": [1, 2}`, "no index of a model in several files"},
	} {
		name := filepath.Join(shards(t, c.index), "model.safetensors.index.json")
		if _, err := ReadFile(name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.index, err)
		}
	}
	var many strings.Builder
	for i := range maxParts + 1 {
		many.WriteString(strings.Repeat(",", min(i, 1)) + `"` + strings.Repeat("x", i+1) + `": "` + strings.Repeat("y", i+1) + `"`)
	}
	if _, err := ReadFile(filepath.Join(shards(t, `{"weight_map": {`+many.String()+`}}`), "model.safetensors.index.json")); err == nil || !strings.Contains(err.Error(), "more than 512 files") {
		t.Errorf("many files: %v", err)
	}
}

// No index makes the package panic, reach beyond its folder or take more memory than its size justifies.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(wholeIndex))
	f.Add([]byte(`{"weight_map": {"a": "a.safetensors", "a.bias": "a.safetensors"}, "metadata": 7}`))
	f.Add([]byte(`{"weight_map": {"a": "../a.safetensors"}}`))
	f.Add([]byte(`{"weight_map": {"a": "model.safetensors.index.json"}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		name := filepath.Join(shards(t, string(content)), "model.safetensors.index.json")
		var err error
		taken := testenv.Allocated(func() { _, err = ReadFile(name) })
		if most := Overhead + 4<<20 + 64*int64(len(content)); taken > most {
			t.Errorf("%d bytes taken for %d", taken, len(content))
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("an error of %d characters", len(err.Error()))
		}
	})
}
