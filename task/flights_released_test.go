package task

import (
	"slices"
	"testing"

	"breakeven/nn"
)

// With padding counted each training flight counts as many steps as the longest, less those of its
// own without a target. What is evaluated is not padded.
func TestPaddingCounted(t *testing.T) {
	s := flightSpec()
	read := func() (*Task, nn.Batch) {
		k := openTask(t, s, "")
		b, err := k.Train.Read([]int{3, 9, 4}, unstopped)
		if err != nil {
			t.Fatal(err)
		}
		return k, b
	}
	k, own := read()
	s.More["padding"] = "counted"
	padded, all := read()
	longest, past := 0, 0
	for _, f := range k.Train.(resident).In[0].Steps {
		longest = max(longest, int(f))
	}
	for _, n := range own.In[0].Steps {
		past += longest - int(n)
	}
	if a, b := k.Net.Weight(own), padded.Net.Weight(all); past == 0 || b != a+float64(past) {
		t.Errorf("%v steps count, of %v without padding and %d", b, a, past)
	}
	if padded.Valid.(resident).Target[0].Padded || padded.Test.(resident).Target[0].Padded {
		t.Error("flights that are evaluated are padded")
	}
	loss := func(b nn.Batch) float64 {
		p := k.Net.Compile(nn.Settings{Batch: b.N, Loss: k.Loss, Evaluate: true})
		p.SetParams(k.Net.InitialParams(nn.Glorot, 1))
		return p.Forward(b).Loss
	}
	if a, b := loss(own), loss(all); a == b {
		t.Errorf("the loss is %v with padding and without", a)
	}
}

// In the released order an epoch has all flights, and its first batch, but for that of the first
// epoch, has the weather of other flights.
func TestReleasedOrder(t *testing.T) {
	s := flightSpec()
	s.More["pairing"] = "released"
	k := openTask(t, s, "")
	all := k.Train.(resident)
	const size = 4
	every := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	batches, err := k.Batches(1, size)
	if err != nil || batches.Steps() != 4 {
		t.Fatalf("%v, an epoch of 15 flights has %d steps", err, batches.Steps())
	}
	states, cubes := make([][]int, 12), make([][]float32, 12) // the flights of a step; their weather
	for step := range states {
		b := batches.Batch(step)
		cubes[step] = slices.Clone(b.In[2].F)
		for i := range b.N {
			x := b.Slice(i, i+1).In[0].F
			states[step] = append(states[step], slices.IndexFunc(every, func(n int) bool { return slices.Equal(x, all.Slice(n, n+1).In[0].F) }))
		}
	}
	for step, flights := range states {
		at := step % 4
		own, err := k.Train.Read(states[at], unstopped)
		if err != nil || !slices.Equal(cubes[step], own.In[2].F) {
			t.Errorf("step %d has other weather than that of flights %v (%v)", step, states[at], err)
		}
		if again, random := slices.Equal(flights, states[at]), step > 0 && at == 0; again == random {
			t.Errorf("step %d has flights %v; in the first epoch these were %v", step, flights, states[at])
		}
	}
	if epoch := slices.Sorted(slices.Values(slices.Concat(states[:4]...))); !slices.Equal(epoch, every) {
		t.Errorf("the flights of the first epoch are %v", epoch)
	}
	if slices.Equal(states[4], states[8]) {
		t.Error("two epochs begin with the same flights")
	}
	if _, err := k.Batches(1, 16); err == nil {
		t.Error("no error for a batch of more flights than there are")
	}
}
