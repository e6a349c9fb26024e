package hierarchy

import "breakeven/tensor"

// products is the fast way to K^(3) and K^(4). It takes one derivative of the
// forward and backward pass of each point a along the gradient of each point b,
// which is the Hessian product v_ab = H_a g_b, and nothing of higher order: by
// the 2n+1 theorem, first derivatives of states and adjoints give the third
// derivative of f.
//
// No vector as long as the weights is ever made. Gradients of a layer are of
// rank one, δ xᵀ, and their products with the Hessian of rank two, δ̇ xᵀ + δ ẋᵀ,
// so that all inner products are made of those of vectors of length m.
type products struct {
	*pass
	net   *Network
	n     int
	order int // 3 or 4
	stop  *stopper

	gramX, gramD []matrix // of all points with all: x, ℓ = 0…H; δ, ℓ = 1…H+1

	hessian []matrix // hessian[a]: g_c·v_ab in row b, column c

	// The rest is for order 4 alone. Derivatives of the passes at a along g_b:
	// tangent[a] has ż^(1) … ż^(H) and λ̇^(1) … λ̇^(H) in row b.
	tangent []matrix
	// δ̇_ab^(ℓ)·δ_c^(ℓ), ℓ = 2…H, and ẋ_ab^(ℓ)·x_c^(ℓ), ℓ = 1…H−1, in row b and
	// column c of dd[ℓ][a] and dx[ℓ][a].
	dd, dx [][]matrix

	work []*productsWork // one a worker, as many as there were at the beginning
}

// productsWork is the memory of one worker.
type productsWork struct {
	tangent matrix    // of one point, where they are not kept
	dot     matrix    // ẋ or δ̇ of one point and layer
	inner   matrix    // their products with all points
	along   matrix    // ẋ, δ̇ along one g_u, of all points
	right   matrix    // right factors of R
	r       []matrix  // R of one u, a matrix for each a
	coef    []float64 // three factors for each unit
}

// directions returns how many points give gradients to differentiate point a
// along. Test points stand in the first slot alone: their Hessians meet
// gradients of training points only.
func (t *products) directions(a int) int {
	if t.order == 3 || a >= t.n {
		return t.n
	}
	return t.points
}

func newProducts(net *Network, p Points, order int, stop *stopper) *products {
	t := &products{net: net, n: len(p.Train), order: order, stop: stop}
	t.pass = newPass(net.shape, p.all(), order-1)
	t.run(net)
	t.gramX, t.gramD = t.grams(t.points)
	t.work = make([]*productsWork, tensor.Workers())
	t.hessian, t.tangent = make([]matrix, t.points), make([]matrix, t.points)
	t.dd, t.dx = make([][]matrix, net.shape.Depth+1), make([][]matrix, net.shape.Depth+1)
	for l := range t.dd {
		t.dd[l], t.dx[l] = make([]matrix, t.points), make([]matrix, t.points)
	}
	tensor.ParallelOn(len(t.work), t.points, func(a, worker int) {
		if t.stopped() == nil {
			t.differentiate(a, t.worker(worker))
		}
	})
	return t
}

// span is the length of a row of tangents. Rows stand a little further apart, for
// their beginnings would fall on one set of the cache.
func (s Shape) span() int { return 2 * s.Depth * s.Width }

func newTangents(rows int, s Shape) matrix {
	m := newMatrix(rows, s.span()+padding)
	m.Cols = s.span()
	return m
}

const padding = 8

func (t *products) workers() int { return len(t.work) }

func (t *products) stopped() error { return t.stop.err() }

func (t *products) worker(i int) *productsWork {
	if t.work[i] == nil {
		m, w := t.shape.Width, &productsWork{}
		w.dot = newMatrix(t.points, m)
		w.inner = newMatrix(t.points, t.points)
		if t.order == 3 {
			w.tangent = newTangents(t.n, t.shape)
		} else {
			w.along, w.right = newTangents(t.points, t.shape), newTangents(t.points, t.shape)
			w.coef = make([]float64, 3*m)
			for range t.points {
				w.r = append(w.r, newMatrix(t.points, t.points))
			}
		}
		t.work[i] = w
	}
	return t.work[i]
}

// zdot and ldot are the columns of ż^(ℓ) and of λ̇^(ℓ) in rows of tangents.
func (t *products) zdot(rows matrix, l int) matrix {
	return rows.at(0, (l-1)*t.shape.Width, rows.Rows, t.shape.Width)
}

func (t *products) ldot(rows matrix, l int) matrix {
	return rows.at(0, (t.shape.Depth+l-1)*t.shape.Width, rows.Rows, t.shape.Width)
}

