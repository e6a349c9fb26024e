package trial

import (
	"math"

	"breakeven/run"

	"gonum.org/v1/gonum/mat"
)

// Variances returns the diagonal of a covariance, 0 where rounding has made it negative.
func Variances(covariance mat.Symmetric) []float64 {
	v := make([]float64, covariance.SymmetricDim())
	for i := range v {
		v[i] = max(0, covariance.At(i, i))
	}
	return v
}

// Expected returns what outputs that are independent and normal, with a mean and the
// variance of their example, do on average: the loss mse, and the accuracy for labels or the
// absolute error for real targets.
func (s Side) Expected(mean *mat.Dense, variance []float64) []run.Value {
	n, outputs := mean.Dims()
	loss, right, distance := 0.0, 0.0, 0.0
	for i := range n {
		deviation := math.Sqrt(variance[i])
		for c := range outputs {
			d := mean.At(i, c) - s.Targets.At(i, c)
			loss += d*d + variance[i]
			distance += meanDistance(d, deviation)
		}
		if len(s.Labels) > 0 {
			right += probabilityOfLargest(mean.RawRowView(i), int(s.Labels[i]), deviation)
		}
	}
	values := []run.Value{{Key: "loss", Unit: "output²", Value: loss / float64(n*outputs)}}
	if len(s.Labels) > 0 {
		return append(values, run.Value{Key: "accuracy", Unit: "1", Value: right / float64(n)})
	}
	return append(values, run.Value{Key: "absolute_error", Unit: "output", Value: distance / float64(n*outputs)})
}

// meanDistance is E|d + s·z| of a standard normal z.
func meanDistance(d, s float64) float64 {
	if s == 0 {
		return math.Abs(d)
	}
	return s*math.Sqrt(2/math.Pi)*math.Exp(-d*d/(2*s*s)) + d*math.Erf(d/(s*math.Sqrt2))
}

// probabilityOfLargest is the probability that output k is the largest of independent normal
// ones with these means and one deviation: ∫ φ(t) Π Φ((m_k − m_c)/s + t) dt, by the
// trapezoid rule, to 1e-12.
func probabilityOfLargest(means []float64, k int, s float64) float64 {
	if s == 0 {
		for c, m := range means {
			if m > means[k] || m == means[k] && c < k {
				return 0
			}
		}
		return 1
	}
	const step, reach = 0.125, 8
	sum := 0.0
	for t := -float64(reach); t <= reach; t += step {
		p := math.Exp(-t*t/2) / math.Sqrt(2*math.Pi)
		for c, m := range means {
			if c != k {
				p *= math.Erfc(-((means[k]-m)/s+t)/math.Sqrt2) / 2
			}
		}
		sum += p * step
	}
	return sum
}
