package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// basic cuts a text into words and punctuation marks as BERT's uncased networks read them:
// control characters go, accents are stripped (NFD without marks), letters become lower-case,
// and each punctuation mark and each Chinese character is a word of its own. It calls f with
// each.
func basic(text string, f func(word string)) {
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			f(word.String())
			word.Reset()
		}
	}
	for _, r := range norm.NFD.String(clean(text)) {
		switch r = unicode.ToLower(r); {
		case r == ' ':
			end()
		case unicode.Is(unicode.Mn, r):
		case chinese(r) || punctuation(r):
			end()
			f(string(r))
		default:
			word.WriteRune(r)
		}
	}
	end()
}

// clean makes every kind of white space a blank and removes what is no character: control and
// format characters, those for private use, and U+FFFD.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, text)
}

// punctuation reports whether a character is a mark: every one of ASCII that is neither a letter
// nor a digit, and what Unicode calls punctuation.
func punctuation(r rune) bool {
	if r < 0x80 {
		return r > ' ' && r < 0x7f && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	return unicode.Is(unicode.P, r)
}

// chinese reports whether a character is one of the unified ideographs, which are not separated
// by blanks.
func chinese(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0x20000 && r <= 0x2a6df ||
		r >= 0x2a700 && r <= 0x2ceaf || r >= 0xf900 && r <= 0xfaff || r >= 0x2f800 && r <= 0x2fa1f
}
