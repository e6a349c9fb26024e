package probe

import (
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

var criticalProbe = Probe{
	Name: "critical", Doc: "critical sharpness: where a longer step raises the loss", Default: true,
	Keys: named("critical_sharpness"),
	Cost: sets(5. / 3), // five losses, as a rule
	Memory: func(net *nn.Network, s Sizes) Need {
		return Need{"training step", 0, s.Next + 4*int64(net.Dim())}
	},
	Measure: criticalSharpness,
}

// criticalSharpness finds λ_c = 2/η_c, with η_c the smallest learning rate at which the next
// training step raises the loss of the measurement set (Kalra et al. 2026).
func criticalSharpness(s *Subject) ([]run.Value, error) {
	omit := func(why string) ([]run.Value, error) {
		s.omit(why, "critical_sharpness")
		return nil, nil
	}
	if s.Next == nil {
		return omit("there is no training step")
	}
	next, err := s.Next()
	if err != nil {
		return nil, err
	}
	if slices.Equal(next, s.Theta) {
		return omit("the training step is 0, or below the rounding of float32")
	}
	step := next
	for i, v := range s.Theta {
		step[i] -= v
	}
	slope, loss := tensor.Dot(s.Problem.Gradient(), step), s.Problem.Loss()
	if slope >= 0 {
		return omit("the training step points uphill on the measurement set: the loss rises at every learning rate")
	}
	theta, n := make([]float32, len(step)), s.Problem.Set().Len()
	b, err := firstRise(slope, func(alpha float64) (float64, error) {
		for i, v := range s.Theta {
			theta[i] = v + float32(alpha)*step[i]
		}
		l, err := s.Problem.LossAt(theta, n)
		return l - loss, err
	})
	// The loss has the rounding of float32; at the rise its slope is about the one at 0.
	rounding := math.Abs(loss) * 0x1p-23 / (-slope * b.hi)
	switch {
	case err != nil:
		return nil, err
	case math.IsInf(b.hi, 1):
		return omit(fmt.Sprintf("the loss does not rise up to %g times the training step", b.lo))
	case b.lo == 0:
		return omit(fmt.Sprintf("the loss rises at each of %d multiples of the training step that were tried", b.passes))
	case rounding > 0.5:
		return omit("the loss falls by less than the rounding of float32 along the training step")
	}
	return []run.Value{s.critical(b, rounding)}, nil
}

// critical makes the value of a bracket of η_c, in multiples of the learning rate, whose relative
// error by rounding is given.
func (s *Subject) critical(b bracketed, rounding float64) run.Value {
	low, high := 2/(s.LR*b.hi), 2/(s.LR*b.lo)
	v := run.Value{Key: "critical_sharpness", Value: (low + high) / 2, How: run.How{Examples: s.Problem.Set().Len(), Products: b.passes,
		LR: s.LR, Tolerance: riseTolerance / 2, Error: bracket, Method: "loss along the next training step"}}
	v.How.Rounding = rounding * v.Value
	v.Error = (high-low)/2 + v.How.Rounding
	v.How.Note = fmt.Sprintf("η_c is between %.4g and %.4g, from %.3g times the training step", s.LR*b.lo, s.LR*b.hi, b.lo)
	if !b.narrow() {
		v.How.Note = also(v.How.Note, "stopped before the tolerance was reached")
	}
	return v
}

const (
	risePasses    = 9       // at most: fewer than ten
	riseTolerance = 1. / 32 // width of the bracket over its upper end
	riseMost      = 4096    // largest multiple that is tried
)

// bracketed is where a function of a multiple first rises above its value at 0: above lo, at hi
// or before. Without a rise hi is +Inf.
type bracketed struct {
	lo, hi float64
	passes int // values of the function
}

func (b bracketed) narrow() bool { return !math.IsInf(b.hi, 1) && b.hi-b.lo <= riseTolerance*b.hi }

// firstRise looks for the first multiple α > 0 at which a function rises above its value at 0,
// given the negative slope there and rise(α), how far it lies above; NaN is a rise. It looks for the root of
// rise(α)/α, which begins at the slope and is a straight line if the function is a parabola: first
// at 1, then further out until it is bracketed, and then by interpolation. A rise that ends before
// the next multiple that is tried is not seen.
func firstRise(slope float64, rise func(alpha float64) (float64, error)) (b bracketed, err error) {
	low, high := slope, 0. // rise(α)/α at both ends
	b.hi = math.Inf(1)
	x, width, halved := 1., b.hi, true
	for b.passes < risePasses {
		r, err := rise(x)
		if err != nil {
			return b, err
		}
		b.passes++
		if r <= 0 {
			b.lo, low = x, r/x
		} else {
			b.hi, high = x, r/x
		}
		if b.narrow() || b.lo >= riseMost {
			break
		}
		halved, width = b.hi-b.lo <= width/2, b.hi-b.lo
		switch {
		case math.IsInf(b.hi, 1):
			x = further(slope, low, b.lo)
		case halved || b.lo == 0:
			x = between(b, low, high)
		default:
			x = math.Sqrt(b.lo * b.hi)
		}
	}
	return b, nil
}

// further returns the next multiple beyond lo: a little past the root of the line through both
// values of rise(α)/α, at 0 and at lo, and between 2 and 16 times lo.
func further(slope, low, lo float64) float64 {
	root := math.Inf(1)
	if low > slope {
		root = (1 + riseTolerance/3) * lo * slope / (slope - low)
	}
	return min(max(root, 2*lo), 16*lo, riseMost)
}

// between returns a multiple near the root of the line through both ends of a bracket, on the side of
// the end that is farther away, so that the next bracket is a narrow one.
func between(b bracketed, low, high float64) float64 {
	x := b.lo - low*(b.hi-b.lo)/(high-low)
	if !(x > b.lo && x < b.hi) { // NaN or infinite: the loss is not a number at hi
		return b.lo + (b.hi-b.lo)/4
	}
	if off := riseTolerance / 3 * x; x-b.lo < b.hi-x {
		x = min(x+off, (x+b.hi)/2)
	} else {
		x = max(x-off, (b.lo+x)/2)
	}
	return x
}
