package nn

import (
	"fmt"
	"math"

	"breakeven/tensor"
)

// Attend is the attention of a graph attention network (Veličković et al. 2018, Eq. 1–6): each
// node adds up the features x of its neighbours and its own, y_i = Σ_j α_ij x_j, where α_i is
// the softmax over j of φ(⟨a_src, x_j⟩ + ⟨a_dst, x_i⟩) and φ is LeakyReLU with slope 0.2. The
// features are cut into Heads of equal size, each with an attention of its own. Weights of
// edges play no part. It couples the examples of a batch.
type Attend struct {
	Heads int
	// Average returns the mean of the heads in place of all of them, one after the other.
	Average bool
	// Bias is the name of a parameter that is added to the result. Empty means none.
	Bias string
}

// leak is the slope of φ below 0.
const leak = 0.2

func (Attend) readsGraph() {}

// Out returns the shape of the input or, of an average, a vector of the size of a head.
func (a Attend) Out(in ...Shape) Shape {
	one("attend", in)
	if in[0] != Vec(in[0].C) || a.Heads < 1 || in[0].C%a.Heads != 0 {
		panic(fmt.Sprintf("nn: attend %+v on %v", a, in[0]))
	}
	if a.Average {
		return Vec(in[0].C / a.Heads)
	}
	return in[0]
}

// Params returns att_src and att_dst, [1, Heads, size of a head], and the bias.
func (a Attend) Params(in ...Shape) []Param {
	size := in[0].C / a.Heads
	shape := []int{1, a.Heads, size}
	ps := []Param{{Name: "att_src", Shape: shape, FanIn: size, FanOut: 1}, {Name: "att_dst", Shape: shape, FanIn: size, FanOut: 1}}
	if a.Bias != "" {
		ps = append(ps, Param{Name: a.Bias, Shape: []int{a.Out(in...).C}})
	}
	return ps
}

func (Attend) effects(Settings) effects {
	return effects{releases: true, couples: true, kinked: true}
}

// attend is a compiled Attend. With s_j = ⟨a_src, x_j⟩, t_i = ⟨a_dst, x_i⟩, u = s_j + t_i and
// e = φ(u), its rules are
//
//	α̇ = α(ė − Σαė)              ẏ_i = Σ_j (α̇_ij x_j + α_ij ẋ_j)
//	p_ij = ⟨ȳ_i, x_j⟩            ū_ij = φ'(u) α_ij (p_ij − q_i),  q_i = Σ_j α_ij p_ij
//	s̄_j = Σ_i ū_ij               t̄_i = Σ_j ū_ij
//	x̄_j = Σ_i α_ij ȳ_i + s̄_j a_src + t̄_j a_dst
//
// and the tangents of the adjoints by the product rule. A number of an edge is computed anew
// whenever it is needed, from numbers of its two nodes, so that memory depends on nodes alone.
type attend struct {
	Attend
	plan     *Plan
	x, y     arg
	size     int // of a head
	acc      bool
	src, dst span
	bias     span
	kept     int // of the tape's memory
	work     []float64
}

// The numbers that a node has for each head. Those of the first order are on the tape.
const (
	ofSource   = iota // s
	ofTarget          // t
	ofLargest         // the largest e of its row
	ofNorm            // Σ exp(e − largest)
	ofMean            // q
	ofSourceAd        // s̄
	ofTargetAd        // t̄
	nodeNumbers
)

func (a Attend) compile(b *binding) rules {
	k := &attend{Attend: a, plan: b.plan, x: b.in(0), y: b.out(), acc: b.accumulates(0), src: b.param(0), dst: b.param(1)}
	k.size = k.x.size / a.Heads
	if a.Bias != "" {
		k.bias = b.param(2)
	}
	numbers := nodeNumbers * a.Heads * b.plan.settings.Batch
	k.kept = b.stats(numbers)
	b.owns(8 * int64(numbers))
	b.later(func() { k.work = make([]float64, numbers) })
	r := rules{
		forward:  []phase{b.local(k.scores), k.rows(k.forward)},
		adjoint:  func(l lane) []phase { return k.backwards(l, false) },
		gradient: k.gradient,
		rereads:  true,
		keeps: func(l lane) []arg {
			if l == values || l == tangents {
				return []arg{k.x}
			}
			return []arg{k.y}
		},
	}
	if b.plan.settings.Tangents {
		r.tangent = []phase{b.local(k.scoreTangents), k.rows(k.tangent)}
		r.fusedSecond = k.backwards(cotangents, true)
	}
	return r
}

// edges returns the graph with loops, row i holding the nodes whose features node i adds up.
func (k *attend) edges() *tensor.CSR { return k.plan.cur.graph.Matrix(Symmetric) }

// of returns a number of a node for a head: of the first order, or of its tangent.
func (k *attend) of(what, node, head int) *float64 {
	return &k.plan.cur.stats[k.kept][(node*k.Heads+head)*nodeNumbers+what]
}

func (k *attend) dot(what, node, head int) *float64 {
	return &k.work[(node*k.Heads+head)*nodeNumbers+what]
}

