package hierarchy

import (
	"fmt"
	"math"
)

// FirstOrder is what the theory of networks of large width says of kernels of one input x
// of length 1, to the first order in 1/m, averaged over Gaussian weights of variance 1:
// of f K^(3) and K^(4) times m. As an average K^(3) itself is 0, since it is odd in a.
type FirstOrder struct {
	FK3 float64 // m E[f(x) K^(3)(x, x, x)]
	K4  float64 // m E[K^(4)(x, x, x, x)]
}

// moments are averages over z of variance k, of products of σ and its derivatives.
type moments struct {
	ss, pp, pppp float64 // σσ, σ′σ′, σ′⁴
	sspp         float64 // σ²σ′²
	sqpp         float64 // σσ″σ′²
	sq, qq       float64 // σσ″, σ″²
	rp, rppp     float64 // σ‴σ′, σ‴σ′³
	qqpp         float64 // σ″²σ′²
	sp1, pq1     float64 // (σσ′)′, (σ′σ″)′
}

// Expected returns the theory's averages for depth H ≥ 1. They come from recursions over
// layers for the leading cumulants of z, of the kernel and of its differentials dNTK and
// ddNTK, all of order 1/m: in the notation of Roberts, Yaida and Hanin, The Principles of
// Deep Learning Theory (2022), F of z and kernel, B of the kernel, P and Q of the dNTK, R of
// the first and S, T, U of the second ddNTK. The recursions here are derived for this network.
func Expected(a Activation, depth int) (FirstOrder, error) {
	if depth < 1 || a.Derivatives == nil {
		return FirstOrder{}, fmt.Errorf("hierarchy: first-order theory of a network of depth %d with activation %q: it needs one layer and an activation", depth, a.Name)
	}
	k, theta := 1.0, 1.0 // of z^(1) = Wx
	var b, f, p, q, r, s, t, u float64
	for range depth {
		m := momentsOf(a, k)
		nextB := m.pppp*theta*theta + m.pp*m.pp*b
		nextF := m.sspp*theta + m.sp1*m.sp1*f
		nextP := m.sqpp*theta*theta + m.sq*m.pp*b + m.sp1*m.pp*p
		bent := m.sqpp*theta*theta + m.pq1*m.sp1*theta*f + m.pp*m.sp1*q
		nextQ := nextF + bent
		cube := theta * theta * theta
		r = m.rppp*cube + m.rp*m.pp*theta*b + m.pq1*m.pp*theta*p + m.pp*m.pp*r + nextP
		s = m.qqpp*cube + m.qq*m.pp*theta*b + m.pp*m.pp*s + nextB
		t = m.qqpp*cube + m.pq1*m.pq1*theta*theta*f + 2*theta*m.pq1*m.pp*q + m.pp*m.pp*t + 2*bent + nextF
		u = m.qqpp*cube + m.pp*m.pp*u
		b, f, p, q = nextB, nextF, nextP, nextQ
		k, theta = m.ss, m.ss+m.pp*theta
	}
	return FirstOrder{FK3: 2 * (p + 2*q), K4: 6*r + 4*(s+t+u)}, nil
}

// momentsOf integrates by the trapezoidal rule, which converges faster than any power of
// the step.
func momentsOf(a Activation, k float64) (m moments) {
	const reach, steps = 12.0, 1200 // in standard deviations
	d := make([]float64, 4)
	for i := range steps + 1 {
		x := reach * (2*float64(i)/steps - 1)
		w := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * 2 * reach / steps
		a.Derivatives(d, math.Sqrt(k)*x)
		s, p, q, r := d[0], d[1], d[2], d[3]
		m.ss += w * s * s
		m.pp += w * p * p
		m.pppp += w * p * p * p * p
		m.sspp += w * s * s * p * p
		m.sqpp += w * s * q * p * p
		m.sq += w * s * q
		m.qq += w * q * q
		m.rp += w * r * p
		m.rppp += w * r * p * p * p
		m.qqpp += w * q * q * p * p
		m.sp1 += w * (p*p + s*q)
		m.pq1 += w * (q*q + p*r)
	}
	return m
}
