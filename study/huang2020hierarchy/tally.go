package huang2020hierarchy

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/study"
)

// A Scaling is an exponent that was measured beside the one that the paper proves.
type Scaling struct {
	Of       string  `json:"of"`     // what scales
	Series   string  `json:"series"` // the trials that show it
	Expected float64 `json:"expected"`
	Slope    float64 `json:"slope"`
	Error    float64 `json:"error"` // 95 %
	Verdict  string  `json:"verdict"`
}

// Verdicts on an exponent. It is open if the interval of the slope does not tell.
const (
	held    = "held"
	notHeld = "not held"
	open    = "open"
)

// verdict judges by how far a slope is from what it should be, and by its interval.
func verdict(off, err float64) string {
	switch {
	case off <= within && err <= telling:
		return held
	case off-err > within:
		return notHeld
	}
	return open
}

// A tally gathers the rows of a section that compares exponents.
type tally struct {
	section study.Section
	found   []Scaling
	more    [][]string // further cells of the rows
}

// compare adds an exponent that should be the expected one.
func (t *tally) compare(of, series string, expected float64, slope Slope) {
	t.found = append(t.found, Scaling{of, series, expected, slope.Value, slope.Error, verdict(math.Abs(slope.Value-expected), slope.Error)})
}

// bound adds an exponent that should be at most the expected one.
func (t *tally) bound(of, series string, most float64, slope Slope) {
	t.found = append(t.found, Scaling{of, series, most, slope.Value, slope.Error, verdict(slope.Value-most, slope.Error)})
}

// judge sets the badge by how many exponents are as expected.
func (t *tally) judge() (study.Section, []Scaling) {
	count := map[string]int{}
	for i, s := range t.found {
		count[s.Verdict]++
		row := []string{s.Series, s.Of, signed(s.Expected), Slope{s.Slope, s.Error}.String(), s.Verdict}
		if t.more != nil {
			row = append(row, t.more[i]...)
		}
		t.section.Rows = append(t.section.Rows, row)
	}
	switch {
	case count[held] == len(t.found):
		t.section.Badge, t.section.Tone = held, "good"
	case count[notHeld] == len(t.found):
		t.section.Badge, t.section.Tone = notHeld, "bad"
	default:
		t.section.Badge = fmt.Sprintf("%d of %d held, %d open", count[held], len(t.found), count[open])
	}
	return t.section, t.found
}

// say adds a sentence with %[1]s for the slopes of the first series and %[2]s for what they are
// of, if there are any: of those whose names begin with a word, which is left out.
func (t *tally) say(word, sentence string) {
	var slopes, of []string
	for _, s := range t.found {
		if name, ok := strings.CutPrefix(s.Of, word); ok && s.Series == t.found[0].Series {
			slopes, of = append(slopes, Slope{s.Slope, s.Error}.String()), append(of, strings.TrimSpace(name))
		}
	}
	if len(slopes) > 0 {
		t.section.Lines = append(t.section.Lines, fmt.Sprintf(sentence, list(slopes), list(of)))
	}
}

// allHeld reports whether all of the first series held whose names begin with a word.
func (t *tally) allHeld(word string) bool {
	return !slices.ContainsFunc(t.found, func(s Scaling) bool {
		return s.Series == t.found[0].Series && strings.HasPrefix(s.Of, word) && s.Verdict != held
	})
}
