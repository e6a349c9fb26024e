package task

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"breakeven/data/text"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// pairs are the classification of pairs of sentences, or of single ones, in parts of words.
var pairs = Family{
	Name:    "pairs",
	Doc:     "classification of pairs of sentences, in parts of words",
	Sets:    text.PairSets(),
	Fields:  pairFields,
	Lacks:   []string{"preprocess", "augment", "measure.augment"},
	Reading: pairsReading,
	Open:    openPairs,
	// Fine-tuning as Devlin et al. 2019 recommend it.
	Usual: map[string]string{
		"data": text.SICK.Name, "model": "bert", "bert_size": "tiny", "method": "adam", "lr": "0.0001", "batch": "32", "epochs": "3", "tokens": "64",
		"measure.l": "8", "measure.m": "32", "measure.examples": "256", "measure.per_example": "64",
	},
}

// The fields that tasks of sentence pairs declare.
var (
	tokens = run.Field{Name: "tokens", Default: 128, Unit: "tokens", Check: run.Between(4, 512),
		Doc: "of a pair, with those that separate it: the longer sentence of a longer pair is cut"}
	piecesPath = run.Field{Name: "pieces_path", Flag: "vocab", Default: "", Place: true,
		Doc: "vocab.txt of a published network, a part of a word on each line; default: the words of the training texts, and characters for rare ones"}
	pieces = run.Field{Name: "pieces", Default: 8000, Check: run.Between(16, 1<<20),
		Doc: "parts of words in a vocabulary that is made from the training texts"}
)

var pairFields = []run.Field{tokens, piecesPath, pieces}

// What the sentences take while they are read, for each pair.
const pairBytes = 2000

func pairsReading(s run.Spec) int64 {
	for _, in := range text.PairSets() {
		if in.Name == s.Data {
			return pairBytes * int64(in.Train+in.Test)
		}
	}
	return 0
}

func openPairs(s run.Spec, dir string) (*Task, error) {
	if err := s.Check(pairFields); err != nil {
		return nil, err
	}
	train, test, warnings, err := text.OpenPairs(s.Data, dir)
	if err != nil {
		return nil, err
	}
	p, err := piecesOf(s, dir, train)
	if err != nil {
		return nil, err
	}
	m, _ := model.Lookup(s.Model)
	alone := train.Seconds == nil && m.Join == nil // a model of one input reads single sentences, too
	all, tests := encoded(s, p, train, alone), encoded(s, p, test, alone)
	split, held, err := cut(s.Data, all, tests, s.Train, s.Valid)
	if err != nil {
		return nil, err
	}
	sequence := nn.Seq(tokens.Int(s), 1)
	segments := []nn.Input{{Name: model.SegmentInput, Shape: sequence, Below: 2}}
	if alone {
		segments = nil
	}
	net, err := model.Of(s, nn.Input{Name: "tokens", Shape: sequence, Below: p.Size()}, len(train.Classes), segments...)
	if err != nil {
		return nil, err
	}
	loss, err := lossOf(s)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(train.Digest() + test.Digest() + p.Digest()))
	return &Task{
		Net: net, Loss: loss, Metrics: []Metric{accuracy},
		Train: resident{split}, Valid: resident{held}, Test: resident{tests},
		Each: bytes(all) / int64(all.N), Bytes: bytes(all) + bytes(tests),
		Digest: hex.EncodeToString(sum[:]), Warnings: warnings,
		Batches: shuffle(split),
	}, nil
}

// piecesOf reads the vocabulary of a file, or makes one from the texts for training.
func piecesOf(s run.Spec, dir string, train *text.Set) (*text.Pieces, error) {
	if name := piecesPath.Word(s); name != "" {
		p, err := text.ReadPieces(place(name, dir))
		if err != nil {
			return nil, fmt.Errorf("vocab: %w", err)
		}
		return p, nil
	}
	n := s.Train
	if n == 0 {
		n = train.Len() - s.Valid
	}
	learned := train.Slice(0, max(0, min(n, train.Len()))) // what is held out is not looked at
	return text.BuildPieces(append(learned.Texts[:len(learned.Texts):len(learned.Texts)], learned.Seconds...), pieces.Int(s)), nil
}

// encoded returns the sentences of a set as a batch of tokens and, unless tokens shall stand alone,
// segments.
func encoded(s run.Spec, p *text.Pieces, set *text.Set, alone bool) nn.Batch {
	n, length := set.Len(), tokens.Int(s)
	words, segments := nn.Values{I: make([]int32, n*length), Steps: make([]int32, n)}, nn.Values{I: make([]int32, n*length), Steps: make([]int32, n)}
	for i, first := range set.Texts {
		var second *string
		if set.Seconds != nil {
			second = &set.Seconds[i]
		}
		steps := p.Pair(words.I[i*length:(i+1)*length], segments.I[i*length:(i+1)*length], first, second)
		words.Steps[i], segments.Steps[i] = int32(steps), int32(steps)
	}
	in := []nn.Values{words, segments}
	if alone {
		in = in[:1]
	}
	return nn.Batch{N: n, In: in, Target: []nn.Target{{Labels: set.Labels}}}
}
