package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Polynomials by the Remez exchange algorithm at 40 digits, lowest degree
// first, with the interval and the greatest error.
var (
	// (eʳ − 1 − r)/r² on |r| ≤ ln 2/2, error 1.6e-10 of eʳ.
	expPoly = []float32{0.5, 0.16666667, 0.041666463, 0.008333286, 0.0013933658, 0.00019907589}
	// (tanh x − x)/x³ in x² on |x| ≤ 0.625, error 4e-9 of tanh x.
	tanhPoly = []float32{-0.33333284, 0.13331515, -0.053745147, 0.020655226, -0.005721638}
	// erf x/x − 1 in x² on |x| ≤ 1, error 1.2e-9.
	erfPoly = []float32{0.12837917, -0.37612626, 0.112836, -0.026854444, 0.0051895357, -0.0008020842, 7.8891236e-05}
	// (log erfc t + t)/t on 0.95 ≤ t ≤ 4, error 2.7e-9 of erf t.
	erfcPoly = []float32{-0.1284999, -0.6357671, -0.10519766, 0.022848876, -0.0032021576, 0.00021243392}
)

// ln2High and ln2Low are ln 2 in two parts; n·ln2High is exact for |n| < 2¹⁵.
const (
	ln2High = 0.693359375
	ln2Low  = -2.12194440e-4
)

// constant returns a vector of equal values in read-only memory.
func (s *set) constant(v float32) operand.Mem {
	bits := uint64(math.Float32bits(v))
	m, ok := s.constants[bits]
	if !ok {
		m = s.StaticGlobal(fmt.Sprintf("c%08x", bits))
		s.DataAttributes(attr.RODATA | attr.NOPTR)
		for range s.lanes / 2 {
			s.AppendDatum(operand.U64(bits<<32 | bits))
		}
		s.constants[bits] = m
	}
	return m
}

// polynomial sets p to Σ c[i] xⁱ.
func (s *set) polynomial(p, x reg.VecPhysical, c []float32) {
	s.VMOVUPS(s.constant(c[len(c)-1]), p)
	for i := len(c) - 2; i >= 0; i-- {
		s.VFMADD213PS(s.constant(c[i]), x, p)
	}
}

// atMost sets x to the lesser of x and limit; a NaN stays a NaN.
func (s *set) atMost(x reg.VecPhysical, limit float32, tmp reg.VecPhysical) {
	s.VMOVUPS(s.constant(limit), tmp)
	s.VMINPS(x, tmp, x)
}

// reduce splits x into n ln 2 + r (after Cody and Waite). It replaces x by r and sets p to
// eʳ − 1; it overwrites q.
func (s *set) reduce(x, n, p, q reg.VecPhysical) {
	const nearest = 8
	s.VMULPS(s.constant(math.Log2E), x, n)
	if s.wide {
		s.VRNDSCALEPS(operand.U8(nearest), n, n)
	} else {
		s.VROUNDPS(operand.U8(nearest), n, n)
	}
	s.VFNMADD231PS(s.constant(ln2High), n, x)
	s.VFNMADD231PS(s.constant(ln2Low), n, x)
	s.polynomial(p, x, expPoly)
	s.VMULPS(x, x, q)
	s.VFMADD213PS(x, q, p)
}

// exponential replaces x by eˣ for −104 ≤ x ≤ 89. It overwrites n, p and q.
func (s *set) exponential(x, n, p, q reg.VecPhysical) {
	s.reduce(x, n, p, q)
	s.VADDPS(s.constant(1), p, p)
	if s.wide {
		s.VSCALEFPS(n, p, x)
		return
	}
	// 2ⁿ in two factors: the first product is exact, so that a result below
	// the normal range is rounded once only.
	s.VCVTPS2DQ(n, n)
	s.VPSRAD(operand.U8(1), n, q)
	s.VPSUBD(q, n, n)
	for _, half := range []reg.VecPhysical{q, n} {
		s.VPSLLD(operand.U8(23), half, half)
		s.VPADDD(s.constant(1), half, half)
		s.VMULPS(half, p, p)
	}
	s.VMOVAPS(p, x)
}

// expBody is the body of the kernel of Exp.
func expBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	x := v[0]
	s.atMost(x, 89, s.v[4])
	s.VMOVUPS(s.constant(-104), s.v[4])
	s.VMAXPS(x, s.v[4], x)
	s.exponential(x, s.v[4], s.v[5], s.v[6])
	return x
}

