package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An elementwisePass is an elementwise kernel: out = f(in…), one vector at a time.
type elementwisePass struct {
	name   string
	args   string
	in     []string // slices read, in the order in which body expects them
	scalar bool     // the argument a is broadcast to constant
	body   func(s *set, v []reg.VecPhysical, constant reg.VecPhysical) reg.VecPhysical
}

// greater is the predicate GT_OQ of VCMPPS: false for a NaN.
const greater = 0x1e

var passes = []elementwisePass{
	{name: "relu", args: "(dst, x []float32)", in: []string{"x"},
		body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
			// The maximum of zero and x is x if either is a NaN.
			s.VMAXPS(v[0], zero, v[0])
			return v[0]
		}},
	{name: "mask", args: "(dst, y, g []float32)", in: []string{"y", "g"},
		body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
			if s.wide {
				s.VCMPPS(operand.U8(greater), zero, v[0], reg.K2)
				s.VMOVAPS_Z(v[1], reg.K2, v[1])
				return v[1]
			}
			s.VCMPPS(operand.U8(greater), zero, v[0], v[0])
			s.VANDPS(v[0], v[1], v[1])
			return v[1]
		}},
	{name: "add", args: "(dst, x []float32)", in: []string{"dst", "x"},
		body: func(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
			s.VADDPS(v[1], v[0], v[0])
			return v[0]
		}},
	{name: "axpy", args: "(dst []float32, a float32, x []float32)", in: []string{"dst", "x"}, scalar: true,
		body: func(s *set, v []reg.VecPhysical, a reg.VecPhysical) reg.VecPhysical {
			s.VFMADD231PS(v[1], a, v[0])
			return v[0]
		}},
	{name: "scale", args: "(dst []float32, a float32)", in: []string{"dst"}, scalar: true,
		body: func(s *set, v []reg.VecPhysical, a reg.VecPhysical) reg.VecPhysical {
			s.VMULPS(a, v[0], v[0])
			return v[0]
		}},
	{name: "mul", args: "(dst, x, y []float32)", in: []string{"x", "y"},
		body: func(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
			s.VMULPS(v[1], v[0], v[0])
			return v[0]
		}},
	{name: "mulAdd", args: "(dst, x, y []float32)", in: []string{"dst", "x", "y"},
		body: func(s *set, v []reg.VecPhysical, _ reg.VecPhysical) reg.VecPhysical {
			s.VFMADD231PS(v[2], v[1], v[0])
			return v[0]
		}},
	{name: "exp", args: "(dst, x []float32)", in: []string{"x"}, body: expBody},
	{name: "elu", args: "(dst, x []float32)", in: []string{"x"}, body: eluBody},
	{name: "tanh", args: "(dst, x []float32)", in: []string{"x"}, body: tanhBody},
	{name: "sigmoid", args: "(dst, x []float32)", in: []string{"x"}, body: sigmoidBody},
	{name: "erf", args: "(dst, x []float32)", in: []string{"x"}, body: erfBody},
}

// elementwise writes the elementwise kernels.
func (s *set) elementwise() {
	for _, p := range slices.Concat(passes, affinePasses(), derivPasses()) {
		s.elementwisePass(p)
	}
}

