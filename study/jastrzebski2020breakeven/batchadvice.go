package jastrzebski2020breakeven

import (
	"fmt"
	"math"

	"breakeven/internal/digits"
	"breakeven/run"
	"breakeven/study"
)

const batchQuestion = "Which batch does the gradient noise support?"

// batchAnswer holds the batch against the gradient noise scale B: training to a loss takes (1 + B/S) of
// the fewest steps and (1 + S/B) of the fewest examples (McCandlish et al. 2018, arXiv 1812.06162).
func (f Findings) batchAnswer(half []run.Record, a *study.Advice) study.Answer {
	ans := study.Answer{Question: batchQuestion}
	b, name := noiseScale(half)
	S := float64(f.Spec.Batch)
	switch {
	case !b.Known() || !(b.Value > 0):
		ans.Short, ans.Why = "Not enough data.", []string{"The gradient noise scale was not measured: add --probe noise, or --probe examples for a network without batch norm."}
		return ans
	case S <= 0 || f.Train > 0 && f.Spec.Batch >= f.Train:
		ans.Short, ans.Why = "The full batch has no noise.", []string{fmt.Sprintf("The %s is %v examples.", name, b)}
		return ans
	}
	steps, examples := 1+b.Value/S, 1+S/b.Value
	ans.Why = []string{fmt.Sprintf("The %s is %v examples in the second half of the measurements. With S = %d training takes %s times the fewest steps and %s times the fewest examples.",
		name, b, f.Spec.Batch, digits.Significant(steps, 2), digits.Significant(examples, 2))}
	switch {
	case b.Value-b.Error > 2*S:
		ans.Short = fmt.Sprintf("S = %d is small: noise decides the steps.", f.Spec.Batch)
		ans.Why = append(ans.Why, "Up to the noise scale, twice the batch nearly halves the number of steps.")
		if a.Rate == AtBound || a.Rate == Below {
			size := powerOfTwo(min(b.Value, 4*S))
			if f.Train == 0 || size <= f.Train/2 {
				a.Try = append(a.Try, study.Try{LR: f.Spec.LR, Batch: size, Why: "the gradient noise supports a larger batch: fewer steps, at little cost in examples"})
			}
		}
	case b.Value+b.Error < S/2:
		ans.Short = fmt.Sprintf("S = %d is larger than the noise asks for.", f.Spec.Batch)
		ans.Why = append(ans.Why, "A smaller batch makes nearly as much of a step with fewer examples.")
		if a.Rate == AtBound || a.Rate == Below {
			a.Try = append(a.Try, study.Try{LR: f.Spec.LR, Batch: powerOfTwo(max(b.Value, S/4)), Why: "most of each batch is spent on noise that is already small"})
		}
	default:
		ans.Short = fmt.Sprintf("S = %d fits the noise.", f.Spec.Batch)
	}
	if t := f.Theory; t.Why == "" && t.Narrowest.Batch > 1 && a.Rate != TooLarge {
		ans.Why = append(ans.Why, fmt.Sprintf("By the one-dimensional model S = %d is the smallest batch that was stable at every measurement with this learning rate.", t.Narrowest.Batch))
	}
	return ans
}

// noiseScale returns the batch size at which the noise of a step is as large as its gradient, by the best
// estimate among the records, and what that is called: in the metric of H, without bias, or of single examples.
func noiseScale(records []run.Record) (b Figure, name string) {
	if b = median(records, "critical_batch"); b.Value > 0 {
		return b, "critical batch size, Tr(HΣ)/(∇LᵀH∇L),"
	}
	if b = quotient(average(records, "example_variance"), average(records, "grad_square")); b.Value > b.Error {
		return b, "gradient noise scale, without bias,"
	}
	return median(records, "noise_scale"), "gradient noise scale"
}

// average returns the mean of a key over records. Its error is the mean of theirs: they share their examples.
func average(records []run.Record, key string) Figure {
	sum, n := Figure{}, 0.0
	for _, rec := range records {
		if v := figure(rec, key); v.Known() {
			sum.Value, sum.Error, n = sum.Value+v.Value, sum.Error+v.Error, n+1
		}
	}
	if n == 0 {
		return unknown
	}
	return scaled(sum, 1/n)
}

// powerOfTwo returns the nearest power of two, on a logarithmic scale.
func powerOfTwo(x float64) int { return 1 << max(0, int(math.Round(math.Log2(x)))) }
