package learn

import (
	"slices"

	"breakeven/nn"
)

// Padded returns flights of [Set.Batch] whose steps after their end, up to that of the longest, count
// in the loss, with targets of 0. So does the released program, whose mean over all steps is of a
// batch that is padded with zeros.
func Padded(b nn.Batch) nn.Batch {
	y, steps := b.Target[0], b.In[0].Steps
	y.Padded, y.Weight = true, slices.Clone(y.Weight)
	room, longest := len(y.Weight)/b.N, int(slices.Max(steps))
	for k, n := range steps {
		for t := int(n); t < longest; t++ {
			y.Weight[k*room+t] = 1
		}
	}
	b.Target = []nn.Target{y}
	return b
}
