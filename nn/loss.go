package nn

import "math"

// A Loss is a function of one row of a network's output and its target. The loss of an
// example is the sum over its rows: a vector has one, a sequence one for each step. A
// [Plan] sums losses and their derivatives. Other packages may bring losses of their own;
// nntest.TestLoss tests them.
//
// The rules write as many numbers as the row has outputs, and may be called for different
// rows at the same time.
type Loss interface {
	// Name is the name of the loss, as [LossByName] takes it.
	Name() string
	// Targets returns which targets a row with that many outputs may have: labels below
	// classes, and vectors of width numbers; 0 means none of that kind.
	Targets(outputs int) (classes, width int)
	// Value returns the loss. It may leave in r.Memo what the other rules need.
	Value(r Row) float64
	// Adjoint is dst = scale · ∂loss/∂z.
	Adjoint(dst []float32, r Row, scale float64)
	// Hessian is dst = scale · (∂²loss/∂z²) · tangent.
	Hessian(dst, tangent []float32, r Row, scale float64)
}

// A CurvedLoss is a loss whose Hessian in the outputs may be indefinite. It offers a
// positive semidefinite matrix instead, which the Gauss-Newton product uses.
type CurvedLoss interface {
	Loss
	// GaussNewton is dst = scale · M · tangent for that matrix M.
	GaussNewton(dst, tangent []float32, r Row, scale float64)
}

// A Row is one row of an output with its target, the argument of losses and metrics.
type Row struct {
	Z      []float32 // outputs
	Memo   []float32 // as many numbers, which Value leaves for the other rules
	Vector []float32 // target; nil: it is Label
	Label  int32
}

// want returns the target of output c: 1 for the label's, 0 for the others.
func (r Row) want(c int) float64 {
	switch {
	case r.Vector != nil:
		return float64(r.Vector[c])
	case c == int(r.Label):
		return 1
	}
	return 0
}

// Correct is a metric: 1 if the largest output (the first of equal ones) is the label's,
// else 0.
func Correct(r Row) float64 {
	best := 0
	for c, z := range r.Z {
		if z > r.Z[best] || z != z {
			best = c
		}
	}
	return indicator(best == int(r.Label))
}

// CorrectOdds is a metric for a single output, the log odds of label 1 against label 0:
// 1 if the likelier label is the right one, else 0.
func CorrectOdds(r Row) float64 { return indicator((r.Z[0] > 0) == (r.Label == 1)) }

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// CrossEntropy is softmax cross-entropy with natural logarithms:
// loss = log Σ_c exp(z_c) − z_label. It keeps the probabilities p. For a p near 1 it does
// not compute 1 − p, which would cancel, but the sum of the other probabilities.
type CrossEntropy struct{}

// Name returns "cross-entropy".
func (CrossEntropy) Name() string { return "cross-entropy" }

// Targets returns labels for each of the outputs.
func (CrossEntropy) Targets(outputs int) (classes, width int) { return outputs, 0 }

// Value returns the loss. Its memo is the probabilities.
func (CrossEntropy) Value(r Row) float64 {
	top, best := math.Inf(-1), 0
	for c, z := range r.Z {
		if float64(z) > top || z != z {
			top, best = float64(z), c
		}
	}
	others := math.Exp(float64(r.Z[best])-top) - 1 // 0 or NaN
	for c, z := range r.Z {
		if c != best {
			others += math.Exp(float64(z) - top)
		}
	}
	for c, z := range r.Z {
		r.Memo[c] = float32(math.Exp(float64(z)-top) / (1 + others))
	}
	return math.Log1p(others) + (top - float64(r.Z[r.Label]))
}

// Adjoint is scale·(p − 1) at the label, scale·p elsewhere.
func (CrossEntropy) Adjoint(dst []float32, r Row, scale float64) {
	others := 0.0
	for c, p := range r.Memo {
		dst[c] = float32(scale * float64(p))
		if c != int(r.Label) {
			others += float64(p)
		}
	}
	dst[r.Label] = float32(-scale * others)
}

// Hessian is scale·p·(ż − Σpż), computed from the differences between ż and that of the
// most probable class.
func (CrossEntropy) Hessian(dst, tangent []float32, r Row, scale float64) {
	best := 0
	for c, p := range r.Memo {
		if p > r.Memo[best] {
			best = c
		}
	}
	mean, at := 0.0, float64(tangent[best])
	for c, p := range r.Memo {
		mean += float64(p) * (float64(tangent[c]) - at)
	}
	for c, p := range r.Memo {
		dst[c] = float32(scale * float64(p) * (float64(tangent[c]) - at - mean))
	}
}

