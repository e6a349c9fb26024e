package ntk_test

import (
	"math"
	"testing"

	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// Networks of finite width, in float64: two circular convolutions of three taps on four
// pixels, and a dense layer, in the NTK parameterisation. They are written out without
// package ntk.
const (
	finiteWidth  = 96
	finitePixels = 4
	finiteTaps   = 3
)

var finiteWeight, finiteBias = math.Sqrt2, 0.1

// A finite is weights of variance 1: tap, output, input.
type finite struct {
	first, second [finiteTaps][][]float64
	biases        [2][]float64
	last          []float64
}

// draw draws weights by one of nn's initialisers, whose variance is 1/fan_in.
func (f *finite) draw(init nn.Init, seed uint64) {
	weights := func(name string, inputs int) (w [finiteTaps][][]float64) {
		p := nn.Param{Shape: []int{finiteWidth, inputs, 1, finiteTaps}, FanIn: inputs * finiteTaps}
		flat := make([]float32, p.Size())
		init(flat, p, rng.New(seed, name))
		for t := range w {
			w[t] = make([][]float64, finiteWidth)
			for i := range w[t] {
				w[t][i] = make([]float64, inputs)
				for j := range w[t][i] {
					w[t][i][j] = float64(flat[(i*inputs+j)*finiteTaps+t]) * math.Sqrt(float64(p.FanIn))
				}
			}
		}
		return w
	}
	f.first, f.second = weights("first", 2), weights("second", finiteWidth)
	s := rng.New(seed, "rest")
	for i := range f.biases {
		f.biases[i] = make([]float64, finiteWidth)
		for j := range f.biases[i] {
			f.biases[i][j] = s.NormFloat64()
		}
	}
	v := make([]float32, finiteWidth)
	init(v, nn.Param{Shape: []int{1, finiteWidth}, FanIn: finiteWidth}, s)
	f.last = make([]float64, finiteWidth)
	for i := range v {
		f.last[i] = float64(v[i]) * math.Sqrt(finiteWidth)
	}
}

// finiteConv returns preactivations [output][pixel].
func finiteConv(w [finiteTaps][][]float64, bias []float64, h [][]float64) [][]float64 {
	scale := finiteWeight / math.Sqrt(float64(finiteTaps*len(h)))
	z := make([][]float64, finiteWidth)
	for i := range z {
		z[i] = make([]float64, finitePixels)
		for a := range z[i] {
			z[i][a] = finiteBias * bias[i]
			for t := range w {
				for j := range h {
					z[i][a] += scale * w[t][i][j] * h[j][(a+t+finitePixels-1)%finitePixels]
				}
			}
		}
	}
	return z
}

// A finiteSide holds what both kernels need of one input: activations of each layer and
// derivatives of the output by preactivations.
type finiteSide struct{ h, d [3][][]float64 }

func (f *finite) side(x [][]float64) finiteSide {
	var s finiteSide
	relu := func(z [][]float64) [][]float64 {
		h := make([][]float64, len(z))
		for i := range z {
			h[i] = make([]float64, finitePixels)
			for a, v := range z[i] {
				h[i][a] = max(0, v)
			}
		}
		return h
	}
	z1 := finiteConv(f.first, f.biases[0], x)
	h1 := relu(z1)
	z2 := finiteConv(f.second, f.biases[1], h1)
	s.h = [3][][]float64{x, h1, relu(z2)}
	s.d[1], s.d[0] = make([][]float64, finiteWidth), make([][]float64, finiteWidth)
	for i := range finiteWidth {
		s.d[1][i], s.d[0][i] = make([]float64, finitePixels), make([]float64, finitePixels)
		for a := range finitePixels {
			if z2[i][a] > 0 {
				s.d[1][i][a] = finiteWeight / math.Sqrt(finiteWidth) * f.last[i] / finitePixels
			}
		}
	}
	scale := finiteWeight / math.Sqrt(float64(finiteTaps*finiteWidth))
	for j := range finiteWidth {
		for b := range finitePixels {
			if z1[j][b] <= 0 {
				continue
			}
			for t := range finiteTaps {
				for i := range finiteWidth {
					s.d[0][j][b] += scale * f.second[t][i][j] * s.d[1][i][(b-t+1+finitePixels)%finitePixels]
				}
			}
		}
	}
	return s
}

// kernels returns the covariance of f(x) and f(y) over the last layer, and
// ⟨∇f(x), ∇f(y)⟩, of the network with global pooling.
func (s finiteSide) kernels(o finiteSide) (nngp, theta float64) {
	dot := func(x, y [][]float64, a, b int) float64 {
		sum := 0.0
		for i := range x {
			sum += x[i][a] * y[i][b]
		}
		return sum
	}
	nngp = finiteBias * finiteBias
	for a := range finitePixels {
		for b := range finitePixels {
			nngp += finiteWeight * finiteWeight / finiteWidth * dot(s.h[2], o.h[2], a, b) / (finitePixels * finitePixels)
			for l := range 2 {
				own := finiteBias * finiteBias
				for t := range finiteTaps {
					at := t + finitePixels - 1
					own += finiteWeight * finiteWeight / float64(finiteTaps*len(s.h[l])) * dot(s.h[l], o.h[l], (a+at)%finitePixels, (b+at)%finitePixels)
				}
				theta += own * dot(s.d[l], o.d[l], a, b)
			}
		}
	}
	return nngp, nngp + theta
}

// Networks of width 96 have the kernels of infinite ones on average, within 4 standard
// errors and the error of the finite width, for each distribution of weights;
// delta-orthogonal weights do not have the kernels of the others.
func TestFiniteNetworks(t *testing.T) {
	const nets = 100
	x := [2][][]float64{{{3, 0, 0, 0}, {1, 0, 0, 0}}, {{2, 1, 0, 0}, {0, -2, 0, 0}}}
	data := mat.NewDense(2, 8, []float64{3, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, -2, 0, 0})
	limit := func(law ntk.Law) (list []float64) {
		c := ntk.Conv{Window: ntk.Size{1, 3}, Pad: ntk.Circular, SigmaW: finiteWeight, SigmaB: finiteBias, Law: law}
		n := image(2, 1, 4, ntk.Serial{c, ntk.ReLU, c, ntk.ReLU, ntk.GlobalAvgPool{}, ntk.Dense{SigmaW: finiteWeight, SigmaB: finiteBias}})
		nngp, theta := symmetric(t, compile(t, n, nil), data)
		for _, at := range [][2]int{{0, 0}, {0, 1}, {1, 1}} {
			list = append(list, nngp.At(at[0], at[1]), theta.At(at[0], at[1]))
		}
		return list
	}
	for law, init := range map[ntk.Law]nn.Init{ntk.Gaussian: nn.Gaussian, ntk.Orthogonal: nn.TapOrthogonal, ntk.DeltaOrthogonal: nn.DeltaOrthogonal} {
		var sum, squares [6]float64
		for seed := range uint64(nets) {
			var f finite
			f.draw(init, seed)
			one, two := f.side(x[0]), f.side(x[1])
			for i, pair := range [][2]finiteSide{{one, one}, {one, two}, {two, two}} {
				nngp, theta := pair[0].kernels(pair[1])
				for j, v := range []float64{nngp, theta} {
					sum[2*i+j] += v / nets
					squares[2*i+j] += v * v / nets
				}
			}
		}
		other := limit(ntk.Gaussian)
		if law != ntk.DeltaOrthogonal {
			other = limit(ntk.DeltaOrthogonal)
		}
		for i, want := range limit(law) {
			e := math.Sqrt((squares[i] - sum[i]*sum[i]) / nets)
			if math.Abs(sum[i]-want) > 4*e+want/finiteWidth {
				t.Errorf("%v, number %d: %v ± %v, at infinite width %v", law, i, sum[i], e, want)
			}
			if i == 0 && math.Abs(sum[i]-other[i]) < 4*e+want/finiteWidth {
				t.Errorf("%v, number %d: %v ± %v is not told from %v", law, i, sum[i], e, other[i])
			}
		}
	}
}
