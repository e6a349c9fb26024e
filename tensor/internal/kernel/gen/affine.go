package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/reg"
)

// affinePasses are the kernels of affine.go.
func affinePasses() []elementwisePass {
	return []elementwisePass{
		affine("affine1", 1, false, false),
		affine("affine1ReLU", 1, false, true),
		affine("affine2", 2, false, false),
		affine("addAffine2", 2, true, false),
		affine("addAffine3", 3, true, false),
		sum("sum", false),
		sum("sumReLU", true),
	}
}

// affine is k0 + Σ k_i·x_i with the given number of terms, added to dst if add
// is set.
func affine(name string, terms int, add, relu bool) elementwisePass {
	p := elementwisePass{name: name, args: "(dst, k0", in: []string{"k0"}}
	for i := range terms {
		k, x := fmt.Sprint("k", i+1), fmt.Sprint("x", i+1)
		p.args += ", " + k + ", " + x
		p.in = append(p.in, k, x)
	}
	p.args += " []float32)"
	if add {
		p.in = append([]string{"dst"}, p.in...)
	}
	p.body = func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
		if add {
			s.VADDPS(v[0], v[1], v[1])
			v = v[1:]
		}
		for i := 1; i < len(v); i += 2 {
			s.VFMADD231PS(v[i], v[i+1], v[0])
		}
		if relu {
			s.VMAXPS(v[0], zero, v[0])
		}
		return v[0]
	}
	return p
}

// sum is x + y.
func sum(name string, relu bool) elementwisePass {
	return elementwisePass{name: name, args: "(dst, x, y []float32)", in: []string{"x", "y"},
		body: func(s *set, v []reg.VecPhysical, zero reg.VecPhysical) reg.VecPhysical {
			s.VADDPS(v[1], v[0], v[0])
			if relu {
				s.VMAXPS(v[0], zero, v[0])
			}
			return v[0]
		}}
}