// eluBody is the body of the kernel of ELU: x itself above −2⁻²⁶, where it is the nearest
// value, also with the sign of a zero; elsewhere 2ⁿ(eʳ − 1) + (2ⁿ − 1). Below −30 that is −1.
func eluBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	x, t, n, p, q := v[0], s.v[4], s.v[5], s.v[6], s.v[7]
	s.VMOVUPS(s.constant(-30), n)
	s.VMAXPS(x, n, t)
	s.reduce(t, n, p, q)
	if s.wide {
		s.VMOVUPS(s.constant(1), q)
		s.VSCALEFPS(n, q, q)
	} else {
		s.VCVTPS2DQ(n, n)
		s.VPSLLD(operand.U8(23), n, n)
		s.VPADDD(s.constant(1), n, q)
	}
	s.VADDPS(s.constant(-1), q, n)
	s.VFMADD213PS(n, q, p)
	s.chooseAbove(x, -0x1p-26, x, p, t)
	return p
}

// tanhBody is the body of the kernel of Tanh: a polynomial near 0, and
// 1 − 2/(e²ᵗ+1) elsewhere, for t = |x|.
func tanhBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	x, t, y, z, p, r := v[0], s.v[4], s.v[5], s.v[6], s.v[7], s.v[8]
	s.magnitude(x, t)
	s.VADDPS(t, t, y)
	s.atMost(y, 40, z)
	s.exponential(y, z, p, r)
	s.VADDPS(s.constant(1), y, y)
	s.VMOVUPS(s.constant(2), r)
	s.VDIVPS(y, r, y)
	s.VMOVUPS(s.constant(1), r)
	s.VSUBPS(y, r, r)

	s.VMULPS(t, t, z)
	s.polynomial(p, z, tanhPoly)
	s.VMULPS(t, z, z)
	s.VFMADD213PS(t, z, p)
	s.chooseAbove(t, 0.625, r, p, y)
	return s.withSign(p, x)
}

// sigmoidBody is the body of the kernel of Sigmoid: e/(1+e), or 1/(1+e) for positive x,
// with e = exp(−|x|).
func sigmoidBody(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
	x, e, z, p, r := v[0], s.v[4], s.v[5], s.v[6], s.v[7]
	s.magnitude(x, e)
	s.atMost(e, 104, z)
	s.VXORPS(s.constant(float32(math.Copysign(0, -1))), e, e)
	s.exponential(e, z, p, r)
	s.VADDPS(s.constant(1), e, z)
	s.VMOVUPS(s.constant(1), r)
	s.VDIVPS(z, r, r)
	s.VMULPS(e, r, p)
	s.chooseAbove(x, 0, r, p, z)
	return p
}

// erfBody is the body of the kernel of Erf: a polynomial up to 1, and
// 1 − exp(log erfc t) beyond, for t = |x|.
func erfBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	x, t, y, z, p, r := v[0], s.v[4], s.v[5], s.v[6], s.v[7], s.v[8]
	s.magnitude(x, t)
	s.atMost(t, 4, z)
	s.polynomial(y, t, erfcPoly)
	s.VFMSUB213PS(t, t, y)
	s.exponential(y, z, p, r)
	s.VMOVUPS(s.constant(1), r)
	s.VSUBPS(y, r, r)

	s.VMULPS(t, t, z)
	s.polynomial(p, z, erfPoly)
	s.VFMADD213PS(t, t, p)
	s.chooseAbove(t, 1, r, p, y)
	return s.withSign(p, x)
}

// magnitude sets t to |x|.
func (s *set) magnitude(x, t reg.VecPhysical) {
	s.VANDPS(s.constant(math.Float32frombits(0x7fffffff)), x, t)
}

// withSign gives p, which is not negative, the sign of x.
func (s *set) withSign(p, x reg.VecPhysical) reg.VecPhysical {
	s.VANDPS(s.constant(math.Float32frombits(0x80000000)), x, x)
	s.VORPS(x, p, x)
	return x
}

// chooseAbove replaces p by r if t is above limit.
func (s *set) chooseAbove(t reg.VecPhysical, limit float32, r, p, tmp reg.VecPhysical) {
	if s.wide {
		s.VMOVUPS(s.constant(limit), tmp)
		s.VCMPPS(operand.U8(greater), tmp, t, reg.K2)
		s.VMOVAPS(r, reg.K2, p)
		return
	}
	s.VMOVUPS(s.constant(limit), tmp)
	s.VCMPPS(operand.U8(greater), tmp, t, tmp)
	s.VBLENDVPS(tmp, r, p, p)
}
