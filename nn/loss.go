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

// answer is want, except that the label of a single output is its target.
func (r Row) answer(c int) float64 {
	if r.Vector == nil && len(r.Z) == 1 {
		return float64(r.Label)
	}
	return r.want(c)
}

// Correct is a metric: 1 if the largest output (the first of equal ones) is the label's or,
// of a target that is a distribution, that of its largest number; else 0.
func Correct(r Row) float64 {
	label := int(r.Label)
	if r.Vector != nil {
		label = largest(r.Vector)
	}
	return indicator(largest(r.Z) == label)
}

// largest returns the place of the largest number, the first of equal ones, or of the last
// that is none.
func largest(z []float32) int {
	best := 0
	for c, v := range z {
		if v > z[best] || v != v {
			best = c
		}
	}
	return best
}

// CorrectOdds is a metric for outputs that are log odds: the fraction of them whose likelier
// answer is the right one, yes for a target y of 1/2 and above.
func CorrectOdds(r Row) float64 {
	right := 0.0
	for c, z := range r.Z {
		right += indicator((z > 0) == (r.answer(c) >= 0.5))
	}
	return right / float64(len(r.Z))
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// CrossEntropy is softmax cross-entropy with natural logarithms:
// loss = log Σ_c exp(z_c) − z_label. A target that is a vector y of class probabilities, such as
// smoothed labels, has loss = Σ_c y_c (log Σ_j exp(z_j) − z_c), as in PyTorch's cross_entropy. It
// keeps the probabilities p. For a p near 1 it does not compute 1 − p, which would cancel, but
// the sum of the other probabilities.
type CrossEntropy struct{}

// Name returns "cross-entropy".
func (CrossEntropy) Name() string { return "cross-entropy" }

// Targets returns labels for each of the outputs, or probabilities of them.
func (CrossEntropy) Targets(outputs int) (classes, width int) { return outputs, outputs }

// Value returns the loss. Its memo is the probabilities.
func (CrossEntropy) Value(r Row) float64 {
	best := largest(r.Z)
	top := float64(r.Z[best])
	others := math.Exp(float64(r.Z[best])-top) - 1 // 0 or NaN
	for c, z := range r.Z {
		if c != best {
			others += math.Exp(float64(z) - top)
		}
	}
	for c, z := range r.Z {
		r.Memo[c] = float32(math.Exp(float64(z)-top) / (1 + others))
	}
	if r.Vector == nil {
		return math.Log1p(others) + (top - float64(r.Z[r.Label]))
	}
	sum := 0.0
	for c, y := range r.Vector {
		sum += float64(y) * (math.Log1p(others) + (top - float64(r.Z[c])))
	}
	return sum
}

// Adjoint is scale·(p − 1) at the label, scale·p elsewhere; scale·(Σy·p − y) of a vector.
func (CrossEntropy) Adjoint(dst []float32, r Row, scale float64) {
	if r.Vector != nil {
		shareAdjoint(dst, r, scale)
		return
	}
	others := 0.0
	for c, p := range r.Memo {
		dst[c] = float32(scale * float64(p))
		if c != int(r.Label) {
			others += float64(p)
		}
	}
	dst[r.Label] = float32(-scale * others)
}

// shareAdjoint is Adjoint of a vector y: p_c Σ_{j≠c} y_j − y_c Σ_{j≠c} p_j, which does not cancel
// where p is near 1.
func shareAdjoint(dst []float32, r Row, scale float64) {
	best, others := largest(r.Memo), 0.0
	for c, p := range r.Memo {
		if c != best {
			others += float64(p)
		}
	}
	total := r.total()
	for c, p := range r.Memo {
		y, rest := float64(r.Vector[c]), 1-float64(p)
		if c == best {
			rest = others
		}
		dst[c] = float32(scale * ((total-y)*float64(p) - y*rest))
	}
}

// total returns the sum of the target of a row, 1 of a label.
func (r Row) total() float64 {
	if r.Vector == nil {
		return 1
	}
	sum := 0.0
	for _, y := range r.Vector {
		sum += float64(y)
	}
	return sum
}

// Hessian is scale·p·(ż − Σpż), times Σy of a vector, computed from the differences between ż and
// that of the most probable class.
func (CrossEntropy) Hessian(dst, tangent []float32, r Row, scale float64) {
	best := largest(r.Memo)
	scale *= r.total()
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
func (BinaryCrossEntropy) Value(r Row) float64 {
	sum := 0.0
	for c, z := range r.Z {
		z, y := float64(z), r.answer(c)
		sum += math.Log1p(math.Exp(-math.Abs(z))) // and max(z, 0) − yz:
		if z > 0 {
			sum += z * (1 - y)
		} else {
			sum -= z * y
		}
	}
	return sum / float64(len(r.Z))
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
func (BinaryCrossEntropy) Adjoint(dst []float32, r Row, scale float64) {
	k := scale / float64(len(r.Z))
	for c, z := range r.Z {
		p, q := odds(float64(z))
		y := r.answer(c)
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