// head returns the part of a row of the input, or of a parameter, that belongs to a head.
func (k *attend) head(x []float32, head int) []float32 { return x[head*k.size : (head+1)*k.size] }

// out returns the part of a row of the output that belongs to a head, and its share.
func (k *attend) out(y []float32, head int) ([]float32, float32) {
	if k.Average {
		return y, 1 / float32(k.Heads)
	}
	return k.head(y, head), 1
}

// rows is a phase that calls f for each node, over the rows of the graph.
func (k *attend) rows(f func(node int)) phase { return over(k.edges, f) }

// over is a phase that calls f for each row of a matrix of the current batch.
func over(m func() *tensor.CSR, f func(row int)) phase {
	return phase{tasks: func() int { return m().Tasks() }, run: func(task, _ int) {
		lo, hi := m().Block(task)
		for i := lo; i < hi; i++ {
			f(i)
		}
	}}
}

func (k *attend) scores(lo, hi, _, _ int) {
	a, b := k.src.of(k.plan.theta), k.dst.of(k.plan.theta)
	for i := lo; i < hi; i++ {
		x := k.x.example(values, i)
		for h := range k.Heads {
			*k.of(ofSource, i, h) = tensor.Dot(k.head(a, h), k.head(x, h))
			*k.of(ofTarget, i, h) = tensor.Dot(k.head(b, h), k.head(x, h))
		}
	}
}

func (k *attend) scoreTangents(lo, hi, _, _ int) {
	a, b := k.src.of(k.plan.theta), k.dst.of(k.plan.theta)
	da, db := k.src.of(k.plan.v), k.dst.of(k.plan.v)
	for i := lo; i < hi; i++ {
		x := k.x.example(values, i)
		for h := range k.Heads {
			s, t := tensor.Dot(k.head(da, h), k.head(x, h)), tensor.Dot(k.head(db, h), k.head(x, h))
			if k.x.active {
				dx := k.head(k.x.example(tangents, i), h)
				s, t = s+tensor.Dot(k.head(a, h), dx), t+tensor.Dot(k.head(b, h), dx)
			}
			*k.dot(ofSource, i, h), *k.dot(ofTarget, i, h) = s, t
		}
	}
}

// An edge is what is computed anew of one: α, and φ' at its u.
type edge struct{ alpha, slope float64 }

// edge returns the numbers of the edge from node j to node i.
func (k *attend) edge(i, j, h int) edge {
	u := *k.of(ofSource, j, h) + *k.of(ofTarget, i, h)
	e := edge{slope: 1}
	if u <= 0 {
		e.slope = leak
	}
	e.alpha = math.Exp(u*e.slope-*k.of(ofLargest, i, h)) / *k.of(ofNorm, i, h)
	return e
}

// alphaDot returns the tangent of α of an edge. The mean of ė must be there.
func (k *attend) alphaDot(e edge, i, j, h int) float64 {
	u := *k.dot(ofSource, j, h) + *k.dot(ofTarget, i, h)
	return e.alpha * (e.slope*u - *k.dot(ofLargest, i, h))
}

func (k *attend) forward(i int) {
	index, _ := k.edges().Row(i)
	y := k.y.example(values, i)
	clear(y)
	if k.Bias != "" {
		copy(y, k.bias.of(k.plan.theta))
	}
	for h := range k.Heads {
		largest, sum := math.Inf(-1), 0.0
		for _, j := range index {
			u := *k.of(ofSource, int(j), h) + *k.of(ofTarget, i, h)
			largest = max(largest, max(u, leak*u))
		}
		for _, j := range index {
			u := *k.of(ofSource, int(j), h) + *k.of(ofTarget, i, h)
			sum += math.Exp(max(u, leak*u) - largest)
		}
		*k.of(ofLargest, i, h), *k.of(ofNorm, i, h) = largest, sum
		row, share := k.out(y, h)
		for _, j := range index {
			e := k.edge(i, int(j), h)
			tensor.Axpy(row, share*float32(e.alpha), k.head(k.x.example(values, int(j)), h))
		}
	}
}

func (k *attend) tangent(i int) {
	index, _ := k.edges().Row(i)
	y := k.y.example(tangents, i)
	clear(y)
	if k.Bias != "" {
		copy(y, k.bias.of(k.plan.v))
	}
	for h := range k.Heads {
		mean := 0.0
		for _, j := range index {
			e := k.edge(i, int(j), h)
			mean += e.alpha * e.slope * (*k.dot(ofSource, int(j), h) + *k.dot(ofTarget, i, h))
		}
		*k.dot(ofLargest, i, h) = mean
		row, share := k.out(y, h)
		for _, j := range index {
			e := k.edge(i, int(j), h)
			tensor.Axpy(row, share*float32(k.alphaDot(e, i, int(j), h)), k.head(k.x.example(values, int(j)), h))
			if k.x.active {
				tensor.Axpy(row, share*float32(e.alpha), k.head(k.x.example(tangents, int(j)), h))
			}
		}
	}
}
