package probe

import (
	"math"

	"breakeven/nn"
)

// constantLoss returns the smallest mean loss that one prediction for all examples of a
// set can have, and whether it is known for the loss: under cross-entropy the entropy of the
// frequencies of labels, or of mean probabilities; under binary cross-entropy the entropy of each mean
// answer, and for the squared error the variance of the targets, both averaged over the outputs. A network whose loss is not below has learned nothing.
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
		share := means(target, outputs)
		entropy := 0.0
		for _, p := range share {
			entropy += information(p)
		}
		return entropy, share != nil
	case nn.BinaryCrossEntropy:
		share := means(target, outputs)
		if target.Labels != nil && outputs == 1 { // the label is the answer
			share = frequencies(target.Labels, 2)
			share = share[len(share)/2:]
		}
		sum := 0.0
		for _, p := range share {
			sum += information(p) + information(1-p)
		}
		return sum / float64(outputs), share != nil
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

// information is −p log p, the part of an answer of probability p in the entropy.
func information(p float64) float64 {
	if p <= 0 {
		return 0
	}
	return -p * math.Log(p)
}

// means returns the frequency of each class among labels, or the mean of each number of
// vectors; nil if there are none.
func means(t nn.Target, outputs int) []float64 {
	if t.Vector == nil {
		return frequencies(t.Labels, outputs)
	}
	mean := make([]float64, outputs)
	for i, y := range t.Vector {
		mean[i%outputs] += float64(y) * float64(outputs) / float64(len(t.Vector))
	}
	return mean
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
