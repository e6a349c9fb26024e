package config

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The parser keeps with every node the text of the path that leads to it, and
// so takes memory for nodes × depth × length of keys: 440 MB for 16 kB of
// opening brackets. Its lexer takes no more than 5 MB for any such file. The
// tokens are therefore screened before they are parsed.
const (
	// MaxSize bounds a file, in bytes. A canonical spec has 500.
	MaxSize = 16 << 10
	// maxDepth bounds how deep lists and groups of keys may nest, where a
	// configuration needs 2.
	maxDepth = 8
	// maxKey bounds a key, in bytes, and maxKeys how many there are. Spec has
	// 24 fields.
	maxKey  = 64
	maxKeys = 200
)

// parse returns the one document of a text, and whether there is one.
func (r *reader) parse(text []byte) (body ast.Node, ok bool) {
	defer func() {
		if p := recover(); p != nil { // of the YAML library: its input is hostile
			r.fault(nil, "not YAML")
			body, ok = nil, false
		}
	}()
	switch {
	case len(text) > MaxSize:
		r.fault(nil, "has more than %d bytes, the most that a configuration may have; is it the right file?", MaxSize)
		return nil, false
	case !utf8.Valid(text):
		r.fault(nil, "is not UTF-8 text")
		return nil, false
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the mark that editors of Windows put first
	tokens := lexer.Tokenize(string(text))
	if !r.screen(tokens) {
		return nil, false
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		r.syntax(err)
		return nil, false
	}
	for _, d := range file.Docs {
		if d.Body != nil {
			return d.Body, true
		}
	}
	return nil, false // an empty file: all defaults
}

// screen reports whether tokens may be parsed: one document that is neither
// deep nor has long keys or many. It faults the first token that says otherwise.
func (r *reader) screen(tokens token.Tokens) bool {
	var d depth
	keys := 0
	content, ended := false, false
	for _, t := range tokens {
		switch t.Type {
		case token.CommentType:
			continue
		case token.DocumentHeaderType, token.DocumentEndType:
			ended = content
			continue
		case token.DirectiveType:
			r.fault(t.Position, "a directive of YAML, which is not read here; leave the line out")
			return false
		}
		if ended {
			r.fault(t.Position, "a second document; a configuration has one")
			return false
		}
		content = true
		if t.Type == token.MappingValueType && t.Prev != nil {
			keys++
			if fault := judgeKey(t.Prev.Value, keys); fault != "" {
				r.fault(t.Prev.Position, "%s", fault)
				return false
			}
		}
		if d.at(t) > maxDepth {
			r.fault(t.Position, "lists and groups nest more than %d deep; those of a configuration nest twice", maxDepth)
			return false
		}
	}
	return true
}

// judgeKey says what is wrong with the size of a key, the n-th of a file.
func judgeKey(key string, n int) string {
	switch {
	case len(key) > maxKey:
		return fmt.Sprintf("a key of %d characters; no key of a configuration is so long", utf8.RuneCountInString(key))
	case n > maxKeys:
		return fmt.Sprintf("more than %d keys; a configuration has fewer", maxKeys)
	}
	return ""
}

// depth follows how deep a file nests.
type depth struct {
	flow  int   // brackets that are open
	block []int // columns where the blocks begin that are open
}

// at takes the next token and returns the depth there. In a block everything
// that is nested stands further to the right, but for a list under its key,
// which may stand right below it: there are at most twice as many levels.
func (d *depth) at(t *token.Token) int {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		d.flow++
	case token.SequenceEndType, token.MappingEndType:
		d.flow = max(0, d.flow-1) // the parser faults what is closed too often
	case token.SequenceEntryType, token.MappingKeyType:
		d.open(t.Position.Column)
	case token.MappingValueType:
		if t.Prev != nil {
			d.open(t.Prev.Position.Column)
		}
	}
	return d.flow + len(d.block)
}

// open begins or goes on with a block at a column, which ends those to its
// right.
func (d *depth) open(column int) {
	if d.flow > 0 {
		return
	}
	for len(d.block) > 0 && d.block[len(d.block)-1] > column {
		d.block = d.block[:len(d.block)-1]
	}
	if len(d.block) == 0 || d.block[len(d.block)-1] < column {
		d.block = append(d.block, column)
	}
}
