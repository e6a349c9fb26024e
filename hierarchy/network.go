package hierarchy

import (
	"errors"
	"fmt"
	"math"

	"breakeven/rng"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// A Shape is the paper's network without its weights.
type Shape struct {
	Inputs     int // d
	Width      int // m, of every hidden layer
	Depth      int // H, the number of hidden layers
	Activation Activation
}

func (s Shape) check() error {
	switch {
	case s.Inputs < 1:
		return fmt.Errorf("a network of %d inputs: it needs at least one", s.Inputs)
	case s.Width < 1:
		return fmt.Errorf("a network of width %d: it needs at least one unit in a layer", s.Width)
	case s.Depth < 1:
		return fmt.Errorf("a network of depth %d: it needs at least one hidden layer", s.Depth)
	case s.Activation.Derivatives == nil:
		return errors.New("a network without an activation: use Tanh, or one by ActivationNamed")
	}
	m := float64(s.Width)
	if size := 8 * (m*float64(s.Inputs) + float64(s.Depth-1)*m*m + m); size > largestNetwork {
		return fmt.Errorf("a network of %d inputs, width %d and depth %d: its weights take %.3g bytes, and %.3g are the most",
			s.Inputs, s.Width, s.Depth, size, float64(largestNetwork))
	}
	return nil
}

const largestNetwork = 64 << 30 // bytes

// Params returns the number of weights: md + (H−1)m² + m.
func (s Shape) Params() int { return s.Width*s.Inputs + (s.Depth-1)*s.Width*s.Width + s.Width }

// A Network is the paper's network
//
//	x^(ℓ) = σ(W^(ℓ) x^(ℓ−1))/√m for ℓ = 1…H,  f = aᵀx^(H),
//
// without biases. The 1/√m stands behind σ in every hidden layer, and nowhere
// else.
type Network struct {
	shape Shape
	theta []float64 // W^(1), …, W^(H), a
}

// NewNetwork returns a network whose weights are zero, to be filled through
// [Network.Weights] and [Network.Readout].
func NewNetwork(s Shape) (*Network, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("hierarchy: %w", err)
	}
	return &Network{s, make([]float64, s.Params())}, nil
}

// Shape returns the shape of the network.
func (n *Network) Shape() Shape { return n.shape }

// Theta returns all weights, the rows of W^(1) first and a last. It is the
// network's own memory.
func (n *Network) Theta() []float64 { return n.theta }

// Weights returns W^(ℓ), ℓ = 1…H, row by row: m×d for ℓ = 1, else m×m. It is
// the network's own memory.
func (n *Network) Weights(l int) []float64 {
	s := n.shape
	if l < 1 || l > s.Depth {
		panic(fmt.Sprintf("hierarchy: weights of layer %d of %d", l, s.Depth))
	}
	if l == 1 {
		return n.theta[:s.Width*s.Inputs]
	}
	start := s.Width*s.Inputs + (l-2)*s.Width*s.Width
	return n.theta[start : start+s.Width*s.Width]
}

// Readout returns a, of length m. It is the network's own memory.
func (n *Network) Readout() []float64 { return n.theta[len(n.theta)-n.shape.Width:] }

// Clone returns a network with the same weights in memory of its own.
func (n *Network) Clone() *Network {
	return &Network{n.shape, append([]float64(nil), n.theta...)}
}

func (n *Network) weights(l int) matrix {
	w := n.Weights(l)
	return matrix{Rows: n.shape.Width, Cols: len(w) / n.shape.Width, Stride: len(w) / n.shape.Width, Data: w}
}

func (n *Network) check() error {
	if err := n.shape.check(); err != nil {
		return err
	}
	for i, w := range n.theta {
		if !finite(w) {
			return fmt.Errorf("weight %d of the network is %v", i, w)
		}
	}
	return nil
}

// Init says how weights are drawn. The zero Init is the standard one: Gaussian,
// of standard deviation 1.
type Init struct {
	WeightStd  float64 // σ_w, of the entries of all W; 0 is 1
	ReadoutStd float64 // σ_a, of the entries of a; 0 is 1
	// Orthogonal draws √max(rows, columns)·σ_w·Q with Q uniform among the
	// matrices whose rows or columns, whichever are shorter in number, are
	// orthonormal. Entries then have the same variance as Gaussian ones.
	Orthogonal bool
	// Seed decides the streams "hierarchy/W1", …, "hierarchy/a", one a matrix.
	Seed uint64
}

// Draw returns a network with random weights.
func Draw(s Shape, init Init) (*Network, error) {
	n, err := NewNetwork(s)
	if err != nil {
		return nil, err
	}
	std := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return x
	}
	for _, x := range []float64{init.WeightStd, init.ReadoutStd} {
		if x < 0 || !finite(x) {
			return nil, fmt.Errorf("hierarchy: weights of standard deviation %v: it must be positive", x)
		}
	}
	for l := 1; l <= s.Depth; l++ {
		draw(n.weights(l), std(init.WeightStd), init, fmt.Sprintf("hierarchy/W%d", l))
	}
	a := matrix{Rows: 1, Cols: s.Width, Stride: s.Width, Data: n.Readout()}
	draw(a, std(init.ReadoutStd), init, "hierarchy/a")
	return n, nil
}

func draw(w matrix, std float64, init Init, name string) {
	stream := rng.New(init.Seed, name)
	for i := range w.Data {
		w.Data[i] = stream.NormFloat64()
	}
	if init.Orthogonal {
		orthogonalize(w)
		std *= math.Sqrt(float64(max(w.Rows, w.Cols)))
	}
	for i := range w.Data {
		w.Data[i] *= std
	}
}

// orthogonalize turns a Gaussian matrix into a uniform one with orthonormal
// rows, or columns if it has more rows than columns: the Q of its QR
// decomposition with a positive diagonal of R.
func orthogonalize(w matrix) {
	if w.Rows < w.Cols {
		t := newMatrix(w.Cols, w.Rows)
		transpose(t, w)
		orthogonalize(t)
		transpose(w, t)
		return
	}
	tau := make([]float64, w.Cols)
	sign := make([]float64, w.Cols)
	work := make([]float64, 64*w.Cols)
	q := blas64.General(w)
	lapack64.Geqrf(q, tau, work, len(work))
	for j := range sign {
		sign[j] = math.Copysign(1, w.row(j)[j])
	}
	lapack64.Orgqr(q, tau, work, len(work))
	for i := range w.Rows {
		for j, s := range sign {
			w.row(i)[j] *= s
		}
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
