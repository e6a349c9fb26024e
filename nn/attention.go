package nn

import (
	"fmt"
	"math"
	"slices"

	"breakeven/rng"
	"breakeven/tensor"
)

// Attention is scaled dot-product attention between sequences (Vaswani et al. 2017, Sec. 3.2):
// of queries, keys and values, each cut into Heads of equal size d,
//
//	y_t = Σ_s p_ts v_s,  p_t = softmax_s(⟨q_t, k_s⟩/√d)
//
// for each head, one after the other in y. The sum runs over the steps of an example's own
// sequence of keys; past the end of its queries y is 0. Dense layers make its inputs and read
// its output.
type Attention struct {
	Heads int
	// Causal hides the keys of later steps: those of the steps 0 … t enter y_t.
	Causal bool
	// Bias is added to the scores ⟨q_t, k_s⟩/√d, number by number: [1 or Heads, steps of the queries, steps of the
	// keys]. Where it is −Inf the key is hidden. Where all keys are, y is 0. Nil means none.
	Bias []float32
	// Masked is what is added in place of Bias, and has as many numbers, where a mask is 0 or less. If it is not nil the
	// mask is a fourth input that depends on no parameter: a number for each step of the keys or, for each step of the
	// queries, a vector with a number for each step of the keys. If all keys of a query have a finite bias so low that
	// its rounding swallows their scores, the softmax gives each of them the same share; derivatives are those of the
	// formula there, too, as PyTorch has them.
	Masked []float32
	// Window cuts the sequences into windows of so many steps, one after the other, in each of which attention is by itself.
	// Bias then has a row of Window numbers for each query of all windows, the same for all heads, and Places those of one
	// window, the same for all of them. 0 means no windows.
	Window int
	// Places adds a parameter of the shape Table to the scores: it says which of its numbers, for each head, query and key,
	// [Heads, steps of the queries, steps of the keys]. So relative positions have biases that are learned (Liu et al. 2021,
	// Eq. 4). Nil means none.
	Places []int32
	Table  []int
	// Dropout is the part of the p that is set to 0 while the others are multiplied by
	// 1/(1 − Dropout), as [Dropout] does.
	Dropout float64
}

// Out returns the shape of the queries. Keys and values have as many steps as each other.
func (a Attention) Out(in ...Shape) Shape {
	ok := len(in) >= 3 && a.Heads > 0 && a.Dropout >= 0 && a.Dropout < 1
	for _, s := range in[:min(3, len(in))] {
		ok = ok && s.vector() && s.T > 0 && s.C == in[0].C && s.C%a.Heads == 0
	}
	if !ok || in[1] != in[2] {
		panic(fmt.Sprintf("nn: attention of %d heads, dropout %v, of %v: want three sequences of vectors of one size, a multiple of the heads", a.Heads, a.Dropout, in))
	}
	a.checkWindow(in)
	a.checkMask(in)
	a.checkTable(in)
	return in[0]
}

// Params returns the table of biases, if there is one.
func (a Attention) Params(...Shape) []Param {
	if a.Places == nil {
		return nil
	}
	return []Param{{Name: "bias", Shape: a.Table}}
}

// attention is a compiled Attention. With the scores s = qkᵀ/√d, and for each row of p
//
//	ṗ = p(ṡ − Σpṡ)        ẏ = ṗv + pv̇
//	p̄ = ȳvᵀ   s̄ = p(p̄ − Σpp̄)   q̄ = s̄k/√d   k̄ = s̄ᵀq/√d   v̄ = pᵀȳ
//
// where the adjoint of a number of the table is the sum of s̄ over its places, and the tangents
// of the adjoints by the product rule. Nothing is kept but the inputs: p is
// computed anew in each pass, one head of one example at a time, in scratch.
type attention struct {
	Attention
	plan *Plan
	in   [3]arg // queries, keys, values
	y    arg
	mask arg // if there is one
	scoreTable
	acc     [3]bool
	size    int // of a head
	scale   float64
	field   int    // of the masks
	drops   uint64 // threshold of the masks, of 16 bits; 0: none are dropped
	high    int    // rows of a matrix of scores: steps of the queries, or of a window
	wide    int    // columns of a matrix of scores: steps of the keys, or of a window
	squares int    // numbers of a matrix of scores
	windows int
	ones    []float32
}

const (
	queries = iota
	keys
	mixed   // values
	masking // the mask
)

