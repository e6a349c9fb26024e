package text

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"breakeven/internal/regular"
)

// The pieces that are no part of a text.
const (
	padPiece     = "[PAD]"
	unknownPiece = "[UNK]"
	beginPiece   = "[CLS]"
	endPiece     = "[SEP]"
	maskPiece    = "[MASK]"
)

var specialPieces = []string{padPiece, unknownPiece, beginPiece, endPiece, maskPiece}

// inside begins a piece that does not begin a word.
const inside = "##"

const (
	// maxVocabulary bounds the bytes of a file of pieces. That of BERT has 230 kB.
	maxVocabulary = 1 << 26
	// maxWord is how many characters a word may have: a longer one is unknown.
	maxWord = 100
)

// Pieces is a vocabulary of parts of words, the WordPiece model of Devlin et al. 2019, for
// lower-case text: a word is cut into the longest piece that it begins with, the longest one
// that follows, and so on. A word that cannot be cut is unknown.
type Pieces struct {
	pieces                   []string         // by number
	numbers                  map[string]int32 // of all
	within                   map[string]int32 // of those that do not begin a word, without ##
	pad, unknown, start, end int32
}

// ReadPieces reads the file of a vocabulary, vocab.txt: a piece a line, whose number is that of
// the line, from 0.
func ReadPieces(name string) (*Pieces, error) {
	b, err := regular.Read(name, maxVocabulary)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(b) {
		return nil, fmt.Errorf("%s: not UTF-8 text; want a piece of a word on each line", name)
	}
	lines := strings.Split(strings.TrimRight(string(b), "\r\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	p, err := newPieces(lines)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

func newPieces(list []string) (*Pieces, error) {
	p := &Pieces{pieces: list, numbers: make(map[string]int32, len(list)), within: map[string]int32{}}
	for i, piece := range list {
		if before, ok := p.numbers[piece]; ok {
			return nil, fmt.Errorf("lines %d and %d are both %.40q; each piece has one number", before+1, i+1, piece)
		}
		p.numbers[piece] = int32(i)
		if rest, ok := strings.CutPrefix(piece, inside); ok {
			p.within[rest] = int32(i)
		}
	}
	for piece, number := range map[string]*int32{padPiece: &p.pad, unknownPiece: &p.unknown, beginPiece: &p.start, endPiece: &p.end} {
		n, ok := p.numbers[piece]
		if !ok {
			return nil, fmt.Errorf("there is no line %s: want a vocabulary of BERT, with %s", piece, strings.Join(specialPieces[:4], ", "))
		}
		*number = n
	}
	return p, nil
}

// BuildPieces makes a vocabulary of at most size pieces from texts: the five special ones, every
// character that occurs as the beginning of a word and inside of one, and then the most frequent
// words. Of equally frequent ones the smaller bytes come first. It is not the vocabulary that
// WordPiece's authors would learn from them, which has parts of words, too; rare words are
// spelled.
func BuildPieces(texts []string, size int) *Pieces {
	words, characters := map[string]int{}, map[string]int{}
	for _, text := range texts {
		basic(text, func(word string) {
			words[word]++
			for at, r := range word {
				piece := string(r)
				if characters[piece]++; at > 0 {
					characters[inside+piece]++
				}
			}
		})
	}
	list := slices.Clone(specialPieces)
	seen := map[string]bool{}
	for _, counts := range []map[string]int{characters, words} {
		for _, piece := range frequent(counts) {
			if len(list) < size && !seen[piece] {
				seen[piece] = true
				list = append(list, piece)
			}
		}
	}
	p, err := newPieces(list)
	if err != nil {
		panic("text: " + err.Error()) // no word has brackets
	}
	return p
}

// frequent returns keys, the most frequent first.
func frequent(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return keys
}

// Size returns the number of pieces: all numbers are below it.
func (p *Pieces) Size() int { return len(p.pieces) }

// Piece returns the piece of a number.
func (p *Pieces) Piece(number int32) string { return p.pieces[number] }

// Digest returns a SHA-256 of the pieces in their order.
func (p *Pieces) Digest() string {
	sum := sha256.Sum256([]byte(strings.Join(p.pieces, "\n")))
	return hex.EncodeToString(sum[:])
}

// Append appends the numbers of the pieces of a text to dst. Special pieces are not read from
// texts.
func (p *Pieces) Append(dst []int32, text string) []int32 {
	basic(text, func(word string) { dst = p.appendWord(dst, word) })
	return dst
}

// appendWord appends the pieces of a word, or that for unknown words.
func (p *Pieces) appendWord(dst []int32, word string) []int32 {
	if utf8.RuneCountInString(word) > maxWord {
		return append(dst, p.unknown)
	}
	first := len(dst)
	for at := 0; at < len(word); {
		n, number := p.match(word[at:], at > 0)
		if n == 0 {
			return append(dst[:first], p.unknown)
		}
		dst = append(dst, number)
		at += n
	}
	return dst
}

// match returns the bytes and the number of the longest piece that text begins with; 0: none.
func (p *Pieces) match(text string, within bool) (bytes int, number int32) {
	numbers := p.numbers
	if within {
		numbers = p.within
	}
	for end := len(text); end > 0; {
		if n, ok := numbers[text[:end]]; ok {
			return end, n
		}
		_, last := utf8.DecodeLastRuneInString(text[:end])
		end -= last
	}
	return 0, 0
}

// Pair sets tokens to [CLS] a [SEP] or, for a pair, [CLS] a [SEP] b [SEP], padded with [PAD], and
// segments to 1 for b and its [SEP], else 0; both have the length wanted. It returns the length
// without padding. What is too long is cut at the end, the longer text first.
func (p *Pieces) Pair(tokens, segments []int32, a string, b *string) int {
	first, second := p.Append(nil, a), []int32(nil)
	room := len(tokens) - 2
	if b != nil {
		second = p.Append(nil, *b)
		room--
	}
	first, second = cutPair(first, second, max(0, room))
	row := append([]int32{p.start}, first...)
	row = append(row, p.end)
	one := len(row)
	if b != nil {
		row = append(append(row, second...), p.end)
	}
	n := copy(tokens, row)
	for i := range tokens {
		segments[i] = 0
		if i >= n {
			tokens[i] = p.pad
		} else if i >= one {
			segments[i] = 1
		}
	}
	return n
}

// cutPair cuts both texts to so many pieces together: the longer one to the length of the other,
// and then both, of equal ones the first by one more.
func cutPair(a, b []int32, room int) (first, second []int32) {
	if len(a) > len(b) {
		n, m := lengths(len(b), len(a), room)
		return a[:m], b[:n]
	}
	n, m := lengths(len(a), len(b), room)
	return a[:n], b[:m]
}

func lengths(short, long, room int) (n, m int) {
	if long = min(long, max(short, room-short)); short+long > room {
		short = room / 2
		long = room - short
	}
	return short, long
}
