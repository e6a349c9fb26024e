package trial

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/internal/weights"
	"breakeven/run"
)

// entailed is a folder with pairs of which the second sentence says the colour that the first one
// says, or another one, or none.
func entailed(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	colours := []string{"red", "green", "blue", "white"}
	for i := range 40 {
		first, other := colours[i%4], colours[(i+1)%4]
		fmt.Fprintf(&b, "entailment\t5\tthe dog is %s\tit is %s\n", first, first)
		fmt.Fprintf(&b, "contradiction\t4\tthe dog is %s\tit is %s\n", first, other)
		fmt.Fprintf(&b, "neutral\t3\tthe dog is %s\tit runs\n", first)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sick.tsv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ofPairs is a trial of sentence pairs.
func ofPairs() run.Spec {
	s := small("bert", "adam")
	s.Data, s.Preprocess, s.Train, s.Valid, s.Batch, s.LR = "sick", run.Default().Preprocess, 0, 0, 18, 0.001
	s.More = map[string]string{"bert_size": `"tiny"`, "tokens": "14", "bert_dropout": "0.05"}
	s.Steps, s.Every = 36, 36
	s.Probes = []string{"loss", "k", "examples", "h", "ggn"}
	s.Measure = run.Measure{L: 3, M: 6, Examples: 12, PerExample: 6, Tolerance: 0.1}
	return s
}

// A small BERT learns what pairs of sentences have to do with each other.
func TestBERTTrains(t *testing.T) {
	tr, err := newDescent(ofPairs(), Env{DataDir: entailed(t)})
	if err != nil {
		t.Fatal(err)
	}
	got := new(tape)
	if end, err := tr.Run(context.Background(), nil, 0, got); err != nil || end.Status != run.Finished {
		t.Fatal(end, err)
	}
	first, last := got.records[0].ByKey(), got.records[36].ByKey()
	if before, after := first["valid_loss"].Value, last["valid_loss"].Value; !(before > 0.9 && after < 0.5*before) {
		t.Errorf("the loss on held-out pairs goes from %v to %v", before, after)
	}
	for _, key := range []string{"k_max", "k_trace", "h_max", "ggn_max"} {
		if _, ok := last[key]; !ok {
			t.Errorf("%s was not measured", key)
		}
	}
}

// A trial begins with the weights of a pre-trained network, whose names are older ones and which
// has another head, and draws its own.
func TestPretrainedWeights(t *testing.T) {
	dir := entailed(t)
	tr, err := newDescent(ofPairs(), Env{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	theta := tr.initial()
	for i := range theta {
		theta[i] += 0.5
	}
	file := []run.Tensor{{Name: "cls.predictions.bias", Shape: []int{2}, Data: make([]float32, 2)}}
	for _, p := range places(tr.net.Params(), theta) {
		if p.Name = strings.Replace(p.Name, "LayerNorm.weight", "LayerNorm.gamma", 1); !strings.HasPrefix(p.Name, "classifier.") {
			file = append(file, p)
		}
	}
	s := ofPairs()
	s.Weights = filepath.Join(dir, "bert.safetensors")
	if err := weights.WriteFile(s.Weights, file, nil); err != nil {
		t.Fatal(err)
	}
	begun, err := newDescent(s, Env{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got := begun.initial()
	for _, p := range tr.net.Params() {
		want := theta[p.Offset]
		if strings.HasPrefix(p.Name, "classifier.") {
			want -= 0.5
		}
		if d := got[p.Offset] - want; d > 1e-6 || d < -1e-6 {
			t.Errorf("%s begins with %v, want %v", p.Name, got[p.Offset], want)
		}
	}
	if said := strings.Join(begun.warnings, "\n"); !strings.Contains(said, "lacks classifier.weight and classifier.bias") {
		t.Errorf("warnings %q", said)
	}
}
