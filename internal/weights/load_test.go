package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
)

// file writes content to a new file and returns its name.
func file(t *testing.T, content []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// blank are tensors of the given names and shapes, to be filled.
func blank(list ...run.Tensor) []run.Tensor {
	for i := range list {
		list[i].Data = make([]float32, size(list[i].Shape))
	}
	return list
}

func TestLoad(t *testing.T) {
	long := run.Tensor{Name: "fc.weight", Shape: []int{300, 1000}, Data: make([]float32, 300000)} // several chunks
	for i := range long.Data {
		long.Data[i] = float32(i)
	}
	name := file(t, encode([]run.Tensor{long, {Name: "fc.bias", Shape: []int{2}, Data: []float32{5, 6}}, {Name: "bn.running_mean", Shape: []int{2}, Data: []float32{7, 8}}}, nil))
	must := blank(run.Tensor{Name: "fc.bias", Shape: []int{2}}, run.Tensor{Name: "fc.weight", Shape: []int{300, 1000}})
	may := blank(run.Tensor{Name: "bn.running_mean", Shape: []int{2}}, run.Tensor{Name: "bn.running_var", Shape: []int{2}})
	notes, err := Load(name, must, may)
	if err != nil || notes != nil {
		t.Fatal(notes, err)
	}
	want := [][]float32{{5, 6}, long.Data, {7, 8}, {0, 0}}
	for i, tensor := range slices.Concat(must, may) {
		if !slices.Equal(tensor.Data, want[i]) {
			t.Errorf("%s is not the file's", tensor.Name)
		}
	}
}

func TestLoadConverts(t *testing.T) {
	data := binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.Pi))
	data = append(data, make([]byte, 8)...)
	header := `{"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}`
	name, into := file(t, raw(header, data)), blank(run.Tensor{Name: "d", Shape: []int{1}})
	notes, err := Load(name, into, nil)
	want := name + ": 1 of 1 tensors are F64, and were read as float32"
	if err != nil || len(notes) != 1 || notes[0] != want || into[0].Data[0] != math.Pi {
		t.Errorf("%v, notes %q, error %v, want note %s", into[0].Data, notes, err, want)
	}
	// A number beyond float32 is an error and does not become infinite; infinite
	// numbers stay so.
	for x, fits := range map[float64]bool{3e38: true, 1e39: false, -1e39: false, math.Inf(1): true, math.NaN(): true} {
		binary.LittleEndian.PutUint64(data, math.Float64bits(x))
		_, err := Load(file(t, raw(header, data)), into, nil)
		if fits && err != nil || !fits && (err == nil || !strings.HasSuffix(err.Error(), `tensor "d": element 0 is too large for float32`)) {
			t.Errorf("%v: error %v", x, err)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	name := file(t, encode([]run.Tensor{{Name: "fc.weight", Shape: []int{2, 3}, Data: make([]float32, 6)}, {Name: "fc.bias", Shape: []int{2}, Data: []float32{5, 6}},
		{Name: "bn.running_mean", Shape: []int{2}, Data: []float32{7, 8}}, {Name: "\x1b[2J\"", Shape: []int{}, Data: []float32{1}}}, nil))
	_, err := Load(name, blank(run.Tensor{Name: "fc.weight", Shape: []int{3, 2}}, run.Tensor{Name: "fc.bias", Shape: []int{2}},
		run.Tensor{Name: "out.weight", Shape: []int{10, 2}}, run.Tensor{Name: "s"}), nil)
	want := "weights: " + name + " does not fit the model: missing: out.weight [10, 2], s []; " +
		`surplus: bn.running_mean [2], "\x1b[2J\"" []; wrong shape: fc.weight has shape [2, 3], wanted [3, 2]`
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}

	name = file(t, raw(`{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)))
	_, err = Load(name, blank(run.Tensor{Name: "a", Shape: []int{1}}), nil)
	if want := "weights: " + name + " does not fit the model: of a kind that is not read: a is I32; save it as F32"; err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}

	var many []run.Tensor
	for i := range 10000 {
		many = append(many, run.Tensor{Name: fmt.Sprint("t", i), Shape: []int{0}, Data: nil})
	}
	_, err = Load(file(t, encode(many, nil)), nil, nil)
	if err == nil || !strings.HasSuffix(err.Error(), ", t19 [0] and 9980 more") || len(err.Error()) > 500 {
		t.Errorf("error of many faults: %v", err)
	}
}

// Load and ReadFile report the same error for a file of another kind.
func TestNoFile(t *testing.T) {
	dir, short := t.TempDir(), file(t, []byte("short"))
	for what, read := range map[string]func(name string) error{
		"Load":     func(name string) error { _, err := Load(name, nil, nil); return err },
		"ReadFile": func(name string) error { _, err := ReadFile(name); return err },
	} {
		if err := read(dir); err == nil || err.Error() != "weights: "+dir+" is a folder; give the name of a file" {
			t.Errorf("%s: a folder: error %v", what, err)
		}
		if err := read(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: missing: error %v", what, err)
		}
		if err := read(short); err == nil || !strings.HasPrefix(err.Error(), "weights: "+short+": not a safetensors file") {
			t.Errorf("%s: short: error %v", what, err)
		}
	}
}

// Sparse files of 2 GB, which cost nothing: one of zeros, and one with a tensor that is
// not wanted. Only their headers take memory.
func TestSparseFiles(t *testing.T) {
	const large = 2 << 30
	header := fmt.Sprintf(`{"a":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}`, large/4, large)
	for content, want := range map[string]string{
		"": "not a safetensors file: no header follows its length, which is 0",
		string(binary.LittleEndian.AppendUint64(nil, maxHeader)): "not a safetensors file: no header follows its length, which is 16777216",
		string(raw(header, nil)):                                 "does not fit the model: missing: a [3]; surplus: a [536870912]",
	} {
		name := file(t, []byte(content))
		size := int64(large)
		if strings.Contains(content, "{") {
			size += int64(len(content))
			want = "does not fit the model: wrong shape: a has shape [536870912], wanted [3]"
		}
		if err := os.Truncate(name, size); err != nil {
			t.Skip("no sparse file of 2 GB: ", err)
		}
		into := blank(run.Tensor{Name: "a", Shape: []int{3}})
		var err error
		taken := testenv.Allocated(func() { _, err = Load(name, into, nil) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if taken > 1<<16 {
			t.Errorf("%d bytes were taken for %q", taken, want)
		}
		if taken = testenv.Allocated(func() { _, err = ReadFile(name) }); taken > 1<<16 || err == nil {
			t.Errorf("ReadFile: %d bytes were taken, error %v", taken, err)
		}
	}
}

// Load and Read hold no more memory besides the tensors than Overhead says.
func TestOverhead(t *testing.T) {
	for _, n := range []int{1, 1000, 10000} {
		var tensors []run.Tensor
		for i := range n {
			tensors = append(tensors, run.Tensor{Name: fmt.Sprintf("layer%d.weight", i), Shape: []int{4, 8}, Data: make([]float32, 32)})
		}
		tensors[0] = run.Tensor{Name: "large", Shape: []int{1000000}, Data: make([]float32, 1000000)}
		content := encode(tensors, nil)
		name, header := file(t, content), int64(binary.LittleEndian.Uint64(content))
		bound := Overhead + 32*max(0, header-64<<10)
		load := testenv.Allocated(func() {
			if _, err := Load(name, tensors, nil); err != nil {
				t.Error(err)
			}
		})
		whole := testenv.Allocated(func() {
			if _, err := Decode(content); err != nil {
				t.Error(err)
			}
		}) - 4*int64(1000000+32*(n-1))
		t.Logf("%d tensors, a header of %d bytes: Load allocates %d bytes, Read %d, bound %d", n, header, load, whole, bound)
		if load > bound || whole > bound {
			t.Errorf("%d tensors: Load allocates %d bytes, Read %d besides the tensors, more than %d", n, load, whole, bound)
		}
	}
}

// Names of a file may differ from those wanted, and a note says what it lacks.
func TestLoadAs(t *testing.T) {
	tensor := func(name string, x float32) run.Tensor {
		return run.Tensor{Name: name, Shape: []int{1}, Data: []float32{x}}
	}
	rename := func(name string) string {
		if strings.HasPrefix(name, "cls.") {
			return ""
		}
		return strings.Replace(name, "gamma", "weight", 1)
	}
	name := file(t, encode([]run.Tensor{tensor("norm.gamma", 3), tensor("cls.bias", 4)}, nil))
	must, may := blank(run.Tensor{Name: "norm.weight", Shape: []int{1}}), blank(run.Tensor{Name: "head.bias", Shape: []int{1}})
	notes, err := LoadAs(name, must, may, Dialect{Rename: rename})
	if err != nil || must[0].Data[0] != 3 || len(notes) != 1 || !strings.Contains(notes[0], "lacks head.bias,") {
		t.Errorf("%v, %q, %v", must[0].Data, notes, err)
	}
	name = file(t, encode([]run.Tensor{tensor("norm.gamma", 3), tensor("norm.weight", 4)}, nil))
	if _, err := LoadAs(name, must, may, Dialect{Rename: rename}); err == nil || !strings.Contains(err.Error(), "both norm.gamma and norm.weight") {
		t.Errorf("two of one name: %v", err)
	}
}

// A file may have what a network has as a constant, with the same numbers.
func TestConstants(t *testing.T) {
	tensor := func(name string, x ...float32) run.Tensor {
		return run.Tensor{Name: name, Shape: []int{len(x)}, Data: x}
	}
	d := Dialect{Constants: []run.Tensor{tensor("std", 1.5, 2), tensor("mean", 3)}}
	for _, c := range []struct {
		tensors []run.Tensor
		wrong   string
	}{
		{[]run.Tensor{tensor("w", 7)}, ""},
		{[]run.Tensor{tensor("w", 7), tensor("std", 1.5, 2)}, ""},
		{[]run.Tensor{tensor("w", 7), tensor("std", 1.5, 4)}, "std has other numbers than in the network"},
		{[]run.Tensor{tensor("w", 7), tensor("std", 1.5)}, "wrong shape: std"},
		{[]run.Tensor{tensor("w", 7), tensor("scale", 1)}, "surplus: scale"},
	} {
		name, must := file(t, encode(c.tensors, nil)), blank(run.Tensor{Name: "w", Shape: []int{1}})
		_, err := LoadAs(name, must, nil, d)
		if c.wrong == "" && (err != nil || must[0].Data[0] != 7) || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%v: %v, want %q", c.tensors, err, c.wrong)
		}
		if _, err := Check(name, must, nil, d); (err != nil) != (c.wrong != "" && !strings.Contains(c.wrong, "numbers")) {
			t.Errorf("%v: checked, %v", c.tensors, err)
		}
	}
	if d.Constants[0].Data[1] != 2 {
		t.Error("the constants have changed")
	}
}
