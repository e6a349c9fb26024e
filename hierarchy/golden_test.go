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

// All activations in three layers of width 4 with weights by the same rule, as
// nested derivatives in JAX (float64) give them.
func TestGoldenActivations(t *testing.T) {
	places := []string{"123", "3212", "12332", "21321"}
	for name, want := range map[string][]float64{
		"tanh":     {-0.014091495212003013, -0.01551471025589678, 0.0065737231069614935, -0.0084707150992886747},
		"erf":      {-0.03711802390535348, -0.056481338707863128, 0.026729849122303011, -0.034814499586131947},
		"softplus": {-0.089885146547889205, 0.12402488514354437, -0.04870157564990818, -0.053660772369860887},
		"sigmoid":  {-0.0066811626727031701, 0.0039730159763675683, -9.2725695280258054e-05, -9.3061150450859218e-05},
		"sin":      {-0.019923328487574068, -0.023891937758325769, 0.013398809268922481, -0.018321199536107793},
		"gelu":     {-4.7243508530504078e-05, -1.4411548155198334e-05, 1.2299457322436371e-06, -2.155452874477646e-06},
		"identity": {-0.033176003128174869, -0.04465480860142991, 0.0395122642096635, -0.060582056530441866},
	} {
		a, err := ActivationNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		k := kernels(t, deterministic(t, Shape{2, 4, 3, a}), goldenPoints, 5, Auto)
		for i, place := range places {
			if got := (entry{place, want[i]}).of(k[len(place)-1]); math.Abs(got-want[i]) > 1e-13*math.Abs(want[i]) {
				t.Errorf("%s: K(%s) = %.17g, want %.17g", name, place, got, want[i])
			}
		}
	}
}
