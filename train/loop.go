package train

import (
	"breakeven/nn"
)

// Batches gives the batch of each step, which is valid until the next call.
type Batches func(step int) nn.Batch

// normMomentum is PyTorch's momentum of batch norm's running statistics.
const normMomentum = 0.1

// A Loop is a training run under way.
type Loop struct {
	Theta  []float32 // parameters after Done steps
	Done   int
	Method Method
	Plan   *nn.Plan
	Batch  Batches
	Seed   uint64 // of the masks of dropout

	grad []float32
}

// NewLoop returns a loop at step 0. The plan's batch must be as large as the
// largest batch.
func NewLoop(plan *nn.Plan, theta []float32, m Method, b Batches) *Loop {
	return &Loop{Theta: theta, Method: m, Plan: plan, Batch: b, grad: make([]float32, len(theta))}
}

// gradient computes the gradient of the mean loss of the next batch, and
// returns that loss.
func (l *Loop) gradient() float64 {
	b := l.Batch(l.Done)
	l.Plan.SetParams(l.Theta)
	l.Plan.SetMasks(l.Seed, l.Done)
	e, weight := l.Plan.Forward(b), l.Plan.Network().Weight(b)
	l.Plan.Gradient(l.grad, 1/weight, false)
	return e.Loss / weight
}

// Step takes one step and returns the loss of its batch before the step.
func (l *Loop) Step() float64 {
	loss := l.gradient()
	l.Plan.UpdateState(normMomentum)
	l.Method.Step(l.Theta, l.grad, l.Done)
	l.Done++
	return loss
}

// Next returns the parameters that Step would reach, and changes nothing.
func (l *Loop) Next() []float32 {
	l.gradient()
	var saved [][]float32
	for _, v := range l.Method.Memory() {
		saved = append(saved, append([]float32(nil), v.Data...))
	}
	theta := append([]float32(nil), l.Theta...)
	l.Method.Step(theta, l.grad, l.Done)
	for i, v := range l.Method.Memory() {
		copy(v.Data, saved[i])
	}
	return theta
}
