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
		return &sgd{float32(lr)}, nil
	case "momentum", "nesterov":
		return &heavy{lr: float32(lr), beta: float32(momentum), nesterov: name == "nesterov", b: make([]float32, dim)}, nil
	case "adam":
		return &adam{lr: lr, m: make([]float32, dim), s: make([]float32, dim)}, nil
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

// sgd is θ ← θ − ηg.
type sgd struct{ lr float32 }

func (m *sgd) Step(theta, grad []float32, _ int) { tensor.Axpy(theta, -m.lr, grad) }

func (m *sgd) Memory() []Vector { return nil }

// heavy is PyTorch's SGD with momentum: b ← βb + g (b = g at the first step),
// θ ← θ − ηb (Polyak 1964), or θ ← θ − η(g + βb) (Nesterov).
type heavy struct {
	lr, beta float32
	nesterov bool
	b        []float32
}

func (m *heavy) Step(theta, grad []float32, _ int) {
	tensor.Scale(m.b, m.beta)
	tensor.Add(m.b, grad)
	if m.nesterov {
		tensor.Axpy(theta, -m.lr, grad)
		tensor.Axpy(theta, -m.lr*m.beta, m.b)
		return
	}
	tensor.Axpy(theta, -m.lr, m.b)
}

func (m *heavy) Memory() []Vector { return []Vector{{"momentum", m.b}} }

// adam is Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 (Kingma & Ba 2015), as
// PyTorch computes it.
type adam struct {
	lr   float64
	m, s []float32
}

func (a *adam) Step(theta, grad []float32, step int) {
	c1 := 1 - math.Pow(0.9, float64(step+1))
	c2 := math.Sqrt(1 - math.Pow(0.999, float64(step+1)))
	for i, g := range grad {
		a.m[i] = 0.9*a.m[i] + 0.1*g
		a.s[i] = 0.999*a.s[i] + 0.001*g*g
		theta[i] -= float32(a.lr / c1 * float64(a.m[i]) / (math.Sqrt(float64(a.s[i]))/c2 + 1e-8))
	}
}

func (a *adam) Memory() []Vector { return []Vector{{"adam.m", a.m}, {"adam.s", a.s}} }
