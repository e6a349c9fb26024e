package nn

import "math"

// The rules of MixtureDensity. With the log-densities ℓ_k = log π_k + Σ_b log N_kb of the
// components, their shares r_k = exp(ℓ_k)/(Floor + Σ exp(ℓ)) and D_k = ⟨∇ℓ_k, ż⟩,
//
//	adjoint  −Σ r_k ∇ℓ_k
//	Hessian  −Σ r_k (∇²ℓ_k ż + (D_k − Σ r D) ∇ℓ_k)
//
// The floor is a component without a gradient: without it Σ r = 1.

// Value returns the loss. Its memo begins with r and π.
func (m MixtureDensity) Value(r Row) float64 {
	var logits [mostComponents]float64
	var all [mostComponents + 1]float64
	weights, density := m.logWeights(&logits, r.Z), all[:m.Components+1]
	for k, w := range weights {
		density[k] = w
		for b := range m.Blocks {
			var x normalBlock
			x.solve(m.place(b, k), r)
			density[k] += x.log()
		}
	}
	density[m.Components] = math.Log(m.Floor)
	sum := logSum(density)
	for k, w := range weights {
		r.Memo[k] = float32(math.Exp(density[k] - sum))
		r.Memo[m.Components+k] = float32(math.Exp(w))
	}
	return -sum
}

// memo returns the responsibilities and the weights that Value has left.
func (m MixtureDensity) memo(r Row) (share, weight []float32) {
	return r.Memo[:m.Components], r.Memo[m.Components : 2*m.Components]
}

// Adjoint is −scale·Σ r ∇ℓ.
func (m MixtureDensity) Adjoint(dst []float32, r Row, scale float64) {
	share, weight := m.memo(r)
	total := 0.0
	for _, s := range share {
		total += float64(s)
	}
	for k, s := range share {
		dst[k] = float32(scale * (total*float64(weight[k]) - float64(s)))
		for b := range m.Blocks {
			var x normalBlock
			p := m.place(b, k)
			x.solve(p, r)
			x.score(func(at int, v float64) { dst[at] = float32(-scale * float64(s) * v) })
		}
	}
}

// Hessian is the tangent of Adjoint.
func (m MixtureDensity) Hessian(dst, tangent []float32, r Row, scale float64) {
	share, weight := m.memo(r)
	mean := m.meanTangent(weight, tangent)
	var along [mostComponents]float64 // D
	total, average := 0.0, 0.0        // Σ r and Σ r D
	for k, s := range share {
		along[k] = float64(tangent[k]) - mean
		for b := range m.Blocks {
			var x normalBlock
			x.solve(m.place(b, k), r)
			x.score(func(at int, v float64) { along[k] += v * float64(tangent[at]) })
		}
		total += float64(s)
		average += float64(s) * along[k]
	}
	for k, s := range share {
		more := along[k] - average
		dst[k] = float32(scale * (float64(weight[k])*(total*(float64(tangent[k])-mean)+average*(1-total)) - float64(s)*more))
		for b := range m.Blocks {
			var x normalBlock
			x.solve(m.place(b, k), r)
			x.scoreTangent(tangent, func(at int, v, d float64) { dst[at] = float32(-scale * float64(s) * (d + more*v)) })
		}
	}
}

// GaussNewton is the Fisher information of the complete data.
func (m MixtureDensity) GaussNewton(dst, tangent []float32, r Row, scale float64) {
	_, weight := m.memo(r)
	mean := m.meanTangent(weight, tangent)
	for k, w := range weight {
		dst[k] = float32(scale * float64(w) * (float64(tangent[k]) - mean))
		for b := range m.Blocks {
			var x normalBlock
			x.solve(m.place(b, k), r)
			x.fisher(tangent, func(at int, v float64) { dst[at] = float32(scale * float64(w) * v) })
		}
	}
}

// meanTangent is Σ π ṫ for the tangents ṫ of the numbers whose softmax is π.
func (m MixtureDensity) meanTangent(weight, tangent []float32) float64 {
	sum := 0.0
	for k, w := range weight {
		sum += float64(w) * float64(tangent[k])
	}
	return sum
}

type (
	normalVector [mostInNormal]float64
	normalMatrix [mostInNormal]normalVector
)

// A normalBlock is one block of one component at one row: log N = −n/2·log 2π − Σ log L_ii −
// u²/2 with u = L⁻¹(y − μ).
type normalBlock struct {
	mixturePlace
	l    normalMatrix
	rise normalVector // derivative of the diagonal of L in its numbers
	fall normalVector // one minus that
	u, v normalVector // L⁻¹(y − μ) and L⁻ᵀu
}

