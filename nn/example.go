package nn

import "fmt"

// An exampler gives the gradient of each example in the parameters of one
// operation, cut into blocks in an order of its own.
type exampler interface {
	blocks() []int // their sizes
	// exampleGrad adds to dst a block of example i's gradient, made of the
	// inputs in lane x and the adjoints in lane y, in the scratch memory of a
	// worker.
	exampleGrad(dst []float32, i, block, worker int, x, y lane)
	// block copies the same block of a flat parameter vector.
	block(dst, theta []float32, block int)
}

// PerExample reports whether gradients of single examples are defined: not
// where a batch norm mixes the examples of a batch.
func (p *Plan) PerExample() bool {
	for id, nd := range p.net.nodes {
		if len(nd.params) > 0 && p.rules[id].example == nil {
			return false
		}
	}
	return true
}

func (p *Plan) mustPerExample() {
	if !p.PerExample() {
		panic("nn: gradients of single examples are not defined under batch statistics")
	}
	p.work()
}

// ExampleGradient computes the gradient of loss i of the current batch, times
// the scale given to Adjoints, which must have run. It is the slow twin of
// ExampleGram.
func (p *Plan) ExampleGradient(dst []float32, i int) {
	p.mustPerExample()
	p.mustKeep()
	p.ready(dst)
	if i < 0 || i >= p.cur.n {
		panic(fmt.Sprintf("nn: example %d of %d", i, p.cur.n))
	}
	// Distribute block by block through the inverse of block: number the
	// parameters, read the numbers back.
	index := make([]float32, p.net.dim)
	for _, r := range p.examplers() {
		for b, size := range r.blocks() {
			buf, pos := make([]float32, size), make([]float32, size)
			for j := range index {
				index[j] = float32(j + 1)
			}
			r.exampleGrad(buf, i, b, 0, values, adjoints)
			r.block(pos, index, b)
			for j, at := range pos {
				if at > 0 {
					dst[int(at)-1] = buf[j]
				}
			}
		}
	}
}

func (p *Plan) examplers() []exampler {
	var ex []exampler
	for _, r := range p.rules {
		if r.example != nil {
			ex = append(ex, r.example)
		}
	}
	return ex
}
