package model

import "breakeven/nn"

// lstm classifies a sequence of tokens by the last hidden state of an LSTM over their
// embeddings: the state after the last token, also if the sequence is shorter than the input.
func lstm(in nn.Input, embedding, units, layers, outputs int) *nn.Network {
	net := new(nn.Network)
	x := net.AddInput(in)
	x = net.Add("emb", nn.Embedding{Vocabulary: in.Below, Width: embedding}, x)
	x = net.Add("lstm", nn.LSTM{Hidden: units, Layers: layers}, x)
	x = net.Add("last", nn.Step{At: -1}, x)
	net.Add("fc", nn.Linear{Units: outputs}, x)
	return net
}
