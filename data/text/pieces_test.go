package text

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Texts and pairs are cut as transformers cuts them: see bench/peers/bert_pieces.py.
func TestPiecesAgreeWithTransformers(t *testing.T) {
	b, err := os.ReadFile("testdata/pieces.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Vocabulary []string
		Texts      [][2]json.RawMessage
		Pairs      []struct {
			A                string
			B                *string
			Length, Steps    int
			Tokens, Segments []int32
		}
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "vocab.txt")
	if err := os.WriteFile(name, []byte(strings.Join(want.Vocabulary, "\r\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPieces(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range want.Texts {
		var text string
		var numbers []int32
		if err := json.Unmarshal(c[0], &text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c[1], &numbers); err != nil {
			t.Fatal(err)
		}
		if got := p.Append(nil, text); !slices.Equal(got, numbers) {
			t.Errorf("%q is %v %q, want %v %q", text, got, p.words(got), numbers, p.words(numbers))
		}
	}
	for _, c := range want.Pairs {
		tokens, segments := make([]int32, c.Length), slices.Repeat([]int32{9}, c.Length)
		if n := p.Pair(tokens, segments, c.A, c.B); n != c.Steps || !slices.Equal(tokens, c.Tokens) || !slices.Equal(segments, c.Segments) {
			t.Errorf("%q with %d tokens is %v %v %d, want %v %v %d", c.A, c.Length, tokens, segments, n, c.Tokens, c.Segments, c.Steps)
		}
	}
}

func (p *Pieces) words(numbers []int32) (words []string) {
	for _, n := range numbers {
		words = append(words, p.Piece(n))
	}
	return words
}

// A vocabulary that is built has special pieces, characters and frequent words.
func TestBuildPieces(t *testing.T) {
	p := BuildPieces([]string{"Ab ab ab, ba", "ba c"}, 100)
	want := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##b", "##a", ",", "c", "ab", "ba"}
	if !slices.Equal(p.pieces, want) {
		t.Errorf("%q", p.pieces)
	}
	if got := p.words(p.Append(nil, "ab, abba caba xa")); !slices.Equal(got, []string{"ab", ",", "ab", "##b", "##a", "c", "##a", "##b", "##a", "[UNK]"}) {
		t.Errorf("a text is %q", got)
	}
	if small := BuildPieces([]string{"ab ba"}, 7); small.Size() != 7 || small.Digest() == p.Digest() {
		t.Errorf("%d pieces of 7, digest %s", small.Size(), small.Digest())
	}
}

func TestReadPiecesErrors(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{
		"":                         "there is no line [",
		"[PAD]\n[UNK]\n[CLS]\nthe": "there is no line [SEP]",
		"[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\nx\nthe": `lines 5 and 7 are both "the"`,
		"\xff\xfe": "not UTF-8",
	} {
		name := filepath.Join(dir, "vocab.txt")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadPieces(name); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
	if _, err := ReadPieces(filepath.Join(dir, "none.txt")); err == nil {
		t.Error("no file, and no error")
	}
}
