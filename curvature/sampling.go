package curvature

import (
	"math"

	"breakeven/nn"
)

// MeanError returns the standard error of the mean of n numbers, given the sums of them and of
// their squares; 0 for fewer than two.
func MeanError(n int, sum, squares float64) float64 {
	if n < 2 {
		return 0
	}
	mean := sum / float64(n)
	return math.Sqrt(max(0, squares/float64(n)-mean*mean) / float64(n-1))
}

// Sums are those of the losses of examples and of metrics, with squares.
type Sums struct {
	Examples             int
	Loss, Squares        float64
	Metric, MetricSquare []float64
}

// NewSums returns sums of so many metrics.
func NewSums(metrics int) Sums {
	return Sums{Metric: make([]float64, metrics), MetricSquare: make([]float64, metrics)}
}

// Add adds the current batch of a plan, with the sum of its losses.
func (s *Sums) Add(plan *nn.Plan, loss float64, metrics []Metric) {
	s.Loss += loss
	for _, x := range plan.Losses() {
		s.Squares += x * x
	}
	s.Examples += plan.Counted()
	for k, m := range metrics {
		s.Metric[k] += plan.MetricOf(m.Output, m.Of)
		s.MetricSquare[k] += plan.MetricOf(m.Output, func(r nn.Row) float64 { x := m.Of(r); return x * x })
	}
}

// LossError returns the sampling error of Loss/weight: its standard error over examples.
func (s *Sums) LossError(weight float64) float64 {
	return MeanError(s.Examples, s.Loss, s.Squares) * float64(s.Examples) / weight
}

// MetricError returns the sampling error of Metric[k]/weight: the deviation over rows, over the
// root of the number of examples, as if the rows of an example were one.
func (s *Sums) MetricError(k int, weight float64) float64 {
	n := float64(s.Examples)
	return MeanError(s.Examples, s.Metric[k]/weight*n, s.MetricSquare[k]/weight*n)
}
