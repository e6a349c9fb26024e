package text

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil,
		"This film's GREAT.<br /><br />It isn't (really) a 10/10!": {"this", "film's", "great", "br", "br", "it", "isn't", "really", "a", "10", "10"},
		"tab\tline\nfeed  two":              {"tab", "line", "feed", "two"},
		"Ünïcode—dash naïve \u00a0x":        {"ünïcode—dash", "naïve", "\u00a0x"},
		"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~": nil,
		"a\rb\vc":                           {"a\rb\vc"},
		"'":                                 {"'"},
	} {
		if got := slices.Collect(Words(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The same rule as Keras implements it: replace, then split.
func TestWordsTwin(t *testing.T) {
	const filters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n"
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		plain := strings.Map(func(r rune) rune {
			if strings.ContainsRune(filters, r) {
				return ' '
			}
			return r
		}, strings.ToLower(text))
		var want []string
		for _, w := range strings.Split(plain, " ") {
			if w != "" {
				want = append(want, w)
			}
		}
		if got := slices.Collect(Words(text)); !slices.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	})
}

func TestVocabulary(t *testing.T) {
	texts := []string{"b b a c", "c b z, y x"}
	v := NewVocabulary(texts, 8)
	// a, x, y and z occur once each: the first of them in the alphabet gets the last
	// number.
	if want := []string{"b", "c", "a", "x"}; !slices.Equal(v.Words(), want) || v.Size() != 8 {
		t.Errorf("words %q, want %q", v.Words(), want)
	}
	if got, want := v.Append(nil, "a b y"), []int32{Start, 6, 4, Unknown}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	slices.Reverse(texts)
	if got := NewVocabulary(texts, 8).Words(); !slices.Equal(got, v.Words()) {
		t.Errorf("words of the texts in reverse: %q", got)
	}
	if got := NewVocabulary(nil, 100); len(got.Words()) != 0 || got.Number("a") != Unknown {
		t.Errorf("words of nothing: %q", got.Words())
	}
}

func TestSequences(t *testing.T) {
	v := NewVocabulary([]string{"a a a a b b b c c d"}, 100)
	texts := []string{"a b", "", "a b c d a b"}
	for fill, want := range map[Fill][]int32{
		Before: {0, Start, 4, 5 /**/, 0, 0, 0, Start /**/, 6, 7, 4, 5},
		After:  {Start, 4, 5, 0 /**/, Start, 0, 0, 0 /**/, 6, 7, 4, 5},
	} {
		s := v.Sequences(texts, 4, fill)
		if !slices.Equal(s.Tokens, want) || !slices.Equal(s.Lengths, []int32{3, 1, 4}) || s.Length != 4 {
			t.Errorf("tokens %v of lengths %v, want %v", s.Tokens, s.Lengths, want)
		}
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"vocabulary": func() { NewVocabulary(nil, First) },
		"sequences":  func() { NewVocabulary(nil, 10).Sequences(nil, 0, Before) },
		"slice":      func() { new(Set).Slice(0, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// The digest of a set depends on its content and its order.
func TestDigest(t *testing.T) {
	a := &Set{Classes: []string{"neg", "pos"}, Texts: []string{"ab", "c"}, Labels: []int32{0, 1}}
	for name, b := range map[string]*Set{
		"texts":   {Classes: a.Classes, Texts: []string{"a", "bc"}, Labels: a.Labels},
		"order":   {Classes: a.Classes, Texts: []string{"c", "ab"}, Labels: a.Labels},
		"labels":  {Classes: a.Classes, Texts: a.Texts, Labels: []int32{1, 0}},
		"classes": {Classes: []string{"pos", "neg"}, Texts: a.Texts, Labels: a.Labels},
	} {
		if a.Digest() == b.Digest() {
			t.Errorf("other %s, the same digest", name)
		}
	}
	b := a.Slice(0, 2)
	b.Name = "elsewhere"
	if a.Digest() != b.Digest() || len(a.Digest()) != 64 {
		t.Errorf("the same content, digests %s and %s", a.Digest(), b.Digest())
	}
}
