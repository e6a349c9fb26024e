package ntk_test

import (
	"math"
	"testing"

	"breakeven/ntk"

	"gonum.org/v1/gonum/mat"
)

// near fails unless got is want to some relative error.
func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%s is %.12g, want %.12g: off by %.1e", what, got, want, math.Abs(got/want-1))
	}
}

// compile returns the kernel of a network that has one.
func compile(t testing.TB, n ntk.Network, s *ntk.Settings) *ntk.Kernel {
	t.Helper()
	k, err := n.Kernel(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// symmetric returns the kernels of some examples.
func symmetric(t testing.TB, k *ntk.Kernel, x *mat.Dense) (nngp, theta *mat.SymDense) {
	t.Helper()
	nngp, theta, err := k.Symmetric(x)
	if err != nil {
		t.Fatal(err)
	}
	return nngp, theta
}

// digits is the rounding error of reference values with ten digits.
const digits = 1e-9

// The dual activations at unit variances and an angle of π/3.
func TestGoldenDuals(t *testing.T) {
	for _, c := range []struct {
		ntk.Activation
		value, slope float64
	}{
		{ntk.ReLU, 0.3044988905, 1.0 / 3},
		{ntk.Erf, 0.2163468959, 0.4501581581},
		{ntk.Tanh, 0.1863244132, 0.3847470284},
	} {
		value, slope := c.Dual(1, 0.5, 1)
		near(t, c.String()+", E[φφ]", value, c.value, digits)
		near(t, c.String()+", E[φ′φ′]", slope, c.slope, digits)
	}
}

// A fully connected network on three inputs; elements 11, 12, 13, 22, 23.
func TestGoldenFullyConnected(t *testing.T) {
	x := mat.NewDense(3, 3, []float64{1, 2, 2, 2, -1, .5, -.5, 1, 3})
	for _, c := range []struct {
		ntk.Activation
		hidden      int
		sw, sb      float64
		nngp, theta [5]float64
	}{
		{ntk.ReLU, 1, math.Sqrt2, 0, [5]float64{6, 1.807475637, 5.199355982, 3.5, 1.393634694}, [5]float64{12, 2.171790432, 9.12547242, 7, 1.23420562}},
		{ntk.ReLU, 2, math.Sqrt2, 0, [5]float64{6, 2.477425083, 5.357511102, 3.5, 2.317147242}, [5]float64{18, 3.843602225, 12.67269727, 10.5, 3.047776639}},
		{ntk.ReLU, 3, math.Sqrt2, 0, [5]float64{6, 2.916272452, 5.485379128, 3.5, 2.893505709}, [5]float64{24, 5.53687784, 15.82021366, 14, 4.89626463}},
		{ntk.ReLU, 1, 1.5, 0.1, [5]float64{7.615, 2.307408766, 6.601510614, 4.4509375, 1.782977437}, [5]float64{15.22, 2.775094761, 11.58030966, 8.891875, 1.586325983}},
		{ntk.ReLU, 3, 1.5, 0.1, [5]float64{9.658984375, 4.715887639, 8.833877421, 5.654467773, 4.678659547}, [5]float64{38.57078125, 8.957919695, 25.45408235, 22.55271484, 7.925516343}},
		{ntk.Tanh, 3, math.Sqrt(1.5), math.Sqrt(0.1), [5]float64{0.6008267786, 0.2535041485, 0.4670056012, 0.5883404108, 0.1923135201}, [5]float64{2.622634445, 0.5456954945, 1.574369151, 2.386566528, 0.298640801}},
	} {
		n := ntk.Network{Input: ntk.Vec(3), Layers: ntk.FullyConnected(c.hidden, 0, c.Activation, c.sw, c.sb)}
		k, theta := symmetric(t, compile(t, n, nil), x)
		for i, at := range [][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}} {
			near(t, n.String()+", NNGP", k.At(at[0], at[1]), c.nngp[i], digits)
			near(t, n.String()+", NTK", theta.At(at[0], at[1]), c.theta[i], digits)
		}
	}
}

// A convolutional network on two signals of four pixels and two channels;
// elements 11, 12, 22.
func TestGoldenConvolutional(t *testing.T) {
	// Pixel by pixel in the reference, channel by channel here.
	x := mat.NewDense(2, 8, []float64{1, 2, .5, 0, 0, -1, 1, 2, -1, .5, 2, 1, 1, .5, 0, -2})
	sb := math.Sqrt(0.1)
	for name, c := range map[string]struct {
		law         ntk.Law
		pool        ntk.Layer
		nngp, theta [3]float64
	}{
		"flatten":            {ntk.Gaussian, ntk.Flatten{}, [3]float64{3.1125, 1.440265125, 3.175}, [3]float64{9.0375, 1.682301403, 9.225}},
		"flatten, by taps":   {ntk.Orthogonal, ntk.Flatten{}, [3]float64{3.1125, 1.440265125, 3.175}, [3]float64{9.0375, 1.682301403, 9.225}},
		"flatten, delta":     {ntk.DeltaOrthogonal, ntk.Flatten{}, [3]float64{3.1125, 1.367391295, 3.175}, [3]float64{9.0375, 1.676016011, 9.225}},
		"global avgpool":     {ntk.Gaussian, ntk.GlobalAvgPool{}, [3]float64{2.150880645, 1.914272499, 1.982585146}, [3]float64{4.49777488, 3.30431799, 3.886108936}},
		"global, orthogonal": {ntk.Orthogonal, ntk.GlobalAvgPool{}, [3]float64{2.150880645, 1.914272499, 1.982585146}, [3]float64{4.49777488, 3.30431799, 3.886108936}},
	} {
		conv := ntk.Conv{Window: ntk.Size{1, 3}, Pad: ntk.Circular, SigmaW: math.Sqrt2, SigmaB: sb, Law: c.law}
		n := ntk.Network{Input: ntk.Shape{C: 2, H: 1, W: 4}, Layers: ntk.Serial{
			conv, ntk.ReLU, conv, ntk.ReLU, c.pool, ntk.Dense{SigmaW: math.Sqrt2, SigmaB: sb},
		}}
		k, theta := symmetric(t, compile(t, n, nil), x)
		for i, at := range [][2]int{{0, 0}, {0, 1}, {1, 1}} {
			near(t, name+", NNGP", k.At(at[0], at[1]), c.nngp[i], digits)
			near(t, name+", NTK", theta.At(at[0], at[1]), c.theta[i], digits)
		}
	}
}

// Fixed points of tanh and their χ.
func TestGoldenFixedPoints(t *testing.T) {
	for _, c := range []struct{ sw2, sb2, q, chi float64 }{
		{1.05, 2.01e-05, 0.02592084005, 1.000000192},
		{1.5, 0.1, 0.5202161363, 0.877512796},
		{1.5, 0.01, 0.3177047911, 1.013556948},
		{2, 0.1, 0.8146440101, 1.003006915},
	} {
		q, chi, err := ntk.Tanh.FixedPoint(math.Sqrt(c.sw2), math.Sqrt(c.sb2))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "q*", q, c.q, digits)
		near(t, "χ", chi, c.chi, digits)
	}
}
