package plot

import (
	"math"

	"gonum.org/v1/plot/vg/draw"
)

// A Density shows spectral densities on a logarithmic axis, with the area under each curve
// filled.
type Density struct {
	Title, X, Y string
	Series      []Series
	Marks       []Mark
	// Floor is the smallest density shown. Zero: 1e-7 of the largest, or the smallest
	// positive value if that is more.
	Floor float64
}

// SVG implements [Picture].
func (p Density) SVG(w, h int) ([]byte, error) { return toSVG(p, w, h) }

// PNG implements [Picture].
func (p Density) PNG(w, h int) ([]byte, error) { return toPNG(p, w, h) }

func (p Density) check() error { return p.curves().check() }

func (p Density) draw(c draw.Canvas) { p.curves().draw(c) }

func (p Density) curves() Curves {
	c := Curves{Title: p.Title, X: p.X, Y: p.Y, Series: p.Series, Marks: p.Marks, LogY: true, floor: p.Floor}
	if c.floor <= 0 {
		var top float64
		var all []float64
		for _, s := range p.Series {
			for _, v := range s.Y {
				if v > top && (axis{}).shows(v) {
					top = v
				}
			}
			all = append(all, s.Y...)
		}
		c.floor = max(1e-7*top, 0.99*least(all))
	}
	return c
}

// least returns the smallest positive finite value, or 1.
func least(values []float64) float64 {
	m := math.Inf(1)
	for _, v := range values {
		if (axis{log: true}).shows(v) {
			m = min(m, v)
		}
	}
	if math.IsInf(m, 0) {
		return 1
	}
	return m
}
