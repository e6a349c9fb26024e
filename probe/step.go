package probe

import (
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
	"breakeven/run"
)

var stepProbe = Probe{
	Name: "step", Doc: "multiple of the training step that raises the loss by 20 %", Default: true,
	Keys: named("step_margin"),
	Cost: of(13./3, func(s Sizes) int { return min(marginExamples, s.Examples) }),
	Memory: func(net *nn.Network, s Sizes) Need {
		return Need{"training step", 0, s.Next + 4*int64(net.Dim())}
	},
	Measure: stepMargin,
}

// marginExamples is the most examples of the measurement set that the loss along a step is
// of.
const marginExamples = 512

// stepMargin finds α*, the smallest multiple α of the training step that raises
// the loss by 20 %: L(θ − α(θ − θ')) ≥ 1.2·L(θ) (Jastrzębski et al. 2020, Sec.
// 4.1). It doubles α from 1/4 to 64 and then halves the bracket to 1/64 of α.
func stepMargin(s *Subject) ([]run.Value, error) {
	if s.Next == nil {
		s.omit("there is no training step", "step_margin")
		return nil, nil
	}
	next, err := s.Next()
	if err != nil {
		return nil, err
	}
	n, products := min(marginExamples, s.Problem.Set().Len()), 0
	theta := make([]float32, len(s.Theta))
	at := func(alpha float64) (loss float64) {
		if err != nil {
			return math.NaN()
		}
		products++
		for i, v := range s.Theta {
			theta[i] = v + float32(alpha)*(next[i]-v)
		}
		loss, err = s.Problem.LossAt(theta, n)
		return loss
	}
	here := at(0)
	switch {
	case err != nil:
		return nil, err
	case !(here > 0):
		s.omit(fmt.Sprintf("the loss is %g, and 20 %% of it is no rise", here), "step_margin")
		return nil, nil
	case slices.Equal(next, s.Theta):
		s.omit("the training step is 0, or below the rounding of float32", "step_margin")
		return nil, nil
	}
	limit := 1.2 * here
	const most = 64
	lo, hi := 0.0, 0.25
	raises := !(at(hi) < limit) // NaN raises it
	for !raises && hi < most {
		lo, hi = hi, 2*hi
		raises = !(at(hi) < limit)
	}
	how := run.How{Examples: n, Error: bracket, Method: "loss along the next training step"}
	if !raises {
		lo, how.Error, how.Note = hi, "", "at least this: no larger multiple was tried"
	}
	for i := 0; i < 12 && hi-lo > hi/64; i++ { // where no step is small enough it ends at 0
		if mid := (lo + hi) / 2; at(mid) < limit {
			lo = mid
		} else {
			hi = mid
		}
	}
	if err != nil {
		return nil, err
	}
	how.Products = products
	return []run.Value{{Key: "step_margin", Value: (lo + hi) / 2, Error: (hi - lo) / 2, How: how}}, nil
}
