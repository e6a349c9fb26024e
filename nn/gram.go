package nn

import (
	"fmt"

	"breakeven/tensor"
)

// ExampleGram adds to the symmetric matrix dst (n×n, row-major) the inner products
// ⟨g_i, g_j⟩ of the gradients of the n examples of the current batch, times the square of
// the scale given to Adjoints, which must have run. It holds a few blocks of parameters at
// a time, never n×D numbers; dense layers use ⟨g_i, g_j⟩ = ⟨x_i, x_j⟩⟨ȳ_i, ȳ_j⟩.
func (p *Plan) ExampleGram(dst []float64) {
	p.mustPerExample()
	p.mustKeep()
	p.mustHaveAdjoints()
	g := newGram(p, dst, 1)
	g.heads[0] = p.cur.buf[adjoints]
	g.sum()
}

// OutputGram adds to the symmetric matrix dst the inner products of the gradients of the
// outputs of the current batch, after Forward. Row outputs·example + output is that of
// one number of the outputs; if there are several outputs, their numbers follow each
// other. The values of an example are shared by its outputs, the adjoints of each are
// held. It overwrites the adjoints on the tape: call Adjoints again before anything that
// reads them.
func (p *Plan) OutputGram(dst []float64) {
	p.mustPerExample()
	p.mustKeep()
	p.mustHaveValues()
	own := p.cur.buf[adjoints]
	defer func() { p.cur.buf[adjoints] = own }()
	p.cur.adjoints = 0
	g := newGram(p, dst, p.lossWork)
	for h := range g.heads {
		if h > 0 {
			p.cur.buf[adjoints] = p.lane(adjoints, p.cur.most)
		}
		g.heads[h] = p.cur.buf[adjoints]
		p.pick(h)
		p.backward(adjoints, nil, false)
	}
	g.sum()
	clear(g.heads)
}

// pick sets the adjoint of number h of each example's outputs to 1 and the others to 0.
func (p *Plan) pick(h int) {
	for _, d := range p.heads {
		if d.out.active {
			clear(d.out.all(adjoints))
		}
		if h >= 0 && h < d.out.size && d.out.active {
			for i := range p.cur.n {
				d.out.example(adjoints, i)[h] = 1
			}
		}
		h -= d.out.size
	}
}

// ExampleGramMemory returns the bytes that ExampleGram needs for n examples besides the
// plan and its result.
func (n *Network) ExampleGramMemory(examples int) int64 { return n.gramMemory(examples, 1) }

// OutputGramMemory returns the bytes that OutputGram needs for n examples besides
// the plan and its result.
func (n *Network) OutputGramMemory(examples int) int64 {
	p, adjoint := n.lay(Settings{Batch: examples, Inference: true, Adjoints: true}), int64(0)
	p.buffers(adjoints, examples, func(_, size int) { adjoint += 4 * int64(size) })
	return int64(p.lossWork-1)*adjoint + n.gramMemory(examples, p.lossWork)
}

// gramMemory returns the bytes of a gram with the given number of heads.
func (n *Network) gramMemory(examples, heads int) int64 {
	rows := int64(examples * heads)
	p := n.lay(Settings{Batch: examples, Inference: true, Adjoints: true})
	columns := p.widest()
	own := int64(0)
	for _, ex := range p.examples() {
		if o, ok := ex.exampler.(gramOwner); ok && !p.sharing.joint[ex.id] {
			own = max(own, o.gramBytes(examples, int(rows)))
		}
	}
	return 4*rows*int64(columns) + 4*rows*rows + own + p.jointBytes()
}

// A gramOwner is an exampler with its own way to make the inner products of gradients.
type gramOwner interface {
	// gramColumns returns how many numbers of each row it needs in the gram's memory,
	// gramBytes the further bytes that it needs for n examples.
	gramColumns() int
	gramBytes(n, rows int) int64
	addGram(g *gram)
}

// widest returns the most numbers of a row that a gram holds at a time.
func (p *Plan) widest() (columns int) {
	for _, ex := range p.examples() {
		if p.sharing.joint[ex.id] {
			columns = max(columns, min(jointColumns, p.net.dim))
			continue
		}
		if o, ok := ex.exampler.(gramOwner); ok {
			columns = max(columns, o.gramColumns())
			continue
		}
		for _, g := range groups(ex.sizes) {
			columns = max(columns, g.size)
		}
	}
	return columns
}

// A gram sums inner products of gradients. Each example has a row for each of its heads,
// which are sets of adjoints for the same values.
type gram struct {
	plan    *Plan
	heads   [][][]float32
	n, rows int
	dst     []float64 // below the diagonal until the end
	part    []float32 // rows×rows, for tensor.Gram
	e       []float32 // rows of some blocks, or of ȳ
	gx, gy  []float64 // inner products of inputs (n×n) and adjoints (rows×rows)
}

