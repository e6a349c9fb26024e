package task

import (
	"breakeven/data"
	"breakeven/flight/learn"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// training returns the flights that are learned from as the spec counts them, and their batches.
func (f *Flights) training(s run.Spec, set nn.Batch, in []nn.Input) (nn.Batch, func(uint64, int) (Batches, error)) {
	if padding.Word(s) == "counted" {
		set = learn.Padded(set)
	}
	batches := shuffle(set)
	if pairing.Word(s) == "released" {
		batches = released(set, in)
	}
	return set, f.moving(s, batches)
}

// A releasedOrder is the training batches of the released program. All epochs have the order of the
// first. But the first batch of each later one is of flights at random, with the cubes of those
// whose place they take.
type releasedOrder struct {
	set   nn.Batch
	cubes int // which input is cubes; -1: none
	size  int
	seed  uint64
	order []int32
	batch nn.Batch
}

func released(set nn.Batch, in []nn.Input) func(seed uint64, size int) (Batches, error) {
	cubes := -1
	for k, i := range in {
		if i.Name == model.CubeInput {
			cubes = k
		}
	}
	return func(seed uint64, size int) (Batches, error) {
		if err := fits(size, set.N); err != nil {
			return nil, err
		}
		return &releasedOrder{set: set, cubes: cubes, size: size, seed: seed, order: data.Order(seed, 0, set.N)}, nil
	}
}

// Steps counts the last batch of an epoch, which may be smaller: in one order it would never be
// learned from.
func (r *releasedOrder) Steps() int { return (r.set.N + r.size - 1) / r.size }

func (r *releasedOrder) Bytes() int64 { return 4 * int64(r.set.N) }

func (r *releasedOrder) Batch(step int) nn.Batch {
	if r.batch.N == 0 {
		r.batch = room(r.set, r.size)
	}
	epoch, at := step/r.Steps(), step%r.Steps()*r.size
	places := r.order[at:min(at+r.size, r.set.N)]
	flights := places
	if epoch > 0 && at == 0 {
		flights = data.Order(r.seed, epoch, r.set.N)
	}
	for k, place := range places {
		put(r.batch, k, r.set, int(flights[k]))
		if r.cubes >= 0 {
			move(r.batch.In[r.cubes].F, k, r.set.In[r.cubes].F, r.set.N, int(place))
		}
	}
	return r.batch.Slice(0, len(places))
}
