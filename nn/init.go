package nn

import (
	"fmt"
	"math"

	"breakeven/rng"
)

// An Init draws the initial weights of one parameter tensor.
type Init func(dst []float32, p Param, s *rng.Stream)

// Glorot draws from the uniform distribution on ±√(6/(fan_in+fan_out)) (Glorot &
// Bengio 2010).
func Glorot(dst []float32, p Param, s *rng.Stream) {
	limit := math.Sqrt(6 / float64(p.FanIn+p.FanOut))
	for i := range dst {
		dst[i] = float32(limit * (2*s.Float64() - 1))
	}
}

// He draws from the normal distribution with variance 2/fan_in (He et al. 2015).
func He(dst []float32, p Param, s *rng.Stream) { gaussian(dst, math.Sqrt(2/float64(p.FanIn)), s) }

// Gaussian draws from the normal distribution with variance 1/fan_in.
func Gaussian(dst []float32, p Param, s *rng.Stream) {
	gaussian(dst, math.Sqrt(1/float64(p.FanIn)), s)
}

func gaussian(dst []float32, deviation float64, s *rng.Stream) {
	for i := range dst {
		dst[i] = float32(deviation * s.NormFloat64())
	}
}

// Orthogonal draws a matrix [out, in·kh·kw] with random orthonormal rows, or columns if
// there are fewer of those (Saxe et al. 2014; [Haar]).
func Orthogonal(dst []float32, p Param, s *rng.Stream) {
	q := make([]float64, len(dst))
	Haar(q, p.Shape[0], len(dst)/p.Shape[0], s)
	for i, v := range q {
		dst[i] = float32(v)
	}
}

// TapOrthogonal draws a matrix [out, in] with orthonormal rows or columns (Haar) for each
// tap of a convolution's window, and one for a dense layer. The scale √(max(out, in)/fan_in)
// gives an element the variance 1/fan_in of Gaussian, for wide, tall and scalar outputs
// alike (Huang, Du and Xu 2021).
func TapOrthogonal(dst []float32, p Param, s *rng.Stream) {
	out, in, taps := taps(p)
	q, scale := make([]float64, out*in), math.Sqrt(float64(max(out, in))/float64(in*taps))
	for tap := range taps {
		Haar(q, out, in, s)
		setTap(dst, tap, taps, q, scale)
	}
}

// DeltaOrthogonal draws a matrix with orthonormal rows or columns (Haar) for the central
// tap of a convolution's window and sets the others to 0 (Xiao et al. 2018, Algorithm 2).
// The scale √(max(out, in)/in) gives preactivations the same variance as TapOrthogonal.
func DeltaOrthogonal(dst []float32, p Param, s *rng.Stream) {
	out, in, taps := taps(p)
	q, centre := make([]float64, out*in), 0
	if len(p.Shape) == 4 {
		centre = (p.Shape[2]-1)/2*p.Shape[3] + (p.Shape[3]-1)/2
	}
	Haar(q, out, in, s)
	clear(dst)
	setTap(dst, centre, taps, q, math.Sqrt(float64(max(out, in))/float64(in)))
}

// taps returns the outputs and inputs of a weight [out, in, kh, kw] or [out, in], and the
// number of taps, kh·kw.
func taps(p Param) (out, in, taps int) {
	if len(p.Shape) < 2 {
		panic(fmt.Sprintf("nn: orthogonal weights of shape %v", p.Shape))
	}
	return p.Shape[0], p.Shape[1], p.Size() / (p.Shape[0] * p.Shape[1])
}

// setTap writes scale times the matrix q to one tap of a weight.
func setTap(dst []float32, tap, taps int, q []float64, scale float64) {
	for i, v := range q {
		dst[i*taps+tap] = float32(scale * v)
	}
}

// InitByName returns the initialiser with the given name: glorot, he, gaussian
// or orthogonal.
func InitByName(name string) (Init, error) {
	switch name {
	case "glorot":
		return Glorot, nil
	case "he":
		return He, nil
	case "gaussian":
		return Gaussian, nil
	case "orthogonal":
		return Orthogonal, nil
	}
	return nil, fmt.Errorf("unknown initialiser %q: use glorot, he, gaussian or orthogonal", name)
}

// InitialParams draws the initial parameters of a network: weights by init, each
// tensor from its own random stream, biases 0 and scales 1.
func (n *Network) InitialParams(init Init, seed uint64) []float32 {
	theta := make([]float32, n.dim)
	for _, p := range n.params {
		dst := theta[p.Offset : p.Offset+p.Size()]
		if p.FanIn > 0 {
			init(dst, p, rng.New(seed, "init/"+p.Name))
			continue
		}
		for i := range dst {
			dst[i] = p.Fill
		}
	}
	return theta
}
