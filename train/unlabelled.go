package train

import (
	"math"

	"breakeven/nn"
)

// Unlabelled are examples of every batch that have no label, such as the nodes of a graph that
// are not for training. They count with the label that the training pass itself predicts, with
// the weight λ(t) = (t/Steps)^Gamma at step t = 1, 2, …, as a second mean that is added to the
// loss (Izadi et al. 2020).
type Unlabelled struct {
	Nodes []int32
	Gamma float64
	Steps int

	labels  []int32
	weights []float32
	targets []nn.Target
}

// Weight returns λ of the step after so many.
func (u *Unlabelled) Weight(step int) float64 {
	return math.Pow(float64(step+1)/float64(u.Steps), u.Gamma)
}

// Bytes returns the memory for batches of n examples.
func (u *Unlabelled) Bytes(n int) int64 { return 8 * int64(n) }

// predict reads the labels of batch b, and those that the plan predicts after Forward.
func (u *Unlabelled) predict(p *nn.Plan, b nn.Batch) {
	if len(u.labels) != b.N {
		u.labels, u.weights = make([]int32, b.N), make([]float32, b.N)
		u.targets = []nn.Target{{Labels: u.labels, Weight: u.weights}}
	}
	for i := range u.labels {
		u.labels[i] = nn.Ignored
	}
	for _, i := range b.Nodes {
		u.labels[i], u.weights[i] = b.Target[0].Labels[i], 1
	}
	z := p.Outputs()
	classes := len(z) / b.N
	for _, i := range u.Nodes {
		u.labels[i] = largest(z[int(i)*classes:][:classes])
	}
}

// retarget gives the plan these labels, where each predicted one has the given weight.
func (u *Unlabelled) retarget(p *nn.Plan, weight float64) nn.Eval {
	for _, i := range u.Nodes {
		u.weights[i] = float32(weight)
	}
	return p.Retarget(u.targets)
}

// largest returns the index of the largest number, the first of equal ones.
func largest(x []float32) int32 {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return int32(best)
}
