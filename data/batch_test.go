package data

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"breakeven/rng"
)

func TestOrder(t *testing.T) {
	if got := fmt.Sprint(Order(1, 0, 10), Order(1, 1, 10), Order(2, 0, 10)); got != orderPinned {
		t.Errorf("orders are\n%s, pinned\n%s", got, orderPinned)
	}
	for _, n := range []int{0, 1, 2, 1000} {
		o, twin := Order(3, 4, n), make([]int, n)
		rng.New(3, "order/4").Perm(twin)
		for i, v := range o {
			if int(v) != twin[i] {
				t.Fatalf("order of %d is not the permutation of stream order/4", n)
			}
		}
		slices.Sort(o)
		for i, v := range o {
			if int(v) != i {
				t.Fatalf("order of %d is no permutation", n)
			}
		}
	}
}

const orderPinned = "[0 2 7 8 1 4 6 5 3 9] [7 2 0 6 9 1 8 4 5 3] [9 6 0 7 5 8 4 2 3 1]"

func newBatcher(t testing.TB, s *Set, kind string, a Augment, seed uint64, size int) *Batcher {
	b, err := NewBatcher(s, newTransform(t, kind, s), a, seed, size)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// batch returns a batch in new memory.
func (b *Batcher) batch(step int) ([]float32, []int32) {
	x, y := make([]float32, b.size*b.set.size()), make([]int32, b.size)
	b.Batch(step, x, y)
	return x, y
}

// The inputs and labels are those of the examples that Order names.
func TestBatch(t *testing.T) {
	s := randomSet(1, 23, [3]int{3, 6, 5})
	b := newBatcher(t, s, "paper", Augment{}, 9, 4)
	if b.Steps() != 5 {
		t.Fatalf("%d steps an epoch, want 5", b.Steps())
	}
	for step := range 12 {
		x, y := b.batch(step)
		o := Order(9, step/5, 23)[step%5*4:][:4]
		for k, i := range o {
			if y[k] != int32(s.Labels[i]) {
				t.Errorf("step %d: label %d, want that of example %d", step, y[k], i)
			}
			if want := inputs(t, b.transform, s, int(i)); !slices.Equal(x[k*90:(k+1)*90], want) {
				t.Errorf("step %d: inputs %d are not those of example %d", step, k, i)
			}
		}
	}
}

// Batches have the same bits in whatever order they are asked for, also from a new
// Batcher in the middle.
func TestBatchRandomAccess(t *testing.T) {
	s := randomSet(1, 30, [3]int{3, 8, 8})
	b := newBatcher(t, s, "channel", StandardAugment(), 5, 7)
	var want [][]float32
	for step := range 20 {
		x, _ := b.batch(step)
		want = append(want, x)
	}
	for _, step := range []int{19, 0, 7, 7, 3, 12, 4, 8} {
		fresh, _ := newBatcher(t, s, "channel", StandardAugment(), 5, 7).batch(step)
		again, _ := b.batch(step)
		if !slices.Equal(fresh, want[step]) || !slices.Equal(again, want[step]) {
			t.Errorf("step %d differs when asked for alone", step)
		}
	}
	if slices.Equal(want[0], want[4]) {
		t.Error("two epochs begin alike")
	}
	other, _ := newBatcher(t, s, "channel", StandardAugment(), 6, 7).batch(0)
	if slices.Equal(want[0], other) {
		t.Error("two seeds give the same batch")
	}
}

// An epoch is the same sequence of images whatever the size of a batch.
func TestBatchSizeDoesNotMatter(t *testing.T) {
	s := randomSet(1, 24, [3]int{1, 8, 8})
	epoch := func(size, epoch int) (all []float32) {
		b := newBatcher(t, s, "unit", StandardAugment(), 5, size)
		for k := range b.Steps() {
			x, _ := b.batch(epoch*b.Steps() + k)
			all = append(all, x...)
		}
		return all
	}
	for _, e := range []int{0, 3} {
		if !slices.Equal(epoch(24, e), epoch(6, e)) || !slices.Equal(epoch(24, e), epoch(1, e)) {
			t.Errorf("epoch %d depends on the size of a batch", e)
		}
	}
}

// The bits of an augmented batch do not change.
func TestBatchPinned(t *testing.T) {
	s := randomSet(1, 30, [3]int{3, 8, 8})
	for kind, want := range map[string]uint64{"unit": 0x586d9502f2b4d35d, "channel": 0x463ccef1e08fbf7, "paper": 0x683d56654d743152} {
		h := fnv.New64a()
		for _, step := range []int{0, 5, 1000} {
			x, y := newBatcher(t, s, kind, StandardAugment(), 5, 7).batch(step)
			for _, v := range x {
				fmt.Fprintf(h, "%08x", math.Float32bits(v))
			}
			fmt.Fprint(h, y)
		}
		if got := h.Sum64(); got != want {
			t.Errorf("%s: bits %#x, pinned %#x", kind, got, want)
		}
	}
}

func TestBatchAllocatesNothing(t *testing.T) {
	s := randomSet(1, 256, [3]int{3, 8, 8})
	for _, a := range []Augment{{}, StandardAugment()} {
		b := newBatcher(t, s, "paper", a, 5, 16)
		x, y := b.batch(0)
		step := 0
		if n := testing.AllocsPerRun(10, func() { b.Batch(step, x, y); step++ }); n != 0 {
			t.Errorf("%+v: %v allocations a batch", a, n)
		}
		epoch := 1
		if n := testing.AllocsPerRun(10, func() { b.Batch(epoch*b.Steps(), x, y); epoch++ }); n > 4 {
			t.Errorf("%+v: %v allocations a change of epoch", a, n)
		}
	}
}

func TestBatcherErrors(t *testing.T) {
	s := randomSet(1, 10, [3]int{1, 4, 4})
	tr := newTransform(t, "unit", s)
	_, err := NewBatcher(s, tr, Augment{}, 1, 11)
	complains(t, err, "batch of 11", "has 10", "smaller batch")
	_, err = NewBatcher(s, tr, Augment{}, 1, 0)
	complains(t, err, "batch of 0")
	b := newBatcher(t, s, "unit", Augment{}, 1, 2)
	mustPanic(t, func() { b.Batch(-1, make([]float32, 32), make([]int32, 2)) })
	mustPanic(t, func() { b.Batch(0, make([]float32, 31), make([]int32, 2)) })
	mustPanic(t, func() { b.Batch(0, make([]float32, 32), make([]int32, 3)) })
}

func BenchmarkBatch(b *testing.B) {
	s := randomSet(1, 1280, [3]int{3, 32, 32})
	for _, kind := range []string{"unit", "channel", "paper"} {
		for _, a := range []Augment{{}, StandardAugment()} {
			b.Run(fmt.Sprintf("%s/flip=%v", kind, a.Flip), func(b *testing.B) {
				batcher := newBatcher(b, s, kind, a, 1, 128)
				x, y := batcher.batch(0)
				b.SetBytes(int64(4 * len(x)))
				b.ReportAllocs()
				step := 0
				for b.Loop() {
					batcher.Batch(step%batcher.Steps(), x, y)
					step++
				}
			})
		}
	}
}

// The cost of a change of epoch at the size of CIFAR-10.
func BenchmarkEpoch(b *testing.B) {
	s := randomSet(1, 45000, [3]int{1, 5, 5})
	batcher := newBatcher(b, s, "unit", StandardAugment(), 1, 128)
	epoch := 0
	for b.Loop() {
		batcher.load(epoch)
		epoch++
	}
}
