package main

import (
	"math"

	"breakeven/data"
	"breakeven/data/text"
	"breakeven/nn"
	"breakeven/rng"
)

// Texts for the LSTM, by file: tokens, the classes and the order of an epoch. Their number,
// their length and their vocabulary are those of the reviews of IMDB in Keras's example.
const (
	lstm       = "lstm" // also the file of its weights
	bothWays   = "lstm-both"
	reviews    = 25000
	words      = 80
	vocabulary = 20000
)

// writeTexts makes the texts: the reviews in folder imdb, or random words if it is "".
func writeTexts(dir folder, imdb string) error {
	tokens, classes := randomTexts()
	if imdb != "" {
		set, _, _, err := text.OpenIMDB(imdb)
		if err != nil {
			return err
		}
		v := text.NewVocabulary(set.Texts, vocabulary)
		tokens, classes = v.Sequences(set.Texts, words, text.Before).Tokens, set.Labels
	}
	if err := dir.save("tokens", "<i4", tokens, reviews, words); err != nil {
		return err
	}
	if err := dir.save("classes", "<i4", classes, reviews); err != nil {
		return err
	}
	return dir.save("order", "<i4", data.Order(1, 0, reviews), reviews)
}

// randomTexts draws words by Zipf's law, as frequent as those of a language, and a class for
// each text.
func randomTexts() (tokens, classes []int32) {
	s := rng.New(1, "texts")
	tokens, classes = make([]int32, reviews*words), make([]int32, reviews)
	for i := range tokens {
		tokens[i] = int32(math.Pow(vocabulary, s.Float64()))
	}
	for i := range classes {
		classes[i] = int32(s.IntN(2))
	}
	return tokens, classes
}

// texts reads the first n texts.
func (f folder) texts(n int) (nn.Batch, error) {
	tokens, classes := make([]int32, n*words), make([]int32, n)
	if err := f.load("tokens", tokens); err != nil {
		return nn.Batch{}, err
	}
	return batch(tokens, classes), f.load("classes", classes)
}

// batch returns texts as a batch.
func batch(tokens, classes []int32) nn.Batch {
	return nn.Batch{N: len(classes), In: []nn.Values{{I: tokens}}, Target: []nn.Target{{Labels: classes}}}
}
