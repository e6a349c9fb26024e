package weights

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
)

func torchFile(name string) string { return filepath.Join("testdata", name) }

// counted returns n numbers first, first + 1/8, …, as the script beside the files makes them.
func counted(first float32, n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = first + float32(i)/8
	}
	return list
}

// fc are the tensors of a layer, to be filled.
func fc() []run.Tensor {
	return blank(run.Tensor{Name: "fc.weight", Shape: []int{2, 3}}, run.Tensor{Name: "fc.bias", Shape: []int{2}})
}

// What programs write around a state dict is taken off, and notes say so.
func TestTorchState(t *testing.T) {
	for name, want := range map[string][]string{
		"plain.pt": nil,
		"ema.pt":   {`the state dict is the one under "model"`},
		"parallel.pt": {`the state dict is the one under "net"`,
			`all names begin with "module.", which was taken off`},
		"lightning.pt": {"it names what is neither read nor run: argparse.Namespace", `the state dict is the one under "state_dict"`,
			`all names begin with "model.", which was taken off`},
		"evil.pt": {"it names what is neither read nor run: posix.system", `the state dict is the one under "model"`},
	} {
		into, path := fc(), torchFile(name)
		notes, err := Load(path, into, nil)
		if err != nil || !slices.Equal(into[0].Data, counted(1, 6)) || !slices.Equal(into[1].Data, counted(2, 2)) {
			t.Errorf("%s: %v (%v)", name, into, err)
		}
		for i := range want {
			want[i] = path + ": " + want[i]
		}
		if !slices.Equal(notes, want) {
			t.Errorf("%s: notes %q, want %q", name, notes, want)
		}
		if checked, err := Check(path, into, nil, Dialect{}); err != nil || !slices.Equal(checked, want) {
			t.Errorf("%s: notes %q (%v)", name, checked, err)
		}
		shapes, err := Shapes(path, into)
		if err != nil || !slices.Equal(shapes["fc.weight"], []int{2, 3}) || len(shapes) != 2 {
			t.Errorf("%s: shapes %v (%v)", name, shapes, err)
		}
	}
	meta, err := Meta(torchFile("lightning.pt"))
	if err != nil || meta["global_step"] != "1200" || meta["epoch"] != "3" {
		t.Errorf("%v (%v)", meta, err)
	}
	if meta, err = Meta(torchFile("parallel.pt")); err != nil || meta["step"] != "400" || meta["lr"] != "0.05" {
		t.Errorf("%v (%v)", meta, err)
	}
}

// A network that was saved whole is read without its classes. The other buffers of its state dict are
// optional, and one that is not saved in it is not there.
func TestTorchWhole(t *testing.T) {
	must := blank(run.Tensor{Name: "0.weight", Shape: []int{2, 1, 3, 3}}, run.Tensor{Name: "0.bias", Shape: []int{2}},
		run.Tensor{Name: "1.weight", Shape: []int{2}}, run.Tensor{Name: "1.bias", Shape: []int{2}})
	may := blank(run.Tensor{Name: "1.running_mean", Shape: []int{2}}, run.Tensor{Name: "1.running_var", Shape: []int{2}})
	notes, err := Load(torchFile("whole.pt"), must, may)
	if err != nil {
		t.Fatal(err)
	}
	for k, tensor := range append(must, may...) {
		if !slices.Equal(tensor.Data, counted(float32(10*k), len(tensor.Data))) {
			t.Errorf("%s: %v", tensor.Name, tensor.Data)
		}
	}
	if len(notes) == 0 || !strings.Contains(notes[0], "neither read nor run: torch.nn.parallel.data_parallel.DataParallel") {
		t.Errorf("notes %q", notes)
	}
}

