package run

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A FieldError is one fault of a Spec.
type FieldError struct {
	Field string // as in Fields: "lr", "measure.l"
	Msg   string // what is wrong and what to do, without the field's name
}

// Error returns the field and the message.
func (e FieldError) Error() string { return e.Field + ": " + e.Msg }

// Faults are all faults of one Spec, in canonical order of their fields.
type Faults []FieldError

// Error returns one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, e := range f {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Known holds the names that other rooms define, each list in its canonical
// order. A nil list or function means that nothing is known, and that its
// fields are not judged by it.
type Known struct {
	Data   []string
	Models []string
	Probes []string
	// TrainSize returns how many examples s trains on, and whether that can be
	// said without the data at hand.
	TrainSize func(s Spec) (n int, ok bool)
}

// Choices returns the words that the field may hold, for the fields whose
// words are fixed: preprocess, init, loss and method. It is nil for others.
func Choices(field string) []string {
	switch field {
	case "preprocess":
		return []string{"unit", "channel", "paper"}
	case "init":
		return []string{"glorot", "he", "gaussian", "orthogonal"}
	case "loss":
		return []string{"cross-entropy", "mse"}
	case "method":
		return []string{"sgd", "momentum", "nesterov", "adam"}
	}
	return nil
}

// Canonical returns s with its probes in the order of known.Probes; names that
// are not known come last, in their own order.
func (s Spec) Canonical(known Known) Spec {
	place := func(name string) int {
		if i := slices.Index(known.Probes, name); i >= 0 {
			return i
		}
		return len(known.Probes)
	}
	s.Probes = slices.Clone(s.Probes)
	slices.SortStableFunc(s.Probes, func(a, b string) int { return place(a) - place(b) })
	return s
}

// Validate returns nil, or Faults with everything that is wrong with s.
func (s Spec) Validate(known Known) error {
	c := checker{}
	s.checkNames(&c, known)
	s.checkSizes(&c, known)
	s.checkMethod(&c)
	s.checkLength(&c)
	s.checkMeasure(&c, known)
	if len(c.faults) == 0 {
		return nil
	}
	order := Fields()
	slices.SortStableFunc(c.faults, func(a, b FieldError) int {
		return slices.Index(order, a.Field) - slices.Index(order, b.Field)
	})
	return c.faults
}

// A checker collects faults.
type checker struct{ faults Faults }

func (c *checker) fault(field, format string, args ...any) {
	c.faults = append(c.faults, FieldError{field, fmt.Sprintf(format, args...)})
}

// oneOf reports a word that is not among the choices; nil choices allow any.
func (c *checker) oneOf(field, what, word string, choices []string) {
	switch {
	case word == "":
		c.fault(field, "is empty")
	case !utf8.ValidString(word):
		c.fault(field, "%q is not valid UTF-8", word)
	case choices != nil && !slices.Contains(choices, word):
		hint := ""
		if near, ok := Nearest(word, choices); ok {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		c.fault(field, "unknown %s %q%s; known: %s", what, word, hint, strings.Join(choices, ", "))
	}
}

func (c *checker) atLeast(field string, n, least int) {
	if n < least {
		c.fault(field, "must be %d or more, not %d", least, n)
	}
}

func (s Spec) checkNames(c *checker, known Known) {
	c.oneOf("data", "data set", s.Data, known.Data)
	c.oneOf("model", "model", s.Model, known.Models)
	for _, f := range []struct{ field, word string }{
		{"preprocess", s.Preprocess}, {"init", s.Init}, {"loss", s.Loss}, {"method", s.Method},
	} {
		c.oneOf(f.field, f.field, f.word, Choices(f.field))
	}
	if !utf8.ValidString(s.Weights) || strings.ContainsRune(s.Weights, 0) {
		c.fault("weights", "%q is not a file name", s.Weights)
	}
	for i, p := range s.Probes {
		if slices.Contains(s.Probes[:i], p) {
			c.fault("probes", "%q stands there twice", p)
			continue
		}
		c.oneOf("probes", "probe", p, known.Probes)
	}
}

func (s Spec) checkSizes(c *checker, known Known) {
	c.atLeast("train", s.Train, 0)
	c.atLeast("valid", s.Valid, 0)
	c.atLeast("batch", s.Batch, 1)
	switch n, ok := s.trainSize(known); {
	case ok && n < 1:
		c.fault("valid", "%d leaves no training examples; hold out fewer", s.Valid)
	case ok && s.Batch > n:
		c.fault("batch", "%d is more than the %d training examples; use %d or less", s.Batch, n, n)
	}
}

// trainSize returns the number of training examples where it is known.
func (s Spec) trainSize(known Known) (int, bool) {
	if known.TrainSize != nil {
		if n, ok := known.TrainSize(s); ok {
			return n, true
		}
	}
	return s.Train, s.Train > 0
}

func (s Spec) checkMethod(c *checker) {
	if !(s.LR > 0) || math.IsInf(s.LR, 0) {
		c.fault("lr", "the learning rate must be a positive number, not %v", s.LR)
	}
	switch s.Method {
	case "momentum", "nesterov":
		if !(s.Momentum > 0 && s.Momentum < 1) {
			c.fault("momentum", "method %s needs a momentum between 0 and 1, such as 0.9, not %v", s.Method, s.Momentum)
		}
	case "sgd":
		if s.Momentum != 0 {
			c.fault("momentum", "method sgd has no momentum, but it is %v; use method momentum or nesterov", s.Momentum)
		}
	case "adam":
		if s.Momentum != 0 {
			c.fault("momentum", "method adam has its own decay rates (0.9, 0.999), but momentum is %v; leave it out", s.Momentum)
		}
	}
}

// maxEpochs is more than any run has, and few enough that its steps are counted
// in an int.
const maxEpochs = 1e6

func (s Spec) checkLength(c *checker) {
	c.atLeast("steps", s.Steps, 0)
	c.atLeast("every", s.Every, 0)
	switch {
	case !(s.Epochs >= 0) || s.Epochs > maxEpochs:
		c.fault("epochs", "must be a positive number up to %v, or 0 where steps decides, not %v", float64(maxEpochs), s.Epochs)
	case s.Epochs > 0 && s.Steps > 0:
		c.fault("steps", "epochs (%v) and steps (%d) are both given; give one", s.Epochs, s.Steps)
	case s.Epochs == 0 && s.Steps == 0:
		c.fault("epochs", "neither epochs nor steps is given; give one")
	}
	if !(s.Until >= 0 && s.Until <= 1) {
		c.fault("until", "must be an accuracy between 0 and 1, where 0 means never, not %v", s.Until)
	}
}

func (s Spec) checkMeasure(c *checker, known Known) {
	m := s.Measure
	c.atLeast("measure.l", m.L, 2) // a covariance needs two
	c.atLeast("measure.m", m.M, 1)
	c.atLeast("measure.examples", m.Examples, 1)
	c.atLeast("measure.per_example", m.PerExample, 2)
	if !(m.Tolerance > 0 && m.Tolerance < 1) {
		c.fault("measure.tolerance", "must lie between 0 and 1, not %v", m.Tolerance)
	}
	if n, ok := s.trainSize(known); ok && n >= 1 && m.M > n {
		c.fault("measure.m", "%d is more than the %d training examples; use %d or less", m.M, n, n)
	}
}
