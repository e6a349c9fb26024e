package probe

import (
	"math"

	"breakeven/nn"
)

// constantLoss returns the smallest mean loss that one prediction for all examples of a
// set can have, and whether it is known for the loss: for labels the entropy of their
// frequencies under cross-entropy, and for the squared error the variance of the targets,
// averaged over the outputs. A network whose loss is not below has learned nothing.
func constantLoss(loss nn.Loss, set nn.Batch, outputs int) (float64, bool) {
	if len(set.Target) != 1 || set.Target[0].Weight != nil {
		return 0, false
	}
	target := set.Target[0]
	if set.Nodes != nil {
		if target.Labels == nil {
			return 0, false
		}
		target.Labels = make([]int32, 0, len(set.Nodes))
		for _, node := range set.Nodes {
			target.Labels = append(target.Labels, set.Target[0].Labels[node])
		}
	}
	switch loss.(type) {
	case nil, nn.CrossEntropy:
		share := frequencies(target.Labels, outputs)
		entropy := 0.0
		for _, p := range share {
			if p > 0 {
				entropy -= p * math.Log(p)
			}
		}
		return entropy, share != nil
	case nn.MSE:
		if v := target.Vector; v != nil {
			return spread(v, outputs) / float64(outputs), true
		}
		share := frequencies(target.Labels, outputs)
		sum := 0.0
		for _, p := range share { // of a 0 or 1 that is 1 with frequency p
			sum += p * (1 - p)
		}
		return sum / float64(outputs), share != nil
	}
	return 0, false
}

// frequencies returns how often each class is among the labels that count; nil if there
// are none.
func frequencies(labels []int32, classes int) []float64 {
	share, n := make([]float64, classes), 0.0
	for _, y := range labels {
		if y >= 0 && int(y) < classes {
			share[y]++
			n++
		}
	}
	if n == 0 {
		return nil
	}
	for c := range share {
		share[c] /= n
	}
	return share
}

// spread returns the variance of vectors of so many numbers, summed over the numbers.
func spread(v []float32, width int) float64 {
	sum, n := 0.0, float64(len(v)/width)
	for c := range width {
		mean := 0.0
		for i := c; i < len(v); i += width {
			mean += float64(v[i]) / n
		}
		for i := c; i < len(v); i += width {
			sum += (float64(v[i]) - mean) * (float64(v[i]) - mean) / n
		}
	}
	return sum
}
