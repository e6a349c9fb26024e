package hierarchy

import (
	"errors"
	"math"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/rng"
)

// smallNet is a network of nn with two outputs, of all kinds of smooth operations that
// images meet.
func smallNet() *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	x = net.Add("conv", nn.Conv2D{Filters: 3, K: 3, Pad: 1}, x)
	x = net.Add("tanh", nn.Tanh{}, x)
	x = net.Add("pool", nn.AvgPool{K: 2}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	x = net.Add("fc1", nn.Linear{Units: 5}, x)
	x = net.Add("sigmoid", nn.Sigmoid{}, x)
	net.Add("fc2", nn.Linear{Units: 2}, x)
	return net
}

// examples draws n inputs of so many numbers.
func examples(seed uint64, n, size int) nn.Batch {
	stream, x := rng.New(seed, "test/examples"), make([]float32, n*size)
	for i := range x {
		x[i] = float32(stream.NormFloat64())
	}
	return nn.Batch{N: n, In: []nn.Values{{F: x}}}
}

func of(t *testing.T, net *nn.Network, theta []float32, train, test nn.Batch, p int) []*Tensor {
	t.Helper()
	k, err := Of(net, theta, train, test, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// With width 1 the paper's network is one of nn, since 1/√m is 1: both have the same
// kernels, with and without test points.
func TestOfAgainstNetwork(t *testing.T) {
	for _, c := range []struct {
		s  Shape
		op nn.Op
	}{{Shape{3, 1, 1, Tanh}, nn.Tanh{}}, {Shape{3, 1, 3, Erf}, nn.Erf{}}, {Shape{2, 1, 2, Sigmoid}, nn.Sigmoid{}}} {
		own := drawNet(t, c.s, Init{Seed: 4})
		net, x := nn.NewNetwork(nn.Vec(c.s.Inputs))
		for l := range c.s.Depth {
			x = net.Add("w"+string(rune('1'+l)), nn.Linear{Units: 1, NoBias: true}, x)
			x = net.Add("act"+string(rune('1'+l)), c.op, x)
		}
		net.Add("a", nn.Linear{Units: 1, NoBias: true}, x)
		theta := make([]float32, len(own.theta))
		for i, w := range own.theta {
			theta[i] = float32(w)
			own.theta[i] = float64(theta[i])
		}
		train, test := examples(1, 4, c.s.Inputs), examples(2, 3, c.s.Inputs)
		points := Points{rowsOf(train), rowsOf(test)}
		got, want := of(t, net, theta, train, test, 3), kernels(t, own, points, 3, Auto)
		for r := range got {
			if d := apart(got[r].Data, want[r].Data); d > 2e-6*max(1, want[r].Max()) {
				t.Errorf("%s, depth %d: K^(%d) differs by %.2g of %.2g", c.s.Activation.Name, c.s.Depth, r+1, d, want[r].Max())
			}
		}
	}
}

// rowsOf returns the inputs of a batch as points.
func rowsOf(b nn.Batch) [][]float64 {
	list := make([][]float64, b.N)
	size := len(b.In[0].F) / b.N
	for i := range list {
		for _, v := range b.In[0].F[i*size : (i+1)*size] {
			list[i] = append(list[i], float64(v))
		}
	}
	return list
}

// K^(r+1) is the derivative of K^(r) along a gradient, by differences, for a network of
// several outputs; and f, K^(2) are what finite differences of f say.
func TestOfDifferences(t *testing.T) {
	net := smallNet()
	theta := net.InitialParams(nn.Glorot, 3)
	train, test := examples(5, 2, 16), examples(6, 2, 16)
	k := of(t, net, theta, train, test, 3)
	g := &general{net: net, train: train, test: test, outputs: 2}
	g.plan = net.Compile(g.settings(3))
	for z := range 4 {
		g.plan.SetParams(theta)
		slope := make([]float32, len(theta))
		g.at(z, slope)
		moved := func(h float64) []*Tensor {
			to := make([]float32, len(theta))
			for i := range to {
				to[i] = float32(float64(theta[i]) + h*float64(slope[i]))
			}
			return of(t, net, to, train, test, 2)
		}
		const h = 0.02
		a, b, c, d := moved(-2*h), moved(-h), moved(h), moved(2*h)
		for r := range 2 {
			next := k[r+1]
			for i := range a[r].Data {
				got := next.Data[i*next.N+z]
				want := (8*(c[r].Data[i]-b[r].Data[i]) - (d[r].Data[i] - a[r].Data[i])) / (12 * h)
				if math.Abs(got-want) > 1e-3*next.Max() {
					t.Errorf("K^(%d), entry %d, point %d: %.6f, by differences %.6f", r+2, i, z, got, want)
				}
			}
		}
	}
}

// The order of the examples is that of the points, and test examples change nothing of the
// training examples.
func TestOfOrder(t *testing.T) {
	net := smallNet()
	theta := net.InitialParams(nn.Glorot, 3)
	train, test := examples(5, 3, 16), examples(6, 1, 16)
	whole, alone := of(t, net, theta, train, test, 3), of(t, net, theta, train, nn.Batch{}, 3)
	turned := of(t, net, theta, train.Reversed(), nn.Batch{}, 3)
	for r := range alone {
		if d := apart(whole[r].Data[:len(alone[r].Data)], alone[r].Data); d > 0 {
			t.Errorf("K^(%d) differs by %v without test examples", r+1, d)
		}
	}
	turn := func(a int) int { return 2*(2-a/2) + a%2 }
	for x := range 6 {
		for y := range 6 {
			for z := range 6 {
				if a, b := alone[2].At(x, y, z), turned[2].At(turn(x), turn(y), turn(z)); a != b {
					t.Fatalf("K^(3)(%d, %d, %d) is %v, and %v in reverse order", x, y, z, a, b)
				}
				if a, b := alone[2].At(x, y, z), alone[2].At(y, x, z); a != b {
					t.Fatalf("K^(3)(%d, %d, %d) is %v, and %v with the first two exchanged", x, y, z, a, b)
				}
			}
		}
	}
}

// What has no kernels is refused with the reason.
func TestOfRefuses(t *testing.T) {
	good := smallNet()
	theta := good.InitialParams(nn.Glorot, 3)
	add := func(op nn.Op) *nn.Network {
		net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
		x = net.Add("conv", nn.Conv2D{Filters: 2, K: 3}, x)
		x = net.Add("odd", op, x)
		net.Add("fc", nn.Linear{Units: 1}, net.Add("flatten", nn.Flatten{}, x))
		return net
	}
	bad := examples(5, 2, 16)
	bad.In[0].F[17] = float32(math.NaN())
	stop := errors.New("enough")
	for name, c := range map[string]struct {
		net   *nn.Network
		theta []float32
		train nn.Batch
		p     int
		o     *Options
		want  string
	}{
		"order 4":     {good, theta, examples(5, 2, 16), 4, nil, "orders are 1 to 3"},
		"ReLU":        {add(nn.ReLU{}), nil, examples(5, 2, 16), 3, nil, "odd: not smooth"},
		"max pooling": {add(nn.MaxPool{K: 2}), nil, examples(5, 2, 16), 3, nil, "odd: not smooth"},
		"batch norm":  {add(nn.BatchNorm{}), nil, examples(5, 2, 16), 3, nil, "batch norm"},
		"no points":   {good, theta, nn.Batch{}, 3, nil, "no training points"},
		"parameters":  {good, theta[1:], examples(5, 2, 16), 3, nil, "parameters for a network of"},
		"NaN":         {good, theta, bad, 3, nil, "number 17 of the inputs of the training points is NaN"},
		"memory":      {good, theta, examples(5, 20, 16), 3, &Options{Limit: 1e5}, "take fewer examples"},
		"stopped":     {good, theta, examples(5, 2, 16), 3, &Options{Stop: func() error { return stop }}, "enough"},
	} {
		p := c.theta
		if p == nil {
			p = c.net.InitialParams(nn.Glorot, 3)
		}
		if _, err := Of(c.net, p, c.train, nn.Batch{}, c.p, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestChosen(t *testing.T) { nntest.TestLoss(t, chosen{}, 3) }
