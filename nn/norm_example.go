package nn

// along adds 2⟨ȳ, γ̇ẋ/σ⟩ for a fixed σ.
func (k *norm) along(lo, hi, _, _ int) {
	t, dg := k.tape(), k.gamma.of(k.plan.v)
	for i := lo; i < hi; i++ {
		dy := k.y.example(adjoints, i)
		for p, part := range k.x.parts {
			if !part.active {
				continue
			}
			n, first := part.shape.C, k.x.first[p]
			for r, dx := range part.example(tangents, i) {
				j := first + r%n
				k.plan.curvatures[i] += 2 * float64(dy[r/n*k.c+j]) * float64(dg[j]) * t.inv[j] * float64(dx)
			}
		}
	}
}

// blocks returns one block for γ and one for β.
func (k *norm) blocks() []int { return []int{k.c, k.c} }

// exampleGrad is defined for inference only, where examples are not coupled.
func (k *norm) exampleGrad(dst []float32, i, block, _ int) {
	dy := k.y.example(adjoints, i)
	if block == 1 {
		addColumns(dst[:k.c], dy)
		return
	}
	t := k.tape()
	for p, part := range k.x.parts {
		n, xs := part.shape.C, part.example(values, i)
		for j := range n {
			to := k.x.first[p] + j
			sum := float64(dst[to])
			for r := range k.x.pixels {
				sum += float64(dy[r*k.c+to]) * (float64(xs[r*n+j]) - t.mu[to]) * t.inv[to]
			}
			dst[to] = float32(sum)
		}
	}
}

func (k *norm) places(dst []int, block int) {
	if block == 0 {
		k.gamma.places(dst, 0)
	} else {
		k.beta.places(dst, 0)
	}
}
