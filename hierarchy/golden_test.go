package hierarchy

import (
	"math"
	"testing"
)

// Values of an independent program in float64, to the figures printed there.
// Networks of width 3: W^(ℓ)_ij = sin(1+3i+2j+5(ℓ−1)), a_i = cos(2+i), with i
// and j from 0.
func deterministic(t testing.TB, s Shape) *Network {
	t.Helper()
	net, err := NewNetwork(s)
	if err != nil {
		t.Fatal(err)
	}
	for l := 1; l <= s.Depth; l++ {
		w := net.weights(l)
		for i := range w.Rows {
			for j := range w.Cols {
				w.row(i)[j] = math.Sin(float64(1 + 3*i + 2*j + 5*(l-1)))
			}
		}
	}
	for i := range net.Readout() {
		net.Readout()[i] = math.Cos(float64(2 + i))
	}
	return net
}

var goldenPoints = Points{Train: [][]float64{{1, 0}, {.6, .8}, {-.8, .6}}}

// An entry counts points from 1, as the golden values do.
type entry struct {
	index string
	want  float64
}

func (e entry) of(k *Tensor) float64 {
	index := make([]int, len(e.index))
	for i, c := range e.index {
		index[i] = int(c - '1')
	}
	return k.At(index...)
}

func TestGoldenKernels(t *testing.T) {
	for depth, entries := range map[int][]entry{
		1: {
			{"1", -0.01712341053}, {"2", -0.02855146418}, {"3", -0.005923985674},
			{"11", 0.5979712779}, {"12", 0.4939959178}, {"13", -0.4773297865}, {"22", 0.5656436032}, {"23", -0.2338775749}, {"33", 0.5517433371},
			{"111", -0.07664089831}, {"112", -0.05969097407}, {"121", -0.04408826714}, {"122", -0.04644118766},
			{"123", 0.03002755281}, {"132", 0.03817317053}, {"231", 0.007455188983},
			{"1111", -0.02083412085}, {"1112", -0.01622108345}, {"1121", -0.02079472467},
			{"1122", 0.02773998312}, {"1212", 0.00760446865}, {"1233", 0.007524870438},
		},
		2: {
			{"1", 0.0250419714}, {"2", 0.02229946518}, {"3", -0.0185752696},
			{"11", 0.4324826793}, {"12", 0.4100563316}, {"13", -0.3104190363}, {"22", 0.3903363528}, {"23", -0.2927527832}, {"33", 0.2264800553},
			{"111", 0.02617975157}, {"112", 0.0243943382}, {"121", 0.0234775032}, {"122", 0.02371175603},
			{"123", -0.01816459608}, {"132", -0.01756010858}, {"231", -0.01491934003},
		},
	} {
		for _, way := range []Route{Products, Jets} {
			k, err := Kernels(deterministic(t, Shape{2, 3, depth, Tanh}), goldenPoints, 4, &Options{Route: way})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if got := e.of(k[len(e.index)-1]); math.Abs(got-e.want) > 1e-8*math.Abs(e.want) {
					t.Errorf("depth %d, route %d: K(%s) = %.10g, want %.10g", depth, way, e.index, got, e.want)
				}
			}
			if got, want := k[3].Max(), map[int]float64{1: 0.266, 2: 0.314}[depth]; math.Abs(got-want) > 5e-4 {
				t.Errorf("depth %d, route %d: largest entry of K^(4) %.4g, want %v", depth, way, got, want)
			}
		}
	}
}
