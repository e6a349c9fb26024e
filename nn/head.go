package nn

import (
	"fmt"

	"breakeven/tensor"
)

// A head is an output with its loss.
type head struct {
	out             arg
	rows            int // of an example
	loss            Loss
	hessian, convex lossRule // for products with the Hessian, and Gauss-Newton
	classes, width  int
	still           []float32 // tangents of an output that depends on no parameter: zeros
}

// A lossRule is a second-order rule of a loss.
type lossRule = func(dst, tangent []float32, r Row, scale float64)

// lossTasks compute the losses of an example and their derivatives. The functions are
// made once, so that calling them for all examples allocates nothing.
type lossTasks struct {
	valueTask               func(i int)
	adjointTask, keptTask   func(i int) // in the cotangents; in the adjoints
	hessianTask, convexTask func(i int)
}

// makeHeads makes the heads of the outputs.
func (p *Plan) makeHeads() {
	for k, o := range p.net.Outputs() {
		h := head{out: newArg(p, p.outs[k]), rows: o.Shape.Steps(), loss: p.settings.Loss}
		if l, ok := p.settings.Losses[o.Name]; ok {
			h.loss = l
		}
		h.hessian = h.loss.Hessian
		h.convex = h.hessian
		if l, ok := h.loss.(CurvedLoss); ok {
			h.convex = l.GaussNewton
		}
		h.classes, h.width = h.loss.Targets(o.Shape.C)
		if numbers := h.out.size * p.settings.Batch; p.settings.Tangents && !h.out.active {
			p.need.bytes += 4 * int64(numbers)
			p.need.later = append(p.need.later, func() { p.heads[k].still = make([]float32, numbers) })
		}
		p.heads = append(p.heads, h)
		p.lossWork += h.out.size
		p.lossRows = max(p.lossRows, h.rows)
	}
	p.eachLoss = []step{{p.shards, func(shard, _ int) {
		lo, hi := p.extent(shard)
		for i := lo; i < hi; i++ {
			p.lossTask(i)
		}
	}}}
	p.valueTask, p.hessianTask, p.convexTask = p.lossOf, p.hessianOf, p.convexOf
	p.adjointTask = func(i int) { p.adjointOf(cotangents, i) }
	p.keptTask = func(i int) { p.adjointOf(adjoints, i) }
}

// manyOutputs is how many output numbers a batch must have for its losses to be computed
// on several cores.
const manyOutputs = 1 << 14

// overLosses calls one of the loss tasks for each example.
func (p *Plan) overLosses(task func(i int)) {
	if p.cur.n*p.lossWork >= manyOutputs {
		p.lossTask = task
		p.run(p.eachLoss)
		return
	}
	for i := range p.cur.n {
		task(i)
	}
}

// rowWeight returns the weight of row r of example i, for examples of the given number of
// rows with one weight each.
func (t Target) rowWeight(rows, i, r int) float64 {
	at := i*rows + r
	switch {
	case t.Labels != nil && t.Labels[at] == Ignored:
		return 0
	case t.Weight != nil:
		return float64(t.Weight[at])
	}
	return 1
}

// empty reports whether there is neither a label nor a vector.
func (t Target) empty() bool { return t.Labels == nil && t.Vector == nil }

// row returns row r of example i at output k, as a loss or a metric reads it, and its
// weight.
func (p *Plan) row(k, i, r int) (Row, float64) {
	h, t := &p.heads[k], &p.cur.target[k]
	c := h.out.shape.C
	at := (i*h.rows + r) * c
	row := Row{Z: h.out.example(values, i)[r*c : (r+1)*c], Memo: p.cur.memo[k][at : at+c]}
	if r >= h.out.steps(i) && !t.Padded || t.empty() {
		return row, 0
	}
	if t.Vector != nil {
		row.Vector = t.Vector[(i*h.rows+r)*h.width:][:h.width]
	} else {
		row.Label = t.Labels[i*h.rows+r]
	}
	return row, t.rowWeight(h.rows, i, r)
}

// lossOf computes the loss of example i and the memos of its rows.
func (p *Plan) lossOf(i int) {
	sum := 0.0
	for k := range p.heads {
		for r := range p.heads[k].rows {
			if row, weight := p.row(k, i, r); weight != 0 {
				sum += weight * p.heads[k].loss.Value(row)
			}
		}
	}
	p.cur.loss[i] = sum
}

// adjointOf sets a lane of the outputs of example i to their adjoints.
func (p *Plan) adjointOf(l lane, i int) {
	scale := p.scale
	if p.weight != nil {
		scale = p.weight[i]
	}
	for k := range p.heads {
		h := &p.heads[k]
		if !h.out.active {
			continue
		}
		dst, c := h.out.example(l, i), h.out.shape.C
		for r := range h.rows {
			d := dst[r*c : (r+1)*c]
			if row, weight := p.row(k, i, r); weight != 0 {
				h.loss.Adjoint(d, row, weight*scale)
			} else {
				clear(d)
			}
		}
	}
}

