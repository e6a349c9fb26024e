package text

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

// A Set is a sequence of labelled texts.
type Set struct {
	Name    string   // of the data set: "imdb"
	Classes []string // names of the labels 0, 1, …
	Texts   []string
	Seconds []string // second sentences, of pairs; nil: there are none
	Labels  []int32  // one for each text
}

// Len returns the number of texts.
func (s *Set) Len() int { return len(s.Texts) }

// Slice returns texts a..b-1. It shares memory with s.
func (s *Set) Slice(a, b int) *Set {
	if a < 0 || b < a || b > s.Len() {
		panic(fmt.Sprintf("text: slice %d:%d of %d texts", a, b, s.Len()))
	}
	t := *s
	t.Texts, t.Labels = s.Texts[a:b:b], s.Labels[a:b:b]
	if s.Seconds != nil {
		t.Seconds = s.Seconds[a:b:b]
	}
	return &t
}

// Digest returns a SHA-256 of the classes, texts and labels in their order. It does not depend on
// where they were read from.
func (s *Set) Digest() string {
	h := sha256.New()
	number := func(n int) { h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) }
	words := func(list []string) {
		number(len(list))
		for _, w := range list {
			number(len(w))
			io.WriteString(h, w)
		}
	}
	words(s.Classes)
	words(s.Texts)
	if s.Seconds != nil {
		words(s.Seconds)
	}
	for _, l := range s.Labels {
		number(int(l))
	}
	return hex.EncodeToString(h.Sum(nil))
}