// differentiate takes the derivative of the passes at a along the gradients of
// all directions b.
func (t *products) differentiate(a int, w *productsWork) {
	dirs := t.directions(a)
	rows := w.tangent
	if t.order == 4 {
		rows = newTangents(dirs, t.shape)
		t.tangent[a] = rows
	}
	t.hessian[a] = newMatrix(dirs, t.points)
	t.forward(a, rows, w.dot.top(dirs), w.inner.top(dirs))
	t.backward(a, rows, w.dot.top(dirs), w.inner.top(dirs))
}

// forward is the derivative of the forward pass. As the part of g_b for W^(ℓ) is
// δ_b^(ℓ) x_b^(ℓ−1)ᵀ,
//
//	ż^(ℓ) = δ_b^(ℓ) (x_b^(ℓ−1)·x^(ℓ−1)) + W^(ℓ) ẋ^(ℓ−1),  ẋ^(ℓ) = φ′ ż^(ℓ).
func (t *products) forward(a int, rows, xdot, inner matrix) {
	for l := 1; l <= t.shape.Depth; l++ {
		zdot := t.zdot(rows, l)
		for b := range rows.Rows {
			scaleTo(zdot.row(b), t.gramX[l-1].row(a)[b], t.delta[l].row(b))
		}
		if l > 1 {
			mulAdd(zdot, plain, xdot, transposed, t.net.weights(l))
		}
		for b := range rows.Rows {
			mulTo(xdot.row(b), t.phi[1][l].row(a), zdot.row(b))
		}
		t.meet(a, inner, xdot, t.x[l], t.gramD[l+1])
		if t.order == 4 && l < t.shape.Depth {
			t.dx[l][a] = clone(inner)
		}
	}
}

// backward is the derivative of the backward pass:
//
//	λ̇^(ℓ) = x_b^(ℓ) (δ_b^(ℓ+1)·δ^(ℓ+1)) + W^(ℓ+1)ᵀ δ̇^(ℓ+1),  δ̇^(ℓ) = φ′ λ̇^(ℓ) + λ φ″ ż^(ℓ).
func (t *products) backward(a int, rows, ddot, inner matrix) {
	for l := t.shape.Depth; l >= 1; l-- {
		ldot := t.ldot(rows, l)
		for b := range rows.Rows {
			scaleTo(ldot.row(b), t.gramD[l+1].row(a)[b], t.x[l].row(b))
		}
		if l < t.shape.Depth {
			mulAdd(ldot, plain, ddot, plain, t.net.weights(l+1))
		}
		for b := range rows.Rows {
			t.deltaDot(ddot.row(b), a, l, t.zdot(rows, l).row(b), ldot.row(b))
		}
		t.meet(a, inner, ddot, t.delta[l], t.gramX[l-1])
		if t.order == 4 && l > 1 {
			t.dd[l][a] = clone(inner)
		}
	}
}

// deltaDot sets dst to δ̇ = φ′ λ̇ + λ φ″ ż in layer l of point a.
func (t *products) deltaDot(dst []float64, a, l int, zdot, ldot []float64) {
	lambda, slope, bend := t.lambda[l].row(a), t.phi[1][l].row(a), t.phi[2][l].row(a)
	for i := range dst {
		dst[i] = slope[i]*ldot[i] + lambda[i]*bend[i]*zdot[i]
	}
}

// meet sets inner to the products of the rows of dot, ẋ or δ̇, with x or δ of all
// points, and adds the layer's part of g_c·v_ab. As v_ab has δ̇ xᵀ + δ ẋᵀ there,
// it is (δ̇_ab·δ_c)(x_a·x_c) + (δ_a·δ_c)(ẋ_ab·x_c), each with its gram.
func (t *products) meet(a int, inner, dot, with, gram matrix) {
	inner.zero()
	mulAdd(inner, plain, dot, transposed, with)
	for b := range inner.Rows {
		addProduct(t.hessian[a].row(b), inner.row(b), gram.row(a))
	}
}

// block sets dst to K^(r)(x, …, x_u) for the rows from first on. With r = 3,
//
//	K^(3)(x, y, u) = g_y·v_xu + g_x·v_yu.
func (t *products) block(dst []float64, r, u, first, worker int) {
	if t.stopped() != nil {
		return
	}
	if r == 4 {
		t.block4(dst, u, first, t.worker(worker))
		return
	}
	for x := first; x < t.points; x++ {
		for y := range t.n {
			dst[(x-first)*t.n+y] = t.hessian[x].row(u)[y] + t.hessian[y].row(u)[x]
		}
	}
}
