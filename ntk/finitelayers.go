package ntk

import (
	"fmt"

	"breakeven/nn"
)

func (s Serial) finite(f *finiteBuilder, x point) (point, error) {
	for _, l := range s {
		var err error
		if x, err = l.finite(f, x); err != nil {
			return x, err
		}
	}
	return x, nil
}

func (s Sum) finite(f *finiteBuilder, x point) (point, error) {
	in, out := f.shape, Shape{}
	var sum point
	for i, l := range s {
		f.shape = in
		y, err := l.finite(f, x)
		switch {
		case err != nil:
			return x, err
		case i == 0:
			sum, out = y, f.shape
		case f.shape != out:
			return x, fault(s, "branch %d gives %s, branch 1 %s", i+1, f.shape, out)
		default:
			f.layers++
			sum = f.net.Add(fmt.Sprintf("sum%d", f.layers), nn.Residual{}, sum, y)
		}
	}
	return sum, nil
}

func (a Activation) finite(f *finiteBuilder, x point) (point, error) {
	switch a.native {
	case "identity":
		return x, nil
	case "relu":
		return f.add("relu", nn.ReLU{}, x), nil
	case "tanh":
		return f.add("tanh", nn.Tanh{}, x), nil
	case "erf":
		return f.add("erf", nn.Erf{}, x), nil
	}
	curve := a.curve
	if curve == nil {
		curve = differences(a.slope)
	}
	return f.add("activation", nn.Elementwise{Value: a.f, Slope: a.slope, Curve: curve}, x), nil
}

func (l LayerNorm) finite(f *finiteBuilder, x point) (point, error) {
	if n := f.shape.C; n == 1 && (!l.Whole || f.shape.Size() == 1) {
		return x, fault(l, "a norm over a single number is 0: make the layer before it wider")
	}
	return f.add("norm", nn.LayerNorm{Eps: l.Eps, Whole: l.Whole}, x), nil
}

func (p AvgPool) finite(f *finiteBuilder, x point) (point, error) {
	win, err := f.windows(p, p.Window, p.Stride, p.Window, p.Pad)
	if err != nil {
		return x, err
	}
	op := nn.Windows{H: win[0].out, W: win[1].out, Read: reads(win)}
	for _, read := range op.Read {
		n := len(read)
		for _, at := range read {
			if p.Inside && at < 0 {
				n--
			}
		}
		if p.Sum {
			n = 1
		}
		op.Scale = append(op.Scale, 1/float32(n))
	}
	f.shape.H, f.shape.W = op.H, op.W
	return f.add("pool", op, x), nil
}

func (Flatten) finite(f *finiteBuilder, x point) (point, error) {
	if f.shape.H*f.shape.W == 1 {
		return x, nil
	}
	f.shape = Vec(f.shape.Size())
	return f.add("flatten", nn.Flatten{}, x), nil
}

func (g GlobalAvgPool) finite(f *finiteBuilder, x point) (point, error) {
	pixels := f.shape.H * f.shape.W
	if pixels == 1 {
		return x, nil
	}
	all := make(nn.Window, pixels)
	for i := range all {
		all[i] = i
	}
	op := nn.Windows{H: 1, W: 1, Read: []nn.Window{all}, Scale: []float32{1}}
	if !g.Sum {
		op.Scale[0] = 1 / float32(pixels)
	}
	f.shape = Vec(f.shape.C)
	return f.add("pool", op, x), nil
}
