package hierarchy

import (
	"math/bits"

	"breakeven/tensor"
)

// jets is the slow and general way to K^(r), r ≥ 3, with nilpotent numbers: k =
// r−2 generators ε_j with ε_j² = 0 and one coefficient for each set S of them,
// which is written as the bits of an integer.
//
// The weights move in turn: θ ← θ + ε_0 ∇f(x_r)(θ), then by ε_1 ∇f(x_{r−1}) of
// the θ so moved, and so on down to x_3. Then K^(r)(x_1, …, x_r) is the
// coefficient of ε_0⋯ε_{k−1} in K^(2)(x_1, x_2) at the moved θ.
//
// As in products, no vector as long as the weights is made. The move by ε_j adds
// ε_j δ(q_j) x(q_j)ᵀ to the weights of a layer, where q_j is its point and δ, x
// are jets in the generators below j. So W x = W_0 x + Σ_j ε_j δ(q_j) (x(q_j)·x),
// and W_0 alone is a matrix.
type jets struct {
	*pass // at θ itself
	net   *Network
	n, k  int
	stop  *stopper
	work  []*jetsWork // one a worker, as many as there were at the beginning
}

// jetsWork is the memory of one worker: jets of the passes at all points, one
// matrix a layer. The coefficient of set S at point i is row S·points + i.
type jetsWork struct {
	*jets
	at                         []int // q_0, q_1, …: the points moved along so far
	x, z, lambda, delta, slope []matrix
	table                      []matrix    // table[q]: φ^(q)(z) at one point, row S
	inner                      [][]float64 // inner[j][R]: part R of the product of q_j with a point
	gramX, gramD               []matrix    // part S of the products of all pairs
	kernel                     matrix
}

func newJets(net *Network, p Points, order int, stop *stopper) *jets {
	j := &jets{net: net, n: len(p.Train), k: order - 2, stop: stop}
	j.pass = newPass(net.shape, p.all(), order-1)
	j.run(net)
	j.work = make([]*jetsWork, tensor.Workers())
	return j
}

func (j *jets) workers() int { return len(j.work) }

func (j *jets) stopped() error { return j.stop.err() }

func (j *jets) worker(i int) *jetsWork {
	if j.work[i] != nil {
		return j.work[i]
	}
	sets := 1 << j.k
	jet := func(constant matrix) matrix {
		m := newMatrix(sets*j.points, constant.Cols)
		copy(m.Data, constant.Data)
		return m
	}
	w := &jetsWork{jets: j, at: make([]int, j.k), kernel: newMatrix(j.points, j.n)}
	w.x = []matrix{jet(j.x[0])}
	w.z, w.lambda, w.delta, w.slope = make([]matrix, 1), make([]matrix, 1), make([]matrix, 1), make([]matrix, 1)
	for l := 1; l <= j.shape.Depth; l++ {
		w.x = append(w.x, jet(j.x[l]))
		w.z = append(w.z, newMatrix(sets*j.points, j.shape.Width)) // its constant is in phi already
		w.lambda = append(w.lambda, jet(j.lambda[l]))
		w.delta = append(w.delta, jet(j.delta[l]))
		w.slope = append(w.slope, jet(j.phi[1][l]))
	}
	for range j.k + 2 {
		w.table = append(w.table, newMatrix(sets, j.shape.Width))
	}
	for range j.k {
		w.inner = append(w.inner, make([]float64, sets))
	}
	for range sets {
		w.gramX = append(w.gramX, newMatrix(j.points, j.n))
		w.gramD = append(w.gramD, newMatrix(j.points, j.n))
	}
	j.work[i] = w
	return w
}

// part returns row i of set s.
func (w *jetsWork) part(m matrix, s, i int) []float64 { return m.row(s*w.points + i) }

// block sets dst to K^(r)(x, …, x_u) for the rows from first on.
func (j *jets) block(dst []float64, _, u, first, worker int) {
	w := j.worker(worker)
	w.extend(0, u)
	w.descend(1, dst, first)
}

// descend moves along all points by the generators from t on.
func (w *jetsWork) descend(t int, dst []float64, first int) {
	if t == w.k {
		w.leaf(dst, first)
		return
	}
	for q := range w.n {
		if w.stopped() != nil {
			return
		}
		w.extend(t, q)
		w.descend(t+1, dst, first)
	}
}

