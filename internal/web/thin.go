package web

import (
	"fmt"
	"math"

	"breakeven/internal/report"
	"breakeven/study"
)

// MostPoints is how many points of a curve a page draws, about: more than a picture has pixels.
const MostPoints = 600

// mostNumbers is of how many points of a longer curve a page has the numbers.
const mostNumbers = 100

// thin leaves out points that nobody would see: of each piece of a long curve the lowest and the highest
// stay, and so do both ends. The caption says so.
func thin(groups []study.Group) {
	for _, g := range groups {
		for i := range g.Figures {
			f := &g.Figures[i]
			most, few := 0, study.Figure{X: f.X, Y: f.Y}
			for k := range f.Curves {
				most = max(most, len(f.Curves[k].X))
				few.Curves = append(few.Curves, thinned(f.Curves[k], mostNumbers))
				f.Curves[k] = thinned(f.Curves[k], MostPoints)
			}
			if most > MostPoints {
				f.Caption += fmt.Sprintf(" Of up to %d points, the lowest and highest of each piece are drawn; the records have all.", most)
				f.Numbers = report.Numbers(few)
			}
		}
	}
}

// thinned returns a curve of at most so many points, and two more.
func thinned(c study.Curve, most int) study.Curve {
	n := len(c.X)
	if n <= most {
		return c
	}
	keep, pieces := []int{0}, most/2
	for p := range pieces {
		low, high := 1+p*(n-2)/pieces, 1+p*(n-2)/pieces
		for i := low; i < 1+(p+1)*(n-2)/pieces; i++ {
			if math.IsNaN(c.Y[low]) || c.Y[i] < c.Y[low] {
				low = i
			}
			if math.IsNaN(c.Y[high]) || c.Y[i] > c.Y[high] {
				high = i
			}
		}
		keep = append(keep, min(low, high))
		if low != high {
			keep = append(keep, max(low, high))
		}
	}
	keep = append(keep, n-1)
	at := func(x []float64) []float64 {
		if len(x) < n {
			return x // there is none
		}
		list := make([]float64, len(keep))
		for i, k := range keep {
			list[i] = x[k]
		}
		return list
	}
	c.X, c.Y, c.Lo, c.Hi, c.Line, c.Values = at(c.X), at(c.Y), at(c.Lo), at(c.Hi), at(c.Line), at(c.Values)
	return c
}
