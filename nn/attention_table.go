package nn

import (
	"fmt"
	"slices"
)

// A scoreTable is the parameter of an Attention with Places, whose numbers are added to scores.
type scoreTable struct {
	table span
	count int
	sums  []float64 // by example: the adjoints of its numbers
}

// checkTable panics unless the places are those of numbers of the table.
func (a Attention) checkTable(in []Shape) {
	rows, cols := a.scores(in[queries], in[keys])
	want := a.Heads * rows * cols
	if a.Places == nil && a.Table == nil || len(a.Places) == want && slices.Min(a.Places) >= 0 && int(slices.Max(a.Places)) < (Param{Shape: a.Table}).Size() {
		return
	}
	panic(fmt.Sprintf("nn: attention with a table of the shape %v at %d places: want a number of the table for each of %d scores", a.Table, len(a.Places), want))
}

// bindTable binds the table, if there is one.
func (k *attention) bindTable(b *binding) {
	if k.Places == nil {
		return
	}
	k.table = b.param(0)
	k.count = k.table.hi - k.table.lo
	if b.plan.settings.Evaluate {
		return
	}
	size := b.plan.settings.Batch * k.count
	b.owns(8 * int64(size))
	b.later(func() { k.sums = make([]float64, size) })
}

// tableAt returns where the table has the numbers of the first n keys in row t.
func (h attentionHead) tableAt(t, n int) []int32 {
	return h.Places[h.head*h.squares+t*h.wide:][:n]
}

// addTable adds the numbers of a flat vector to the first scores of row t.
func (h attentionHead) addTable(row []float32, from vector, t int) {
	table := h.table.of(from)
	for j, at := range h.tableAt(t, len(row)) {
		row[j] += table[at]
	}
}

// addTables adds them to a matrix of scores.
func (h attentionHead) addTables(s []float32, from vector) {
	for t := range h.rows {
		h.addTable(s[t*h.cols:(t+1)*h.cols], from, t)
	}
}

// sumTable adds to the adjoints of the table those of the scores, which stand in ds times the scale of products.
func (h attentionHead) sumTable(ds []float32) {
	if h.Places == nil {
		return
	}
	sums := h.sums[h.example*h.count:][:h.count]
	for t := range h.rows {
		for j, at := range h.tableAt(t, h.cols) {
			sums[at] += float64(ds[t*h.cols+j]) / h.scale
		}
	}
}

// beginTable clears the adjoints of the table before the first head of an example adds to them.
func (h attentionHead) beginTable() {
	if h.Places != nil && h.head == 0 && h.window == 0 {
		clear(h.sums[h.example*h.count:][:h.count])
	}
}

// finishTable sums the adjoints of the examples, in order.
func (k *attention) finishTable(int, int) {
	sumShards(k.table.of(k.plan.dst), k.sums, k.plan.cur.n, k.table.acc())
}

func (k *attention) blocks() []int { return []int{k.count} }

func (k *attention) places(dst []int, _ int) { k.table.places(dst, 0) }

func (k *attention) exampleGrad(dst []float32, i, _, worker int) {
	k.eachHead(i, worker, func(h attentionHead) {
		if h.rows == 0 || h.cols == 0 {
			return
		}
		_, ds := h.scoreAdjoints(adjoints)
		for t := range h.rows {
			for j, at := range h.tableAt(t, h.cols) {
				dst[at] += ds[t*h.cols+j]
			}
		}
	})
}
