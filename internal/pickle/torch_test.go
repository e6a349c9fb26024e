package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func torchFile(t testing.TB, name string) any {
	t.Helper()
	v, err := TorchFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A state dict with tensors of every type, and views that share memory.
func TestTorch(t *testing.T) {
	list, err := Tensors(torchFile(t, "state.pt"))
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		shape  []int
		values []float64
	}
	six := want{[]int{2, 3}, []float64{0, 1, 2, 3, 4, 5}}
	wants := map[string]want{
		"float32": six, "float64": six, "float16": six, "bfloat16": six, "int64": six, "int32": six, "int16": six, "int8": six, "uint8": six,
		"bool":       {[]int{2}, []float64{1, 0}},
		"scalar":     {[]int{}, []float64{1.5}},
		"empty":      {[]int{0, 3}, []float64{}},
		"base":       {[]int{3, 4}, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"transposed": {[]int{4, 3}, []float64{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}},
		"part":       {[]int{2, 2}, []float64{5, 6, 9, 10}},
		"parameter":  {[]int{2}, []float64{1, 1}},
	}
	for _, tensor := range list {
		w := wants[tensor.Name]
		x, err := tensor.Float64s()
		if err != nil || !slices.Equal(tensor.Shape, w.shape) || !slices.Equal(x, w.values) {
			t.Errorf("%s: shape %v, values %v (%v), want %v", tensor.Name, tensor.Shape, x, err, w)
		}
	}
	if len(list) != len(wants) || list[0].Name != "float32" || list[len(list)-1].Name != "parameter" {
		t.Errorf("%d tensors, want %d", len(list), len(wants))
	}
}

func TestTorchNested(t *testing.T) {
	v := torchFile(t, "checkpoint.pt")
	list, err := Tensors(v)
	if err != nil || len(list) != 1 || list[0].Name != "model.fc.weight" {
		t.Errorf("%v (%v)", list, err)
	}
	if got := get(t, v, "epoch"); got != int64(3) {
		t.Errorf("epoch %v", got)
	}
	net, err := Tensors(torchFile(t, "net.pt"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tensor := range net {
		names = append(names, tensor.Name)
	}
	if got := strings.Join(names, " "); got != "0.weight 0.bias 1.weight 1.bias 1.running_mean 1.running_var 1.num_batches_tracked" {
		t.Errorf("names %s", got)
	}
}

func TestTorchRefused(t *testing.T) {
	for name, want := range map[string]string{
		"whole.pt":            `whole.pt: pickle: it needs "torch.nn.modules.container.Sequential" of Python`,
		"old.pt":              "old.pt: of the form that PyTorch wrote before version 1.6",
		"script.pt":           "script.pt: a program of TorchScript",
		"p2.pkl":              "p2.pkl: not a file of PyTorch, which would be a zip archive",
		"../../../LICENSE":    "not a file of PyTorch",
		"nothing":             "no such file",
		"../testdata":         "is a folder",
		"../torch.go/nothing": "torch.go",
	} {
		_, err := TorchFile(filepath.Join("testdata", name))
		complains(t, err, want)
	}
	if _, err := TorchFile("testdata/nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// archived returns a zip archive.
func archived(t testing.TB, members ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i < len(members); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: members[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// tensorOf returns the pickle of a tensor of a storage.
func tensorOf(storage, rest string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\n" + storage + "tQ" + rest + "tR."
}

func TestTorchDamaged(t *testing.T) {
	const floats = "ctorch\nFloatStorage\nS'0'\nS'cpu'\nI2\n"
	const rest = "I0\n(I2\nt(I1\ntI00\n}"
	good := tensorOf(floats, rest)
	for name, test := range map[string]struct {
		members []string
		want    string
	}{
		"good":          {[]string{"a/data.pkl", good, "a/data/0", "12345678"}, ""},
		"no program":    {[]string{"a/data/0", "12345678"}, "its archive has no data.pkl"},
		"two programs":  {[]string{"a/data.pkl", good, "b/data.pkl", good}, "two pickles are in it"},
		"two of a name": {[]string{"a/data.pkl", good, "a/data/0", "12345678", "a/data/0", "87654321"}, `two files in it are called "a/data/0"`},
		"no storage":    {[]string{"a/data.pkl", good}, `"a/data/0" is missing in it`},
		"big":           {[]string{"a/data.pkl", good, "a/data/0", "12345678", "a/byteorder", "big"}, `written with the order of bytes "big"`},
		"little":        {[]string{"a/data.pkl", good, "a/data/0", "12345678", "a/byteorder", "little"}, ""},
		"short":         {[]string{"a/data.pkl", good, "a/data/0", "1234567"}, `storage "0" has 7 bytes, and 2 values`},
		"shape":         {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I3\nt(I1\ntI00\n}"), "a/data/0", "12345678"}, "a shape of [3], of 2 values"},
		"offset":        {[]string{"a/data.pkl", tensorOf(floats, "I2\n(I1\nt(I1\ntI00\n}"), "a/data/0", "12345678"}, "values 2 to 2, of 2 values"},
		"before":        {[]string{"a/data.pkl", tensorOf(floats, "I-1\n(I1\nt(I1\ntI00\n}"), "a/data/0", "12345678"}, "a tensor of "},
		"expanded":      {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I1000000000\nt(I0\ntI00\n}"), "a/data/0", "12345678"}, "a shape of [1000000000], of 2 values"},
		"no strides":    {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I2\ntN"), "a/data/0", "12345678"}, "an array whose shape is None"},
		"parts":         {[]string{"a/data.pkl", tensorOf(floats, ""), "a/data/0", "12345678"}, "a tensor of 1 parts"},
		"other kind":    {[]string{"a/data.pkl", tensorOf("ctorch\nSize\nS'0'\nS'cpu'\nI2\n", rest), "a/data/0", "12345678"}, "a storage of the kind torch.Size, which is not read"},
		"unknown kind":  {[]string{"a/data.pkl", tensorOf("ctorch\nComplexFloatStorage\nS'0'\nS'cpu'\nI2\n", rest)}, `it needs "torch.ComplexFloatStorage"`},
		"other id":      {[]string{"a/data.pkl", "NQ."}, "it needs something that lies outside of it (None)"},
		"no storage id": {[]string{"a/data.pkl", "(NNNNNtQ."}, "lies outside of it and is no storage"},
		"no tensor":     {[]string{"a/data.pkl", "ctorch._utils\n_rebuild_tensor_v2\n(NI0\n))tR."}, "a tensor of None from an integer on"},
		"negative":      {[]string{"a/data.pkl", tensorOf("ctorch\nFloatStorage\nS'0'\nS'cpu'\nI-2\n", rest), "a/data/0", "12345678"}, "and -2 values"},
		"many":          {[]string{"a/data.pkl", tensorOf("ctorch\nFloatStorage\nS'0'\nS'cpu'\nI9223372036854775807\n", rest), "a/data/0", "12345678"}, "and 9223372036854775807 values"},
	} {
		b := archived(t, test.members...)
		v, err := Torch(bytes.NewReader(b), int64(len(b)))
		if test.want != "" {
			if err == nil {
				t.Errorf("%s: no error", name)
				continue
			}
			complains(t, err, test.want)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if x, err := v.(*Array).Float32s(); err != nil || len(x) != 2 || math.Float32bits(x[0]) != 0x34333231 {
			t.Errorf("%s: %v (%v)", name, x, err)
		}
	}

	// If one byte of a tensor is changed, only the checksum shows it.
	b, err := os.ReadFile("testdata/checkpoint.pt")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte{0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f})
	b[at]++
	_, err = Torch(bytes.NewReader(b), int64(len(b)))
	complains(t, err, `damaged: the checksum of "archive/data/0" in it is wrong`)
	_, err = Torch(bytes.NewReader(b[:len(b)-5]), int64(len(b)-5))
	complains(t, err, "a damaged or truncated file of PyTorch")

	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, _ := z.Create("a/data.pkl")
	w.Write(make([]byte, 1<<20))
	z.Close()
	_, err = Torch(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	complains(t, err, `"a/data.pkl" in it is packed, as PyTorch never does`)
}

func TestTensorsBounded(t *testing.T) {
	_, err := Tensors(nil)
	complains(t, err, "None, where a state dict is wanted")
	cycle := &Dict{}
	if err := errors.Join(cycle.set("a", cycle), cycle.set("b", cycle)); err != nil {
		t.Fatal(err)
	}
	_, err = Tensors(cycle)
	complains(t, err, "dictionaries within dictionaries without an end")
}
