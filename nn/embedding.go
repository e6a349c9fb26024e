package nn

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"breakeven/tensor"
)

// Embedding maps each integer to a vector: row i of weight [Vocabulary, Width]. Its input
// holds integers, one for an example or one for each step of a sequence. The gradient in
// the weights is dense, like the parameter vector: rows that no example names are set to
// 0.
type Embedding struct {
	Vocabulary, Width int
	// HasPadding says that the row Padding is a constant, with gradient 0 (padding_idx in
	// PyTorch).
	HasPadding bool
	Padding    int
	// Counted says that the row of a step is not its integer, but Padding plus the number of steps up to it, itself included,
	// whose integer is not Padding; a step of Padding has row Padding. So RoBERTa picks the vectors of its places.
	Counted bool
}

func (e Embedding) below() int {
	if e.Counted {
		return math.MaxInt
	}
	return e.Vocabulary
}

// Out returns a vector of Width numbers, or a sequence of them.
func (e Embedding) Out(in ...Shape) Shape {
	one("embedding", in)
	if e.Vocabulary < 1 || e.Width < 1 || in[0].Step() != Vec(1) || (e.HasPadding || e.Counted) && (e.Padding < 0 || e.Padding >= e.Vocabulary) || e.Counted && e.Padding+in[0].Steps() >= e.Vocabulary {
		panic(fmt.Sprintf("nn: %+v of %v: want one integer for each step", e, in[0]))
	}
	return Shape{C: e.Width, H: 1, W: 1, T: in[0].T}
}

// Params returns the weight, with fans as PyTorch counts them.
func (e Embedding) Params(...Shape) []Param {
	return []Param{{Name: "weight", Shape: []int{e.Vocabulary, e.Width}, FanIn: e.Width, FanOut: e.Vocabulary}}
}

// embedding is a compiled Embedding.
type embedding struct {
	Embedding
	plan   *Plan
	input  int // of the network
	steps  int // of an example
	y      arg
	weight span
}

func (e Embedding) compile(b *binding) rules {
	k := &embedding{Embedding: e, plan: b.plan, input: b.input(0), steps: b.in(0).shape.Steps(), y: b.out(), weight: b.param(0)}
	gather := func(l lane, from func() vector) phase {
		return b.local(func(lo, hi, _, _ int) { k.gather(k.y.rows(l, lo, hi), lo, from(), l == tangents) })
	}
	return rules{
		forward:  []phase{gather(values, func() vector { return k.plan.theta })},
		tangent:  []phase{gather(tangents, func() vector { return k.plan.v })},
		adjoint:  func(lane) []phase { return nil },
		gradient: k.finish,
		rereads:  true,
		example:  k,
	}
}

// picks yields the steps of examples lo … hi-1 on the current tape, each with the row that it picks.
func (k *embedding) picks(lo, hi int) iter.Seq2[int, int32] {
	return func(yield func(at int, row int32) bool) {
		seen := int32(0)
		for at, row := range k.plan.cur.in[k.input].I[lo*k.steps : hi*k.steps] {
			if k.Counted {
				if at%k.steps == 0 {
					seen = 0
				}
				if row != int32(k.Padding) {
					seen++
					row = int32(k.Padding) + seen
				}
			}
			if !yield(at, row) {
				return
			}
		}
	}
}

// constant reports whether a row is a constant.
func (k *embedding) constant(row int32) bool { return k.HasPadding && int(row) == k.Padding }

// gather sets the rows of dst to the rows of w that the examples name, beginning with
// example lo.
func (k *embedding) gather(dst []float32, lo int, theta vector, tangent bool) {
	w, n := k.weight.of(theta), k.Width
	for at, row := range k.picks(lo, lo+len(dst)/(n*k.steps)) {
		y := dst[at*n : (at+1)*n]
		if tangent && k.constant(row) {
			clear(y)
			continue
		}
		copy(y, w[int(row)*n:])
	}
}

// scatterTasks is the number of tasks that make the gradient. A task has the rows with
// the same remainder, since small integers are common.
const scatterTasks = 16

// finish sets each row of the gradient to the sum of ȳ over the places that name it, in
// order.
func (k *embedding) finish(l lane, _ bool) []phase {
	return []phase{{
		tasks: func() int { return scatterTasks },
		run:   func(task, _ int) { k.scatter(l, task) },
	}}
}

