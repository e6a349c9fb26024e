package predict

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"

	"breakeven/flight"
	"breakeven/flight/filter"
	"breakeven/flight/search"
)

// deeptp returns the path of a file of the released network beside the module, or skips the test.
func deeptp(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join(shared, "deeptp", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("needs ../shared/data/deeptp/%s, which is not here", name)
	}
	return file
}

// A twin is the released network in float64 and plain loops, with the names and the layouts of
// its own file.
type twin struct {
	weights map[string][]float64
	norm    norm
}

// A norm holds the released constants.
type norm struct {
	Dep       [2]float64 `json:"dep"`
	TrackMean [6]float64 `json:"track_mean"`
	TrackStd  [6]float64 `json:"track_std"`
	PlanMean  [2]float64 `json:"fp_mean"`
	PlanStd   [2]float64 `json:"fp_std"`
}

func openTwin(t testing.TB, n norm) *twin {
	t.Helper()
	f, err := npz.Open(deeptp(t, "deeptp_weights_1799.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := &twin{weights: map[string][]float64{}, norm: n}
	for _, key := range f.Keys() {
		var x []float32
		if err := f.Read(key, &x); err != nil {
			t.Fatal(err)
		}
		wide := make([]float64, len(x))
		for i, v := range x {
			wide[i] = float64(v)
		}
		w.weights[strings.TrimSuffix(key, ".npy")] = wide
	}
	return w
}

func elu(x []float64) []float64 {
	for i, v := range x {
		if v < 0 {
			x[i] = math.Expm1(v)
		}
	}
	return x
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// linear returns x W + b for W [inputs, outputs].
func (w *twin) linear(x []float64, weight, bias string) []float64 {
	m, y := w.weights[weight], append([]float64(nil), w.weights[bias]...)
	for i, v := range x {
		for j := range y {
			y[j] += v * m[i*len(y)+j]
		}
	}
	return y
}

// convolve returns a convolution without padding of x [size, size, in], filters [k, k, in, out].
func (w *twin) convolve(x []float64, size, in, k, stride int, weight, bias string) []float64 {
	m, b := w.weights[weight], w.weights[bias]
	out, places := len(b), (size-k)/stride+1
	y := make([]float64, 0, places*places*out)
	for r := range places {
		for c := range places {
			for o := range out {
				sum := b[o]
				for i := range k {
					for j := range k {
						for ch := range in {
							sum += x[((r*stride+i)*size+c*stride+j)*in+ch] * m[((i*k+j)*in+ch)*out+o]
						}
					}
				}
				y = append(y, sum)
			}
		}
	}
	return elu(y)
}

// weather returns the 32 features of a cube [20, 20, 4].
func (w *twin) weather(cube []float64) []float64 {
	x := w.convolve(cube, 20, 4, 6, 2, "wc1", "bc1")
	x = w.convolve(x, 8, 16, 3, 1, "wc2", "bc2")
	x = w.convolve(x, 6, 16, 3, 1, "wc3", "bc3")
	return elu(w.linear(x, "wcd", "bcd"))
}

// A twinMemory is the states of both layers of an LSTM.
type twinMemory struct{ c, h [2][]float64 }

func newTwinMemory() twinMemory {
	return twinMemory{[2][]float64{make([]float64, 128), make([]float64, 128)}, [2][]float64{make([]float64, 128), make([]float64, 128)}}
}

// recur returns the memory after input x, for TensorFlow's cells: gates i, j, f, o, and a bias of
// 1 in f.
func (w *twin) recur(m twinMemory, name string, x []float64) twinMemory {
	next := newTwinMemory()
	for layer := range 2 {
		cell := name + "|rnn|multi_rnn_cell|cell_" + string('0'+rune(layer)) + "|basic_lstm_cell|"
		a := w.linear(append(append([]float64(nil), x...), m.h[layer]...), cell+"kernel", cell+"bias")
		for u := range 128 {
			i, j, f, o := a[u], a[128+u], a[256+u], a[384+u]
			c := m.c[layer][u]*sigmoid(f+1) + sigmoid(i)*math.Tanh(j)
			next.c[layer][u], next.h[layer][u] = c, math.Tanh(c)*sigmoid(o)
		}
		x = next.h[layer]
	}
	return next
}

// encode returns the memory after a plan, from arrival to departure.
func (w *twin) encode(plan [][2]float64) twinMemory {
	m := newTwinMemory()
	for i := len(plan) - 1; i >= 0; i-- {
		var x [2]float64
		for k := range x {
			x[k] = (plan[i][k] - w.norm.Dep[k] - w.norm.PlanMean[k]) / w.norm.PlanStd[k]
		}
		m = w.recur(m, "encoder", elu(w.linear(x[:], "h1", "b1")))
	}
	return m
}

// offset is what is subtracted from number k of a state.
func (n *norm) offset(k int) float64 {
	if k < 2 {
		return n.Dep[k] + n.TrackMean[k]
	}
	return n.TrackMean[k]
}

// decode returns the memory and the 45 outputs after a state, with the features of its weather.
func (w *twin) decode(m twinMemory, state [6]float64, weather []float64) (twinMemory, []float64) {
	x := make([]float64, 0, 38)
	for k, v := range state {
		x = append(x, (v-w.norm.offset(k))/w.norm.TrackStd[k])
	}
	m = w.recur(m, "decoder", elu(w.linear(append(x, weather...), "h2", "b2")))
	return m, w.linear(m.h[1], "h_out", "b_out")
}

// A twinComponent is a component of the mixture, in normalised units.
type twinComponent struct {
	weight, mean [5]float64
	factor       filter.Matrix
}

// target columns of the five predicted numbers among the six of a state.
var columns = [5]int{0, 1, 2, 4, 5}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// components returns the mixture of 45 outputs.
func components(z []float64) (all [3]twinComponent) {
	total := math.Exp(z[0]) + math.Exp(z[1]) + math.Exp(z[2])
	for k := range all {
		c := &all[k]
		c.weight[0] = math.Exp(z[k]) / total
		copy(c.mean[:3], z[3+3*k:])
		copy(c.mean[3:], z[12+2*k:12+2*k+2])
		a, b := z[18+6*k:], z[36+3*k:]
		c.factor[0][0] = softplus(a[3])
		c.factor[1][0], c.factor[1][1] = a[5], softplus(a[4])
		c.factor[2][0], c.factor[2][1], c.factor[2][2] = a[2], a[1], softplus(a[0])
		c.factor[3][3] = softplus(b[2])
		c.factor[4][3], c.factor[4][4] = b[1], softplus(b[0])
	}
	return all
}

// logDensity returns the log density of a component at y, in normalised units.
func (c *twinComponent) logDensity(y [5]float64) float64 {
	sum := -2.5 * math.Log(2*math.Pi)
	var u [5]float64
	for i := range 5 {
		u[i] = y[i] - c.mean[i]
		for j := range i {
			u[i] -= c.factor[i][j] * u[j]
		}
		u[i] /= c.factor[i][i]
		sum -= u[i]*u[i]/2 + math.Log(c.factor[i][i])
	}
	return sum
}

// A twinStepper is the twin as a stepper for one flight without weather.
type twinStepper struct {
	*twin
	plan    [][2]float64
	known   [][6]float64 // altitude in flight levels, time since the first
	none    []float64    // features of no weather
	memory  []twinMemory // by move
	elapsed float64      // of the last known state
	since   float64      // time at which elapsed is 0
}

func (s *twinStepper) Start(density [][]search.Component) error {
	s.none = s.weather(make([]float64, 1600))
	m := s.encode(s.plan)
	var z []float64
	for _, x := range s.known {
		m, z = s.decode(m, x, s.none)
	}
	s.memory = []twinMemory{m}
	s.elapsed = s.known[len(s.known)-1][3]
	s.give(density[0], z)
	return nil
}

func (s *twinStepper) Next(moves []search.Move, density [][]search.Component) error {
	memories := make([]twinMemory, len(moves))
	for i, m := range moves {
		x := m.State.Mean
		var z []float64
		memories[i], z = s.decode(s.memory[m.From], [6]float64{x[0], x[1], x[2] / 100, m.State.Time - s.since, x[3], x[4]}, s.none)
		s.give(density[i], z)
	}
	s.memory = memories
	return nil
}

// give writes a mixture in degrees, ft and seconds.
func (s *twinStepper) give(density []search.Component, z []float64) {
	for k, c := range components(z) {
		d := &density[k]
		d.LogWeight, d.LogPeak = math.Log(c.weight[0]), c.logDensity(c.mean)
		for i := range 5 {
			unit := func(i int) float64 {
				if i == 2 {
					return 100
				}
				return 1
			}
			d.Mean[i] = (c.mean[i]*s.norm.TrackStd[columns[i]] + s.norm.offset(columns[i])) * unit(i)
			for j := range 5 {
				sum := 0.0
				for l := range 5 {
					sum += c.factor[i][l] * c.factor[j][l]
				}
				d.Cov[i][j] = sum * s.norm.TrackStd[columns[i]] * s.norm.TrackStd[columns[j]] * unit(i) * unit(j)
			}
		}
	}
}

// last returns the last known state.
func (s *twinStepper) last() flight.State {
	x := s.known[len(s.known)-1]
	return flight.State{Time: s.since + x[3], Mean: filter.Vector{x[0], x[1], 100 * x[2], x[4], x[5]}}
}
