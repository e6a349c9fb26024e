package study

import "math"

// A Group is a heading with its figures.
type Group struct {
	Title   string
	Figures []Figure
}

// A Figure is curves over common axes, as data. One without curves stands for
// what was not measured.
type Figure struct {
	Name       string // of its file, "h_max": no two of an analysis are alike
	Title      string
	Caption    string // what to see
	X, Y       string // the axes, with their units
	LogX, LogY bool
	Area       bool   // fill below the curves, as of a density; LogY is then implied
	Scale      string // what the colours of points are, with its unit; "": they have none
	LogScale   bool
	Curves     []Curve
	Marks      []Mark
	Numbers    Table // every number that is drawn, as text; no rows: made of the curves
}

// A Curve is points that are joined in order. NaN and infinities are gaps.
type Curve struct {
	Name     string // what it shows: in the legend, and where the pointer rests on it
	Unlisted bool   // not in the legend
	Run      int    // its place among the runs, from 1, which decides the colour; 0: none
	Colour   int    // the colour of a curve that is no run's, from 1; 0: that of its place in the figure
	X, Y     []float64
	Lo, Hi   []float64 // ends of the error band; nil for none
	Line     []float64 // joins the points in place of Y, which is then faint ([Averaged]); nil: Y
	Values   []float64 // of the points, on the scale of colours; NaN: not measured
	Dashed   bool
}

// A Mark is a line across a figure: a place on X, or a level of Y. Minor ones
// are left out where there are many runs.
type Mark struct {
	At    float64
	Name  string
	Level bool
	Run   int // as in Curve
	Minor bool
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