// scoreSquares is how many matrices of scores a pass needs at most.
const scoreSquares = 4

func (a Attention) compile(b *binding) rules {
	k := &attention{Attention: a, plan: b.plan, y: b.out()}
	for n := range k.in {
		k.in[n], k.acc[n] = b.in(n), b.accumulates(n)
	}
	k.bindMask(b)
	k.bindTable(b)
	k.size = k.y.shape.C / a.Heads
	k.scale = 1 / math.Sqrt(float64(k.size))
	k.high, k.wide = a.scores(k.y.shape, k.in[keys].shape)
	k.squares, k.windows = k.high*k.wide, k.y.shape.T/k.high
	if b.plan.settings.Dropout && a.Dropout > 0 {
		k.drops, k.field = uint64(math.Round(a.Dropout*65536)), len(b.plan.masks.names)
		b.plan.masks.names = append(b.plan.masks.names, "dropout/"+b.node.name)
		b.plan.masks.fields = append(b.plan.masks.fields, rng.Field{})
	}
	b.scratch(scoreSquares * k.squares)
	b.owns(4 * int64(k.wide))
	b.later(func() { k.ones = slices.Repeat([]float32{1}, k.wide) })
	r := rules{
		forward: []phase{k.heads(k.forward)},
		keeps: func(l lane) []arg {
			switch {
			case l == values && k.Masked != nil:
				return append([]arg{k.mask}, k.in[:]...)
			case l == values || l == tangents:
				return k.in[:]
			}
			return []arg{k.y}
		},
	}
	if k.y.active {
		r.tangent = []phase{k.heads(k.tangent)}
		r.adjoint = func(l lane) []phase { return []phase{k.heads(func(h attentionHead) { k.adjoint(h, l) })} }
	}
	if k.Places != nil {
		r.gradient = func(lane, bool) []phase { return []phase{b.global(1, k.finishTable)} }
		r.example = k
	}
	if k.y.active && b.plan.settings.Tangents {
		r.fusedSecond = []phase{k.heads(k.secondOrder)}
		r.along = []phase{{tasks: func() int { return k.plan.cur.n }, run: k.along}}
	}
	return r
}

// multiply computes c = a·b, or adds it to c, on the worker's own core.
func multiply(m, k, n int, c []float32, ldc int, a, b tensor.Matrix, acc bool) {
	cut := tensor.Product{M: m, K: k, N: n}.Cut(1)
	for task := range cut.Tasks() {
		cut.Run(task, c, ldc, a, b, acc)
	}
}

// inner sets or adds to s the products of the rows of x and of y: x·yᵀ.
func (h attentionHead) inner(s []float32, x, y tensor.Matrix, acc bool) {
	multiply(h.rows, h.size, h.cols, s, h.cols, x, y.T(), acc)
}

// blend computes s·x, or adds it, for the queries' rows of an activation.
func (h attentionHead) blend(dst []float32, s []float32, x tensor.Matrix, acc bool) {
	multiply(h.rows, h.cols, h.size, dst, h.y.shape.C, h.score(s), x, acc)
}

// spread computes sᵀ·x, or adds it, for the keys' rows of an activation.
func (h attentionHead) spread(dst []float32, s []float32, x tensor.Matrix, acc bool) {
	multiply(h.cols, h.rows, h.size, dst, h.y.shape.C, h.score(s).T(), x, acc)
}

func (k *attention) forward(h attentionHead) {
	if h.rows == 0 || h.cols == 0 {
		h.clearFrom(k.y, values, 0)
		return
	}
	p := h.square(0)
	h.softmax(p)
	h.drop(p)
	y, _ := h.part(k.y, values)
	h.blend(y, p, h.view(k.in[mixed], values), false)
	h.clearFrom(k.y, values, h.rows)
}

func (k *attention) tangent(h attentionHead) {
	h.clearFrom(k.y, tangents, 0)
	if h.rows == 0 || h.cols == 0 {
		return
	}
	y, _ := h.part(k.y, tangents)
	p, dp := h.square(0), h.square(1)
	h.softmax(p)
	h.softmaxTangent(dp, p)
	h.drop(p)
	h.drop(dp)
	h.blend(y, dp, h.view(k.in[mixed], values), true)
	if k.in[mixed].active {
		h.blend(y, p, h.view(k.in[mixed], tangents), true)
	}
}
