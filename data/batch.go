package data

import (
	"fmt"
	"strconv"

	"breakeven/rng"
)

// Order returns the order in which the n examples of a training set are seen in
// an epoch: a permutation of 0..n-1 that seed and epoch decide (stream
// "order/<epoch>").
func Order(seed uint64, epoch, n int) []int32 {
	dst := make([]int32, n)
	order(rng.New(seed, orderName(epoch)), dst)
	return dst
}

func orderName(epoch int) string { return "order/" + strconv.Itoa(epoch) }

// order fills dst with a permutation drawn from s.
func order(s *rng.Stream, dst []int32) {
	for i := range dst {
		dst[i] = int32(i)
	}
	s.Shuffle(len(dst), func(i, j int) { dst[i], dst[j] = dst[j], dst[i] })
}

// A Batcher makes training batches. Batches are numbered through all epochs and may be asked
// for in any order; each is decided by its number and by the arguments of NewBatcher. Within an
// epoch it allocates nothing. It is not safe for concurrent use.
type Batcher struct {
	set       *Set
	transform *Transform
	augment   Augment
	seed      uint64
	size      int

	stream rng.Stream
	epoch  int     // of order and moves; -1 at first
	order  []int32 // of the examples in the epoch
	moves  []move  // of the positions in the epoch; nil without augmentation
	cols   []int
}

// NewBatcher returns a Batcher over set with batches of size examples. Examples at the end of
// an epoch that do not fill a batch are left out.
func NewBatcher(set *Set, t *Transform, a Augment, seed uint64, size int) (*Batcher, error) {
	if size <= 0 {
		return nil, fmt.Errorf("data: a batch of %d examples; ask for at least one", size)
	}
	if size > set.Len() {
		return nil, fmt.Errorf("data: a batch of %d examples is larger than the training set, which has %d; ask for a smaller batch", size, set.Len())
	}
	a.check(set.Shape)
	b := &Batcher{
		set: set, transform: t, augment: a, seed: seed, size: size,
		epoch: -1, order: make([]int32, set.Len()),
	}
	if a != (Augment{}) {
		b.moves, b.cols = make([]move, set.Len()), make([]int, set.Shape[2])
	}
	return b, nil
}

// Steps returns the number of batches in an epoch.
func (b *Batcher) Steps() int { return b.set.Len() / b.size }

// Bytes returns the memory that b holds besides its set.
func (b *Batcher) Bytes() int64 {
	const aMove = 3 // a flag and two numbers of a byte
	return int64(4*len(b.order) + aMove*len(b.moves) + 8*len(b.cols))
}

// Batch writes batch number step, counted from 0 through all epochs: the inputs,
// one example after another, to x, and the labels to y.
func (b *Batcher) Batch(step int, x []float32, y []int32) {
	size := b.set.size()
	if step < 0 || len(x) != b.size*size || len(y) != b.size {
		panic(fmt.Sprintf("data: batch %d of %d examples of %d inputs written to %d inputs and %d labels", step, b.size, size, len(x), len(y)))
	}
	b.load(step / b.Steps())
	at := step % b.Steps() * b.size
	for k := range b.size {
		i := int(b.order[at+k])
		y[k] = int32(b.set.Labels[i])
		dst := x[k*size : (k+1)*size]
		if b.moves != nil {
			b.transform.moved(dst, b.set, i, b.moves[at+k], b.cols)
		} else {
			b.transform.To(dst, b.set, i)
		}
	}
}

// load sets the order and the moves of an epoch. Both belong to positions in the epoch, so they
// do not depend on the batch size.
func (b *Batcher) load(epoch int) {
	if epoch == b.epoch {
		return
	}
	b.stream.Reset(b.seed, orderName(epoch))
	order(&b.stream, b.order)
	if b.moves != nil {
		b.stream.Reset(b.seed, "augment/"+strconv.Itoa(epoch))
		b.augment.moves(&b.stream, b.moves)
	}
	b.epoch = epoch
}
