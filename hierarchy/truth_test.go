package hierarchy

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"
)

// A linear network under gradient flow keeps |a|² − |W|² if it has one hidden
// layer, and its outputs follow f' = −K^(2)(f − y)/n.
func TestFlowConserves(t *testing.T) {
	net := drawNet(t, Shape{3, 7, 1, Identity}, Init{Seed: 2})
	points, y := sphere(3, 3, 1, 3)
	difference := func(n *Network) float64 {
		return dot(n.Readout(), n.Readout()) - dot(n.Weights(1), n.Weights(1))
	}
	path, err := GradientFlow(net, points, y, []float64{0, 1, 1.001, 1.002, 30}, &FlowOptions{Networks: true, Tolerance: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	want := difference(net)
	for _, s := range path.Snapshots {
		if got := difference(s.Net); math.Abs(got-want) > 1e-9 {
			t.Errorf("|a|² − |W|² = %v at t = %v, want %v", got, s.Time, want)
		}
		k := kernels(t, s.Net, points, 2, Auto)
		if d := apart(k[0].Data, s.F) + apart(k[1].Data, s.K2.Data); d > 0 {
			t.Errorf("the network at t = %v differs from its snapshot by %v", s.Time, d)
		}
	}
	before, at, after := path.Snapshots[1], path.Snapshots[2], path.Snapshots[3]
	u := make([]float64, 3)
	for i := range u {
		u[i] = (y[i] - at.F[i]) / 3
	}
	for i, want := range at.K2.Contract(u).Data {
		if got := (after.F[i] - before.F[i]) / 0.002; math.Abs(got-want) > 1e-6 {
			t.Errorf("f'(x_%d) = %v, K^(2) says %v", i, got, want)
		}
	}
	for i, s := range path.Snapshots[1:] {
		if s.Loss >= path.Snapshots[i].Loss {
			t.Errorf("the loss rises from %v to %v at t = %v", path.Snapshots[i].Loss, s.Loss, s.Time)
		}
	}
}

// Gradient descent is the flow up to the learning rate: half of it halves the
// distance. Errors of the flow stay within the tolerance.
func TestDescentAgainstFlow(t *testing.T) {
	net := drawNet(t, Shape{3, 20, 2, Tanh}, Init{})
	points, y := sphere(4, 4, 2, 3)
	flow := func(tolerance float64) []float64 {
		path, err := GradientFlow(net, points, y, []float64{2}, &FlowOptions{Tolerance: tolerance})
		if err != nil {
			t.Fatal(err)
		}
		return path.Snapshots[0].F
	}
	exact := flow(1e-13)
	for _, tolerance := range []float64{1e-4, 1e-6, 1e-8, 1e-10} {
		if d := apart(flow(tolerance), exact); d > tolerance*largest(y) {
			t.Errorf("error %.3g of the flow at tolerance %g", d, tolerance)
		}
	}
	var last float64
	for i, steps := range []int{20, 40, 80} {
		path, err := GradientDescent(net, points, y, 2/float64(steps), []int{0, steps}, nil)
		if err != nil {
			t.Fatal(err)
		}
		off := apart(path.Snapshots[1].F, exact)
		if ratio := last / off; i > 0 && math.Abs(ratio-2) > 0.15 {
			t.Errorf("%d steps: distance %.3g, %.3g with half as many: ratio %.3f, want 2", steps, off, last, ratio)
		}
		if math.Abs(path.Snapshots[1].Time-2) > 1e-12 {
			t.Errorf("time %v after %d steps", path.Snapshots[1].Time, steps)
		}
		last = off
	}
	if net.Theta()[0] != drawNet(t, net.Shape(), Init{}).Theta()[0] {
		t.Error("the network moved")
	}
}

// Too large a learning rate ends with the step reached.
func TestDescentDiverges(t *testing.T) {
	net := drawNet(t, Shape{3, 20, 1, Identity}, Init{})
	points, y := sphere(4, 4, 0, 3)
	path, err := GradientDescent(net, points, y, 50, []int{0, 1, 1000}, nil)
	var stop *StopError
	if !errors.Is(err, ErrBlowUp) || !errors.As(err, &stop) || stop.Time != path.Reached || path.Reached > 50*100 || len(path.Snapshots) != 2 {
		t.Errorf("error %v, %d snapshots", err, len(path.Snapshots))
	}
}

// With width, levels 2 and 3 approach the network as 1/m and level 4 as 1/m² (Theorem
// 2.6), and K^(3) and K^(4) are of size 1/m. These are medians over networks; a study
// needs more widths and networks.
func TestTruncationErrors(t *testing.T) {
	const nets = 16
	widths := []int{32, 64, 128, 256}
	measured := map[string][]float64{}
	for _, m := range widths {
		samples := map[string][]float64{}
		for seed := range uint64(nets) {
			net := drawNet(t, Shape{3, m, 2, Tanh}, Init{Seed: seed})
			points, y := Points{Train: [][]float64{{1, 0, 0}, {.6, .8, 0}, {0, -.6, .8}}}, []float64{1, -1, .5}
			k := kernels(t, net, points, 4, Auto)
			exact, err := GradientFlow(net, points, y, []float64{1}, &FlowOptions{Tolerance: 1e-9})
			if err != nil {
				t.Fatal(err)
			}
			add := func(key string, v float64) { samples[key] = append(samples[key], v) }
			add("size 3", k[2].Max())
			add("size 4", k[3].Max())
			for p := 2; p <= 4; p++ {
				path, err := truncate(t, k[:p], y).Flow([]float64{1}, nil)
				if err != nil {
					t.Fatal(err)
				}
				add(fmt.Sprint("f", p), apart(path.Snapshots[0].F, exact.Snapshots[0].F))
				add(fmt.Sprint("K", p), apart(path.Snapshots[0].K2.Data, exact.Snapshots[0].K2.Data))
			}
		}
		for key, list := range samples {
			sort.Float64s(list)
			measured[key] = append(measured[key], (list[nets/2-1]+list[nets/2])/2)
		}
	}
	for key, want := range map[string]float64{"size 3": -1, "size 4": -1, "f2": -1, "f3": -1, "f4": -2, "K2": -1, "K3": -1, "K4": -2} {
		got := slope(widths, measured[key])
		t.Logf("%s: medians %.3g, slope %.2f", key, measured[key], got)
		if math.Abs(got-want) > 0.4 {
			t.Errorf("%s falls with slope %.2f in width, want %v", key, got, want)
		}
	}
}

// slope fits log y against log x by least squares.
func slope(x []int, y []float64) float64 {
	var sx, sy, sxx, sxy float64
	for i := range x {
		a, b := math.Log(float64(x[i])), math.Log(y[i])
		sx, sy, sxx, sxy = sx+a, sy+b, sxx+a*a, sxy+a*b
	}
	n := float64(len(x))
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// Flow and descent refuse what the kernels refuse, and some further input.
func TestBadTruth(t *testing.T) {
	good := drawNet(t, Shape{2, 4, 1, Tanh}, Init{})
	points := Points{Train: [][]float64{{1, 0}, {0, 1}}}
	twice := Points{Train: [][]float64{{1, 0}, {1, 0}}}
	for name, f := range map[string]func() error{
		"no network": func() error {
			_, err := GradientFlow(&Network{}, points, []float64{1, 2}, []float64{1}, nil)
			return err
		},
		"twice":   func() error { _, err := GradientFlow(good, twice, []float64{1, 2}, []float64{1}, nil); return err },
		"descent": func() error { _, err := GradientDescent(good, twice, []float64{1, 2}, 1, []int{1}, nil); return err },
		"labels":  func() error { _, err := GradientFlow(good, points, []float64{1}, []float64{1}, nil); return err },
		"NaN label": func() error {
			_, err := GradientDescent(good, points, []float64{1, math.NaN()}, 1, []int{1}, nil)
			return err
		},
		"times": func() error { _, err := GradientFlow(good, points, []float64{1, 2}, []float64{1, 0}, nil); return err },
		"tolerance": func() error {
			_, err := GradientFlow(good, points, []float64{1, 2}, []float64{1}, &FlowOptions{Tolerance: 1e-17})
			return err
		},
		"rate 0": func() error { _, err := GradientDescent(good, points, []float64{1, 2}, 0, []int{1}, nil); return err },
		"rate NaN": func() error {
			_, err := GradientDescent(good, points, []float64{1, 2}, math.NaN(), []int{1}, nil)
			return err
		},
		"no steps":       func() error { _, err := GradientDescent(good, points, []float64{1, 2}, 1, nil, nil); return err },
		"negative steps": func() error { _, err := GradientDescent(good, points, []float64{1, 2}, 1, []int{-1}, nil); return err },
		"steps back": func() error {
			_, err := GradientDescent(good, points, []float64{1, 2}, 1, []int{2, 2}, nil)
			return err
		},
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "hierarchy: gradient ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// The flow's slope is −∇L, by differences of the loss.
func TestSlope(t *testing.T) {
	net := drawNet(t, Shape{3, 4, 3, GELU}, Init{})
	points, y := sphere(5, 3, 0, 3)
	w := newWeights(net, points, y)
	slope := make([]float64, len(net.theta))
	w.slope(slope, 0, net.theta)
	loss := func(i int, step float64) (sum float64) {
		moved := net.Clone()
		moved.theta[i] += step
		f := kernels(t, moved, points, 1, Auto)[0].Data
		for j := range y {
			sum += (f[j] - y[j]) * (f[j] - y[j]) / 6
		}
		return sum
	}
	const h = 1e-4
	for i, got := range slope {
		want := -(8*(loss(i, h)-loss(i, -h)) - (loss(i, 2*h) - loss(i, -2*h))) / (12 * h)
		if math.Abs(got-want) > 1e-10 {
			t.Errorf("−∂L/∂θ_%d = %v, difference quotient %v", i, got, want)
		}
	}
}

// Any number of cores gives the same bits.
func TestFlowCores(t *testing.T) {
	net := drawNet(t, Shape{5, 130, 2, Tanh}, Init{})
	points, y := sphere(7, 5, 2, 5)
	s := truncate(t, kernels(t, net, points, 4, Auto), y)
	sameOnCores(t, func() (numbers []float64) {
		exact, err := GradientFlow(net, points, y, []float64{1}, &FlowOptions{Tolerance: 1e-6})
		if err != nil {
			t.Fatal(err)
		}
		flow, err := s.Flow([]float64{1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*Path{exact, flow} {
			numbers = append(append(numbers, p.Snapshots[0].F...), p.Snapshots[0].K2.Data...)
		}
		return numbers
	})
}
