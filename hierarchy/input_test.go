package hierarchy

import (
	"math"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// Every function that takes a network and points refuses the same invalid input.
func TestBadInput(t *testing.T) {
	good := drawNet(t, Shape{2, 4, 1, Tanh}, Init{})
	broken := good.Clone()
	broken.Theta()[3] = math.NaN()
	x := [][]float64{{1, 0}, {0, 1}}
	for name, c := range map[string]struct {
		net    *Network
		points Points
		want   string
	}{
		"no points":    {good, Points{}, "no training points"},
		"NaN":          {good, Points{Train: [][]float64{{1, 0}, {0, math.NaN()}}}, "coordinate 1 of training point 1 is NaN"},
		"infinite":     {good, Points{x, [][]float64{{math.Inf(1), 0}}}, "coordinate 0 of test point 0 is +Inf"},
		"short":        {good, Points{Train: [][]float64{{1, 0}, {0}}}, "training point 1 has 1 coordinates"},
		"long test":    {good, Points{x, [][]float64{{1, 2, 3}}}, "test point 0 has 3 coordinates"},
		"twice":        {good, Points{Train: [][]float64{{1, 0}, {0, 1}, {1, math.Copysign(0, -1)}}}, "training points 0 and 2 are the same"},
		"NaN weight":   {broken, Points{Train: x}, "weight 3 of the network is NaN"},
		"zero network": {&Network{}, Points{Train: x}, "0 inputs"},
	} {
		check := func(what string, err error) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "hierarchy: ") {
				t.Errorf("%s: %s: error %v, want one with %q", name, what, err, c.want)
			}
		}
		_, err := Kernels(c.net, c.points, 3, nil)
		check("Kernels", err)
		check("Stream", Stream(c.net, c.points, 3, nil, func(Block) error { return nil }))
	}
	points := Points{Train: x}
	for name, f := range map[string]func() error{
		"order 0":       func() error { _, err := Kernels(good, points, 0, nil); return err },
		"products of 5": func() error { _, err := Kernels(good, points, 5, &Options{Route: Products}); return err },
		"unknown route": func() error { _, err := Kernels(good, points, 3, &Options{Route: 7}); return err },
		"stream of 2":   func() error { return Stream(good, points, 2, nil, nil) },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "hierarchy: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestTensorPanics(t *testing.T) {
	k := NewTensor(2, 3, 2)
	mustPanic(t, "order 0", func() { NewTensor(0, 1, 1) })
	mustPanic(t, "fewer rows than points", func() { NewTensor(1, 1, 2) })
	mustPanic(t, "one index for two", func() { k.At(1) })
	mustPanic(t, "row out of range", func() { k.At(3, 0) })
	mustPanic(t, "column out of range", func() { k.At(0, 2) })
	mustPanic(t, "negative column", func() { k.At(1, -1) })
	mustPanic(t, "too many numbers to count", func() { NewTensor(40, 100, 100) })
	mustPanic(t, "contraction with too many", func() { k.Contract(make([]float64, 3)) })
	mustPanic(t, "contraction of a vector", func() { NewTensor(1, 2, 2).Contract(make([]float64, 2)) })
}

// Input that needs too much memory is refused beforehand, with the number of bytes and
// with how many points would fit: exactly that many do.
func TestTooLarge(t *testing.T) {
	net := drawNet(t, Shape{3, 50, 2, Tanh}, Init{})
	points, _ := sphere(0, 300, 7, 3)
	options := &Options{Limit: 500e6}
	_, err := Kernels(net, points, 4, options)
	if err == nil {
		t.Fatal("64 GB of K^(4) were not refused")
	}
	match := regexp.MustCompile(`hierarchy: kernels up to order 4 of 300 training and 7 test points at width 50 take (\S+) GB, ` +
		`and 500\.0 MB are allowed: (\d+) training points would fit, or order 3`).FindStringSubmatch(err.Error())
	if match == nil {
		t.Fatalf("error %v", err)
	}
	if gb, _ := strconv.ParseFloat(match[1], 64); gb < 8*307*27e6/1e9 {
		t.Errorf("it speaks of %v GB", gb)
	}
	n, _ := strconv.Atoi(match[2])
	for fits, n := range map[bool]int{true: n, false: n + 1} {
		var sum int64
		for _, part := range Plan(net.Shape(), n, 7, 4, options) {
			sum += part.Bytes
		}
		if (sum <= options.Limit) != fits {
			t.Errorf("%d points take %d bytes of %d", n, sum, options.Limit)
		}
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"order 32":     {kernelsError(net, points, 32, nil), "GB"},
		"order 10,000": {kernelsError(net, points, 10000, nil), "orders end at 32"},
		"nothing fits": {kernelsError(net, points, 3, &Options{Limit: 1000}), "no number of points would fit"},
		"stream":       {Stream(net, points, 5, nil, nil), "blocks of order 5"},
		"stream fits":  {kernelsError(net, Points{Train: points.Train[:40]}, 5, &Options{Limit: 3e8}), "or blocks by Stream"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, c.err, c.want)
		}
	}
}

func kernelsError(net *Network, points Points, p int, o *Options) error {
	_, err := Kernels(net, points, p, o)
	return err
}

// The memory announced is the memory allocated, to one seventh: allocations are whole
// pages.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		width, n, q, order int
		way                Route
	}{
		{128, 12, 0, 3, Auto}, {128, 12, 0, 4, Auto}, {64, 8, 12, 4, Auto}, {128, 8, 0, 4, Jets}, {64, 5, 3, 5, Auto}, {20, 30, 0, 4, Auto},
	} {
		net := drawNet(t, Shape{9, c.width, 2, Tanh}, Init{})
		points, _ := sphere(0, c.n, c.q, 9)
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that no worker stays idle
		var want float64
		for _, part := range PlanStream(net.Shape(), c.n, c.q, c.order, &Options{Route: c.way}) {
			want += float64(part.Bytes)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := Stream(net, points, c.order, &Options{Route: c.way}, func(Block) error { return nil }); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		got := float64(after.TotalAlloc - before.TotalAlloc)
		t.Logf("%+v: %.2f MB allocated, %.2f MB announced", c, got/1e6, want/1e6)
		if got > 1.15*want || got < 0.9*want {
			t.Errorf("%+v: %.0f bytes allocated, %.0f announced", c, got, want)
		}
	}
}
