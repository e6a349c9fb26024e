package model_test

import (
	"math"
	"strings"
	"testing"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/run"
)

// pairs are the inputs of sentence pairs: tokens below words, and segments.
func pairs(length, words int) []nn.Input {
	return []nn.Input{
		{Name: "tokens", Shape: nn.Seq(length, 1), Below: words},
		{Name: model.SegmentInput, Shape: nn.Seq(length, 1), Below: 2},
	}
}

// The published sizes have the published numbers of parameters.
func TestBERTSizes(t *testing.T) {
	for size, want := range map[string]int{"base": 109_484_547, "tiny": 4_386_307} {
		s := run.Spec{Model: "bert", More: map[string]string{"bert_size": `"` + size + `"`}}
		in := pairs(512, 30522)
		net, err := model.Of(s, in[0], 3, in[1])
		if err != nil {
			t.Fatal(err)
		}
		if net.Dim() != want || net.Couples() || len(net.Kinks()) > 0 {
			t.Errorf("%s: %d parameters, want %d; kinks %v", size, net.Dim(), want, net.Kinks())
		}
	}
}

func TestBERTContract(t *testing.T) {
	nntest.TestNetwork(t, model.BERT{Layers: 1, Hidden: 4, Heads: 2, Positions: 5, Dropout: 0.1}.Classifier(pairs(4, 7), 2))
}

// A text alone has no embeddings of segments, and one that is too long is refused.
func TestBERTText(t *testing.T) {
	s := run.Spec{Model: "bert", More: map[string]string{"bert_size": `"tiny"`}}
	net, err := model.Of(s, pairs(8, 50)[0], 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range net.Params() {
		if strings.Contains(p.Name, "token_type") {
			t.Errorf("there is %s", p.Name)
		}
	}
	if _, err := model.Of(s, pairs(513, 50)[0], 2); err == nil || !strings.Contains(err.Error(), "512 tokens at most") {
		t.Errorf("513 tokens: %v", err)
	}
}

// Initial weights are normal with deviation 0.02, biases 0 and scales 1.
func TestBERTInitial(t *testing.T) {
	m, _ := model.Lookup("bert")
	net := model.BERT{Layers: 1, Hidden: 64, Heads: 1, Positions: 64}.Classifier(pairs(4, 50), 2)
	theta := m.Initial(run.Spec{Model: "bert"}, net, 1)
	for _, p := range net.Params() {
		x, sum := theta[p.Offset:p.Offset+p.Size()], 0.0
		for _, v := range x {
			sum += float64(v) * float64(v)
		}
		want := float64(p.Fill)
		if p.FanIn > 0 {
			want = 0.02
		}
		if got := math.Sqrt(sum / float64(len(x))); math.Abs(got-want) > 0.3*want {
			t.Errorf("%s has the deviation %v, want %v", p.Name, got, want)
		}
	}
}
