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

// blank reports whether a character stands between words.
func blank(r rune) bool {
	switch {
	case r == '\'' || r > '~':
		return false
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return false
	}
	return r >= ' ' || r == '\t' || r == '\n'
}

// Numbers that stand for no word. The first word has First.
const (
	Pad     = 0 // fills up
	Start   = 1 // begins a text
	Unknown = 2 // a word without a number
	First   = 4
)

// A Vocabulary gives numbers to words.
type Vocabulary struct {
	words   []string // word i has the number First+i
	numbers map[string]int32
	size    int
}

// NewVocabulary returns the vocabulary of the most frequent words of texts, whose
// numbers are below size. It has fewer words if texts do.
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

// Size returns the size that the vocabulary was made with: all numbers are below.
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

// Append appends the numbers of a text to dst: Start, and then one a word.
func (v *Vocabulary) Append(dst []int32, text string) []int32 {
	dst = append(dst, Start)
	for word := range Words(text) {
		dst = append(dst, v.Number(word))
	}
	return dst
}

// A Fill says where a text that is too short is filled up.
type Fill int

// Where a text is filled up.
const (
	Before Fill = iota // as Keras does; a network without lengths ends with the text
	After              // as networks with lengths want it
)

// Sequences are texts as numbers, all of one length.
type Sequences struct {
	Length  int
	Tokens  []int32 // [texts, Length]
	Lengths []int32 // of each text without what fills it up, 1 to Length
}

// Sequences returns the numbers of texts: the last ones of a text that is too
// long; a short one is filled up with Pad.
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
