package nn

// Numbers of examples in a block, for which gradients of weights are summed. Examples that go
// through the steps together are the rows of the recurrent products. A product of a single row takes
// as long as one of two, since it reads all weights for it.
const (
	mostInBlock  = 32
	leastInBlock = 2
	fewBlocks    = 8
	mostTogether = 8 // examples of several blocks
)

// inBlock returns how many of n examples are in a block, blocks how many blocks there are.
// Both depend on n alone.
func inBlock(n int) int {
	return min(mostInBlock, max(min(n, leastInBlock), (n+fewBlocks-1)/fewBlocks))
}

func blocks(n int) int { return (n + inBlock(n) - 1) / inBlock(n) }

// mostBlocks returns the most blocks that batches of up to n examples have.
func mostBlocks(n int) int {
	return max(min((n+leastInBlock-1)/leastInBlock, fewBlocks), (n+mostInBlock-1)/mostInBlock)
}

// together returns how many blocks of n examples go through the steps together: one or, if that
// leaves work for all workers, several small ones. No bit depends on it.
func together(n, workers int) int {
	return max(1, min(blocks(n)/workers, mostTogether/inBlock(n)))
}

// over returns a phase that calls f for examples that go through the steps together.
func (k *recurrence) over(f func(lo, hi, worker int)) phase {
	per := func() int { return inBlock(k.plan.cur.n) * together(k.plan.cur.n, k.plan.workers) }
	return phase{
		tasks: func() int { return (k.plan.cur.n + per() - 1) / per() },
		run:   func(task, worker int) { f(task*per(), min((task+1)*per(), k.plan.cur.n), worker) },
	}
}

// sumBlocks makes the sums of gradients of the blocks of which the examples lo … hi−1 are: of the
// adjoints in lane l or, for the second order, of their tangents.
func (k *recurrence) sumBlocks(l lane, second bool, lo, hi int) {
	per := inBlock(k.plan.cur.n)
	for ; lo < hi; lo += per {
		block, end := lo/per, min(lo+per, hi)
		for _, p := range k.matrices() {
			clear(p.sums(block))
		}
		k.sum(block, l, values, lo, end)
		if second {
			k.sum(block, adjoints, tangents, lo, end)
		}
		k.sumBias(block, l, lo, end)
	}
}
