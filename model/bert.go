package model

import (
	"fmt"
	"strings"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

// SegmentInput is the name of an input that says to which of two sentences each token belongs.
const SegmentInput = "segments"

// A BERT is the size of an encoder of Devlin et al. 2019. Beside it stands what is the same in
// all sizes: layers that are four times as wide between, and layer norm with ε = 1e-12.
type BERT struct {
	Layers, Hidden, Heads int
	Positions             int     // most tokens of an example
	Dropout               float64 // of hidden numbers and of attention
}

// sizes are the published ones: base (Devlin et al. 2019), and the smaller ones of Turc et al.
// 2019. A head has 64 numbers.
var sizes = []struct {
	name           string
	layers, hidden int
}{
	{"base", 12, 768}, {"medium", 8, 512}, {"small", 4, 512}, {"mini", 4, 256}, {"tiny", 2, 128},
}

func sizeNames() []string {
	names := make([]string, len(sizes))
	for i, s := range sizes {
		names[i] = s.name
	}
	return names
}

var (
	bertSize = run.Field{Name: "bert_size", Default: "base", Choices: sizeNames(),
		Doc: "of bert, layers and hidden numbers: base 12 768, medium 8 512, small 4 512, mini 4 256, tiny 2 128"}
	bertDropout = run.Field{Name: "bert_dropout", Default: 0.1, Check: checkDropout,
		Doc: "part of the hidden numbers and of the attention that bert drops while it is trained"}
)

// bertPositions is how many tokens the published networks can read.
const bertPositions = 512

// bert classifies a text, or a pair of texts, by BERT's encoder and pooler. With the 30,522 words
// of the published vocabulary and 3 classes, size base has 109,484,547 parameters.
var bert = Model{
	Name: "bert", Doc: "classifier of sentence pairs: transformer encoder, pooler, dense, with Hugging Face's names (Devlin et al. 2019)",
	Fields: []run.Field{bertSize, bertDropout}, Lacks: []string{"init"}, Reads: Tokens,
	Fits: func(_ run.Spec, in nn.Input, _ int) error {
		if in.Shape.T > bertPositions {
			return fmt.Errorf("it reads %d tokens at most, not %d: set a shorter length", bertPositions, in.Shape.T)
		}
		return nil
	},
	New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
		return bertOf(s).Classifier([]nn.Input{in}, outputs)
	},
	Join: func(s run.Spec, in []nn.Input, outputs int) *nn.Network { return bertOf(s).Classifier(in, outputs) },
	Initial: func(_ run.Spec, net *nn.Network, seed uint64) []float32 {
		return initialBERT(net, seed)
	},
	Rename: renameBERT, Head: "classifier.",
}

// renameBERT reads the names of published files: with or without bert. before those of the
// encoder, γ and β of layer norm as older ones call them, and parts for other tasks.
func renameBERT(name string) string {
	switch part, _, _ := strings.Cut(name, "."); part {
	case "embeddings", "encoder", "pooler":
		name = "bert." + name
	case "cls", "qa_outputs":
		return ""
	}
	if name == "bert.embeddings.position_ids" {
		return ""
	}
	if at, older := strings.CutSuffix(name, ".LayerNorm.gamma"); older {
		return at + ".LayerNorm.weight"
	}
	if at, older := strings.CutSuffix(name, ".LayerNorm.beta"); older {
		return at + ".LayerNorm.bias"
	}
	return name
}

// bertOf returns the size that a spec names.
func bertOf(s run.Spec) BERT {
	for _, size := range sizes {
		if size.name == bertSize.Word(s) {
			return BERT{Layers: size.layers, Hidden: size.hidden, Heads: size.hidden / 64, Positions: bertPositions, Dropout: bertDropout.Float(s)}
		}
	}
	panic("model: no size of bert is called " + bertSize.Word(s)) // the field has choices
}

// Classifier returns the network for sequences of tokens and, as a second input of the name
// SegmentInput, the segments 0 and 1 of the tokens: without it there are no embeddings of
// segments. Its parameters have the names and the order of Hugging Face's
// BertForSequenceClassification. An example's sequence ends where its padding begins.
func (b BERT) Classifier(in []nn.Input, outputs int) *nn.Network {
	e := encoder{BERT: b, net: new(nn.Network)}
	nodes := make([]nn.Node, len(in))
	for k := range in {
		nodes[k] = e.net.AddInput(in[k])
	}
	x := e.embed(in, nodes)
	for layer := range b.Layers {
		x = e.layer(fmt.Sprintf("bert.encoder.layer.%d.", layer), x)
	}
	x = e.net.Add("bert.pooler.first", nn.Step{}, x)
	x = e.net.Add("bert.pooler.dense", nn.Linear{Units: b.Hidden}, x)
	x = e.net.Add("bert.pooler.activation", nn.Tanh{}, x)
	e.net.Add("classifier", nn.Linear{Units: outputs}, e.drop("dropout", x))
	return e.net
}

// An encoder adds the parts of a BERT to a network.
type encoder struct {
	BERT
	net *nn.Network
}

// embed adds the embeddings of tokens, places and segments.
func (e encoder) embed(in []nn.Input, nodes []nn.Node) nn.Node {
	const at = "bert.embeddings."
	x := e.net.Add(at+"word_embeddings", nn.Embedding{Vocabulary: in[0].Below, Width: e.Hidden}, nodes[0])
	x = e.net.Add(at+"position_embeddings", nn.Positions{Most: e.Positions}, x)
	if len(nodes) > 1 {
		segments := e.net.Add(at+"token_type_embeddings", nn.Embedding{Vocabulary: 2, Width: e.Hidden}, nodes[1])
		x = e.net.Add(at+"sum", nn.Residual{}, x, segments)
	}
	return e.drop(at+"dropout", e.norm(at, x))
}

// layer adds attention and two dense layers, each with a shortcut.
func (e encoder) layer(at string, x nn.Node) nn.Node {
	self := at + "attention.self"
	q := e.dense(self+".query", e.Hidden, x)
	k := e.dense(self+".key", e.Hidden, x)
	v := e.dense(self+".value", e.Hidden, x)
	y := e.net.Add(self, nn.Attention{Heads: e.Heads, Dropout: e.Dropout}, q, k, v)
	x = e.shortcut(at+"attention.output.", y, x)
	y = e.dense(at+"intermediate.dense", 4*e.Hidden, x)
	y = e.net.Add(at+"intermediate.gelu", nn.GELU{}, y)
	return e.shortcut(at+"output.", y, x)
}

// shortcut adds a dense layer on y, and layer norm of its sum with x.
func (e encoder) shortcut(at string, y, x nn.Node) nn.Node {
	y = e.drop(at+"dropout", e.dense(at+"dense", e.Hidden, y))
	return e.norm(at, e.net.Add(at+"sum", nn.Residual{}, y, x))
}

func (e encoder) dense(name string, units int, x nn.Node) nn.Node {
	return e.net.Add(name, nn.Linear{Units: units}, x)
}

func (e encoder) norm(at string, x nn.Node) nn.Node {
	return e.net.Add(at+"LayerNorm", nn.LayerNorm{Eps: 1e-12, Affine: true}, x)
}

func (e encoder) drop(name string, x nn.Node) nn.Node {
	return e.net.Add(name, nn.Dropout{Rate: e.Dropout}, x)
}

// initialBERT draws weights and embeddings from the normal distribution with deviation 0.02, as
// Devlin et al. do.
func initialBERT(net *nn.Network, seed uint64) []float32 {
	return net.InitialParams(func(dst []float32, _ nn.Param, s *rng.Stream) { normal(dst, 0.02, false, s) }, seed)
}
