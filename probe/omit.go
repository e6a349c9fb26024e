package probe

import "breakeven/run"

// omit says why keys have no value at this point.
func (s *Subject) omit(why string, keys ...string) {
	for _, key := range keys {
		s.Omitted = append(s.Omitted, run.Omission{Key: key, Why: why})
	}
}

// Why a quantity may not be defined at a point.
const (
	kIsZero      = "K is 0 up to rounding: the gradients are equal"
	hIsZero      = "λ_H¹ is 0 within its error: it has no eigenvector"
	gIsZero      = "the gradient of the measurement set is 0 up to rounding"
	scaleUnknown = "what the noise is compared with is not above 0 by its error: the scale is larger than these gradients can tell"
	outOfSpace   = "a minibatch gradient has no part in the space of the top eigenvectors of K"
)
