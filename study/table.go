package study

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Table is a head and rows of cells, all of the same length. The first cell
// of a row names it. Note says how to read it.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Note  string     `json:"note,omitempty"`
}

// Empty is the cell of what was not measured.
const Empty = "–"

// Filled returns the table without the rows that hold nothing.
func (t Table) Filled() Table {
	t.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row []string) bool {
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != Empty })
	})
	return t
}

// String returns the table for a terminal of 120 characters.
func (t Table) String() string { return t.Text(120) }

// Text returns the table with aligned columns, two spaces between them, and its note if that
// is short. Columns of numbers stand to the right. If the table is wider than so many
// characters, its last column is broken into lines where words leave room for that, and else
// it is written in several blocks of columns, each with the first. Width 0 is without end.
func (t Table) Text(width int) string {
	l := newLayout(t)
	l.fold(width)
	var b strings.Builder
	for from := 1; ; {
		to, used := from, l.width(0)
		for to < len(t.Head) && (to == from || width == 0 || used+l.width(to) <= width+2) {
			used += l.width(to)
			to++
		}
		l.block(&b, from, to)
		if from = to; from >= len(t.Head) {
			break
		}
		b.WriteByte('\n')
	}
	if n := utf8.RuneCountInString(t.Note); n > 0 && n < 80 {
		b.WriteString(t.Note + "\n")
	}
	return b.String()
}

// A layout is where the cells of a table stand.
type layout struct {
	lines [][]string // head and rows
	wide  []int      // characters of each column
	right []bool     // columns of numbers
}

func newLayout(t Table) *layout {
	l := &layout{lines: append([][]string{t.Head}, t.Rows...), wide: make([]int, len(t.Head)), right: make([]bool, len(t.Head))}
	for j := range t.Head {
		l.right[j] = len(t.Rows) > 0
		for i, line := range l.lines {
			l.wide[j] = max(l.wide[j], utf8.RuneCountInString(line[j]))
			l.right[j] = l.right[j] && (i == 0 || numeric(line[j]))
		}
	}
	return l
}

// narrowest is the room below which a last column is not broken into lines.
const narrowest = 24

// fold breaks the words of the last column into lines, if the table is too wide without.
func (l *layout) fold(width int) {
	last, used := len(l.wide)-1, 0
	for j := range l.wide {
		used += l.width(j)
	}
	if width == 0 || last < 1 || l.right[last] || used <= width+2 {
		return
	}
	room := width - (used - l.width(last))
	if room < narrowest {
		return
	}
	var lines [][]string
	for _, line := range l.lines {
		for i, piece := range broken(line[last], room) {
			more := make([]string, len(line))
			if i == 0 {
				copy(more, line)
			}
			more[last] = piece
			lines = append(lines, more)
		}
	}
	l.lines, l.wide[last] = lines, room
}

// broken returns text in lines of at most so many characters, unless a word is longer.
func broken(text string, room int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		line := &lines[len(lines)-1]
		switch {
		case *line == "":
			*line = word
		case utf8.RuneCountInString(*line)+1+utf8.RuneCountInString(word) <= room:
			*line += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// width is that of column j and of the gap after it.
func (l *layout) width(j int) int {
	if j >= len(l.wide) {
		return 0
	}
	return l.wide[j] + 2
}

// block writes the first column and those of from ≤ j < to.
func (l *layout) block(b *strings.Builder, from, to int) {
	for _, line := range l.lines {
		text := ""
		for j, cell := range line {
			if j > 0 && (j < from || j >= to) {
				continue
			}
			if pad := strings.Repeat(" ", max(0, l.wide[j]-utf8.RuneCountInString(cell))); l.right[j] {
				text += pad + cell + "  "
			} else {
				text += cell + pad + "  "
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

// numeric reports whether a cell holds a number, perhaps with a word after it, or nothing.
func numeric(cell string) bool {
	cell, _, _ = strings.Cut(cell, " ")
	_, err := strconv.ParseFloat(cell, 64)
	return err == nil || cell == "" || cell == "-" || cell == Empty
}