// MSE is the mean squared error, mean over the outputs as in PyTorch's MSELoss:
// loss = (1/C) Σ_c (z_c − y_c)², where y is a vector, or 1 for the label's output
// and 0 for the others.
type MSE struct{}

// Name returns "mse".
func (MSE) Name() string { return "mse" }

// Targets returns labels or numbers for each of the outputs.
func (MSE) Targets(outputs int) (classes, width int) { return outputs, outputs }

// Value returns the loss.
func (MSE) Value(r Row) float64 {
	sum := 0.0
	for c, z := range r.Z {
		d := float64(z) - r.want(c)
		sum += d * d
	}
	return sum / float64(len(r.Z))
}

// Adjoint is scale·(2/C)(z − y).
func (MSE) Adjoint(dst []float32, r Row, scale float64) {
	k := 2 * scale / float64(len(r.Z))
	for c, z := range r.Z {
		dst[c] = float32(k * (float64(z) - r.want(c)))
	}
}

// Hessian is scale·(2/C)·ż.
func (MSE) Hessian(dst, tangent []float32, r Row, scale float64) {
	k := float32(2 * scale / float64(len(r.Z)))
	for c, t := range tangent {
		dst[c] = k * t
	}
}

// BinaryCrossEntropy is the cross-entropy of independent yes-or-no questions, with log
// odds as outputs and the mean over the outputs, as in PyTorch's BCEWithLogitsLoss:
// loss = (1/C) Σ_c log(1 + exp(z_c)) − y_c z_c. The targets y, from 0 to 1, are a vector,
// or 1 for the label's output and 0 for the others. The label of a single output is its y.
type BinaryCrossEntropy struct{}

// Name returns "binary-cross-entropy".
func (BinaryCrossEntropy) Name() string { return "binary-cross-entropy" }

// Targets returns labels or numbers for each of the outputs.
func (BinaryCrossEntropy) Targets(outputs int) (classes, width int) { return max(2, outputs), outputs }

// Value returns the loss.
func (b BinaryCrossEntropy) Value(r Row) float64 {
	sum := 0.0
	for c, z := range r.Z {
		z, y := float64(z), b.want(r, c)
		sum += math.Log1p(math.Exp(-math.Abs(z))) // and max(z, 0) − yz:
		if z > 0 {
			sum += z * (1 - y)
		} else {
			sum -= z * y
		}
	}
	return sum / float64(len(r.Z))
}

// want is Row.want, except that the label of a single output is its target.
func (BinaryCrossEntropy) want(r Row, c int) float64 {
	if r.Vector == nil && len(r.Z) == 1 {
		return float64(r.Label)
	}
	return r.want(c)
}

// odds returns p = 1/(1 + exp(−z)) and 1 − p, both with full precision.
func odds(z float64) (p, q float64) {
	e := math.Exp(-math.Abs(z))
	p, q = 1/(1+e), e/(1+e)
	if z < 0 {
		p, q = q, p
	}
	return p, q
}

// Adjoint is (scale/C)(p − y).
func (b BinaryCrossEntropy) Adjoint(dst []float32, r Row, scale float64) {
	k := scale / float64(len(r.Z))
	for c, z := range r.Z {
		p, q := odds(float64(z))
		y := b.want(r, c)
		dst[c] = float32(k * ((1-y)*p - y*q))
	}
}

// Hessian is (scale/C)·p(1 − p)·ż.
func (BinaryCrossEntropy) Hessian(dst, tangent []float32, r Row, scale float64) {
	k := scale / float64(len(r.Z))
	for c, z := range r.Z {
		p, q := odds(float64(z))
		dst[c] = float32(k * p * q * float64(tangent[c]))
	}
}

// Losses are the losses of this package.
var Losses = []Loss{CrossEntropy{}, MSE{}, BinaryCrossEntropy{}}

// LossByName returns the loss of this package with the given name.
func LossByName(name string) (Loss, bool) {
	for _, l := range Losses {
		if l.Name() == name {
			return l, true
		}
	}
	return nil, false
}
