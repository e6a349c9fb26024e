package task

import (
	"context"
	"errors"
	"slices"
	"testing"

	"breakeven/data"
	"breakeven/nn"
)

func never() error { return nil }

// counted is a batch whose example i has the input [i, -i], the length i and the label
// i.
func counted(n int) nn.Batch {
	b := nn.Batch{N: n, In: []nn.Values{{}}, Target: []nn.Target{{}}}
	for i := range n {
		b.In[0].F = append(b.In[0].F, float32(i), float32(-i))
		b.In[0].Steps = append(b.In[0].Steps, int32(i))
		b.Target[0].Labels = append(b.Target[0].Labels, int32(i))
	}
	return b
}

// Batch k is determined by the seed, the size and k, in whatever order batches are
// asked for; an epoch contains each example once, in the order of package data.
func TestShuffled(t *testing.T) {
	const n, size = 11, 4
	of := func(seed uint64) Batches {
		b, err := shuffle(counted(n))(seed, size)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	a := of(3)
	if a.Steps() != 2 || a.Bytes() < 4*n {
		t.Errorf("%d steps, %d bytes", a.Steps(), a.Bytes())
	}
	var all [][]int32
	for k := range 6 {
		b := a.Batch(k)
		labels := slices.Clone(b.Target[0].Labels)
		for i, y := range labels {
			if b.In[0].F[2*i] != float32(y) || b.In[0].F[2*i+1] != float32(-y) || b.In[0].Steps[i] != y {
				t.Errorf("batch %d: example %d is mixed of several", k, i)
			}
		}
		if want := data.Order(3, k/2, n)[k%2*size:][:size]; !slices.Equal(labels, want) {
			t.Errorf("batch %d has the examples %v, want %v", k, labels, want)
		}
		all = append(all, labels)
	}
	again, other := of(3), of(4)
	for _, k := range []int{5, 0, 3, 1, 2, 4} {
		if got := again.Batch(k).Target[0].Labels; !slices.Equal(got, all[k]) {
			t.Errorf("batch %d, asked for in another order, is %v, want %v", k, got, all[k])
		}
	}
	if slices.Equal(other.Batch(0).Target[0].Labels, all[0]) {
		t.Error("the seed decides nothing")
	}
	for _, bad := range []int{0, -1, n + 1} {
		if _, err := shuffle(counted(n))(1, bad); err == nil {
			t.Errorf("batches of %d examples of %d", bad, n)
		}
	}
}

func TestResidentRead(t *testing.T) {
	b, err := resident{counted(9)}.Read([]int{7, 2, 2}, never)
	if err != nil || !slices.Equal(b.In[0].F, []float32{7, -7, 2, -2, 2, -2}) || !slices.Equal(b.Target[0].Labels, []int32{7, 2, 2}) || b.Len() != 3 {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := (resident{counted(9)}).Read([]int{0}, func() error { return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// A split is that of package data.
func TestCut(t *testing.T) {
	tests := counted(2)
	for _, c := range []struct{ n, valid, train, from, held int }{
		{0, 0, 10, 0, 2}, {6, 0, 6, 0, 2}, {0, 3, 7, 7, 3}, {5, 4, 5, 6, 4},
	} {
		train, held, err := cut("set", counted(10), tests, c.n, c.valid)
		if err != nil || train.N != c.train || held.N != c.held || held.Target[0].Labels[0] != int32(c.from) {
			t.Errorf("%+v: %d and %d examples, held out from %d on, %v", c, train.N, held.N, held.Target[0].Labels[0], err)
		}
	}
	for _, c := range [][2]int{{11, 0}, {0, 10}, {8, 3}, {-1, 0}, {0, -1}} {
		if _, _, err := cut("set", counted(10), tests, c[0], c[1]); err == nil {
			t.Errorf("%v: no error", c)
		}
	}
}