// secondOrderOf sets the cotangents of the outputs of example i to the result of a
// second-order rule on their tangents.
func (p *Plan) secondOrderOf(i int, rule func(h *head) lossRule) {
	for k := range p.heads {
		h := &p.heads[k]
		if !h.out.active {
			continue
		}
		dst, tangent, c := h.out.example(cotangents, i), h.out.example(tangents, i), h.out.shape.C
		for r := range h.rows {
			d := dst[r*c : (r+1)*c]
			if row, weight := p.row(k, i, r); weight != 0 {
				rule(h)(d, tangent[r*c:(r+1)*c], row, weight*p.scale)
			} else {
				clear(d)
			}
		}
	}
}

func (p *Plan) hessianOf(i int) { p.secondOrderOf(i, func(h *head) lossRule { return h.hessian }) }

func (p *Plan) convexOf(i int) { p.secondOrderOf(i, func(h *head) lossRule { return h.convex }) }

// alongOutputs returns the sum over the outputs of example i of cotangents times tangents.
func (p *Plan) alongOutputs(i int) float64 {
	sum := 0.0
	for k := range p.heads {
		if out := p.heads[k].out; out.active {
			sum += tensor.Dot(out.example(cotangents, i), out.example(tangents, i))
		}
	}
	return sum
}

// Metric returns the sum of a metric, such as [Correct], over the rows of the main output
// for the current batch, times their weights.
func (p *Plan) Metric(metric func(r Row) float64) float64 { return p.MetricOf(0, metric) }

// MetricOf is Metric for output k.
func (p *Plan) MetricOf(k int, metric func(r Row) float64) float64 {
	p.mustHaveValues()
	sum := 0.0
	for i := range p.cur.n {
		for r := range p.heads[k].rows {
			if row, weight := p.row(k, i, r); weight != 0 {
				sum += weight * metric(row)
			}
		}
	}
	return sum
}

// Weight returns the sum of the weights of the rows of the first output that has targets:
// the divisor that makes a sum of losses their mean. It is N if each example has one row,
// none is ignored, and there are no weights.
func (n *Network) Weight(b Batch) float64 {
	for k, t := range b.Target {
		if t.empty() {
			continue
		}
		nd := n.nodes[n.outs()[k]]
		rows, sum := nd.shape.Steps(), 0.0
		if b.Nodes != nil {
			t.Weight = t.among(make([]float32, b.N), b)
		}
		byExample := t.Weight
		if len(t.Weight) == b.N {
			t.Weight = nil
		}
		for i := range b.N {
			weight := 1.0
			if len(byExample) == b.N {
				weight = float64(byExample[i])
			}
			count := rows
			if !t.Padded {
				count = nd.time.steps(b.In, i, rows)
			}
			for r := range count {
				sum += weight * t.rowWeight(rows, i, r)
			}
		}
		return sum
	}
	return 0
}

// steps returns the length of example i's sequence, of a shape with the given steps.
func (a axis) steps(in []Values, i, steps int) int {
	if a.input == 0 || in[a.input-1].Steps == nil {
		return steps
	}
	return min(steps, max(0, int(in[a.input-1].Steps[i])-a.from))
}

// spread appends each number of x as often as an example has rows.
func spread(dst, x []float32, rows int) []float32 {
	for _, v := range x {
		for range rows {
			dst = append(dst, v)
		}
	}
	return dst
}

// checkTarget panics unless a target fits n examples of a head.
func (h *head) checkTarget(t Target, n int) {
	rows := n * h.rows
	bad := func(what string, got int) {
		panic(fmt.Sprintf("nn: %d %s for %d rows of %v outputs with %s", got, what, rows, h.out.shape.Step(), h.loss.Name()))
	}
	switch {
	case t.Labels != nil && t.Vector != nil:
		panic("nn: a target has labels and vectors")
	case t.Labels != nil && (h.classes == 0 || len(t.Labels) != rows):
		bad("labels", len(t.Labels))
	case t.Vector != nil && (h.width == 0 || len(t.Vector) != rows*h.width):
		bad("numbers of vectors", len(t.Vector))
	case t.Weight != nil && len(t.Weight) != rows && len(t.Weight) != n:
		bad("weights", len(t.Weight))
	}
	for at, c := range t.Labels {
		if c != Ignored && (c < 0 || int(c) >= h.classes) {
			panic(fmt.Sprintf("nn: label %d of row %d among %d classes", c, at, h.classes))
		}
	}
}
