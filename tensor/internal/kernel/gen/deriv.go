package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// derivPasses are the kernels of deriv.go.
func derivPasses() []elementwisePass {
	in := []string{"x"}
	return []elementwisePass{
		{name: "eluDeriv", args: "(dst, y []float32)", in: []string{"y"},
			body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
				// The minimum of zero and y is y if it is a NaN.
				s.VMINPS(v[0], zero, v[0])
				s.VADDPS(s.constant(1), v[0], v[0])
				return v[0]
			}},
		{name: "eluDeriv2", args: "(dst, y []float32)", in: []string{"y"},
			body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
				s.VADDPS(s.constant(1), v[0], s.v[4])
				s.chooseAbove(v[0], 0, zero, s.v[4], s.v[5])
				return s.v[4]
			}},
		{name: "tanhDeriv", args: "(dst, y []float32)", in: []string{"y"}, body: tanhDerivBody},
		{name: "tanhDeriv2", args: "(dst, y []float32)", in: []string{"y"},
			body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
				deriv := tanhDerivBody(s, v, zero)
				s.VMULPS(s.constant(-2), v[0], v[0])
				s.VMULPS(deriv, v[0], v[0])
				return v[0]
			}},
		{name: "sigmoidDeriv", args: "(dst, y []float32)", in: []string{"y"}, body: sigmoidDerivBody},
		{name: "sigmoidDeriv2", args: "(dst, y []float32)", in: []string{"y"},
			body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
				deriv := sigmoidDerivBody(s, v, zero)
				s.VADDPS(v[0], v[0], v[0])
				s.VMOVUPS(s.constant(1), s.v[5])
				s.VSUBPS(v[0], s.v[5], v[0])
				s.VMULPS(deriv, v[0], v[0])
				return v[0]
			}},
		{name: "erfDeriv", args: "(dst, x []float32)", in: in, body: erfDerivBody},
		{name: "erfDeriv2", args: "(dst, x []float32)", in: in,
			body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
				deriv := erfDerivBody(s, v, zero)
				s.VMULPS(s.constant(-2), v[0], v[0])
				s.VMULPS(deriv, v[0], v[0])
				return v[0]
			}},
	}
}

// tanhDerivBody is 1 − y².
func tanhDerivBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	d := s.v[4]
	s.VMOVUPS(s.constant(1), d)
	s.VFNMADD231PS(v[0], v[0], d)
	return d
}

// sigmoidDerivBody is y(1 − y).
func sigmoidDerivBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	d := s.v[4]
	s.VMOVUPS(s.constant(1), d)
	s.VSUBPS(v[0], d, d)
	s.VMULPS(v[0], d, d)
	return d
}

// erfDerivBody is 2/√π exp(−x²), from the square in two parts, h + l:
// exp(−h)(1 − l). It keeps x within the limits beyond which the result is zero.
func erfDerivBody(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
	const limit = 10.198 // its square is just below 104, see exponential
	x, e, l := v[0], s.v[4], s.v[8]
	s.atMost(x, limit, s.v[5])
	s.VMOVUPS(s.constant(-limit), s.v[5])
	s.VMAXPS(x, s.v[5], x)
	s.VMULPS(x, x, e)
	s.VMOVAPS(e, l)
	s.VFMSUB231PS(x, x, l)
	s.VXORPS(s.constant(float32(math.Copysign(0, -1))), e, e)
	s.exponential(e, s.v[5], s.v[6], s.v[7])
	s.VFNMADD213PS(e, e, l)
	s.VMULPS(s.constant(2/math.SqrtPi), l, l)
	return l
}
