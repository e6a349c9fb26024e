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

// The parser keeps with every node the text of its path, and so takes memory for nodes × depth ×
// length of keys: 440 MB for 16 kB of opening brackets. Its lexer takes at most 5 MB for any such
// file. So the tokens are checked before they are parsed.
const (
	// MaxSize bounds a file, in bytes. A canonical spec has 500.
	MaxSize = 16 << 10
	// maxDepth bounds the nesting of lists and groups of keys. A configuration needs 2.
	maxDepth = 8
	// maxKey bounds the length of a key, in bytes, and maxKeys the number of keys. Spec has
	// 24 fields.
	maxKey  = 64
	maxKeys = 200
)

// parse returns the one document of a text, and whether there is one.
func (r *reader) parse(text []byte) (body ast.Node, ok bool) {
	defer func() {
		if p := recover(); p != nil { // a panic of the YAML library, whose input is hostile
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
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the byte order mark that Windows editors write
	if len(bytes.TrimSpace(text)) == 0 {
		r.fault(nil, "is empty: it should hold settings, such as %q", "model: mlp")
		return nil, false
	}
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
	return nil, false // comments alone: all defaults
}

// screen reports whether tokens may be parsed: one document, not too deep, without long keys or
// too many. It reports a fault at the first token that breaks a bound.
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

// judgeKey returns what is wrong with the size of a key, the n-th of a file, or "".
func judgeKey(key string, n int) string {
	switch {
	case len(key) > maxKey:
		return fmt.Sprintf("a key of %d characters; no key of a configuration is so long", utf8.RuneCountInString(key))
	case n > maxKeys:
		return fmt.Sprintf("more than %d keys; a configuration has fewer", maxKeys)
	}
	return ""
}

// depth tracks how deep a file is nested.
type depth struct {
	flow  int   // open brackets
	block []int // columns at which the open blocks begin
}

// at reads the next token and returns the depth there. In a block everything nested is further to
// the right, except that a list may begin at the column of its key: there are at most twice as
// many levels.
func (d *depth) at(t *token.Token) int {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		d.flow++
	case token.SequenceEndType, token.MappingEndType:
		d.flow = max(0, d.flow-1) // the parser reports a surplus bracket
	case token.SequenceEntryType, token.MappingKeyType:
		d.open(t.Position.Column)
	case token.MappingValueType:
		if t.Prev != nil {
			d.open(t.Prev.Position.Column)
		}
	}
	return d.flow + len(d.block)
}

// open begins or continues a block at a column, which ends those to its right.
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
