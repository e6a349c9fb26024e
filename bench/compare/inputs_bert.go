package main

import (
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	spec "breakeven/run"
)

// Pairs of sentences for BERT of size small, by file: pieces and labels. Their length is the usual
// one, and the vocabulary has the size of the published one.
const (
	bert         = "bert" // also the file of its weights
	bertPairs    = 8
	bertTokens   = 128
	bertPieces   = 30522
	bertSegments = 2
	bertClasses  = 3
)

// writePairs draws pieces and labels.
func writePairs(dir folder) error {
	s, pieces, labels := rng.New(1, "pairs"), make([]int32, bertPairs*bertTokens), make([]int32, bertPairs)
	for i := range pieces {
		pieces[i] = int32(s.IntN(bertPieces))
	}
	for i := range labels {
		labels[i] = int32(s.IntN(bertClasses))
	}
	if err := dir.save("pieces", "<i4", pieces, bertPairs, bertTokens); err != nil {
		return err
	}
	return dir.save("labels", "<i4", labels, bertPairs)
}

// bertNetwork is BERT of size small.
func bertNetwork() (*nn.Network, error) {
	s := spec.Spec{Model: bert, More: map[string]string{"bert_size": `"small"`}}
	sequence := nn.Seq(bertTokens, 1)
	return model.Of(s, nn.Input{Name: "tokens", Shape: sequence, Below: bertPieces}, bertClasses, nn.Input{Name: model.SegmentInput, Shape: sequence, Below: bertSegments})
}

// pairs reads the first n pairs. The second half of each is the second sentence.
func (f folder) pairs(n int) (nn.Batch, error) {
	pieces, segments, labels := make([]int32, n*bertTokens), make([]int32, n*bertTokens), make([]int32, n)
	for i := range segments {
		segments[i] = int32(i % bertTokens / (bertTokens / bertSegments))
	}
	if err := f.load("pieces", pieces); err != nil {
		return nn.Batch{}, err
	}
	return nn.Batch{N: n, In: []nn.Values{{I: pieces}, {I: segments}}, Target: []nn.Target{{Labels: labels}}}, f.load("labels", labels)
}
