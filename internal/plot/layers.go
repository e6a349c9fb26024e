package plot

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// A layered canvas knows which drawing belongs together, and what a place means.
type layered interface {
	group(class string, draw func())
	spot(at vg.Point, text string)
}

// group draws what belongs to series i as one group of class "runI", which a page can hide.
// Series 0 and canvases without groups have none.
func (f *frame) group(i int, draw func()) {
	c, ok := f.Canvas.Canvas.(layered)
	if !ok || i <= 0 {
		draw()
		return
	}
	c.group(fmt.Sprintf("run%d", i), draw)
}

// spot says in words what stands at a place, if the canvas can show it.
func (f *frame) spot(at vg.Point, text string) {
	if c, ok := f.Canvas.Canvas.(layered); ok && text != "" {
		c.spot(at, text)
	}
}

// spotGap is the distance between places that have words: closer ones could not be pointed at.
const spotGap vg.Length = 5

// spots says the values of a series. words returns the text of point i.
func (f *frame) spots(x, y []float64, words func(i int) string) {
	last := f.area.Min.X - spotGap
	f.pieces(x, y, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if p := f.at(x[i], y[i]); p.X >= last+spotGap || p.X < last {
				f.spot(p, words(i))
				last = p.X
			}
		}
	})
}
