package train

import (
	"breakeven/curvature"
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
	// Unlabelled are examples that count with predicted labels; nil: there are none.
	Unlabelled *Unlabelled

	grad    []float32
	precond *preconditioner
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
	if u := l.Unlabelled; u != nil {
		u.predict(l.Plan, b)
		e = u.retarget(l.Plan, u.Weight(l.Done)*weight/float64(len(u.Nodes)))
	}
	if l.precond != nil {
		return e.Loss / weight, l.precond.gradient(l.grad, instant{l.Plan, l.Done, b.N, weight, l.Unlabelled})
	}
	l.Plan.Gradient(l.grad, 1/weight, false)
	return e.Loss / weight, l.Plan.Err()
}

// Precondition multiplies the gradients of the steps to come by the inverse of Kronecker
// factors, before the rules and the method. The plan must have been compiled for factors.
func (l *Loop) Precondition(n Natural) { l.precond = newPreconditioner(l.Plan.Network(), n) }

// Memory returns the vectors that the loop keeps between steps besides the parameters: those of
// the method and of what Precondition adds. The caller may save and restore their contents.
func (l *Loop) Memory() []Vector {
	if l.precond == nil {
		return l.Method.Memory()
	}
	return append(l.Method.Memory(), l.precond.memory()...)
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
	if l.precond != nil {
		l.precond.done()
	}
	l.Done++
	return loss, nil
}

// Next returns the parameters that Step would reach, and changes nothing that decides a later
// step. The error is that of Step.
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

// PreconditionerBytes returns the memory that Preconditioner and its curvature take; 0 if nothing
// divides the gradients of the named method.
func PreconditionerBytes(net *nn.Network, method string, n *Natural, r Rules) (bytes int64) {
	if n == nil && method != "adam" && r.Decay == 0 {
		return 0
	}
	bytes = curvature.CurvatureBytes(net.Dim())
	if method == "adam" { // its diagonal, and parameters that rules may change
		return bytes + 8*int64(net.Dim())
	}
	if n != nil {
		bytes += curvature.RootBytes(net.Blocks())
	}
	return bytes
}

// Preconditioner returns what the next step multiplies the gradient by, and changes nothing that
// decides a later step. Clipping is left out of it. It is valid until the next step. The error is
// that of Step.
func (l *Loop) Preconditioner() (p curvature.Preconditioner, err error) {
	adaptive, ok := l.Method.(interface {
		diagonal(dst, grad []float32, step int)
	})
	if l.precond != nil || ok {
		if _, err := l.gradient(); err != nil {
			return p, err
		}
	}
	if l.precond != nil {
		p.C = l.precond.rooted()
	}
	if ok {
		theta := append([]float32(nil), l.Theta...)
		l.Rules.apply(l.Method, theta, l.grad, l.Done)
		p.D = make([]float32, len(theta))
		adaptive.diagonal(p.D, l.grad, l.Done)
	}
	if l.Rules.Decoupled {
		p.Decoupled = l.Rules.Decay
	} else {
		p.Decay = l.Rules.Decay
	}
	return p, nil
}
