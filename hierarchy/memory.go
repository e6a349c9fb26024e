package hierarchy

import (
	"fmt"
	"math"
	"sort"

	"breakeven/tensor"
)

// Memory is a part of what a computation takes, in bytes.
type Memory struct {
	Part  string
	Bytes int64
}

// Plan returns what [Kernels] up to order p takes, by part, for n training and q
// test points.
func Plan(s Shape, n, q, p int, o *Options) []Memory {
	return need{s, n, q, p, o.orDefault().Route, false}.parts()
}

// PlanStream returns the same for [Stream] of order r.
func PlanStream(s Shape, n, q, r int, o *Options) []Memory {
	return need{s, n, q, r, o.orDefault().Route, true}.parts()
}

// A need is what memory depends on.
type need struct {
	shape  Shape
	n, q   int
	order  int
	route  Route
	stream bool
}

// parts counts numbers as float64, for they may be beyond all integers.
func (d need) parts() []Memory {
	var list []Memory
	add := func(part string, numbers float64) {
		list = append(list, Memory{part, int64(min(8*numbers, 1<<62))})
	}
	n, points := float64(d.n), float64(d.n+d.q)
	lowest := 3
	if d.stream {
		lowest = d.order
	} else {
		for r := 1; r <= d.order; r++ {
			add(fmt.Sprintf("K^(%d)", r), points*math.Pow(n, float64(r-1)))
		}
		add("passes", d.pass(points, 1))
	}
	if d.order < 3 {
		return list
	}
	side := n + float64(min(d.q, group(d.n))) // points that go together
	add("blocks", min(n, ahead*workers())*side*math.Pow(n, float64(d.order-2)))
	if top := min(d.order, 4); d.route != Jets && lowest <= 4 {
		add("products with Hessians", d.products(n, side, top))
	}
	if d.route == Jets || d.order > 4 {
		add("jets", d.jets(n, side))
	}
	return list
}

// workers is how many there are now.
func workers() float64 { return float64(tensor.Workers()) }

// pass counts the numbers of a pass.
func (d need) pass(points, derivatives float64) float64 {
	return points * (float64(d.shape.Inputs) + float64(d.shape.Depth*d.shape.Width)*(derivatives+3))
}

// products counts those of products up to order top.
func (d need) products(n, side float64, top int) float64 {
	m, depth, span := float64(d.shape.Width), float64(d.shape.Depth), float64(d.shape.span()+padding)
	rows, worker := side*n, side*m+side*side
	if top == 4 {
		rows = n*side + (side-n)*n
		worker += 2*side*span + side*side*side + 3*m
	} else {
		worker += n * span
	}
	sum := d.pass(side, float64(top-1)) + 2*(depth+1)*side*side + rows*side + workers()*worker
	if top == 4 {
		sum += rows*span + 2*(depth-1)*rows*side
	}
	return sum
}

// jets counts those of jets of the highest order.
func (d need) jets(n, side float64) float64 {
	m, depth, sets := float64(d.shape.Width), float64(d.shape.Depth), math.Pow(2, float64(d.order-2))
	worker := side*(5*depth*m+float64(d.shape.Inputs)) + float64(d.order)*m + float64(d.order-2) + 2*side*n
	return d.pass(side, float64(d.order-1)) + workers()*(sets*worker+side*n)
}

func (d need) total() int64 {
	var sum int64
	for _, m := range d.parts() {
		sum += min(m.Bytes, math.MaxInt64-sum)
	}
	return sum
}

// fits returns an error, with what would fit, if the need is beyond the limit.
func (o *Options) fits(d need) error {
	if d.total() <= o.Limit {
		return nil
	}
	what := "kernels up to order"
	if d.stream {
		what = "blocks of order"
	}
	return fmt.Errorf("hierarchy: %s %d of %d training and %d test points at width %d take %s, and %s are allowed: %s",
		what, d.order, d.n, d.q, d.shape.Width, bytesText(d.total()), bytesText(o.Limit), o.fitting(d))
}

// fitting says what of the kind would fit.
func (o *Options) fitting(d need) string {
	text := "no number of points would fit"
	points := sort.Search(d.n, func(i int) bool {
		fewer := d
		fewer.n = i + 1
		return fewer.total() > o.Limit
	})
	if points > 0 {
		text = fmt.Sprintf("%d training points would fit", points)
	}
	for lower := d; lower.order > 1; {
		if lower.order--; lower.total() <= o.Limit {
			text += fmt.Sprintf(", or order %d", lower.order)
			break
		}
	}
	streamed := d
	if streamed.stream = true; !d.stream && d.order > 2 && streamed.total() <= o.Limit {
		text += ", or blocks by Stream"
	}
	return text
}

func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d bytes", n)
}
