package nn

import "breakeven/tensor"

// wide is a compiled Conv2D whose weights are larger than its images. As in a linear, its
// products run over the whole batch: a strip of examples would read all weights for a few pixels,
// and the partial sums of their gradient, by shard, would be many times as large as all
// activations.
type wide struct {
	convolution
	taps *tensor.Taps
	w, v []float32 // see tensor.Taps.Split; nil: the parameters as they are
}

// wideConv reports whether the weights of a convolution are large, and larger than the images of
// an example.
func wideConv(s tensor.ConvShape, images int) bool {
	weights := s.K * s.K * s.C * s.O
	return weights >= largeWeights && weights > images*(s.H*s.W*s.C+s.OH()*s.OW()*s.O)
}

func newWide(b *binding, taps *tensor.Taps, images int, hasBias bool) rules {
	k := &wide{convolution: newConvolution(b, taps.ConvShape, images, hasBias), taps: taps}
	b.owns(taps.Bytes())
	b.later(taps.Build)
	b.scratch(taps.Scratch())
	r := rules{
		pack:     k.split(b, &k.w, func() vector { return b.plan.theta }),
		forward:  []phase{b.global(taps.ForwardTasks(), k.forward)},
		adjoint:  func(l lane) []phase { return k.adjoint(b, l) },
		gradient: k.gradient,
		rereads:  true,
		example:  k,
		keeps:    k.keeps,
		factors:  k.factors(b),
	}
	if b.plan.settings.Tangents {
		r.packTangent = k.split(b, &k.v, func() vector { return b.plan.v })
		r.tangent = []phase{b.global(taps.ForwardTasks(), k.tangent)}
		if k.x.active {
			r.fusedSecond = append(k.mask(b, cotangents), b.global(taps.DataTasks(), k.secondOrder))
			r.along = []phase{b.global(taps.ForwardTasks(), k.product), b.local(k.addAlong)}
		}
	}
	return r
}

// split returns the phase that copies the weights of the taps in use.
func (k *wide) split(b *binding, dst *[]float32, from func() vector) []phase {
	if k.shape.K == 1 {
		return nil
	}
	size := k.taps.SplitSize()
	b.owns(4 * int64(size))
	b.later(func() { *dst = make([]float32, size) })
	return []phase{b.global(k.shape.O, func(o, _ int) { k.taps.Split(*dst, k.weight.of(from()), o) })}
}

// theta and tangentOfTheta return the weights of the taps in use, and their tangents.
func (k *wide) theta() []float32 { return k.weights(k.w, k.plan.theta) }

func (k *wide) tangentOfTheta() []float32 { return k.weights(k.v, k.plan.v) }

func (k *wide) weights(split []float32, of vector) []float32 {
	if split == nil {
		return k.weight.of(of)
	}
	return split
}

// rows returns the number of images in the batch.
func (k *wide) rows() int { return k.images * k.plan.cur.n }

func (k *wide) forward(task, worker int) {
	k.taps.Forward(task, k.y.all(values), k.rows(), k.valueEpilogue(), k.plan.scratch[worker], tensor.TapTerm{X: k.x.all(values), W: k.theta()})
}

func (k *wide) tangent(task, worker int) {
	y, e, scratch := k.y.all(tangents), k.tangentEpilogue(0, k.plan.cur.n), k.plan.scratch[worker]
	ofWeights := tensor.TapTerm{X: k.x.all(values), W: k.tangentOfTheta()}
	if k.x.active {
		k.taps.Forward(task, y, k.rows(), e, scratch, ofWeights, tensor.TapTerm{X: k.x.all(tangents), W: k.theta()})
	} else {
		k.taps.Forward(task, y, k.rows(), e, scratch, ofWeights)
	}
}

// mask returns the phase that applies the mask of a fused ReLU to ȳ, if that is this operation's
// part.
func (k *wide) mask(b *binding, l lane) []phase {
	if !k.relu || !k.masksAdjoints {
		return nil
	}
	return []phase{b.local(func(lo, hi, _, _ int) { k.masked(l, lo, hi) })}
}

