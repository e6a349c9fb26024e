package onnx

import (
	"math"
	"testing"

	"breakeven/nn"
)

// A function that differs from a simpler one only far from 0 is not taken for it.
func TestFarBounds(t *testing.T) {
	relu := func(x jet) jet { return x.leaky(0) }
	for bound := 7.0; bound < 1e30; bound *= 7 {
		f := &formula{f: func(x jet) jet { return x.clip(0, bound) }, clips: &nn.Clip{High: float32(bound)}}
		if f.equals(relu) {
			t.Errorf("a bound of %v is lost beside ReLU", bound)
		}
		if op, ok := f.operation().(nn.Clip); !ok || op.High != float32(bound) {
			t.Errorf("a bound of %v becomes %T", bound, f.operation())
		}
		f = &formula{f: func(x jet) jet { return x.clip(-bound, math.Inf(1)) }}
		if op, ok := f.operation().(nn.Elementwise); !ok || op.Value(-2*bound) != -bound || op.Slope(-2*bound) != 0 || op.Slope(2*bound) != 1 {
			t.Errorf("a bound of %v below 0 becomes %T", -bound, f.operation())
		}
	}
}

// Functions that are the same up to numbers which float32 does not hold have their own operations.
func TestFormsOfOneFunction(t *testing.T) {
	one := jet{v: 1}
	logistic := func(x jet) jet { return x.scaled(-1).exp().plus(one).inverse() }
	for _, c := range []struct {
		f    curve
		want nn.Op
	}{
		{logistic, nn.Sigmoid{}},
		{func(x jet) jet { return x.times(logistic(x)) }, nn.SiLU{}},
		{func(x jet) jet { return logistic(x.scaled(2)).scaled(2).minus(one) }, nn.Tanh{}},
		{func(x jet) jet { return extreme([]jet{x, {}}, truths["Greater"]) }, nn.ReLU{}},
		{func(x jet) jet { return x.scaled(math.Sqrt(0.5)).erf().plus(one).times(x).scaled(0.5) }, nn.GELU{}},
	} {
		if got := (&formula{f: c.f}).operation(); got != c.want {
			t.Errorf("%T, want %T", got, c.want)
		}
	}
}
