package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/tensor"
)

// A Method updates parameters along a gradient.
type Method interface {
	// Step updates theta, given the gradient of the loss at theta and the number of steps
	// taken before.
	Step(theta, grad []float32, step int)
	// Rate returns the learning rate η, which SetRate changes for the steps to come.
	Rate() float64
	SetRate(lr float64)
	// Memory returns the vectors that the method keeps between steps, with their names. The
	// caller may save and restore their contents.
	Memory() []Vector
}

// A Vector is a named part of a method's memory.
type Vector struct {
	Name string
	Data []float32
}

// Names lists the methods.
var Names = []string{"sgd", "momentum", "nesterov", "adam"}

// New returns the named method for dim parameters. Momentum is β of momentum
// and Nesterov's method; the others ignore it.
func New(name string, lr, momentum float64, dim int) (Method, error) {
	switch name {
	case "sgd":
		m := &sgd{rate: rate{lr}}
		m.divide(m.update)
		return m, nil
	case "momentum", "nesterov":
		m := &heavy{rate: rate{lr}, beta: float32(momentum), nesterov: name == "nesterov", b: make([]float32, dim)}
		m.divide(m.update)
		return m, nil
	case "adam":
		m := &adam{rate: rate{lr}, m: make([]float32, dim), s: make([]float32, dim)}
		m.divide(m.update)
		return m, nil
	}
	return nil, fmt.Errorf("unknown method %q: use one of %s", name, strings.Join(Names, ", "))
}

// remembers returns how many vectors the named method keeps.
func remembers(name string) int {
	switch name {
	case "momentum", "nesterov":
		return 1
	case "adam":
		return 2
	}
	return 0
}

// Known reports whether there is a method of this name.
func Known(name string) bool { return slices.Contains(Names, name) }

// elements are the parameters and the gradient of a step, whose pieces are updated in
// parallel. Each element is updated by itself, so that the bits do not depend on the pieces.
type elements struct {
	theta, grad []float32
	piece       func(i int) // made once: a step allocates nothing
}

// pieceSize is the number of elements of a piece.
const pieceSize = 1 << 15

// divide prepares steps that call update for elements lo to hi-1 of each piece.
func (e *elements) divide(update func(lo, hi int)) {
	e.piece = func(i int) { update(i*pieceSize, min((i+1)*pieceSize, len(e.theta))) }
}

// all updates all pieces.
func (e *elements) all(theta, grad []float32) {
	e.theta, e.grad = theta, grad
	tensor.Parallel((len(theta)+pieceSize-1)/pieceSize, e.piece)
	e.theta, e.grad = nil, nil
}

// A rate is a learning rate that can change.
type rate struct{ lr float64 }

func (r *rate) Rate() float64      { return r.lr }
func (r *rate) SetRate(lr float64) { r.lr = lr }

// sgd is θ ← θ − ηg.
type sgd struct {
	elements
	rate
}

func (m *sgd) Step(theta, grad []float32, _ int) { m.all(theta, grad) }

func (m *sgd) update(lo, hi int) { tensor.Axpy(m.theta[lo:hi], -float32(m.lr), m.grad[lo:hi]) }

func (m *sgd) Memory() []Vector { return nil }

// heavy is PyTorch's SGD with momentum: b ← βb + g (b = g at the first step),
// θ ← θ − ηb (Polyak 1964), or θ ← θ − η(g + βb) (Nesterov).
type heavy struct {
	elements
	rate
	beta     float32
	nesterov bool
	b        []float32
}

func (m *heavy) Step(theta, grad []float32, _ int) { m.all(theta, grad) }

func (m *heavy) update(lo, hi int) {
	theta, grad, b := m.theta[lo:hi], m.grad[lo:hi], m.b[lo:hi]
	lr := float32(m.lr)
	tensor.Scale(b, m.beta)
	tensor.Add(b, grad)
	if m.nesterov {
		tensor.Axpy(theta, -lr, grad)
		tensor.Axpy(theta, -lr*m.beta, b)
		return
	}
	tensor.Axpy(theta, -lr, b)
}

func (m *heavy) Memory() []Vector { return []Vector{{"momentum", m.b}} }

// adam is Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 (Kingma & Ba 2015), as
// PyTorch computes it.
type adam struct {
	elements
	rate
	m, s   []float32
	c1, c2 float64 // corrections of the bias of m and of √s
}

func (a *adam) Step(theta, grad []float32, step int) {
	a.c1, a.c2 = corrections(step)
	a.all(theta, grad)
}

func (a *adam) update(lo, hi int) {
	theta, m, s := a.theta[lo:hi], a.m[lo:hi], a.s[lo:hi]
	for i, g := range a.grad[lo:hi] {
		m[i] = 0.9*m[i] + 0.1*g
		s[i] = 0.999*s[i] + 0.001*g*g
		theta[i] -= float32(a.lr / a.c1 * float64(m[i]) / (math.Sqrt(float64(s[i]))/a.c2 + 1e-8))
	}
}

// diagonal sets dst to what the step makes of the elements of its mean gradient, given the
// gradient: the inverse of P = (1 − β₁ᵗ)(√(s/(1 − β₂ᵗ)) + ε) (Cohen et al. 2022, Eq. 2).
func (a *adam) diagonal(dst, grad []float32, step int) {
	c1, c2 := corrections(step)
	for i, g := range grad {
		s := 0.999*a.s[i] + 0.001*g*g
		dst[i] = float32(1 / (c1 * (math.Sqrt(float64(s))/c2 + 1e-8)))
	}
}

// corrections are those of the bias of m and of √s at a step.
func corrections(step int) (ofM, ofS float64) {
	return 1 - math.Pow(0.9, float64(step+1)), math.Sqrt(1 - math.Pow(0.999, float64(step+1)))
}

func (a *adam) Memory() []Vector { return []Vector{{"adam.m", a.m}, {"adam.s", a.s}} }
