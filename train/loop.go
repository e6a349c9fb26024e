package train

import (
	"breakeven/nn"
)

// Batches returns the batch of each step, which is valid until the next call.
type Batches func(step int) nn.Batch

// normMomentum is PyTorch's momentum of batch norm's running statistics.
const normMomentum = 0.1

// A Loop is a training run in progress.
type Loop struct {
	Theta  []float32 // parameters after Done steps
	Done   int
	Method Method
	Plan   *nn.Plan
	Batch  Batches
	Seed   uint64 // of the masks of dropout
	Rules  Rules

	grad []float32
}

// NewLoop returns a loop at step 0. The plan's batch must be as large as the
// largest batch.
func NewLoop(plan *nn.Plan, theta []float32, m Method, b Batches) *Loop {
	return &Loop{Theta: theta, Method: m, Plan: plan, Batch: b, grad: make([]float32, len(theta))}
}

// Bytes returns the memory that a loop of the named method takes for that many parameters,
// including the parameters but not the plan, and what Next takes besides, including its result.
func Bytes(method string, params int) (kept, next int64) {
	vector, own := 4*int64(params), int64(remembers(method))
	return (2 + own) * vector, (1 + own) * vector
}

// gradient computes the gradient of the mean loss of the next batch and returns that loss. The
// error is the one that stopped the plan.
func (l *Loop) gradient() (float64, error) {
	b := l.Batch(l.Done)
	l.Plan.SetParams(l.Theta)
	l.Plan.SetMasks(l.Seed, l.Done)
	e, weight := l.Plan.Forward(b), l.Plan.Network().Weight(b)
	l.Plan.Gradient(l.grad, 1/weight, false)
	return e.Loss / weight, l.Plan.Err()
}

// Step takes one step and returns the loss of its batch before the step. If the plan was stopped,
// no step is taken and the error is that of the plan.
func (l *Loop) Step() (float64, error) {
	loss, err := l.gradient()
	if err != nil {
		return 0, err
	}
	l.Plan.UpdateState(normMomentum)
	l.Rules.apply(l.Method, l.Theta, l.grad, l.Done)
	l.Method.Step(l.Theta, l.grad, l.Done)
	l.Done++
	return loss, nil
}

// Next returns the parameters that Step would reach, and changes nothing. The error
// is that of Step.
func (l *Loop) Next() ([]float32, error) {
	if _, err := l.gradient(); err != nil {
		return nil, err
	}
	var saved [][]float32
	for _, v := range l.Method.Memory() {
		saved = append(saved, append([]float32(nil), v.Data...))
	}
	theta := append([]float32(nil), l.Theta...)
	l.Rules.apply(l.Method, theta, l.grad, l.Done)
	l.Method.Step(theta, l.grad, l.Done)
	for i, v := range l.Method.Memory() {
		copy(v.Data, saved[i])
	}
	return theta, nil
}
