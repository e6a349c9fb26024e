package task

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/run"
)

// reviews writes a folder of data sets with a few reviews.
func reviews(t *testing.T, train, test string) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "imdb")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"train.tsv": train, "test.tsv": test} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	trainTexts = "pos\tgood good film\nneg\tbad film\npos\tgood\nneg\tawful awful awful\n"
	testTexts  = "neg\tbad\npos\tgood end\n"
)

func TestTexts(t *testing.T) {
	dir := reviews(t, trainTexts, testTexts)
	s := run.Default()
	s.Data, s.Model, s.More = "imdb", "lstm", map[string]string{"length": "4", "vocabulary": "6", "units": "3", "embedding": "2"}
	tk, err := Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if in := tk.Net.Inputs()[0]; in != (nn.Input{Name: "tokens", Shape: nn.Seq(4, 1), Below: 6}) || tk.Train.Len() != 4 || tk.Valid.Len() != 2 || len(tk.Warnings) != 1 {
		t.Errorf("input %+v, %d and %d texts, warnings %q", in, tk.Train.Len(), tk.Valid.Len(), tk.Warnings)
	}
	// Of three words that occur twice or more, two get numbers: awful and good.
	b, _ := tk.Train.Read([]int{0}, never)
	if want := []int32{1, 5, 5, 2}; !slices.Equal(b.In[0].I, want) || b.In[0].Steps != nil || b.Target[0].Labels[0] != 1 {
		t.Errorf("%v with label %d, want %v", b.In[0].I, b.Target[0].Labels[0], want)
	}
	if b, _ = tk.Train.Read([]int{2}, never); !slices.Equal(b.In[0].I, []int32{0, 0, 1, 5}) {
		t.Errorf("a short text is %v", b.In[0].I)
	}
	s.More["pad"] = `"after"`
	after, err := Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ = after.Train.Read([]int{2}, never); !slices.Equal(b.In[0].I, []int32{1, 5, 0, 0}) || b.In[0].Steps[0] != 2 {
		t.Errorf("filled up behind, a short text is %v of length %v", b.In[0].I, b.In[0].Steps)
	}
	if after.Digest != tk.Digest {
		t.Error("the digest is not that of the texts")
	}
	// Words of held-out texts get no numbers: without the last text, awful has none.
	s.More["pad"], s.Valid = `"before"`, 1
	held, err := Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ = held.Valid.Read([]int{0}, never); !slices.Equal(b.In[0].I, []int32{1, 2, 2, 2}) {
		t.Errorf("a held-out text is %v", b.In[0].I)
	}
	other, err := Open(run.Spec{Data: "imdb", Model: "lstm", Loss: "cross-entropy"}, reviews(t, strings.Replace(trainTexts, "bad", "sad", 1), testTexts))
	if err != nil || other.Digest == tk.Digest {
		t.Errorf("other texts have the same digest, or: %v", err)
	}
	if net, ok := Network(s); !ok || net.Dim() != tk.Net.Dim() {
		t.Errorf("the network is known without the data: %v", ok)
	}
	s.Model = "mlp"
	if _, err := Open(s, dir); err == nil || !strings.Contains(err.Error(), "lstm") {
		t.Errorf("an mlp on texts: %v", err)
	}
}

// Every name of a data set belongs to one family, and an unknown one is an error.
func TestFamilies(t *testing.T) {
	for name, want := range map[string]string{
		"cifar10": "images", "fashion-mnist-sample": "images", "imdb": "text", "a.npz": "arrays", "a/b.CSV.gz": "arrays", "x.parquet": "arrays",
		"mnist": "", "": "", "a.txt": "", "npz": "",
	} {
		if f, ok := FamilyOf(run.Spec{Data: name}); f.Name != want || ok != (want != "") {
			t.Errorf("%q belongs to %q", name, f.Name)
		}
	}
	for name, say := range map[string]string{"cifar1": `"cifar10"`, "own.doc": ".npz", "mnist": "imdb"} {
		if _, err := Open(run.Spec{Data: name}, ""); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v; want %s", name, err, say)
		}
	}
}
