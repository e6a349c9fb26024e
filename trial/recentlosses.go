package trial

import (
	"math"

	"breakeven/run"
)

// lossesName is the tensor of a checkpoint with the last losses of training.
const lossesName = "train.losses"

// A recentLosses keeps the losses of the last training batches, oldest first.
type recentLosses []float32

// mostLosses bounds how many are kept.
const mostLosses = 128

func (l *recentLosses) add(loss float64) {
	if len(*l) == mostLosses {
		copy(*l, (*l)[1:])
		*l = (*l)[:mostLosses-1]
	}
	*l = append(*l, float32(loss))
}

// value returns the mean over the last quarter of so many steps, as far as it is kept. There is none before
// the first step, and none that float32 cannot hold.
func (l recentLosses) value(steps, batch int) (list []run.Value) {
	n := min(len(l), (steps+3)/4)
	if n == 0 {
		return nil
	}
	mean, square := 0.0, 0.0
	for _, loss := range l[len(l)-n:] {
		mean += float64(loss) / float64(n)
	}
	if math.IsInf(mean, 0) {
		return nil
	}
	for _, loss := range l[len(l)-n:] {
		square += (float64(loss) - mean) * (float64(loss) - mean)
	}
	v := run.Value{Key: "train_loss", Value: mean, Unit: "nat",
		How: run.How{Probe: "training", Method: "mean over training batches, each before its step", Examples: n * batch, L: n, M: batch}}
	if n > 1 {
		v.Error, v.How.Error = math.Sqrt(square/float64(n-1)/float64(n)), "standard error"
	}
	return []run.Value{v}
}