// elementwisePass writes one kernel: up to four vectors at a time, then one,
// then the masked rest.
func (s *set) elementwisePass(p elementwisePass) {
	unroll := max(1, min(4, (len(s.v)-2)/len(p.in)))
	s.function(p.name, p.args, p.name+s.suffix+" is the kernel of the same name for slices of the length of dst.")
	s.label = ""
	dst, n, window, done := reg.RDI, reg.RDX, reg.RCX, reg.R14
	base := []reg.GPPhysical{reg.RSI, reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.RBX}
	s.Load(s.Param("dst").Base(), dst)
	s.Load(s.Param("dst").Len(), n)
	for i, name := range p.in {
		s.Load(s.Param(name).Base(), base[i])
	}
	constant := s.v[len(s.v)-1]
	if p.scalar {
		s.VBROADCASTSS(s.arg("a"), constant)
	} else {
		s.zero(constant)
	}
	block := func(u int, load func(m operand.Mem, r reg.VecPhysical), store func(r reg.VecPhysical, m operand.Mem)) {
		v := s.v[u*len(p.in) : (u+1)*len(p.in)]
		for i := range p.in {
			load(atIndex(base[i], done, 4, u*s.bytes()), v[i])
		}
		store(p.body(s, v, constant), atIndex(dst, done, 4, u*s.bytes()))
	}
	move := func(m operand.Mem, r reg.VecPhysical) { s.VMOVUPS(m, r) }
	put := func(r reg.VecPhysical, m operand.Mem) { s.VMOVUPS(r, m) }

	s.XORQ(done, done)
	for _, vecs := range slices.Compact([]int{unroll, 1}) {
		name, next := "several", "ones"
		if vecs == 1 {
			name, next = "one", "rest"
		}
		s.CMPQ(n, operand.U32(vecs*s.lanes))
		s.JLT(operand.LabelRef(next))
		s.Label(name)
		for u := range vecs {
			block(u, move, put)
		}
		s.ADDQ(operand.U32(vecs*s.lanes), done)
		s.SUBQ(operand.U32(vecs*s.lanes), n)
		s.CMPQ(n, operand.U32(vecs*s.lanes))
		s.JGE(operand.LabelRef(name))
		s.Label(next)
	}
	s.TESTQ(n, n)
	s.JEQ(operand.LabelRef("done"))
	s.MOVQ(n, window)
	s.mask(window, reg.RAX, 1)
	block(0,
		func(m operand.Mem, r reg.VecPhysical) { s.loadMasked(m, 0, window, r) },
		func(r reg.VecPhysical, m operand.Mem) { s.storeMasked(r, m, 0, window, s.v[len(s.v)-2]) })
	s.Label("done")
	s.VZEROUPPER()
	s.RET()
}

// addRow writes the kernel of AddRow.
func (s *set) addRow() {
	s.function("addRow", "(dst *float32, rows, cols int, b *float32)",
		"addRow"+s.suffix+" is AddRow for positive rows and cols.")
	s.label = ""
	dst, rows, cols, b, p, n, window := reg.RDI, reg.RDX, reg.R10, reg.RSI, reg.R8, reg.R9, reg.RCX
	s.MOVQ(s.arg("dst"), dst)
	s.MOVQ(s.arg("rows"), rows)
	s.MOVQ(s.arg("cols"), cols)
	s.MOVQ(s.arg("b"), b)
	s.MOVQ(cols, window)
	s.ANDQ(operand.U32(s.lanes-1), window)
	s.mask(window, reg.RAX, 1)
	s.Label("row")
	s.MOVQ(b, p)
	s.MOVQ(cols, n)
	s.SUBQ(operand.U8(s.lanes), n)
	s.JLT(operand.LabelRef("rest"))
	s.Label("one")
	s.VMOVUPS(at(p, 0), s.v[0])
	s.VADDPS(at(dst, 0), s.v[0], s.v[0])
	s.VMOVUPS(s.v[0], at(dst, 0))
	s.ADDQ(operand.U32(s.bytes()), p)
	s.ADDQ(operand.U32(s.bytes()), dst)
	s.SUBQ(operand.U8(s.lanes), n)
	s.JGE(operand.LabelRef("one"))
	s.Label("rest")
	s.ADDQ(operand.U8(s.lanes), n)
	s.JEQ(operand.LabelRef("next"))
	s.loadMasked(at(p, 0), 0, window, s.v[0])
	s.loadMasked(at(dst, 0), 0, window, s.v[1])
	s.VADDPS(s.v[0], s.v[1], s.v[1])
	s.storeMasked(s.v[1], at(dst, 0), 0, window, s.v[0])
	s.LEAQ(atIndex(dst, n, 4, 0), dst)
	s.Label("next")
	s.DECQ(rows)
	s.JNE(operand.LabelRef("row"))
	s.VZEROUPPER()
	s.RET()
}
