package nn

import "math"

// A Loss is a mean over examples of a function of the network's output and the
// label. Its two rules are the ends of the chain: the adjoint of the output, and
// the Hessian of the loss in the output applied to a tangent.
type Loss interface {
	// Name is the loss's name on the command line.
	Name() string
	// value returns the loss of one example, stores in aux what the other
	// rules need, and reports whether the largest output is the label's.
	value(aux, out []float32, label int32) (loss float64, correct bool)
	// adjoint is dst = scale · ∂loss/∂out.
	adjoint(dst, aux []float32, label int32, scale float64)
	// hess is dst = scale · (∂²loss/∂out²) · tangent.
	hess(dst, aux, tangent []float32, scale float64)
}

// CrossEntropy is softmax cross-entropy with natural logarithms:
// loss = log Σ_c exp(z_c) − z_label.
type CrossEntropy struct{}

// Name returns "cross-entropy".
func (CrossEntropy) Name() string { return "cross-entropy" }

func (CrossEntropy) value(aux, out []float32, label int32) (float64, bool) {
	top, best := math.Inf(-1), 0
	for c, z := range out {
		if float64(z) > top || z != z {
			top, best = float64(z), c
		}
	}
	sum := 0.0
	for _, z := range out {
		sum += math.Exp(float64(z) - top)
	}
	for c, z := range out {
		aux[c] = float32(math.Exp(float64(z)-top) / sum)
	}
	return top + math.Log(sum) - float64(out[label]), best == int(label)
}

func (CrossEntropy) adjoint(dst, aux []float32, label int32, scale float64) {
	for c, p := range aux {
		dst[c] = float32(scale * float64(p))
	}
	dst[label] = float32(scale * (float64(aux[label]) - 1))
}

func (CrossEntropy) hess(dst, aux, tangent []float32, scale float64) {
	mean := 0.0
	for c, p := range aux {
		mean += float64(p) * float64(tangent[c])
	}
	for c, p := range aux {
		dst[c] = float32(scale * float64(p) * (float64(tangent[c]) - mean))
	}
}

// MSE is the mean squared error to the one-hot label, mean over the outputs as
// in PyTorch's MSELoss: loss = (1/C) Σ_c (z_c − [c = label])².
type MSE struct{}

// Name returns "mse".
func (MSE) Name() string { return "mse" }

func (MSE) value(aux, out []float32, label int32) (float64, bool) {
	copy(aux, out)
	sum, best := 0.0, 0
	for c, z := range out {
		d := float64(z)
		if c == int(label) {
			d--
		}
		sum += d * d
		if z > out[best] {
			best = c
		}
	}
	return sum / float64(len(out)), best == int(label)
}

func (MSE) adjoint(dst, aux []float32, label int32, scale float64) {
	k := 2 * scale / float64(len(aux))
	for c, z := range aux {
		dst[c] = float32(k * float64(z))
	}
	dst[label] = float32(k * (float64(aux[label]) - 1))
}

func (MSE) hess(dst, aux, tangent []float32, scale float64) {
	k := float32(2 * scale / float64(len(aux)))
	for c, t := range tangent {
		dst[c] = k * t
	}
}

// LossByName returns the loss with the given name.
func LossByName(name string) (Loss, bool) {
	switch name {
	case "cross-entropy":
		return CrossEntropy{}, true
	case "mse":
		return MSE{}, true
	}
	return nil, false
}
