package hierarchy

import (
	"math"

	"breakeven/rng"

	"pgregory.net/rapid"
)

// drawNet draws a network or fails.
func drawNet(t rapid.TB, s Shape, init Init) *Network {
	t.Helper()
	net, err := Draw(s, init)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// kernels computes kernels or fails.
func kernels(t rapid.TB, net *Network, points Points, p int, way Route) []*Tensor {
	t.Helper()
	k, err := Kernels(net, points, p, &Options{Route: way})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sphere returns n training and q test points on the unit sphere, and labels.
func sphere(seed uint64, n, q, d int) (Points, []float64) {
	stream := rng.New(seed, "test/points")
	points := make([][]float64, n+q)
	for i := range points {
		points[i] = make([]float64, d)
		for j := range points[i] {
			points[i][j] = stream.NormFloat64()
		}
		scaleTo(points[i], 1/sqrtSum(points[i]), points[i])
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = stream.NormFloat64()
	}
	return Points{points[:n], points[n:]}, y
}

func sqrtSum(x []float64) float64 { return math.Sqrt(dot(x, x)) }

// apart returns the largest difference.
func apart(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var m float64
	for i, v := range a {
		m = math.Max(m, math.Abs(v-b[i])) // NaN stays
	}
	return m
}

// A scene is a small random network with points and labels.
type scene struct {
	net    *Network
	points Points
	y      []float64
}

// drawScene draws one of any activation, depth up to 3, with test points or
// without.
func drawScene(t *rapid.T, most int) scene {
	seed := rapid.Uint64Range(0, 1000).Draw(t, "seed")
	s := Shape{
		Inputs:     rapid.IntRange(2, 4).Draw(t, "inputs"),
		Width:      rapid.IntRange(1, 7).Draw(t, "width"),
		Depth:      rapid.IntRange(1, 3).Draw(t, "depth"),
		Activation: rapid.SampledFrom(Activations()).Draw(t, "activation"),
	}
	net, err := Draw(s, Init{Seed: seed, WeightStd: 1.2, Orthogonal: rapid.Bool().Draw(t, "orthogonal")})
	if err != nil {
		t.Fatal(err)
	}
	points, y := sphere(seed, rapid.IntRange(1, most).Draw(t, "points"), rapid.IntRange(0, 3).Draw(t, "test"), s.Inputs)
	return scene{net, points, y}
}