// newGram returns a gram with the given number of heads for the current batch. It reuses
// the last one if that has the same sizes.
func newGram(p *Plan, dst []float64, heads int) *gram {
	n, rows := p.cur.n, p.cur.n*heads
	if len(dst) != rows*rows {
		panic(fmt.Sprintf("nn: Gram matrix of %d numbers for %d gradients", len(dst), rows))
	}
	if p.gram != nil && p.gram.n == n && p.gram.rows == rows {
		p.gram.dst = dst
		return p.gram
	}
	g := &gram{plan: p, heads: make([][][]float32, heads), n: n, rows: rows, dst: dst}
	p.gram = g
	g.part, g.e = make([]float32, g.rows*g.rows), make([]float32, g.rows*p.widest())
	return g
}

// sum adds the inner products in all parameters.
func (g *gram) sum() {
	for _, ex := range g.plan.examples() {
		if g.plan.sharing.joint[ex.id] {
			continue
		}
		if o, ok := ex.exampler.(gramOwner); ok {
			o.addGram(g)
		} else {
			g.blockwise(ex)
		}
	}
	g.joint()
	for i := range g.rows {
		for j := range i {
			g.dst[j*g.rows+i] = g.dst[i*g.rows+j]
		}
	}
	g.dst = nil
}

// each calls f for every example and head, with the head's adjoints on the tape, on all
// workers.
func (g *gram) each(f func(row, i, worker int)) {
	g.plan.takeWorkers()
	g.eachOn(g.plan.workers, f)
}

func (g *gram) eachOn(workers int, f func(row, i, worker int)) {
	defer func(own [][]float32) { g.plan.cur.buf[adjoints] = own }(g.plan.cur.buf[adjoints])
	for h, lane := range g.heads {
		g.plan.cur.buf[adjoints] = lane
		tensor.ParallelOn(workers, g.n, g.plan.unlessStopped(func(i, worker int) { f(i*len(g.heads)+h, i, worker) }))
	}
}

// A group is a number of consecutive blocks whose gradients are held at a time.
type group struct{ first, count, size int }

// groupSize is the least size of a group: a product of that length is fast.
const groupSize = 2048

// groups joins blocks of the given sizes.
func groups(sizes []int) []group {
	var all []group
	for b, size := range sizes {
		if last := len(all) - 1; last >= 0 && all[last].size < groupSize {
			all[last].count++
			all[last].size += size
			continue
		}
		all = append(all, group{b, 1, size})
	}
	return all
}

// blockwise adds the inner products in the parameters of one operation.
func (g *gram) blockwise(ex example) {
	for _, part := range groups(ex.sizes) {
		g.each(func(row, i, worker int) {
			g.plan.fill(g.e[row*part.size:(row+1)*part.size], ex, i, part.first, part.first+part.count, worker)
		})
		g.add(g.dst, g.rows, part.size, g.e)
	}
}

// add adds the inner products of rows of k numbers.
func (g *gram) add(dst []float64, rows, k int, e []float32) {
	if !g.plan.stopped() {
		tensor.Gram(dst, g.part[:rows*rows], rows, k, e)
	}
}

func (l *linear) gramColumns() int { return l.out }

func (l *linear) gramBytes(n, rows int) int64 {
	return 8 * (int64(n)*int64(n) + int64(rows)*int64(rows))
}

// addGram adds (⟨x_i, x_j⟩ + 1)⟨ȳ_i, ȳ_j⟩, without the 1 if there is no bias.
func (l *linear) addGram(g *gram) {
	if g.gx == nil {
		g.gx, g.gy = make([]float64, g.n*g.n), make([]float64, g.rows*g.rows)
	}
	clear(g.gx)
	clear(g.gy)
	g.add(g.gx, g.n, l.in, l.x.all(values))
	g.each(func(row, i, _ int) { copy(g.e[row*l.out:(row+1)*l.out], l.y.example(adjoints, i)) })
	g.add(g.gy, g.rows, l.out, g.e)
	bias := 0.0
	if l.hasBias {
		bias = 1
	}
	heads := len(g.heads)
	tensor.ParallelOn(g.plan.workers, g.rows, g.plan.unlessStopped(func(r, _ int) {
		x, row := g.gx[r/heads*g.n:], g.gy[r*g.rows:]
		for s := range r + 1 {
			g.dst[r*g.rows+s] += (x[s/heads] + bias) * row[s]
		}
	}))
}
