package ntk_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"breakeven/ntk"

	"gonum.org/v1/gonum/mat"
)

// peer holds what testdata/peer.py writes: kernels and predictions of neural-tangents
// 0.6.5 on JAX 0.4.25, in float64.
type peer struct {
	Kernels         map[string]map[string][][]float64
	Predictions     map[string][2][][]float64 // mean and covariance
	MaxLearningRate float64                   `json:"max_learning_rate"`
}

func readPeer(t *testing.T) peer {
	t.Helper()
	data, err := os.ReadFile("testdata/peer.json")
	if err != nil {
		t.Fatal(err)
	}
	var p peer
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// peerNetworks are the networks of peer.py.
func peerNetworks() map[string]ntk.Network {
	relu, same := ntk.ReLU, ntk.Same
	strided := func(h, w int, pad ntk.Padding, stride ntk.Size) ntk.Conv {
		c := conv(h, w, pad)
		c.Stride = stride
		return c
	}
	pool := func(h, w int) ntk.AvgPool { return ntk.AvgPool{Window: ntk.Size{h, w}} }
	two := ntk.Size{2, 2}
	identity := ntk.Residual(relu, conv(3, 3, same), relu, conv(3, 3, same))
	halving := ntk.Sum{ntk.Serial{relu, strided(3, 3, same, two), relu, conv(3, 3, same)}, strided(3, 3, same, two)}
	networks := map[string]ntk.Network{
		"flatten":  image(2, 5, 4, ntk.Serial{conv(3, 3, same), relu, conv(2, 3, ntk.Valid), relu, ntk.Flatten{}, dense}),
		"global":   image(2, 5, 4, ntk.Serial{conv(3, 3, same), relu, conv(2, 3, ntk.Valid), relu, ntk.GlobalAvgPool{}, dense}),
		"strides":  image(2, 7, 6, ntk.Serial{strided(3, 3, same, two), relu, strided(2, 3, same, ntk.Size{1, 2}), ntk.Erf, ntk.GlobalAvgPool{}, dense}),
		"circular": image(2, 6, 6, ntk.Serial{conv(3, 3, ntk.Circular), relu, strided(2, 3, ntk.Circular, ntk.Size{2, 1}), relu, ntk.GlobalAvgPool{}, dense}),
		"avgpool": image(2, 8, 7, ntk.Serial{conv(3, 3, same), relu, pool(2, 2), conv(3, 3, same), relu,
			ntk.AvgPool{Window: ntk.Size{3, 2}, Stride: ntk.Size{1, 2}, Pad: same}, ntk.Flatten{}, dense}),
		"inside": image(2, 8, 7, ntk.Serial{conv(3, 3, same), relu, ntk.AvgPool{Window: ntk.Size{3, 3}, Stride: two, Pad: same, Inside: true},
			conv(3, 3, same), relu, ntk.GlobalAvgPool{}, dense}),
		"sumpool": image(2, 8, 7, ntk.Serial{conv(3, 3, same), relu, ntk.AvgPool{Window: two, Stride: ntk.Size{2, 1}, Sum: true},
			conv(3, 3, same), relu, ntk.GlobalAvgPool{Sum: true}, dense}),
		"resnet": image(2, 8, 8, ntk.Serial{conv(3, 3, same), identity, halving, identity, relu, pool(2, 2), ntk.Flatten{}, dense}),
		"layer norm": image(2, 4, 4, ntk.Serial{conv(3, 3, same), ntk.LayerNorm{Eps: 1e-3}, relu, conv(3, 3, same),
			ntk.LayerNorm{Eps: 1e-2, Whole: true}, relu, ntk.GlobalAvgPool{}, dense}),
		"standard": {Input: ntk.Shape{C: 2, H: 5, W: 5}, Parameters: ntk.Standard, Layers: ntk.Serial{conv(3, 3, same), relu,
			conv(2, 2, ntk.Valid), relu, ntk.Flatten{}, dense, relu, ntk.Dense{Width: 1, SigmaW: 1.3, SigmaB: 0.2}}},
	}
	for name, a := range map[string]ntk.Activation{
		"relu": relu, "leaky": ntk.LeakyReLU(0.2), "abrelu": ntk.ABReLU(-0.3, 1.2), "abs": ntk.Abs, "erf": ntk.Erf,
		"affine erf": ntk.AffineErf(0.5, 2, 0.3), "gelu": ntk.GELU, "sin": ntk.Sin(1.1, 0.9, 0.3), "cos": ntk.Cos(1.1, 0.9, 0.3),
		"rbf": ntk.RBF(0.7), "exp": ntk.Exp(1, 0.3), "gaussian": ntk.GaussianBump(1.2, 0.6), "monomial": ntk.Monomial(3),
		"polynomial": ntk.Polynomial(0.1, 1, 0.3, 0.05), "sign": ntk.Sign, "identity": ntk.Identity,
	} {
		networks[name] = ntk.Network{Input: ntk.Vec(5), Layers: ntk.Serial{dense, a, dense, a, dense}}
	}
	return networks
}

// waves are the inputs of peer.py.
func waves(count, size int, shift float64) *mat.Dense {
	m := mat.NewDense(count, size, nil)
	for i := range m.RawMatrix().Data {
		x := float64(i)
		m.RawMatrix().Data[i] = math.Sin(1 + 0.7*x + 0.001*x*x + shift)
	}
	return m
}

// compare fails unless all elements are near, relative to the largest.
func compare(t *testing.T, what string, got mat.Matrix, want [][]float64, relative float64) {
	t.Helper()
	largest := 0.0
	for _, row := range want {
		for _, v := range row {
			largest = max(largest, math.Abs(v))
		}
	}
	for i, row := range want {
		for j, v := range row {
			if !(math.Abs(got.At(i, j)-v) <= relative*largest) {
				t.Errorf("%s, element %d, %d: %v, want %v", what, i, j, got.At(i, j), v)
			}
		}
	}
}

// Every kernel is that of neural-tangents. On the diagonal of convolutional networks
// that library loses half of its digits to the angle of a correlation near 1, which
// leaves 1e-9.
func TestPeer(t *testing.T) {
	p, networks := readPeer(t), peerNetworks()
	if len(networks) != len(p.Kernels) {
		t.Errorf("%d networks here, %d there", len(networks), len(p.Kernels))
	}
	for name, n := range networks {
		x, y := waves(3, n.Input.Size(), 0), waves(2, n.Input.Size(), 0.5)
		k := compile(t, n, nil)
		nngp, theta := symmetric(t, k, x)
		cross, crossTheta, err := k.Cross(x, y)
		if err != nil {
			t.Fatal(err)
		}
		for what, m := range map[string]struct {
			mat.Matrix
			relative float64
		}{
			"symmetric_nngp": {nngp, 1e-14}, "symmetric_ntk": {theta, 1e-9}, "cross_nngp": {cross, 1e-14}, "cross_ntk": {crossTheta, 1e-14},
		} {
			compare(t, name+", "+what, m, p.Kernels[name][what], m.relative)
		}
	}
}

// The same for means and covariances of networks during and after training and of the
// NNGP.
func TestPeerPredictions(t *testing.T) {
	p := readPeer(t)
	k := compile(t, peerNetworks()["erf"], nil)
	x, y, test := waves(6, 5, 0), waves(6, 2, 2), waves(3, 5, 0.5)
	nngp, theta := symmetric(t, k, x)
	testNNGP, _ := symmetric(t, k, test)
	cross, crossTheta, err := k.Cross(test, x)
	if err != nil {
		t.Fatal(err)
	}
	loss := &ntk.Loss{Scale: 1.0 / 12} // a mean over six examples of two outputs
	for name, c := range map[string]struct {
		kernel *mat.SymDense
		cross  *mat.Dense
	}{"ntk": {theta, crossTheta}, "nngp": {nngp, cross}} {
		r, err := ntk.NewRegression(c.kernel, nngp, y, loss)
		if err != nil {
			t.Fatal(err)
		}
		for when, time := range map[string]float64{"0.0": 0, "3.0": 3, "100.0": 100, "forever": math.Inf(1)} {
			want := p.Predictions[name+" "+when]
			at := r.Flow(0.7 * time)
			compare(t, fmt.Sprintf("%s, mean at %s", name, when), at.Mean(c.cross), want[0], 1e-12)
			compare(t, fmt.Sprintf("%s, covariance at %s", name, when), at.Covariance(c.cross, cross, testNNGP), want[1], 1e-12)
		}
		if name == "ntk" {
			near(t, "largest learning rate", r.MaxLearningRate(), p.MaxLearningRate, 1e-13)
		}
	}
}