func (k *embedding) scatter(l lane, task int) {
	dst, n := k.weight.of(k.plan.dst), k.Width
	if !k.weight.acc() {
		for row := task; row < k.Vocabulary; row += scatterTasks {
			clear(dst[row*n : (row+1)*n])
		}
	}
	dy := k.y.all(l)
	for at, row := range k.picks(0, k.plan.cur.n) {
		if row%scatterTasks == int32(task) && !k.constant(row) {
			tensor.Add(dst[int(row)*n:int(row+1)*n], dy[at*n:(at+1)*n])
		}
	}
}

// rows is the number of rows of the weight in a block of an example's gradient.
func (k *embedding) rows() int { return min(k.Vocabulary, max(1, groupSize/k.Width)) }

func (k *embedding) blocks() []int {
	sizes := slices.Repeat([]int{k.rows() * k.Width}, k.Vocabulary/k.rows())
	if rest := k.Vocabulary % k.rows(); rest > 0 {
		sizes = append(sizes, rest*k.Width)
	}
	return sizes
}

func (k *embedding) exampleGrad(dst []float32, i, block, _ int) {
	first, n, dy := block*k.rows(), k.Width, k.y.example(adjoints, i)
	for t, row := range k.picks(i, i+1) {
		if at := (int(row) - first) * n; at >= 0 && at < len(dst) && !k.constant(row) {
			tensor.Add(dst[at:at+n], dy[t*n:(t+1)*n])
		}
	}
}

func (k *embedding) places(dst []int, block int) { k.weight.places(dst, block*k.rows()*k.Width) }

// An entry is a row of the weight that an example names, with the places where it does.
type entry struct {
	example int
	places  []int // of the batch
	first   int   // index of the first entry with the same row
}

// entries returns all entries of the current batch, by row of the weight and then by
// example, and the indices of each example's entries.
func (k *embedding) entries() (all []entry, of [][]int) {
	rows := make([]int32, k.plan.cur.n*k.steps)
	order := make([]int, 0, len(rows))
	for at, row := range k.picks(0, k.plan.cur.n) {
		if rows[at] = row; !k.constant(row) {
			order = append(order, at)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(rows[a], rows[b]), cmp.Compare(a, b)) })
	all, of = make([]entry, 0, len(order)), make([][]int, k.plan.cur.n)
	ids := make([]int, len(rows))
	for i := range of {
		of[i] = ids[i*k.steps : i*k.steps : (i+1)*k.steps]
	}
	first := 0
	for lo := 0; lo < len(order); {
		row, i, hi := rows[order[lo]], order[lo]/k.steps, lo
		for hi < len(order) && rows[order[hi]] == row && order[hi]/k.steps == i {
			hi++
		}
		if lo == 0 || rows[order[lo-1]] != row {
			first = len(all)
		}
		of[i] = append(of[i], len(all))
		all = append(all, entry{i, order[lo:hi], first})
		lo = hi
	}
	return all, of
}

func (k *embedding) gramColumns() int { return k.y.size }

func (k *embedding) gramBytes(n, _ int) int64 { return 56*int64(n*k.steps) + 24*int64(n) }

// addGram adds the inner products of the rows that both of two examples name. Their
// gradients are zero elsewhere.
func (k *embedding) addGram(g *gram) {
	all, of := k.entries()
	n, heads := k.Width, len(g.heads)
	sum := func(id, head int) []float32 { return g.e[(id*heads+head)*n:][:n] }
	g.each(func(row, i, _ int) {
		dy := k.y.example(adjoints, i)
		for _, id := range of[i] {
			dst := sum(id, row%heads)
			clear(dst)
			for _, at := range all[id].places {
				tensor.Add(dst, dy[at%k.steps*n:][:n])
			}
		}
	})
	tensor.Parallel(g.n, func(i int) {
		for _, id := range of[i] {
			for other := all[id].first; other <= id; other++ {
				for pair := range heads * heads {
					r, s := i*heads+pair/heads, all[other].example*heads+pair%heads
					if s <= r {
						g.dst[r*g.rows+s] += tensor.Dot(sum(id, pair/heads), sum(other, pair%heads))
					}
				}
			}
		}
	})
}
