package run

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A recordScan goes through the JSON of a record. It fails at what is unusual: white space, null,
// other fields or another order of them.
type recordScan struct {
	text   string
	at     int
	failed bool
	reader *RecordReader
}

// next goes to the value of the field of an object that comes after one, -1 for the first, and returns that
// field, or -1 if there is none.
func (s *recordScan) next(fields []string, after int) int {
	if after < 0 {
		s.expect('{')
	}
	if s.accept('}') {
		return -1
	}
	if after >= 0 {
		s.expect(',')
	}
	name := s.raw()
	s.expect(':')
	for field := after + 1; field < len(fields) && !s.failed; field++ {
		if fields[field] == name {
			return field
		}
	}
	s.failed = true
	return -1
}

// more goes to the next element of a list, after so many, and reports whether there is one.
func (s *recordScan) more(after int) bool {
	if after == 0 {
		s.expect('[')
	}
	if s.accept(']') {
		return false
	}
	if after > 0 {
		s.expect(',')
	}
	return !s.failed
}

func (s *recordScan) accept(b byte) bool {
	if s.at < len(s.text) && s.text[s.at] == b {
		s.at++
		return true
	}
	return false
}

func (s *recordScan) expect(b byte) { s.failed = !s.accept(b) || s.failed }

// raw reads a text and returns it as it is written, with its escapes.
func (s *recordScan) raw() string {
	s.expect('"')
	begin, ascii := s.at, true
	for ; s.at < len(s.text); s.at++ {
		switch b := s.text[s.at]; {
		case b == '"':
			text := s.text[begin:s.at]
			s.at++
			s.failed = s.failed || !ascii && !utf8.ValidString(text)
			return text
		case b == '\\':
			s.at++
		case b < ' ':
			s.failed = true
			return ""
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.failed = true
	return ""
}

// string reads a text and keeps it.
func (s *recordScan) string() string {
	raw := s.raw()
	text, ok := s.reader.texts[raw]
	if !ok && !s.failed {
		text = s.keep(raw)
	}
	return text
}

// keep reads a text that was not there before.
func (s *recordScan) keep(raw string) (text string) {
	if err := json.Unmarshal([]byte(`"`+raw+`"`), &text); err != nil {
		s.failed = true
	}
	s.reader.texts[strings.Clone(raw)] = text
	return text
}

// number reads what package json writes for a number type: a number, or a text for what JSON has no
// number for.
func (s *recordScan) number() float64 {
	if s.at < len(s.text) && s.text[s.at] == '"' {
		var n number
		begin := s.at
		s.raw()
		s.failed = s.failed || n.UnmarshalJSON([]byte(s.text[begin:s.at])) != nil
		return float64(n)
	}
	return s.float()
}

func (s *recordScan) float() float64 {
	x, err := strconv.ParseFloat(s.digits(), 64)
	s.failed = s.failed || err != nil
	return x
}

func (s *recordScan) integer() int {
	n, err := strconv.Atoi(s.digits())
	s.failed = s.failed || err != nil
	return n
}

// digits reads the text of a number.
func (s *recordScan) digits() string {
	begin := s.at
	s.accept('-')
	whole := s.some()
	s.failed = s.failed || whole == 0 || whole > 1 && s.text[s.at-whole] == '0'
	if s.accept('.') {
		s.failed = s.some() == 0 || s.failed
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		s.failed = s.some() == 0 || s.failed
	}
	return s.text[begin:s.at]
}

// some goes past decimal digits and returns how many there are.
func (s *recordScan) some() (n int) {
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
		n++
	}
	return n
}
