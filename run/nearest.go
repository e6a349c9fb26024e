package run

import (
	"fmt"
	"strings"
)

// Nearest returns the choice with the smallest edit distance to word, and
// whether it is near enough to be what was meant: at most one edit for every
// three letters, and always one. The case of letters does not matter.
func Nearest(word string, choices []string) (string, bool) {
	best, distance := "", max(1, len([]rune(word))/3)+1
	for _, c := range choices {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best, best != ""
}

// mostNamed is how many names a message has.
const mostNamed = 8

// Among ends a message about a word that is none of some names: it says which of them is similar, or the first of them.
func Among(word string, names []string) string {
	if near, ok := Nearest(word, names); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	text := strings.Join(names[:min(mostNamed, len(names))], ", ")
	if more := len(names) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "; there are " + text
}

// editDistance returns how many letters must be inserted, removed, replaced
// or exchanged with their neighbour to turn a into b (optimal string
// alignment: Wagner and Fischer 1974 with the exchanges of Damerau 1964).
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	before, above, row := make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range to {
			replace := above[j]
			if from[i] != to[j] {
				replace++
			}
			row[j+1] = min(replace, row[j]+1, above[j+1]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(to)]
}
