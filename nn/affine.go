package nn

// affine is what norms of single examples share: the scale γ and the shift β of each channel, and the sums of
// their gradients. An operation that embeds it adds to the partial sums of a shard. If it has no bias, β is 0.
type affine struct {
	plan        *Plan
	c           int // channels
	gamma, beta span
	noBias      bool
	zero        []float32 // β in place of a bias
	// By shard, a number for each channel: the gradients of γ and of β.
	partialG, partialB []float64
}

// affine returns γ and β, the first two parameters of an operation on c channels.
func (b *binding) affine(c int) affine {
	return affine{plan: b.plan, c: c, gamma: b.param(0), beta: b.param(1)}
}

// scaleOnly returns γ, the first parameter of an operation on c channels, with β = 0.
func (b *binding) scaleOnly(c int) affine {
	b.owns(4 * int64(c))
	return affine{plan: b.plan, c: c, gamma: b.param(0), noBias: true, zero: make([]float32, c)}
}

// A perChannel is a compiled operation with those parameters, of one input.
type perChannel interface {
	exampler
	forward(lo, hi, shard, worker int)
	tangent(lo, hi, shard, worker int)
	adjoint(l lane) func(lo, hi, shard, worker int)
	second(lo, hi, shard, worker int)
	along(lo, hi, shard, worker int)
}

// rules returns the rules of an operation op, which embeds k, from x to y.
func (k *affine) rules(b *binding, op perChannel, x, y arg) rules {
	r := rules{
		forward:  []phase{b.local(op.forward)},
		adjoint:  func(l lane) []phase { return []phase{b.local(op.adjoint(l))} },
		gradient: func(lane, bool) []phase { return []phase{b.global(k.params(), k.finish)} },
		example:  op,
		keeps: func(l lane) []arg {
			if l == values || l == tangents {
				return []arg{x}
			}
			return []arg{y}
		},
	}
	k.sums(b)
	if b.plan.settings.Tangents {
		r.tangent = []phase{b.local(op.tangent)}
		if x.active {
			r.second, r.along = []phase{b.local(op.second)}, []phase{b.local(op.along)}
		}
	}
	return r
}

// shift returns β in a flat vector.
func (k *affine) shift(from vector) []float32 {
	if k.noBias {
		return k.zero
	}
	return k.beta.of(from)
}

// sums makes room for the sums, where gradients are asked for.
func (k *affine) sums(b *binding) {
	if b.plan.settings.Evaluate {
		return
	}
	partial := b.plan.maxShards() * k.c
	b.owns(16 * int64(partial))
	b.later(func() { k.partialG, k.partialB = make([]float64, partial), make([]float64, partial) })
}

// begin clears the sums of a shard if a strip that begins with example lo is its first.
func (k *affine) begin(shard, lo int) {
	if k.plan.first(lo) {
		dg, db := k.partials(shard)
		clear(dg)
		clear(db)
	}
}

// partials are the sums of a shard.
func (k *affine) partials(shard int) (dg, db []float64) {
	return k.partialG[shard*k.c : (shard+1)*k.c], k.partialB[shard*k.c : (shard+1)*k.c]
}

// finish sums the partial gradients of the shards, in order: task 0 those of γ, task 1 of β.
func (k *affine) finish(task, _ int) {
	p := k.plan
	if task == 0 {
		sumShards(k.gamma.of(p.dst), k.partialG, p.shards(), k.gamma.acc())
	} else {
		sumShards(k.beta.of(p.dst), k.partialB, p.shards(), k.beta.acc())
	}
}

// params is how many parameters there are.
func (k *affine) params() int {
	if k.noBias {
		return 1
	}
	return 2
}

// blocks returns one block for γ and one for β.
func (k *affine) blocks() []int { return []int{k.c, k.c}[:k.params()] }

func (k *affine) places(dst []int, block int) {
	if block == 0 {
		k.gamma.places(dst, 0)
	} else {
		k.beta.places(dst, 0)
	}
}
