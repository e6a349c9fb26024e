package nn

import (
	"fmt"

	"breakeven/tensor"
)

// An attentionHead is one head of one window of an example: a piece of the work of a task, with the worker's scratch.
type attentionHead struct {
	*attention
	example, head, window int
	rows, cols            int // steps of the queries and of the keys
	scratch               []float32
}

// checkWindow panics unless windows fit the sequences.
func (a Attention) checkWindow(in []Shape) {
	if w := a.Window; w < 0 || w > 0 && (in[queries].T != in[keys].T || in[queries].T%w != 0 || a.Masked != nil) {
		panic(fmt.Sprintf("nn: attention in windows of %d steps of %v: want a divisor of the steps, as many keys as queries, and no mask", w, in))
	}
}

// scores returns how many rows and columns a matrix of scores has.
func (a Attention) scores(q, k Shape) (rows, cols int) {
	if a.Window > 0 {
		return a.Window, a.Window
	}
	return q.T, k.T
}

// heads is a phase that calls f for each head of each example: those of one example in order if they share a table.
func (k *attention) heads(f func(h attentionHead)) phase {
	if k.Places != nil {
		return phase{tasks: func() int { return k.plan.cur.n }, run: func(i, worker int) { k.eachHead(i, worker, f) }}
	}
	return phase{
		tasks: func() int { return k.plan.cur.n * k.Heads },
		run:   func(task, worker int) { k.eachWindow(task/k.Heads, task%k.Heads, worker, f) },
	}
}

// eachHead calls f for the heads of an example.
func (k *attention) eachHead(i, worker int, f func(h attentionHead)) {
	for head := range k.Heads {
		k.eachWindow(i, head, worker, f)
	}
}

// eachWindow calls f for the windows of a head.
func (k *attention) eachWindow(i, head, worker int, f func(h attentionHead)) {
	q, s := k.y.steps(i), k.in[keys].steps(i)
	for w := range k.windows {
		within := func(steps, most int) int { return min(max(steps-w*most, 0), most) }
		f(attentionHead{k, i, head, w, within(q, k.high), within(s, k.wide), k.plan.scratch[worker]})
	}
}

// square returns one of the matrices of the scratch, rows×cols.
func (h attentionHead) square(n int) []float32 { return h.scratch[n*h.squares:][:h.rows*h.cols] }

// score views a matrix of scores.
func (h attentionHead) score(s []float32) tensor.Matrix { return tensor.Rows(s, h.cols) }

// part returns the numbers of an activation from those of the head on, and their view.
func (h attentionHead) part(a arg, l lane) ([]float32, tensor.Matrix) {
	x := a.example(l, h.example)[h.window*h.high*h.y.shape.C+h.head*h.size:]
	return x, tensor.Rows(x, h.y.shape.C)
}

func (h attentionHead) view(a arg, l lane) tensor.Matrix {
	_, m := h.part(a, l)
	return m
}

// clearFrom sets the head's numbers to 0 from a step of its window on.
func (h attentionHead) clearFrom(a arg, l lane, step int) {
	x, c := a.example(l, h.example), h.y.shape.C
	end := min(len(x), (h.window+1)*(len(x)/h.windows))
	for at := (h.window*h.high+step)*c + h.head*h.size; at < end; at += c {
		clear(x[at : at+h.size])
	}
}

// drop applies the mask to a matrix of scores. Number j of row t is number t·T + j of the
// head's, T the most steps of the keys, as [Dropout] counts them in an example.
func (h attentionHead) drop(s []float32) {
	if h.drops == 0 {
		return
	}
	m := h.plan.masks
	places, scale := (h.squares*h.windows*h.Heads+7)/8, float32(1/(1-h.Dropout))
	first := uint64((m.first + h.example) * places)
	at, a, b := -1, uint64(0), uint64(0)
	for t := range h.rows {
		for j := range h.cols {
			number := (h.head*h.windows+h.window)*h.squares + t*h.wide + j
			if number/8 != at {
				at = number / 8
				a, b = m.fields[h.field].At(m.step, first+uint64(at))
			}
			bits := a
			if number%8 >= 4 {
				bits = b
			}
			if v := &s[t*h.cols+j]; bits>>(number%4*16)&0xffff >= h.drops {
				*v *= scale
			} else {
				*v = 0
			}
		}
	}
}
