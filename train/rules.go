package train

import (
	"fmt"
	"math"
	"strings"

	"breakeven/tensor"
)

// Rules change the steps of a method. The zero Rules change nothing.
type Rules struct {
	// Rate is the learning rate of each step. Nil: that of the method.
	Rate func(step int) float64
	// Decay is λ of weight decay, of all parameters. It stands for (λ/2)‖θ‖² in the loss, as in
	// PyTorch's SGD, whose gradient is added to that of the loss after clipping; or, if it is
	// Decoupled, for θ ← θ − ηλθ before the step, as in AdamW (Loshchilov & Hutter 2019).
	Decay     float64
	Decoupled bool
	// Clip is the largest norm of the gradient of the loss; one that is longer is shortened to it.
	// 0: none is.
	Clip float64
}

// apply changes a gradient as the rules say, and theta for decoupled decay.
func (r Rules) apply(m Method, theta, grad []float32, step int) {
	if r.Rate != nil {
		m.SetRate(r.Rate(step))
	}
	if r.Clip > 0 {
		if norm := tensor.Norm(grad); norm > r.Clip {
			tensor.Scale(grad, float32(r.Clip/norm))
		}
	}
	switch {
	case r.Decay == 0:
	case r.Decoupled:
		tensor.Scale(theta, float32(1-m.Rate()*r.Decay))
	default:
		tensor.Axpy(grad, float32(r.Decay), theta)
	}
}

// Schedules lists the schedules of learning rates.
var Schedules = []string{"constant", "step", "cosine"}

// Schedule returns the learning rate of each of so many steps. It rises to lr in proportion
// during the warm-up. After that it is constant; or it falls to a tenth after half of all
// steps and to a hundredth after three quarters ("step", as for ResNets by He et al. 2015);
// or it falls as half a period of a cosine from the end of the warm-up, to 0 after the last
// step ("cosine", Loshchilov & Hutter 2017, without restarts).
func Schedule(name string, lr float64, warmup, steps int) (func(step int) float64, error) {
	after := func(int) float64 { return lr }
	switch name {
	case "constant":
	case "step":
		after = func(step int) float64 {
			switch {
			case 4*step >= 3*steps:
				return lr / 100
			case 2*step >= steps:
				return lr / 10
			}
			return lr
		}
	case "cosine":
		after = func(step int) float64 {
			done := float64(step-warmup) / float64(max(1, steps-warmup))
			return lr * (1 + math.Cos(math.Pi*min(1, done))) / 2
		}
	default:
		return nil, fmt.Errorf("unknown schedule %q: use one of %s", name, strings.Join(Schedules, ", "))
	}
	return func(step int) float64 {
		if step < warmup {
			return lr * float64(step+1) / float64(warmup)
		}
		return after(step)
	}, nil
}
