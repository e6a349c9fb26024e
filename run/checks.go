package run

import (
	"fmt"
	"math"
	"strings"
)

// AtLeast is a check that a whole number, or each of several, is not below least.
func AtLeast(least int) func(Field, Spec, Known) string { return Between(least, math.MaxInt) }

// Between is a check that a whole number, or each of several, lies between two.
func Between(least, most int) func(Field, Spec, Known) string {
	return func(f Field, s Spec, _ Known) string {
		numbers, ok := f.Value(s).([]int)
		if !ok {
			numbers = []int{f.Int(s)}
		}
		for _, n := range numbers {
			switch {
			case n < least && most == math.MaxInt:
				return fmt.Sprintf("must be %d or more, not %d", least, n)
			case n < least || n > most:
				return fmt.Sprintf("must lie between %d and %d, not %d", least, most, n)
			}
		}
		return ""
	}
}

func checkWeights(_ Field, s Spec, _ Known) string {
	if strings.ContainsRune(s.Weights, 0) {
		return fmt.Sprintf("%q is not a file name", s.Weights)
	}
	return ""
}

func checkValid(_ Field, s Spec, known Known) string {
	switch n, ok := known.trainSize(s); {
	case s.Valid < 0:
		return fmt.Sprintf("must be 0 or more, not %d", s.Valid)
	case ok && n < 1:
		return fmt.Sprintf("%d leaves no training examples; hold out fewer", s.Valid)
	}
	return ""
}

func checkBatch(_ Field, s Spec, known Known) string {
	switch n, ok := known.trainSize(s); {
	case s.Batch < 0:
		return fmt.Sprintf("must be 1 or more, or 0 for all training examples, not %d", s.Batch)
	case ok && n >= 1 && s.Batch > n:
		return fmt.Sprintf("%d is more than the %d training examples; use %d or less", s.Batch, n, n)
	}
	return ""
}

func checkLR(_ Field, s Spec, _ Known) string {
	if !(s.LR > 0) || math.IsInf(s.LR, 0) {
		return fmt.Sprintf("the learning rate must be a positive number, not %v", s.LR)
	}
	return ""
}

func checkNotNegative(f Field, s Spec, _ Known) string {
	if v := f.Float(s); !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Sprintf("must be a number of 0 or more, not %v", v)
	}
	return ""
}

func checkMomentum(_ Field, s Spec, _ Known) string {
	switch {
	case (s.Method == "momentum" || s.Method == "nesterov") && !(s.Momentum > 0 && s.Momentum < 1):
		return fmt.Sprintf("method %s needs a momentum between 0 and 1, such as 0.9, not %v", s.Method, s.Momentum)
	case s.Method == "sgd" && s.Momentum != 0:
		return fmt.Sprintf("method sgd has no momentum, but it is %v; use method momentum or nesterov", s.Momentum)
	case s.Method == "adam" && s.Momentum != 0:
		return fmt.Sprintf("method adam has its own decay rates (0.9, 0.999), but momentum is %v; leave it out", s.Momentum)
	}
	return ""
}

// maxEpochs is more than any run has, and few enough that its steps are counted
// in an int.
const maxEpochs = 1e6

func checkEpochs(_ Field, s Spec, _ Known) string {
	switch {
	case !(s.Epochs >= 0) || s.Epochs > maxEpochs:
		return fmt.Sprintf("must be a positive number up to %v, or 0 where steps decides, not %v", float64(maxEpochs), s.Epochs)
	case s.Epochs == 0 && s.Steps == 0:
		return "neither epochs nor steps is given; give one"
	}
	return ""
}

func checkSteps(_ Field, s Spec, _ Known) string {
	switch {
	case s.Steps < 0:
		return fmt.Sprintf("must be 0 or more, not %d", s.Steps)
	case s.Epochs > 0 && s.Steps > 0:
		return fmt.Sprintf("epochs (%v) and steps (%d) are both given; give one", s.Epochs, s.Steps)
	}
	return ""
}

func checkUntil(_ Field, s Spec, _ Known) string {
	if !(s.Until >= 0 && s.Until <= 1) {
		return fmt.Sprintf("must be an accuracy between 0 and 1, where 0 means never, not %v", s.Until)
	}
	return ""
}

// maxOverhead is the largest share of a run that may go into measurements.
const maxOverhead = 0.95

func checkOverhead(_ Field, s Spec, _ Known) string {
	switch {
	case !(s.Overhead >= 0 && s.Overhead <= maxOverhead):
		return fmt.Sprintf("must be a share of the work up to %v%%, such as 10%%, not %v", 100*maxOverhead, s.Overhead)
	case s.Overhead > 0 && s.Every > 0:
		return fmt.Sprintf("every (%d) and overhead (%v%%) are both given; give one", s.Every, 100*s.Overhead)
	}
	return ""
}

func checkM(_ Field, s Spec, known Known) string {
	switch n, ok := known.trainSize(s); {
	case s.Measure.M < 1:
		return fmt.Sprintf("must be 1 or more, not %d", s.Measure.M)
	case ok && n >= 1 && s.Measure.M > n && (known.Minibatches == nil || known.Minibatches(s)):
		return fmt.Sprintf("%d is more than the %d training examples; use %d or less", s.Measure.M, n, n)
	}
	return ""
}

func checkAugmented(_ Field, s Spec, _ Known) string {
	if s.Measure.Augment && !s.Augment {
		return "says that K is of augmented examples, as those of training are, which are not: set augment, too"
	}
	return ""
}

func checkMeasuredDecay(_ Field, s Spec, _ Known) string {
	switch {
	case !s.Measure.Decay:
		return ""
	case s.WeightDecay == 0:
		return "adds weight decay to the measured loss, and weight_decay is 0: set that, too"
	case s.Decay != "loss":
		return "adds weight decay to the measured loss, and decay is decoupled: that is no part of any loss"
	}
	return ""
}

func checkTolerance(_ Field, s Spec, _ Known) string {
	if !(s.Measure.Tolerance > 0 && s.Measure.Tolerance < 1) {
		return fmt.Sprintf("must lie between 0 and 1, not %v", s.Measure.Tolerance)
	}
	return ""
}
