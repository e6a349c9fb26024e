package hierarchy

import (
	"errors"
	"fmt"

	"breakeven/tensor"
)

// A Route is a way to compute kernels of order three and more.
type Route int

const (
	Auto     Route = iota // Products up to order 4, Jets above
	Products              // n² products with Hessians: orders 3 and 4 alone
	Jets                  // nilpotent jets: any order, slower
)

// Options of kernels. The zero value is good.
type Options struct {
	Route Route
	// Limit is the memory allowed, in bytes; 0 is 4 GiB. More is refused before
	// any of it is used.
	Limit int64
	// Stop is asked before each piece of the work, on several goroutines, whether to
	// end; its error is returned as it is. Nil: never.
	Stop func() error
}

// Kernels returns K^(1) = f, K^(2), …, K^(p) of the network as it is:
// K^(r) is at index r−1. It is an error if the network or the points hold NaN
// or do not fit each other, and if it takes more memory than allowed.
func Kernels(net *Network, points Points, p int, o *Options) ([]*Tensor, error) {
	o = o.orDefault()
	if p < 1 {
		return nil, fmt.Errorf("hierarchy: kernels up to order %d: orders begin at 1", p)
	}
	if err := prepare(net, points, p, o); err != nil {
		return nil, fmt.Errorf("hierarchy: kernels up to order %d: %w", p, err)
	}
	if err := o.fits(need{net.shape, len(points.Train), len(points.Test), p, o.Route, false}); err != nil {
		return nil, err
	}
	pass := newPass(net.shape, points.all(), 1)
	pass.run(net)
	n, rows := len(points.Train), len(points.Train)+len(points.Test)
	k := []*Tensor{{1, rows, n, pass.f}}
	if p > 1 {
		k = append(k, pass.kernel(n))
	}
	for r := 3; r <= p; r++ {
		k = append(k, NewTensor(r, rows, n))
	}
	err := stream(net, points, 3, p, o, func(b Block) error {
		to := k[b.Order-1].Data[b.First*power(n, b.Order-1)+b.Last:]
		for i, v := range b.Data {
			to[i*n] = v
		}
		return nil
	})
	return k, err
}

// Check returns the error that [Kernels] up to order p would end with for a network of this
// shape at these points, before it has one: bad points, or more memory than allowed.
func Check(s Shape, points Points, p int, o *Options) error {
	o = o.orDefault()
	err := s.check()
	if err == nil {
		err = points.check(s.Inputs)
	}
	if err != nil {
		return fmt.Errorf("hierarchy: kernels up to order %d: %w", p, err)
	}
	return o.fits(need{s, len(points.Train), len(points.Test), p, o.Route, false})
}

// A Block is a part of K^(r): all entries with one last index, and so the
// derivative of K^(r−1) along the gradient of f at x_Last.
type Block struct {
	Order int
	Last  int // index of x_r
	First int // the first of its rows
	Rows  int
	// Data has Rows × n^(r−2) numbers, the last index but one running fastest.
	// It is valid until the function that was given it returns.
	Data []float64
}

// Stream computes K^(r), r ≥ 3, without holding it, and gives it to emit block
// by block: the training points' rows and some of the test points', for Last =
// 0…n−1, then more test points', and so on. An error of emit ends it.
func Stream(net *Network, points Points, r int, o *Options, emit func(Block) error) error {
	o = o.orDefault()
	if r < 3 {
		return fmt.Errorf("hierarchy: blocks of order %d: orders below 3 are small, use Kernels", r)
	}
	if err := prepare(net, points, r, o); err != nil {
		return fmt.Errorf("hierarchy: blocks of order %d: %w", r, err)
	}
	if err := o.fits(need{net.shape, len(points.Train), len(points.Test), r, o.Route, true}); err != nil {
		return err
	}
	return stream(net, points, r, r, o, emit)
}

const maxOrder = 32

func (o *Options) orDefault() *Options {
	var p Options
	if o != nil {
		p = *o
	}
	if p.Limit == 0 {
		p.Limit = 4 << 30
	}
	return &p
}

func prepare(net *Network, points Points, order int, o *Options) error {
	if o.Route < Auto || o.Route > Jets {
		return fmt.Errorf("unknown route %d", o.Route)
	}
	if order > maxOrder {
		return fmt.Errorf("orders end at %d: jets of order r have 2^(r−2) parts", maxOrder)
	}
	if o.Route == Products && order > 4 {
		return errors.New("products with Hessians end at order 4; use Auto or Jets")
	}
	if err := net.check(); err != nil {
		return err
	}
	return points.check(net.shape.Inputs)
}

// A route computes the blocks of K^(r) for rows from first on. It has memory for so
// many workers, which call it at the same time.
type route interface {
	workers() int
	block(dst []float64, r, last, first, worker int)
	stopped() error // why what it computed is of no use, or nil
}

// stream computes the orders from low to high for one group of test points after
// another: their rows do not depend on each other, and memory grows with the
// square of their number. The first group brings the training points' rows.
func stream(net *Network, points Points, low, high int, o *Options, emit func(Block) error) error {
	n, way, stop := len(points.Train), o.Route, newStopper(o.Stop)
	for at := 0; at == 0 || at < len(points.Test); at += group(n) {
		part := Points{points.Train, points.Test[at:min(at+group(n), len(points.Test))]}
		first := n // of the group's own rows
		if at == 0 {
			first = 0
		}
		shift := func(b Block) error {
			b.First += at
			return emit(b)
		}
		if top := min(high, 4); way != Jets && low <= top {
			t := newProducts(net, part, top, stop)
			for r := low; r <= top; r++ {
				if err := blocks(t, part, r, first, shift); err != nil {
					return err
				}
			}
		}
		for r := low; r <= high; r++ {
			if way == Jets || r > 4 {
				if err := blocks(newJets(net, part, r, stop), part, r, first, shift); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// group is how many test points go together.
func group(n int) int { return max(n, 16) }

// ahead is how many blocks a worker computes before they are emitted.
const ahead = 4

// blocks computes all blocks of K^(r), several at a time, and emits them in
// their order.
func blocks(way route, points Points, r, first int, emit func(Block) error) error {
	n := len(points.Train)
	rows := n + len(points.Test) - first
	buffers := make([][]float64, min(n, ahead*way.workers()))
	for i := range buffers {
		buffers[i] = make([]float64, rows*power(n, r-2))
	}
	for u := 0; u < n; u += len(buffers) {
		count := min(len(buffers), n-u)
		tensor.ParallelOn(way.workers(), count, func(task, worker int) { way.block(buffers[task], r, u+task, first, worker) })
		if err := way.stopped(); err != nil {
			return err
		}
		for i, data := range buffers[:count] {
			if err := emit(Block{r, u + i, first, rows, data}); err != nil {
				return err
			}
		}
	}
	return nil
}