func (k *wide) adjoint(b *binding, l lane) []phase {
	all := k.mask(b, l)
	if k.x.active {
		all = append(all, b.global(k.taps.DataTasks(), func(task, worker int) {
			k.data(task, l, worker, tensor.TapTerm{X: k.y.all(l), W: k.theta()})
		}))
	}
	return all
}

// secondOrder makes the cotangents of x by the adjoint rule and by its tangent.
func (k *wide) secondOrder(task, worker int) {
	k.data(task, cotangents, worker, tensor.TapTerm{X: k.y.all(cotangents), W: k.theta()}, tensor.TapTerm{X: k.y.all(adjoints), W: k.tangentOfTheta()})
}

// data computes a task's part of x̄ in lane l.
func (k *wide) data(task int, l lane, worker int, terms ...tensor.TapTerm) {
	k.taps.Data(task, k.x.all(l), k.rows(), k.inputEpilogue(0, k.plan.cur.n), k.plan.scratch[worker], terms...)
}

// gradient computes w̄ and, in one more task, the gradient of the bias. For the second order it
// adds the product of the first-order ȳ and ẋ.
func (k *wide) gradient(l lane, second bool) []phase {
	tasks := k.taps.WeightTasks()
	return []phase{{
		tasks: func() int { return tasks + 1 },
		run: func(task, worker int) {
			p := k.plan
			if task == tasks {
				if k.hasBias {
					k.bias.sumRows(k.y, l)
				}
				return
			}
			dw, acc, scratch := k.weight.of(p.dst), k.weight.acc(), p.scratch[worker]
			first := tensor.TapPair{X: k.x.all(values), DY: k.y.all(l)}
			if second && k.x.active {
				k.taps.Weight(task, dw, k.rows(), acc, scratch, first, tensor.TapPair{X: k.x.all(tangents), DY: k.y.all(adjoints)})
			} else {
				k.taps.Weight(task, dw, k.rows(), acc, scratch, first)
			}
		},
	}}
}

// product computes ẇ⋆ẋ in the cotangents lane, and addAlong adds 2⟨ȳ, ẇ⋆ẋ⟩.
func (k *wide) product(task, worker int) {
	k.taps.Forward(task, k.y.all(cotangents), k.rows(), tensor.Epilogue{}, k.plan.scratch[worker], tensor.TapTerm{X: k.x.all(tangents), W: k.tangentOfTheta()})
}

func (k *wide) addAlong(lo, hi, _, _ int) {
	k.plan.addSecond(k.y, 2, k.y.rows(cotangents, lo, hi), lo, hi)
}

// filterSize returns the number of weights of a filter at the taps in use.
func (k *wide) filterSize() int { return k.taps.SplitSize() / k.shape.O }

// extent returns the filters of a block: those of about blockSize weights.
func (k *wide) extent(block int) (lo, hi int) {
	per := max(1, blockSize/max(1, k.filterSize()))
	return min(k.shape.O, block*per), min(k.shape.O, (block+1)*per)
}

// blocks returns blocks of filters, without the taps that no pixel meets, and one for the bias.
func (k *wide) blocks() []int {
	var sizes []int
	for lo, hi := k.extent(0); lo < hi; lo, hi = k.extent(len(sizes)) {
		sizes = append(sizes, (hi-lo)*k.filterSize())
	}
	if k.hasBias {
		sizes = append(sizes, k.shape.O)
	}
	return sizes
}

func (k *wide) exampleGrad(dst []float32, i, block, _ int) {
	lo, hi := k.extent(block)
	dy := k.y.example(adjoints, i)
	if lo == hi {
		addColumns(dst[:k.shape.O], dy)
		return
	}
	xs, nx, ny := k.x.example(values, i), k.x.size/k.images, k.y.size/k.images
	for at := range k.images {
		k.taps.AddWeights(dst, xs[at*nx:(at+1)*nx], dy[at*ny:(at+1)*ny], lo, hi)
	}
}

func (k *wide) places(dst []int, block int) {
	lo, hi := k.extent(block)
	if lo == hi {
		k.bias.places(dst, 0)
		return
	}
	at, c, taps := 0, k.shape.C, k.shape.K*k.shape.K
	for o := lo; o < hi; o++ {
		for _, tap := range k.taps.Used() {
			for i := range c {
				dst[at] = k.weight.place((o*c+i)*taps + tap)
				at++
			}
		}
	}
}