// Tensors that share memory, are transposed, or are parts of others.
func TestTorchViews(t *testing.T) {
	base := counted(0, 24)
	pick := func(rows, columns []int) (list []float32) {
		for _, r := range rows {
			for _, c := range columns {
				list = append(list, base[6*r+c])
			}
		}
		return list
	}
	var transposed []float32
	for c := range 6 {
		transposed = append(transposed, pick([]int{0, 1, 2, 3}, []int{c})...)
	}
	want := map[string][]float32{
		"base": base, "tied": base, "transposed": transposed, "part": pick([]int{1, 2}, []int{2, 3, 4}), "column": pick([]int{0, 1, 2, 3}, []int{3}),
		"every": pick([]int{0, 2}, []int{0, 3}), "image": base, "scalar": {1.5}, "empty": {}, "expanded": {7, 7.125, 7, 7.125, 7, 7.125},
		"half": counted(0, 5), "brain": counted(0, 5), "double": {0, 0.25, 0.125, 0.375}, "parameter": counted(2, 2),
	}
	for _, chunk := range []int{8, 64, chunk} {
		file, size := opened(t, "views.pt")
		h, err := readHeader(file, size)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range h.tensors {
			got := make([]float32, e.elements())
			if err := h.fill(got, e, file, make([]byte, chunk)); err != nil || !slices.Equal(got, want[e.name]) {
				t.Errorf("%s: %v (%v), want %v", e.name, got, err, want[e.name])
			}
		}
		if len(h.tensors) != len(want) {
			t.Errorf("%d tensors, want %d", len(h.tensors), len(want))
		}
	}
	f, err := ReadFile(torchFile("views.pt"))
	if err != nil || len(f.Tensors) != len(want) || !slices.Contains(f.Notes, "1 of 14 tensors are BF16, and were read as float32") {
		t.Errorf("%d tensors, notes %q (%v)", len(f.Tensors), f.Notes, err)
	}
}

func opened(t *testing.T, name string) (*bytes.Reader, int64) {
	t.Helper()
	b, err := os.ReadFile(torchFile(name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b), int64(len(b))
}

func TestTorchFaults(t *testing.T) {
	bias := func(name string) []run.Tensor { return blank(run.Tensor{Name: name, Shape: []int{2}}) }
	for _, test := range []struct {
		file string
		want []run.Tensor
		text string
	}{
		{"two.pt", fc(), `two state dicts in it fit, "student" and "teacher": save the one that is meant by itself`},
		{"ema.pt", append(fc(), bias("out.bias")...), "ema.pt does not fit the model: missing: out.bias [2]"},
		{"plain.pt", append(fc()[:1], bias("fc.bais")...), "missing: fc.bais [2]; surplus: fc.bias [2]; perhaps meant: fc.bias for fc.bais"},
		{"plain.pt", append(fc()[:1], bias("classifier.bias")...), "perhaps meant: fc.bias for classifier.bias"},
		{"kinds.pt", bias("complex"), "of a kind that is not read: complex is C64; save it as F32"},
		{"kinds.pt", bias("tiny"), "of a kind that is not read: tiny is "},
		{"overlap.pt", blank(run.Tensor{Name: "overlap", Shape: []int{3, 3}}), "its values overlap in memory (strides [2 1] of shape [3, 3]); save its clone()"},
		{"../../pickle/testdata/old.pt", fc(), "it is a file of PyTorch in the form before version 1.6, which is not read"},
		{"../../pickle/testdata/script.pt", fc(), "a program of TorchScript; save its state dict"},
	} {
		if _, err := Load(torchFile(test.file), test.want, nil); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v, want %s", test.file, err, test.text)
		}
	}
}

// A changed byte of a tensor is noticed, and a file is refused at every length that it is cut to.
func TestTorchDamaged(t *testing.T) {
	good, err := os.ReadFile(torchFile("plain.pt"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(good, []byte{0, 0, 0x80, 0x3f}) // the number 1
	bad := slices.Clone(good)
	bad[at]++
	if _, err := Load(file(t, bad), fc(), nil); err == nil || !strings.Contains(err.Error(), `tensor "fc.weight": damaged, or saved without checksums: that of "plain/data/0" in it is wrong`) {
		t.Errorf("a changed byte: %v", err)
	}
	for n := range good {
		if _, err := Decode(good[:n]); err == nil {
			t.Fatalf("the first %d bytes of %d were read", n, len(good))
		}
	}
}

// No file makes Decode panic or take more memory than its size justifies.
func FuzzTorch(f *testing.F) {
	names, err := filepath.Glob(torchFile("*.pt"))
	if err != nil || len(names) == 0 {
		f.Fatal("no files", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var err error
		taken := testenv.Allocated(func() { _, err = Decode(content) })
		if most := Overhead + 1000*int64(len(content)); taken > most {
			t.Errorf("%d bytes taken for %d", taken, len(content))
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("an error of %d characters", len(err.Error()))
		}
	})
}