// extend moves along point q by generator t: it sets all coefficients whose
// highest generator is t. Those of lower sets are there and stay.
func (w *jetsWork) extend(t, q int) {
	w.at[t] = q
	first, rows := w.points<<t, w.points<<t
	fresh := func(m matrix) matrix { return m.at(first, 0, rows, m.Cols) }
	depth := w.shape.Depth
	for l := 1; l <= depth; l++ {
		z := fresh(w.z[l])
		z.zero()
		if l > 1 {
			mulAdd(z, plain, fresh(w.x[l-1]), transposed, w.net.weights(l))
		}
		for i := range w.points {
			w.setInner(w.x[l-1], t, i)
			w.addMoves(w.z[l], w.delta[l], t, i)
			w.activate(t, l, i)
		}
	}
	for l := depth; l >= 1; l-- {
		lambda := fresh(w.lambda[l])
		lambda.zero()
		if l < depth {
			mulAdd(lambda, plain, fresh(w.delta[l+1]), plain, w.net.weights(l+1))
		}
		for i := range w.points {
			if l < depth {
				w.setInner(w.delta[l+1], t, i)
				w.addMoves(w.lambda[l], w.x[l], t, i)
			}
			for s := 1 << t; s < 2<<t; s++ {
				if l == depth { // a moves by x^(H) of the point
					copy(w.part(w.lambda[l], s, i), w.part(w.x[l], s&^(1<<t), q))
				}
				w.multiply(w.delta[l], w.lambda[l], w.slope[l], s, i)
			}
		}
	}
}

// setInner sets the products of the jets of q_j, j ≤ t, in the generators below
// j, with that of point i: the parts R that with j make a set with generator t.
func (w *jetsWork) setInner(m matrix, t, i int) {
	for j := 0; j <= t; j++ {
		below := 1<<j - 1
		for r := range 2 << t {
			if (r|1<<j)>>t != 1 || r>>j&1 == 1 {
				continue
			}
			var sum float64
			for b := range subsets(r & below) {
				sum += dot(w.part(m, b, w.at[j]), w.part(m, r&^b, i))
			}
			w.inner[j][r] = sum
		}
	}
}

// addMoves adds the moves of the weights times point i to the new coefficients
// of dst: Σ_j ε_j m(q_j) inner_j.
func (w *jetsWork) addMoves(dst, m matrix, t, i int) {
	for s := 1 << t; s < 2<<t; s++ {
		for j := 0; j <= t; j++ {
			if s>>j&1 == 0 {
				continue
			}
			rest := s &^ (1 << j)
			for a := range subsets(rest & (1<<j - 1)) {
				axpy(w.part(dst, s, i), w.inner[j][rest&^a], w.part(m, a, w.at[j]))
			}
		}
	}
}

// activate sets the new coefficients of φ(z) and φ′(z) at point i. With h the
// highest generator of S, the part S of φ^(q)(z) is the sum, over all B ⊆ S with
// h, of z_B times the part S∖B of φ^(q+1)(z).
func (w *jetsWork) activate(t, l, i int) {
	for q := range t + 3 {
		copy(w.table[q].row(0), w.phi[q][l].row(i))
	}
	for s := 1; s < 2<<t; s++ {
		high := 1 << (bits.Len(uint(s)) - 1)
		for q := 0; q+bits.OnesCount(uint(s)) <= t+2; q++ {
			sum := w.table[q].row(s)
			clear(sum)
			for b := range subsets(s &^ high) {
				addProduct(sum, w.part(w.z[l], b|high, i), w.table[q+1].row(s&^high&^b))
			}
		}
		if s>>t == 1 {
			copy(w.part(w.x[l], s, i), w.table[0].row(s))
			copy(w.part(w.slope[l], s, i), w.table[1].row(s))
		}
	}
}

// multiply sets part s of dst to that of the product of a and b, at point i.
func (w *jetsWork) multiply(dst, a, b matrix, s, i int) {
	sum := w.part(dst, s, i)
	clear(sum)
	for r := range subsets(s) {
		addProduct(sum, w.part(a, r, i), w.part(b, s&^r, i))
	}
}

// leaf writes the last coefficient of K^(2) at all pairs to its places in dst.
func (w *jetsWork) leaf(dst []float64, first int) {
	w.kernel.zero()
	whole, depth := 1<<w.k-1, w.shape.Depth
	for l := 1; l <= depth+1; l++ {
		w.setGrams(w.gramX, w.x[l-1])
		if l <= depth {
			w.setGrams(w.gramD, w.delta[l])
			for s, d := range w.gramD {
				addProduct(w.kernel.Data, d.Data, w.gramX[whole&^s].Data)
			}
		} else { // δ = 1
			axpy(w.kernel.Data, 1, w.gramX[whole].Data)
		}
	}
	stride, offset := 1, 0
	for j := w.k - 1; j > 0; j-- {
		stride, offset = stride*w.n, offset*w.n+w.at[j]
	}
	for i, v := range w.kernel.Data[first*w.n:] {
		dst[i*stride+offset] = v
	}
}

// setGrams sets the parts of the products of all points with the first n.
func (w *jetsWork) setGrams(g []matrix, m matrix) {
	part := func(s int) matrix { return m.at(s*w.points, 0, w.points, m.Cols) }
	for s := range g {
		g[s].zero()
		for a := range subsets(s) {
			mulAdd(g[s], plain, part(a), transposed, part(s&^a).top(w.n))
		}
	}
}

// subsets yields all subsets of s.
func subsets(s int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for b := s; yield(b) && b != 0; b = (b - 1) & s {
		}
	}
}
