package text

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Words returns the words of a text one after another, by the rule of the package.
func Words(text string) iter.Seq[string] {
	return strings.FieldsFuncSeq(strings.ToLower(text), blank)
}

// blank reports whether a character separates words.
func blank(r rune) bool {
	switch {
	case r == '\'' || r > '~':
		return false
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return false
	}
	return r >= ' ' || r == '\t' || r == '\n'
}

// Integers that are not words. The first word has First.
const (
	Pad     = 0 // padding
	Start   = 1 // begins a text
	Unknown = 2 // a word without a number
	First   = 4
)

// A Vocabulary maps words to integers.
type Vocabulary struct {
	words   []string // word i has the number First+i
	numbers map[string]int32
	size    int
}

// NewVocabulary returns the vocabulary of the most frequent words of texts, with integers below
// size. It has fewer words if the texts do.
func NewVocabulary(texts []string, size int) *Vocabulary {
	if size <= First {
		panic(fmt.Sprintf("text: a vocabulary of %d numbers, of which %d stand for no word", size, First))
	}
	counts := map[string]*int{}
	for _, text := range texts {
		for word := range Words(text) {
			n, known := counts[word]
			if !known {
				n = new(int)
				counts[strings.Clone(word)] = n
			}
			*n++
		}
	}
	words := make([]string, 0, len(counts))
	for word := range counts {
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(*counts[b], *counts[a]), cmp.Compare(a, b))
	})
	v := &Vocabulary{words: slices.Clone(words[:min(len(words), size-First)]), numbers: map[string]int32{}, size: size}
	for i, word := range v.words {
		v.numbers[word] = int32(First + i)
	}
	return v
}

// Size returns the size given to NewVocabulary: all integers are below it.
func (v *Vocabulary) Size() int { return v.size }

// Words returns the words, the most frequent first. The word at i has the number
// First + i.
func (v *Vocabulary) Words() []string { return v.words }

// Number returns the number of a word, or Unknown.
func (v *Vocabulary) Number(word string) int32 {
	if n, ok := v.numbers[word]; ok {
		return n
	}
	return Unknown
}

// Append appends the integers of a text to dst: Start, and then one for each word.
func (v *Vocabulary) Append(dst []int32, text string) []int32 {
	dst = append(dst, Start)
	for word := range Words(text) {
		dst = append(dst, v.Number(word))
	}
	return dst
}

// A Fill says where a short text is padded.
type Fill int

// Where a short text is padded.
const (
	Before Fill = iota // as in Keras: a network without lengths reads the text last
	After              // for networks that are given lengths
)

// Sequences are texts as integers, all of one length.
type Sequences struct {
	Length  int
	Tokens  []int32 // [texts, Length]
	Lengths []int32 // of each text without padding, 1 to Length
}

// Sequences returns texts as integers. Of a long text the last ones are kept; a short one is
// padded with Pad.
func (v *Vocabulary) Sequences(texts []string, length int, fill Fill) *Sequences {
	if length <= 0 {
		panic(fmt.Sprintf("text: sequences of length %d", length))
	}
	s := &Sequences{Length: length, Tokens: make([]int32, len(texts)*length), Lengths: make([]int32, len(texts))}
	var all []int32
	for i, text := range texts {
		all = v.Append(all[:0], text)
		kept := all[max(0, len(all)-length):]
		row := s.Tokens[i*length : (i+1)*length]
		if fill == Before {
			row = row[length-len(kept):]
		}
		copy(row, kept)
		s.Lengths[i] = int32(len(kept))
	}
	return s
}
