package trial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/run"
)

// A tally is sums over networks of a kernel and of the squares of its elements. After each
// network they are rounded to what two float32 numbers hold, so that a run that goes on from
// a checkpoint has the same bits.
type tally struct {
	name         string    // of the kernel: nngp or ntk
	limit        []float64 // the kernel at infinite width
	size         float64   // its norm
	n            int
	sum, squares []float64
	last         []float64 // kernel
}

func newTally(name string, limit []float64) *tally {
	return &tally{name: name, limit: limit, size: norm(limit, nil), sum: make([]float64, len(limit)), squares: make([]float64, len(limit))}
}

// norm returns ‖a − b‖; a nil b is 0.
func norm(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		if b != nil {
			v -= b[i]
		}
		sum += v * v
	}
	return math.Sqrt(sum)
}

// add adds the kernel of a network.
func (t *tally) add(k []float64) {
	t.n++
	t.last = k
	for i, v := range k {
		t.sum[i] = twoFloats(t.sum[i] + v)
		t.squares[i] = twoFloats(t.squares[i] + v*v)
	}
}

// twoFloats rounds to the sum of two float32 numbers.
func twoFloats(v float64) float64 {
	return float64(float32(v)) + float64(float32(v-float64(float32(v))))
}

// values returns what the networks so far say.
func (t *tally) values() []run.Value {
	mean, variance := make([]float64, len(t.sum)), 0.0
	for i, s := range t.sum {
		mean[i] = s / float64(t.n)
		variance += max(0, t.squares[i]-s*mean[i]) / float64(max(1, t.n-1))
	}
	list := []run.Value{
		{Key: t.name + "_error", Value: norm(t.last, t.limit) / t.size},
		{Key: t.name + "_mean_error", Value: norm(mean, t.limit) / t.size},
	}
	if t.n > 1 {
		list = append(list, run.Value{Key: t.name + "_spread", Value: math.Sqrt(variance) / t.size})
	}
	return list
}

// tensors returns the sums for a checkpoint.
func (t *tally) tensors() (list []run.Tensor) {
	for what, v := range t.parts() {
		high, low := make([]float32, len(v)), make([]float32, len(v))
		for i, x := range v {
			high[i] = float32(x)
			low[i] = float32(x - float64(high[i]))
		}
		for part, data := range map[string][]float32{"high": high, "low": low} {
			list = append(list, run.Tensor{Name: t.tensor(what, part), Shape: []int{len(data)}, Data: data})
		}
	}
	slices.SortFunc(list, func(a, b run.Tensor) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (t *tally) parts() map[string][]float64 {
	return map[string][]float64{"sum": t.sum, "squares": t.squares}
}

func (t *tally) tensor(what, part string) string { return fmt.Sprintf("%s.%s.%s", t.name, what, part) }

// restore is the inverse of tensors, for n networks.
func (t *tally) restore(state []run.Tensor, n int) error {
	t.n = n
	for what, v := range t.parts() {
		clear(v)
		for _, part := range []string{"high", "low"} {
			name := t.tensor(what, part)
			i := slices.IndexFunc(state, func(x run.Tensor) bool { return x.Name == name && len(x.Data) == len(v) })
			if i < 0 {
				return fmt.Errorf("checkpoint of network %d: it has no tensor %s of %d numbers", n, name, len(v))
			}
			for k, x := range state[i].Data {
				v[k] += float64(x)
			}
		}
	}
	return nil
}
