package task

import (
	"fmt"

	"breakeven/data"
	"breakeven/nn"
)

// Resident examples are ready in memory, as one batch.
type resident struct{ nn.Batch }

func (r resident) Read(index []int, stop func() error) (nn.Batch, error) {
	if err := stop(); err != nil {
		return nn.Batch{}, err
	}
	b := room(r.Batch, len(index))
	for k, i := range index {
		put(b, k, r.Batch, i)
	}
	return b, nil
}

// room returns a batch for n examples like those of set.
func room(set nn.Batch, n int) nn.Batch {
	b := nn.Batch{N: n}
	for _, v := range set.In {
		b.In = append(b.In, nn.Values{F: like(v.F, set.N, n), I: like(v.I, set.N, n), Steps: like(v.Steps, set.N, n)})
	}
	for _, t := range set.Target {
		b.Target = append(b.Target, nn.Target{Labels: like(t.Labels, set.N, n), Vector: like(t.Vector, set.N, n), Weight: like(t.Weight, set.N, n), Padded: t.Padded})
	}
	return b
}

// like returns room for n examples of which x has so many; nil if it has nothing.
func like[T any](x []T, have, n int) []T {
	if len(x) == 0 {
		return nil
	}
	return make([]T, len(x)/have*n)
}

// put sets example k of dst to example i of src.
func put(dst nn.Batch, k int, src nn.Batch, i int) {
	for j, from := range src.In {
		to := dst.In[j]
		move(to.F, k, from.F, src.N, i)
		move(to.I, k, from.I, src.N, i)
		move(to.Steps, k, from.Steps, src.N, i)
	}
	for j, from := range src.Target {
		to := dst.Target[j]
		move(to.Labels, k, from.Labels, src.N, i)
		move(to.Vector, k, from.Vector, src.N, i)
		move(to.Weight, k, from.Weight, src.N, i)
	}
}

// move copies what example i of n has in src to where example k has it in dst.
func move[T any](dst []T, k int, src []T, n, i int) {
	size := len(src) / n
	copy(dst[k*size:(k+1)*size], src[i*size:(i+1)*size])
}

// bytes returns the memory of the examples of b.
func bytes(b nn.Batch) int64 {
	n := 0
	for _, v := range b.In {
		n += len(v.F) + len(v.I) + len(v.Steps)
	}
	for _, t := range b.Target {
		n += len(t.Labels) + len(t.Vector) + len(t.Weight)
	}
	return 4 * int64(n)
}

// Shuffled are the training batches of examples in memory, in data.Order.
type shuffled struct {
	set   nn.Batch
	seed  uint64
	epoch int // of order; -1 at first
	order []int32
	batch nn.Batch
	size  int
}

// shuffle returns the batches of so many examples.
func shuffle(set nn.Batch) func(seed uint64, size int) (Batches, error) {
	return func(seed uint64, size int) (Batches, error) {
		if err := fits(size, set.N); err != nil {
			return nil, err
		}
		return &shuffled{set: set, seed: seed, epoch: -1, size: size}, nil
	}
}

// fits returns an error unless n training examples make a batch of a size.
func fits(size, n int) error {
	if size < 1 || size > n {
		return fmt.Errorf("data: a batch of %d examples of %d that there are for training; ask for 1 to %d", size, n, n)
	}
	return nil
}

func (s *shuffled) Steps() int { return s.set.N / s.size }

func (s *shuffled) Bytes() int64 { return 4 * int64(s.set.N) }

func (s *shuffled) Batch(step int) nn.Batch {
	if s.batch.N == 0 {
		s.batch = room(s.set, s.size)
	}
	if epoch := step / s.Steps(); epoch != s.epoch {
		s.order, s.epoch = data.Order(s.seed, epoch, s.set.N), epoch
	}
	at := step % s.Steps() * s.size
	for k := range s.size {
		put(s.batch, k, s.set, int(s.order[at+k]))
	}
	return s.batch
}

// cut cuts training and validation examples from those of a training file, as
// data.NewSplit does: the first n, and the last valid ones. Without any of those the
// test examples are for validation.
func cut(name string, all, test nn.Batch, n, valid int) (train, held nn.Batch, err error) {
	if n == 0 {
		n = all.N - valid
	}
	if n <= 0 || valid < 0 || valid > all.N-n {
		return train, held, fmt.Errorf("data: %s: %d examples for training and %d for validation cannot be cut from its %d; ask for fewer", name, n, valid, all.N)
	}
	if held = test; valid > 0 {
		held = all.Slice(all.N-valid, all.N)
	}
	return all.Slice(0, n), held, nil
}
