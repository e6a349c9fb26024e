package task

import (
	"crypto/sha256"
	"encoding/hex"

	"breakeven/data"
	"breakeven/data/text"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// texts are the classification of texts.
var texts = Family{
	Name:   "text",
	Doc:    "classification of texts, whose words become numbers",
	Sets:   []data.Info{text.IMDB},
	Fields: textFields,
	Lacks:  []string{"preprocess", "augment", "measure.augment"},
	Reading: func(s run.Spec) int64 {
		return textBytes + tokenBytes*int64(text.IMDB.Train+text.IMDB.Test)*int64(length.Int(s))
	},
	Shape: textShape,
	Open:  openTexts,
}

func textShape(s run.Spec) (nn.Input, int) {
	return nn.Input{Name: "tokens", Shape: nn.Seq(length.Int(s), 1), Below: vocabulary.Int(s)}, text.IMDB.Classes
}

// The fields that tasks of texts declare. Their defaults are those of Keras's example
// imdb_lstm, which the paper's LSTM follows.
var (
	vocabulary = run.Field{Name: "vocabulary", Default: 20000, Unit: "words", Check: run.Between(text.First+1, 1<<24),
		Doc: "numbers of words, of which 4 have other meanings"}
	length = run.Field{Name: "length", Default: 80, Unit: "words", Check: run.Between(1, 1<<16),
		Doc: "words of a text: the last ones of a longer one"}
	pad = run.Field{Name: "pad", Default: "before", Choices: []string{"before", "after"},
		Doc: "where a shorter text is filled up; after: and the network is told its length"}
)

var textFields = []run.Field{vocabulary, length, pad}

// What the texts take while their words are counted, and each number of a word while
// they are there, with the garbage that lies meanwhile: as measured.
const (
	textBytes  = 95e6
	tokenBytes = 5
)

func openTexts(s run.Spec, dir string) (*Task, error) {
	if err := s.Check(textFields); err != nil {
		return nil, err
	}
	train, test, warnings, err := text.OpenIMDB(dir)
	if err != nil {
		return nil, err
	}
	n := s.Train
	if n == 0 {
		n = train.Len() - s.Valid
	}
	// The words of held-out texts are not looked at.
	v := text.NewVocabulary(train.Slice(0, max(0, min(n, train.Len()))).Texts, vocabulary.Int(s))
	all, tests := numbers(s, v, train), numbers(s, v, test)
	split, held, err := cut(s.Data, all, tests, s.Train, s.Valid)
	if err != nil {
		return nil, err
	}
	in, classes := textShape(s)
	net, err := model.Of(s, in, classes)
	if err != nil {
		return nil, err
	}
	loss, err := lossOf(s)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(train.Digest() + test.Digest()))
	return &Task{
		Net: net, Loss: loss, Metrics: []Metric{accuracy},
		Train: resident{split}, Valid: resident{held}, Test: resident{tests},
		Each: bytes(all) / int64(all.N), Bytes: bytes(all) + bytes(tests),
		Digest: hex.EncodeToString(sum[:]), Warnings: warnings,
		Batches: shuffle(split),
	}, nil
}

// numbers returns the texts of a set as a batch.
func numbers(s run.Spec, v *text.Vocabulary, set *text.Set) nn.Batch {
	fill := text.Before
	if pad.Word(s) == "after" {
		fill = text.After
	}
	seq := v.Sequences(set.Texts, length.Int(s), fill)
	values := nn.Values{I: seq.Tokens}
	if fill == text.After {
		values.Steps = seq.Lengths
	}
	return nn.Batch{N: set.Len(), In: []nn.Values{values}, Target: []nn.Target{{Labels: set.Labels}}}
}
