package task

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// sentences writes files below a folder of data sets.
func sentences(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// related are ten lines as those of SICK.
func related() string {
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, "%s\t4.5\tA dog runs %d\tA dog isn't running\n", []string{"contradiction", "neutral", "entailment"}[i%3], i)
	}
	return b.String()
}

func pairSpec(data string) run.Spec {
	s := run.Default()
	s.Data, s.Model, s.More = data, "bert", map[string]string{"bert_size": `"tiny"`, "tokens": "12"}
	return s
}

func TestPairs(t *testing.T) {
	dir := sentences(t, map[string]string{"sick/sick.tsv": related()})
	tk, err := Open(pairSpec("sick"), dir)
	if err != nil {
		t.Fatal(err)
	}
	if tk.Train.Len() != 9 || tk.Test.Len() != 1 || len(tk.Warnings) != 1 || tk.Net.Output() != nn.Vec(3) {
		t.Errorf("%d and %d pairs, warnings %q, outputs %v", tk.Train.Len(), tk.Test.Len(), tk.Warnings, tk.Net.Output())
	}
	in := tk.Net.Inputs()
	if len(in) != 2 || in[0].Shape != nn.Seq(12, 1) || in[1].Name != model.SegmentInput || in[1].Below != 2 {
		t.Errorf("inputs %+v", in)
	}
	// [CLS] a dog runs 0 [SEP] a dog isn ' t running [SEP] are 13, one more than there is room for.
	b, _ := tk.Train.Read([]int{0}, never)
	if want := []int32{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}; !slices.Equal(b.In[1].I, want) || b.In[0].Steps[0] != 12 || b.Target[0].Labels[0] != 2 {
		t.Errorf("segments %v, %d tokens, label %d", b.In[1].I, b.In[0].Steps[0], b.Target[0].Labels[0])
	}
	other := pairSpec("sick")
	other.More["pieces"] = "20"
	if fewer, err := Open(other, dir); err != nil || fewer.Digest == tk.Digest || fewer.Net.Inputs()[0].Below != 20 {
		t.Errorf("another vocabulary has the same digest, or: %v", err)
	}
}

// A vocabulary comes from a file, GLUE's files are read by their headers, and pairs without a
// label are left out.
func TestPairsOfGLUE(t *testing.T) {
	header := "index\tgenre\tsentence1\tsentence2\tlabel1\tgold_label\n"
	dir := sentences(t, map[string]string{
		"MNLI/train.tsv":       header + "0\tx\tthe dog\tthe cat\tneutral\tneutral\n1\tx\tthe dog\t\tneutral\t-\n2\tx\tthe \"dog\tdog\tentailment\tentailment\n",
		"MNLI/dev_matched.tsv": header + "0\tx\tdog\tthe\tcontradiction\tcontradiction\n",
		"vocab.txt":            "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\ndog\n\"\n",
	})
	s := pairSpec("mnli")
	s.More["pieces_path"] = `"vocab.txt"`
	tk, err := Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := tk.Train.Read([]int{0, 1}, never)
	if want := []int32{2, 4, 5, 3, 4, 1, 3, 0, 0, 0, 0, 0, 2, 4, 6, 5, 3, 5, 3, 0, 0, 0, 0, 0}; tk.Train.Len() != 2 || !slices.Equal(b.In[0].I, want) || !slices.Equal(b.In[0].Steps, []int32{7, 7}) {
		t.Errorf("%d pairs; %v of %v", tk.Train.Len(), b.In[0].I, b.In[0].Steps)
	}
}

func TestSentences(t *testing.T) {
	dir := sentences(t, map[string]string{"text/sst2_train.tsv": "0\tbad film\n1\tgood film\n", "text/sst2_dev.tsv": "1\tgood\n"})
	s := pairSpec("sst2")
	tk, err := Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := tk.Test.Read([]int{0}, never); b.In[0].Steps[0] != 3 || slices.Max(b.In[1].I) != 0 {
		t.Errorf("a sentence has %d tokens and segments %v", b.In[0].Steps[0], b.In[1].I)
	}
	s.Model, s.More = "lstm", map[string]string{"tokens": "6"}
	if tk, err = Open(s, dir); err != nil || len(tk.Net.Inputs()) != 1 {
		t.Errorf("sentences for an LSTM: %v", err)
	}
	s.Data = "sick"
	if _, err := Open(s, sentences(t, map[string]string{"sick.tsv": related()})); err == nil || !strings.Contains(err.Error(), "reads one input") {
		t.Errorf("pairs for an LSTM: %v", err)
	}
}

func TestPairsErrors(t *testing.T) {
	for want, c := range map[string]struct {
		set   string
		files map[string]string
		more  string
	}{
		"no sick_train.tsv and sick_dev.tsv, no SICK/train.tsv and no sick.tsv": {set: "sick"},
		"there is no rte_dev.tsv":         {set: "rte", files: map[string]string{"rte_train.tsv": "entailment\ta\tb\n"}},
		`example 2 has the label "maybe"`: {set: "rte", files: map[string]string{"rte_train.tsv": "entailment\ta\tb\nmaybe\ta\tb\n", "rte_dev.tsv": "entailment\ta\tb\n"}},
		"there is no line [":              {set: "sick", files: map[string]string{"sick.tsv": related(), "vocab.txt": "the\n"}, more: `"vocab.txt"`},
		"vocab: stat nowhere.txt":         {set: "sick", files: map[string]string{"sick.tsv": related()}, more: `"nowhere.txt"`},
		"rte_train.tsv: no column 3":      {set: "rte", files: map[string]string{"rte_train.tsv": "entailment\ta\n", "rte_dev.tsv": "entailment\ta\tb\n"}},
	} {
		s := pairSpec(c.set)
		if c.more != "" {
			s.More["pieces_path"] = c.more
		}
		if _, err := Open(s, sentences(t, c.files)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
