package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/numpy"
)

func torchFile(t testing.TB, name string) any {
	t.Helper()
	v, _, err := torchOf(t, name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// torchOf is Torch for a file of testdata.
func torchOf(t testing.TB, name string) (v any, unknown []string, err error) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return Torch(bytes.NewReader(b), int64(len(b)))
}

// values reads a tensor of the bytes of a file, by the definition of its strides.
func values(t testing.TB, file []byte, x *Tensor) (list []float64) {
	t.Helper()
	types := map[string]string{"F32": "<f4", "F64": "<f8", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U8": "|u1", "BOOL": "|b1", "BF16": "<u2"}
	d, err := numpy.ParseDType(types[x.DType])
	if err != nil {
		t.Fatal(err)
	}
	var walk func(dim int, at int64)
	walk = func(dim int, at int64) {
		if dim < len(x.Shape) {
			for i := range x.Shape[dim] {
				walk(dim+1, at+int64(i*x.Strides[dim]))
			}
			return
		}
		b := file[x.Start+at*int64(d.Size):][:d.Size]
		switch {
		case x.DType == "BF16":
			list = append(list, float64(math.Float32frombits(uint32(b[0])<<16|uint32(b[1])<<24)))
		case d.Kind == numpy.Float:
			list = append(list, d.Float(b))
		default:
			n, err := d.Int(b)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, float64(n))
		}
	}
	walk(0, x.Offset)
	return list
}

// A state dict with tensors of every type, and views that share memory.
func TestTorch(t *testing.T) {
	file, err := os.ReadFile("testdata/state.pt")
	if err != nil {
		t.Fatal(err)
	}
	list, dicts, err := StateDicts(torchFile(t, "state.pt"))
	if err != nil || len(dicts) != 1 {
		t.Fatal(dicts, err)
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
		x, err := values(t, file, tensor.Tensor), tensor.Check()
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
	list, dicts, err := StateDicts(v)
	if err != nil || len(list) != 1 || list[0].Name != "model.fc.weight" || !slices.Equal(dicts, []StateDict{{"", 0, 1}, {"model.", 0, 1}, {"model.fc.", 0, 1}}) {
		t.Errorf("%v in %v (%v)", list, dicts, err)
	}
	if got := get(t, v, "epoch"); got != int64(3) {
		t.Errorf("epoch %v", got)
	}
	// One that was saved whole has the same names.
	for _, name := range []string{"net.pt", "whole.pt"} {
		net, _, err := StateDicts(torchFile(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tensor := range net {
			names = append(names, tensor.Name)
		}
		if got := strings.Join(names, " "); got != "0.weight 0.bias 1.weight 1.bias 1.running_mean 1.running_var 1.num_batches_tracked" {
			t.Errorf("%s: names %s", name, got)
		}
	}
}

func TestTorchRefused(t *testing.T) {
	for name, want := range map[string]string{
		"old.pt":           "of the form that PyTorch wrote before version 1.6",
		"script.pt":        "a program of TorchScript",
		"p2.pkl":           "not a file of PyTorch, which would be a zip archive",
		"../../../LICENSE": "not a file of PyTorch",
	} {
		_, _, err := torchOf(t, name)
		complains(t, err, want)
	}
}

// What is not known is reported by name, and becomes an object that was not made.
func TestTorchUnknown(t *testing.T) {
	program := "(S'a'\ncposix\nsystem\n(S'echo run'\ntRS'b'\ncargparse\nNamespace\n)R}S'lr'\nF0.5\nsbS'c'\ncx.y\nList\n)RS'n'\nI1\nsI2\nad."
	b := archived(t, "a/data.pkl", program)
	v, unknown, err := Torch(bytes.NewReader(b), int64(len(b)))
	if err != nil || !slices.Equal(unknown, []string{"posix.system", "argparse.Namespace", "x.y.List"}) {
		t.Fatal(unknown, err)
	}
	system, space := get(t, v, "a").(*Object), get(t, v, "b").(*Object)
	if system.Class != "posix.system" || len(system.Args) != 1 || get(t, space.State, "lr") != 0.5 {
		t.Errorf("%v, %v", system, space)
	}
	if list := get(t, v, "c").(*Object); get(t, &list.Items, "n") != int64(1) {
		t.Errorf("%v", list)
	}
	_, _, err = StateDicts(v)
	complains(t, err, "no tensors are in it (a dictionary of 3 items); save the state dict")
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
		"shape":         {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I3\nt(I1\ntI00\n}"), "a/data/0", "12345678"}, "a shape of [3] at strides of [1] from value 0 on, of 2 values"},
		"offset":        {[]string{"a/data.pkl", tensorOf(floats, "I2\n(I1\nt(I1\ntI00\n}"), "a/data/0", "12345678"}, "a shape of [1] at strides of [1] from value 2 on, of 2 values"},
		"before":        {[]string{"a/data.pkl", tensorOf(floats, "I-1\n(I1\nt(I1\ntI00\n}"), "a/data/0", "12345678"}, "a tensor of "},
		"expanded":      {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I1000000000\nt(I0\ntI00\n}"), "a/data/0", "12345678"}, ""},
		"stride":        {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I2\nI2\nt(I9223372036854775807\nI1\ntI00\n}"), "a/data/0", "12345678"}, "from value 0 on, of 2 values"},
		"overflow":      {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I3\nI3\nt(I4611686018427387904\nI1\ntI00\n}"), "a/data/0", "12345678"}, "from value 0 on, of 2 values"},
		"count":         {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I9223372036854775807\nI3\nt(I0\nI0\ntI00\n}"), "a/data/0", "12345678"}, "more than can be counted"},
		"negative step": {[]string{"a/data.pkl", tensorOf(floats, "I1\n(I2\nt(I-1\ntI00\n}"), "a/data/0", "12345678"}, "with a dimension of -1"},
		"no strides":    {[]string{"a/data.pkl", tensorOf(floats, "I0\n(I2\ntN"), "a/data/0", "12345678"}, "an array whose shape is None"},
		"parts":         {[]string{"a/data.pkl", tensorOf(floats, ""), "a/data/0", "12345678"}, "a tensor of 1 parts"},
		"other id":      {[]string{"a/data.pkl", "NQ."}, "it needs something that lies outside of it (None)"},
		"no storage id": {[]string{"a/data.pkl", "(NNNNNtQ."}, "lies outside of it and is no storage"},
		"no tensor":     {[]string{"a/data.pkl", "ctorch._utils\n_rebuild_tensor_v2\n(NI0\n))tR."}, "a tensor of None from an integer on"},
		"negative":      {[]string{"a/data.pkl", tensorOf("ctorch\nFloatStorage\nS'0'\nS'cpu'\nI-2\n", rest), "a/data/0", "12345678"}, "and -2 values"},
		"many":          {[]string{"a/data.pkl", tensorOf("ctorch\nFloatStorage\nS'0'\nS'cpu'\nI9223372036854775807\n", rest), "a/data/0", "12345678"}, "and 9223372036854775807 values"},
	} {
		b := archived(t, test.members...)
		v, _, err := Torch(bytes.NewReader(b), int64(len(b)))
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
		if x := v.(*Tensor); x.Check() != nil || x.DType != "F32" || string(b[x.Start:][:4*x.Len]) != "12345678" {
			t.Errorf("%s: %v", name, x)
		}
	}

	// If one byte of a tensor is changed, only the checksum shows it.
	b, err := os.ReadFile("testdata/checkpoint.pt")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte{0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f})
	b[at]++
	v, _, err := Torch(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := StateDicts(v)
	complains(t, list[0].Check(), `damaged, or saved without checksums: that of "archive/data/0" in it is wrong`)
	_, _, err = Torch(bytes.NewReader(b[:len(b)-5]), int64(len(b)-5))
	complains(t, err, "a damaged or truncated file of PyTorch")

	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, _ := z.Create("a/data.pkl")
	w.Write(make([]byte, 1<<20))
	z.Close()
	_, _, err = Torch(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	complains(t, err, `"a/data.pkl" in it is packed, as PyTorch never does`)
}

func TestStateDictsBounded(t *testing.T) {
	_, _, err := StateDicts(nil)
	complains(t, err, "no tensors are in it (None)")
	cycle := &Dict{}
	if err := errors.Join(cycle.set("a", cycle), cycle.set("b", cycle)); err != nil {
		t.Fatal(err)
	}
	_, _, err = StateDicts(cycle)
	complains(t, err, "dictionaries within dictionaries without an end")
}
