package plot

import (
	"fmt"
	"math"
	"strings"

	"breakeven/internal/digits"
)

// described is how many series alternative text names.
const described = 6

// words implements Picture: title, axes, and the course of each series.
func (p Curves) words() string {
	parts := []string{p.Title}
	if p.X != "" {
		parts = append(parts, "Over "+p.X)
	}
	n := 0
	for _, s := range p.Series {
		if text := course(s); text != "" {
			if n++; n <= described {
				parts = append(parts, text)
			}
		}
	}
	switch {
	case n == 0:
		parts = append(parts, "Nothing to show")
	case n > described:
		parts = append(parts, fmt.Sprintf("%d more curves", n-described))
	}
	for _, m := range p.Marks {
		if m.Level && (axis{log: p.LogY}).shows(m.At) {
			parts = append(parts, "Line at "+markWords(m, ""))
		}
	}
	return sentences(parts)
}

// course says how a series runs: from its first value to its last, and its largest between.
func course(s Series) string {
	first, last, top := -1, -1, -1
	for i, y := range s.Y {
		if !(axis{}).shows(y) {
			continue
		}
		if first < 0 {
			first, top = i, i
		}
		if last = i; y > s.Y[top] {
			top = i
		}
	}
	text := func(i int) string { return digits.Significant(s.Y[i], 3) }
	name := s.Name
	if name != "" {
		name += ": "
	}
	switch {
	case first < 0:
		return ""
	case first == last:
		return name + text(first)
	case top == first || top == last:
		return fmt.Sprintf("%sfrom %s to %s", name, text(first), text(last))
	}
	return fmt.Sprintf("%sfrom %s to %s, at most %s at %s", name, text(first), text(last), text(top), digits.Significant(s.X[top], 3))
}

// words implements Picture.
func (p Density) words() string {
	var parts []string
	for i, s := range p.Series {
		low, high := math.Inf(1), math.Inf(-1)
		for j, x := range s.X {
			if s.Y[j] > 0 && (axis{}).shows(x) {
				low, high = min(low, x), max(high, x)
			}
		}
		if low <= high && i < described {
			parts = append(parts, fmt.Sprintf("%s: from %s to %s", s.Name, digits.Significant(low, 3), digits.Significant(high, 3)))
		}
	}
	return sentences(append([]string{p.Title}, parts...))
}

// words implements Picture.
func (p HeatMap) words() string {
	cells := 0
	if len(p.Values) > 0 {
		cells = len(p.Values[0])
	}
	return sentences([]string{p.Title, fmt.Sprintf("%d × %d cells", len(p.Values), cells)})
}

// words implements Picture: how the colour of each path runs.
func (p Plane) words() string {
	parts := []string{p.Title}
	for i, path := range p.Paths {
		s := Series{Name: path.Name, Y: path.Values}
		for k := range s.Y {
			s.X = append(s.X, float64(k+1))
		}
		if text := course(s); text != "" && i < described {
			parts = append(parts, text)
		}
	}
	return sentences(parts)
}

// words implements Picture.
func (p Panels) words() string {
	parts := []string{p.Title}
	for _, q := range p.Pictures {
		parts = append(parts, strings.TrimSuffix(q.words(), "."))
	}
	return sentences(parts)
}

// sentences joins the parts that are not empty.
func sentences(parts []string) string {
	text := ""
	for _, p := range parts {
		if p != "" {
			text += p + ". "
		}
	}
	return strings.TrimSuffix(text, " ")
}
