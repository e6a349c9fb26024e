package model

import (
	"fmt"

	"breakeven/nn"
)

// Text holds the sizes of a classifier of texts. Zero means the default.
type Text struct {
	Vocabulary int // tokens are below it; 20,000
	Steps      int // most tokens of a text; 80
	Embedding  int // width of the embedding; 128
	Hidden     int // units of a layer; 128
	Layers     int // 1
	Classes    int // 2
}

// Defaults returns the sizes of the Keras example imdb_lstm, which the paper's LSTM
// follows: vocabulary 20,000, length 80, embedding and hidden 128 (Jastrzębski et al.
// 2020, Sec. 4, as far as is known), with an output for each class.
func (t Text) Defaults() Text {
	for _, f := range []struct {
		size *int
		zero int
	}{{&t.Vocabulary, 20000}, {&t.Steps, 80}, {&t.Embedding, 128}, {&t.Hidden, 128}, {&t.Layers, 1}, {&t.Classes, 2}} {
		if *f.size == 0 {
			*f.size = f.zero
		}
	}
	return t
}

// LSTM classifies a text by the last hidden state of an LSTM over the embeddings of its tokens,
// the input "tokens". If the text is shorter than Steps, that is the state after its last token.
func LSTM(t Text) (*nn.Network, error) {
	t = t.Defaults()
	if min(t.Vocabulary, t.Steps, t.Embedding, t.Hidden, t.Layers) < 1 || t.Classes < 2 {
		return nil, fmt.Errorf("model lstm needs sizes of at least 1 and 2 classes, not %+v", t)
	}
	net := new(nn.Network)
	x := net.AddInput(nn.Input{Name: "tokens", Shape: nn.Seq(t.Steps, 1), Below: t.Vocabulary})
	x = net.Add("emb", nn.Embedding{Vocabulary: t.Vocabulary, Width: t.Embedding}, x)
	x = net.Add("lstm", nn.LSTM{Hidden: t.Hidden, Layers: t.Layers}, x)
	x = net.Add("last", nn.Step{At: -1}, x)
	net.Add("fc", nn.Linear{Units: t.Classes}, x)
	return net, nil
}
