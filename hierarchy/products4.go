package hierarchy

// With T_x the third derivative of f at x and v_ab = H_a g_b,
//
//	K^(4)(x,y,z,u) = T_x[g_y,g_z,g_u] + T_y[g_x,g_z,g_u]
//	    + v_xz·v_yu + v_yz·v_xu + v_xy·v_zu + v_yx·v_zu.
//
// T is symmetric. So with one matrix R for each u and a,
//
//	R_a[b,c] + R_a[c,b] = T_a[g_b,g_c,g_u] + v_ab·v_cu + v_ac·v_bu,
//	K^(4)(x,y,z,u) = R_x[y,z] + R_x[z,y] + R_y[x,z] + R_y[z,x].
//
// The third derivative of f is that of the Lagrangian
// Σ_ℓ δ·(Wx − z) + λ·(φ(z) − x), which is stationary in states and adjoints:
//
//	T[1,2,3] = Σ_ℓ Σ_ijk δ̇_i^(ℓ)·V_j^(ℓ) ẋ_k^(ℓ−1)
//	    + Σ_ℓ Σ_units λφ‴ż_1ż_2ż_3 + φ″(λ̇_1ż_2ż_3 + ż_1λ̇_2ż_3 + ż_1ż_2λ̇_3),
//
// the first sum over the six orders of 1, 2, 3. As V_j = δ_j x_jᵀ, it is made of
// the small tables dd and dx; the second is one product of matrices, which takes
// v_ab·v_cu along.

// block4 sets dst to K^(4)(x, y, z, x_u) for the rows from first on.
func (t *products) block4(dst []float64, u, first int, w *productsWork) {
	t.setAlong(w, u)
	for a := range t.points {
		t.product(a, u, w)
	}
	n := t.n
	for x := first; x < t.points; x++ {
		for y := range n {
			out := dst[((x-first)*n+y)*n:][:n]
			for z := range out {
				out[z] = w.r[x].row(y)[z] + w.r[x].row(z)[y] + w.r[y].row(x)[z] + w.r[y].row(z)[x]
			}
		}
	}
}

// setAlong sets w.along to ẋ and δ̇ of all points along g_u.
func (t *products) setAlong(w *productsWork, u int) {
	for c := range t.points {
		for l := 1; l <= t.shape.Depth; l++ {
			zdot, ldot := t.zdot(t.tangent[c], l).row(u), t.ldot(t.tangent[c], l).row(u)
			mulTo(t.zdot(w.along, l).row(c), t.phi[1][l].row(c), zdot)
			t.deltaDot(t.ldot(w.along, l).row(c), c, l, zdot, ldot)
		}
	}
}

// product sets R_a of x_u. Its entries with two test points are not needed and
// stay zero.
func (t *products) product(a, u int, w *productsWork) {
	dirs, n := t.directions(a), t.n
	for l := 1; l <= t.shape.Depth; l++ {
		t.setRight(a, u, l, dirs, w)
	}
	r := w.r[a]
	r.zero()
	left := t.tangent[a]
	mulAdd(r.at(0, 0, dirs, n), plain, left, transposed, w.right.top(n))
	if dirs > n {
		test := w.right.at(n, 0, dirs-n, w.right.Cols)
		mulAdd(r.at(0, n, n, dirs-n), plain, left.top(n), transposed, test)
	}
	for l := 2; l <= t.shape.Depth; l++ {
		for b := range dirs {
			width := dirs
			if b >= n {
				width = n
			}
			t.cross(r.row(b)[:width], a, b, u, l)
		}
	}
}

// cross adds what the small tables give to row b of R_a, from layer l. Of the
// six orders of T it takes three; the other three are its transpose.
func (t *products) cross(r []float64, a, b, u, l int) {
	dd, dx := t.dd[l][a], t.dx[l-1][a]
	for c := range r {
		r[c] += dd.row(b)[c]*dx.row(u)[c] + dd.row(u)[c]*dx.row(b)[c] + dd.row(b)[u]*dx.row(c)[u]
		r[c] += dd.row(b)[c]*t.dx[l-1][c].row(u)[a] + t.dd[l][c].row(u)[a]*dx.row(b)[c]
	}
}

// setRight sets what the tangents of a along g_b are multiplied with to give
// R_a[b,c]: for ż and λ̇ of layer l,
//
//	φ′ r + λφ″ s + ½(λφ‴ż_u + φ″λ̇_u) ż_c + φ″ż_u λ̇_c  and  φ′ s,
//
// with r = (δ_a·δ_c)^(ℓ+1) ẋ_cu and s = (x_a·x_c)^(ℓ−1) δ̇_cu.
func (t *products) setRight(a, u, l, dirs int, w *productsWork) {
	m := t.shape.Width
	slope, lambda := t.phi[1][l].row(a), t.lambda[l].row(a)
	zdot, ldot := t.zdot(t.tangent[a], l), t.ldot(t.tangent[a], l)
	bend, twist := w.coef[:m], w.coef[m:2*m] // λφ″, ½(λφ‴ż_u + φ″λ̇_u)
	pull := w.coef[2*m : 3*m]                // φ″ż_u
	for i, second := range t.phi[2][l].row(a) {
		bend[i] = lambda[i] * second
		twist[i] = (lambda[i]*t.phi[3][l].row(a)[i]*zdot.row(u)[i] + second*ldot.row(u)[i]) / 2
		pull[i] = second * zdot.row(u)[i]
	}
	for c := range dirs {
		gd, gx := t.gramD[l+1].row(a)[c], t.gramX[l-1].row(a)[c]
		xdot, ddot := t.zdot(w.along, l).row(c), t.ldot(w.along, l).row(c)
		zc, lc := zdot.row(c), ldot.row(c)
		forZ, forL := t.zdot(w.right, l).row(c), t.ldot(w.right, l).row(c)
		for i := range forZ {
			r, s := gd*xdot[i], gx*ddot[i]
			forZ[i] = slope[i]*r + bend[i]*s + twist[i]*zc[i] + pull[i]*lc[i]
			forL[i] = slope[i] * s
		}
	}
}
