package onnx

import (
	"errors"
	"fmt"
	"slices"

	"breakeven/nn"
)

// A form is what inputs of three dimensions are.
type form int

const (
	sequences  form = iota // [examples, steps, numbers]
	stepsFirst             // [steps, examples, numbers]
	signals                // [examples, channels, length]
)

// network computes the node with those inputs as activations for which live is true.
func (c nodeCase) network(live func(k int) bool, f form) (out []*array, err error) {
	axis := 0
	if f == stepsFirst {
		axis = 1
	}
	b, err := c.open(live)
	if err != nil {
		return nil, err
	}
	batch := nn.Batch{N: -1}
	for k, t := range c.in {
		if !live(k) {
			continue
		}
		if len(t.dims) < 2 || len(t.dims) > 4 || slices.Contains(t.dims, 0) || t.kind != float32s || batch.N >= 0 && t.dims[axis] != int64(batch.N) || f != sequences && len(t.dims) != 3 {
			return nil, errors.New("no batch axis")
		}
		batch.N = int(t.dims[axis])
		name := b.file.graph.inputs[k].name
		v, x := b.activated(name, t, f)
		b.values[name] = v
		batch.In = append(batch.In, nn.Values{F: x})
	}
	b.batch = int64(batch.N)
	for _, n := range b.file.live {
		if err := b.addNode(n); err != nil {
			return nil, err
		}
	}
	for _, p := range b.file.graph.outputs {
		v := b.values[p.name]
		if v.activation == nil && len(out) > 0 { // which no network reads
			break
		}
		if v.activation == nil {
			return nil, fmt.Errorf("output %q is no activation", p.name)
		}
		a, err := b.read(v.activation, batch)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, b.net.Err()
}

// activated adds an input of the network, and returns its numbers in the order of package nn.
func (b *builder) activated(name string, t *tensor, f form) (value, []float32) {
	x := make([]float32, t.count())
	if err := t.fill(x, ""); err != nil {
		panic(err)
	}
	d := make([]int, len(t.dims))
	for k := range d {
		d[k] = int(t.dims[k])
	}
	switch len(d) {
	case 2:
		return on("C", b.net.AddInput(nn.Input{Name: name, Shape: nn.Vec(d[1])})), x
	case 4:
		return on("CHW", b.net.AddInput(nn.Input{Name: name, Shape: nn.Shape{C: d[1], H: d[2], W: d[3]}})), x
	}
	if f == signals {
		return on("CW", b.net.AddInput(nn.Input{Name: name, Shape: nn.Shape{C: d[1], H: 1, W: d[2]}})), x
	}
	steps := d[1]
	if f == stepsFirst {
		steps = d[0]
	}
	x0 := b.net.AddInput(nn.Input{Name: name, Shape: nn.Seq(steps, d[2])})
	if f == sequences {
		return on("TC", x0), x
	}
	turned := make([]float32, len(x))
	for t := range d[0] {
		for n := range d[1] {
			copy(turned[(n*d[0]+t)*d[2]:][:d[2]], x[(t*d[1]+n)*d[2]:])
		}
	}
	whole := axesOf(nn.Seq(steps, d[2]), "TC")
	return b.settled(&node{name: name}, &layout{of: x0, axes: [][]piece{whole[1], whole[0], whole[2]}, scale: 1}), turned
}

// read returns the numbers of an activation in the order of the graph's tensor.
func (b *builder) read(a *activation, batch nn.Batch) (*array, error) {
	l, err := try(func() *layout { return b.layoutOf(a) })
	if err != nil {
		return nil, err
	}
	s := l.of.Shape()
	x := l.of
	if s.T == 0 && s.H*s.W > 1 {
		x = b.net.Add(b.free("flat"), nn.Flatten{}, x)
	}
	net := b.net
	y := net.Add(b.free("copy"), nn.Elementwise{Value: func(x float64) float64 { return x }, Slope: func(float64) float64 { return 1 }, Curve: func(float64) float64 { return 0 }}, x)
	net.AddOutput(b.free("out"), y)
	n := &Network{Network: net, sources: b.sources, file: b.file}
	n.initialState()
	if norm := b.file.live[0]; net.StateDim() > 0 && norm.int("training_mode", 0) == 0 { // else by the statistics of the batch
		net = net.Fixed(net.InitialState())
	}
	theta, err := n.Weights()
	if err != nil {
		return nil, err
	}
	p := net.Compile(nn.Settings{Batch: batch.N, Evaluate: true})
	p.SetParams(theta)
	p.Forward(batch)
	z := p.Output(len(net.Outputs()) - 1)
	dims := l.sized(batchSize, int64(batch.N)).dims()
	out := newArray(float32s, dims)
	size := s.Size()
	for i := range out.reals {
		at := map[byte]int64{'C': l.first}
		rest := int64(i)
		for k := len(l.axes) - 1; k >= 0; k-- {
			own := rest % dims[k]
			rest /= dims[k]
			for j := len(l.axes[k]) - 1; j >= 0; j-- {
				q := l.axes[k][j]
				if q.axis == 'N' {
					q.size = int64(batch.N)
				}
				at[q.axis] += own % q.size * q.stride
				own /= q.size
			}
		}
		place := int(at['N'])*size + int(at['T'])*s.C + int(at['C'])
		if s.T == 0 {
			place = int(at['N'])*size + (int(at['C'])*s.H+int(at['H']))*s.W + int(at['W'])
		}
		out.reals[i] = float64(z[place]) * l.scale
	}
	return out, nil
}
