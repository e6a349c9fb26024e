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

// Orthogonal draws a matrix [out, in·kh·kw] with orthonormal rows, or columns if
// there are fewer of them, uniformly (Saxe et al. 2014): Gram-Schmidt on normal
// vectors, twice.
func Orthogonal(dst []float32, p Param, s *rng.Stream) {
	rows, cols := p.Shape[0], len(dst)/p.Shape[0]
	k, n := min(rows, cols), max(rows, cols)
	q := make([][]float64, k)
	for i := range q {
		q[i] = make([]float64, n)
		for j := range q[i] {
			q[i][j] = s.NormFloat64()
		}
		for range 2 {
			for _, other := range q[:i] {
				axpy64(q[i], -dot64(q[i], other), other)
			}
			scale := 1 / math.Sqrt(dot64(q[i], q[i]))
			for j := range q[i] {
				q[i][j] *= scale
			}
		}
	}
	for i := range q {
		for j, v := range q[i] {
			if rows <= cols {
				dst[i*cols+j] = float32(v)
			} else {
				dst[j*cols+i] = float32(v)
			}
		}
	}
}

func dot64(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

func axpy64(dst []float64, a float64, x []float64) {
	for i, v := range x {
		dst[i] += a * v
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