// read sets L.
func (x *normalBlock) read(p mixturePlace, z []float32) {
	x.mixturePlace = p
	for i := range p.n {
		for j := range i {
			x.l[i][j] = float64(z[p.entry(i, j)])
		}
		a := float64(z[p.entry(i, i)])
		e := math.Exp(-math.Abs(a))
		x.l[i][i] = max(a, 0) + math.Log1p(e)
		if x.rise[i], x.fall[i] = 1/(1+e), e/(1+e); a < 0 {
			x.rise[i], x.fall[i] = x.fall[i], x.rise[i]
		}
	}
}

// solve reads the block and sets u and v.
func (x *normalBlock) solve(p mixturePlace, r Row) {
	x.read(p, r.Z)
	for i := range p.n {
		x.u[i] = float64(r.Vector[p.target+i]) - float64(r.Z[p.mean+i])
	}
	x.u = x.forward(x.u)
	x.v = x.backward(x.u)
}

// log returns log N.
func (x *normalBlock) log() float64 {
	log := -float64(x.n) / 2 * math.Log(2*math.Pi)
	for i := range x.n {
		log -= math.Log(x.l[i][i]) + x.u[i]*x.u[i]/2
	}
	return log
}

// forward returns L⁻¹b.
func (x *normalBlock) forward(b normalVector) normalVector {
	for i := range x.n {
		for j := range i {
			b[i] -= x.l[i][j] * b[j]
		}
		b[i] /= x.l[i][i]
	}
	return b
}

// backward returns L⁻ᵀb.
func (x *normalBlock) backward(b normalVector) normalVector {
	for i := x.n - 1; i >= 0; i-- {
		for j := i + 1; j < x.n; j++ {
			b[i] -= x.l[j][i] * b[j]
		}
		b[i] /= x.l[i][i]
	}
	return b
}

// slope returns the derivative of L[i][j] in its output.
func (x *normalBlock) slope(i, j int) float64 {
	if i == j {
		return x.rise[i]
	}
	return 1
}

// score calls give for each output of the block with its place in the row and the derivative of log N:
// v for μ, and v uᵀ − diag(1/L) for L.
func (x *normalBlock) score(give func(at int, v float64)) {
	for i := range x.n {
		give(x.mean+i, x.v[i])
		for j := range i + 1 {
			give(x.entry(i, j), x.inFactor(i, j)*x.slope(i, j))
		}
	}
}

// inFactor is the derivative of log N in L[i][j].
func (x *normalBlock) inFactor(i, j int) float64 {
	d := x.v[i] * x.u[j]
	if i == j {
		d -= 1 / x.l[i][i]
	}
	return d
}

// factorTangent returns L̇.
func (x *normalBlock) factorTangent(tangent []float32) (d normalMatrix) {
	for i := range x.n {
		for j := range i + 1 {
			d[i][j] = float64(tangent[x.entry(i, j)]) * x.slope(i, j)
		}
	}
	return d
}

// scoreTangent calls give for each output of the block with the derivative of log N and its
// tangent: u̇ = −L⁻¹(μ̇ + L̇u) and v̇ = L⁻ᵀ(u̇ − L̇ᵀv).
func (x *normalBlock) scoreTangent(tangent []float32, give func(at int, v, d float64)) {
	l := x.factorTangent(tangent)
	var du, dv normalVector
	for i := range x.n {
		du[i] = -float64(tangent[x.mean+i])
		for j := range i + 1 {
			du[i] -= l[i][j] * x.u[j]
		}
	}
	du = x.forward(du)
	for j := range x.n {
		dv[j] = du[j]
		for i := j; i < x.n; i++ {
			dv[j] -= l[i][j] * x.v[i]
		}
	}
	dv = x.backward(dv)
	for i := range x.n {
		give(x.mean+i, x.v[i], dv[i])
		for j := range i {
			give(x.entry(i, j), x.inFactor(i, j), dv[i]*x.u[j]+x.v[i]*du[j])
		}
		first, at := x.inFactor(i, i), x.entry(i, i)
		second := dv[i]*x.u[i] + x.v[i]*du[i] + l[i][i]/(x.l[i][i]*x.l[i][i])
		give(at, first*x.rise[i], x.rise[i]*(second+first*x.fall[i]*float64(tangent[at])))
	}
}

// fisher calls give for each output of the block with the Fisher information of the normal
// distribution times the tangent: with A = L⁻¹L̇ the mean square of a score along the tangent
// is |L⁻¹μ̇|² + Σ A_ij² + Σ A_ii².
func (x *normalBlock) fisher(tangent []float32, give func(at int, v float64)) {
	l := x.factorTangent(tangent)
	var mean normalVector
	for i := range x.n {
		mean[i] = float64(tangent[x.mean+i])
	}
	mean = x.backward(x.forward(mean))
	for i := range x.n {
		give(x.mean+i, mean[i])
	}
	for j := range x.n { // a column of L
		var c normalVector
		for i := j; i < x.n; i++ {
			c[i] = l[i][j]
		}
		c = x.forward(c)
		c[j] *= 2
		c = x.backward(c)
		for i := j; i < x.n; i++ {
			give(x.entry(i, j), c[i]*x.slope(i, j))
		}
	}
}
