package model

import "breakeven/nn"

// lstm classifies a sequence of tokens by the last hidden state of an LSTM over their
// embeddings: the state after the last token, also if the sequence is shorter than the input. In
// both directions it is that and the state after the first token, from behind.
func lstm(in nn.Input, embedding int, op nn.LSTM, outputs int) *nn.Network {
	net := new(nn.Network)
	x := net.AddInput(in)
	x = net.Add("emb", nn.Embedding{Vocabulary: in.Below, Width: embedding}, x)
	x = net.Add("lstm", op, x)
	if op.Bidirectional {
		forward, _ := op.States(x, 2*op.Layers-2)
		back, _ := op.States(x, 2*op.Layers-1)
		x = net.Add("ends", nn.Concat{}, net.Add("last", nn.Step{At: -1}, forward), net.Add("first", nn.Step{At: 0}, back))
	} else {
		x = net.Add("last", nn.Step{At: -1}, x)
	}
	net.Add("fc", nn.Linear{Units: outputs}, x)
	return net
}
