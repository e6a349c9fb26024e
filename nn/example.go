package nn

import "fmt"

// An exampler makes the gradient of each example in the parameters of one operation, cut
// into blocks, in an internal order.
type exampler interface {
	blocks() []int // their sizes
	// exampleGrad adds a block of example i's gradient to dst, using the worker's
	// scratch.
	exampleGrad(dst []float32, i, block, worker int)
	// places sets dst to the places of a block's numbers in a flat parameter vector.
	places(dst []int, block int)
}

// PerExample reports whether gradients of single examples are defined: they are not if
// an operation couples the examples of a batch.
func (p *Plan) PerExample() bool { return !p.couples }

func (p *Plan) mustPerExample() {
	if !p.PerExample() {
		panic("nn: gradients of single examples are not defined: an operation couples the examples of a batch")
	}
}

// ExampleGradient computes the gradient of the loss of example i of the current batch,
// times the scale given to Adjoints, which must have run. It is the slow twin of
// ExampleGram.
func (p *Plan) ExampleGradient(dst []float32, i int) {
	p.mustPerExample()
	p.mustKeep()
	p.mustDerive(dst)
	p.mustHaveAdjoints()
	if i < 0 || i >= p.cur.n {
		panic(fmt.Sprintf("nn: example %d of %d", i, p.cur.n))
	}
	clear(dst)
	for _, ex := range p.examples() {
		for b, size := range ex.sizes {
			buf, places := make([]float32, size), make([]int, size)
			p.fill(buf, ex, i, b, b+1, 0)
			ex.places(places, b)
			for j, at := range places {
				if at >= 0 { // else it is frozen
					dst[at] += buf[j]
				}
			}
		}
	}
}

// An example is the exampler of a node.
type example struct {
	exampler
	id    int
	sizes []int // of its blocks
	size  int   // their sum
}

// examples returns the examplers of all nodes that have one.
func (p *Plan) examples() []example {
	var all []example
	for id, r := range p.rules {
		if r.example != nil {
			all = append(all, p.exampleOf(id))
		}
	}
	return all
}

func (p *Plan) exampleOf(id int) example {
	ex := example{p.rules[id].example, id, p.rules[id].example.blocks(), 0}
	for _, size := range ex.sizes {
		ex.size += size
	}
	return ex
}

// gradient sets dst to blocks first … end-1 of example i's gradient.
func (ex example) gradient(dst []float32, i, first, end, worker int) {
	clear(dst)
	for b := first; b < end; b++ {
		ex.exampleGrad(dst[:ex.sizes[b]], i, b, worker)
		dst = dst[ex.sizes[b]:]
	}
}

// fill is gradient, but copies rows that makeRows has made.
func (p *Plan) fill(dst []float32, ex example, i, first, end, worker int) {
	if !p.gradsKept[ex.id] {
		ex.gradient(dst, i, first, end, worker)
		return
	}
	at := i * ex.size
	for _, size := range ex.sizes[:first] {
		at += size
	}
	copy(dst, p.cur.buf[adjoints][ex.id][at:])
}

// makeRows is the phase that makes the gradients of single examples in a node's
// parameters, which are kept instead of the node's adjoints.
func (p *Plan) makeRows(id int) phase {
	ex := p.exampleOf(id)
	return phase{local: func(lo, hi, _, worker int) {
		for i := lo; i < hi; i++ {
			ex.gradient(p.cur.buf[adjoints][id][i*ex.size:(i+1)*ex.size], i, 0, len(ex.sizes), worker)
		}
	}}
}
