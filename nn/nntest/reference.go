package nntest

import (
	"fmt"
	"math"
	"slices"

	"breakeven/nn"
	"breakeven/rng"
)

// images are n examples in PyTorch's layout [n, C, H, W] or, of sequences,
// [n, T, C, H, W].
type images struct {
	nn.Shape
	n     int
	x     []hyper
	ints  []int32         // in place of x
	count func(i int) int // steps of an example that count
}

func newImages(n int, s nn.Shape) images { return images{Shape: s, n: n, x: make([]hyper, n*s.Size())} }

// at is a pixel of image i; an example has as many images as steps.
func (m images) at(i, c, y, x int) *hyper { return &m.x[((i*m.C+c)*m.H+y)*m.W+x] }

// all returns the number of images.
func (m images) all() int { return m.n * m.Steps() }

// switches records on which side of its kinks a network stands.
type switches struct {
	taken  []uint8
	margin float64 // distance of the nearest kink
}

func (s *switches) take(branch uint8, margin float64) {
	s.taken = append(s.taken, branch)
	s.margin = min(s.margin, margin)
}

// reference computes the value y of every operation by its definition: plain loops over
// examples, channels and pixels. ps are the operation's parameters; stats are the running mean
// and variance of batch norm, nil in training mode.
func reference(op nn.Op, ps [][]hyper, stats []float32, y images, in []images, sw *switches) {
	switch op := op.(type) {
	case nn.Conv2D:
		convolve(y, in[0], ps, max(1, op.Stride), op.K, op.K, op.Pad)
	case nn.Depthwise2D:
		height := op.K
		if op.Row {
			height = 1
		}
		convolveDepthwise(y, in[0], ps, max(1, op.Stride), height, op.K, op.Pad)
	case nn.Linear:
		convolve(y, in[0], ps, 1, 1, 1, 0)
	case nn.ReLU:
		for i, v := range in[0].x {
			if v.v > 0 {
				y.x[i] = v
				sw.take(1, v.v)
			} else {
				sw.take(0, -v.v)
			}
		}
	case nn.Clip:
		for i, v := range in[0].x {
			low, high := float64(op.Low), float64(op.High)
			switch {
			case v.v <= low:
				y.x[i] = constant(low)
				sw.take(0, low-v.v)
			case v.v >= high:
				y.x[i] = constant(high)
				sw.take(2, v.v-high)
			default:
				y.x[i] = v
				sw.take(1, min(v.v-low, high-v.v))
			}
		}
	case nn.ELU:
		for i, v := range in[0].x {
			if v.v > 0 {
				y.x[i] = v
				sw.take(1, v.v)
			} else {
				y.x[i] = v.exp().plus(constant(-1))
				sw.take(0, -v.v)
			}
		}
	case nn.Tanh:
		each(y, in[0], hyper.tanh)
	case nn.Sigmoid:
		each(y, in[0], hyper.sigmoid)
	case nn.SiLU:
		each(y, in[0], func(x hyper) hyper { return x.times(x.sigmoid()) })
	case nn.Erf:
		each(y, in[0], hyper.erf)
	case nn.GELU:
		each(y, in[0], func(x hyper) hyper {
			return x.scaled(0.5).times(x.scaled(1 / math.Sqrt2).erf().plus(constant(1)))
		})
	case nn.Elementwise:
		each(y, in[0], func(x hyper) hyper { return x.apply(op.Value(x.v), op.Slope(x.v), op.Curve(x.v)) })
	case nn.Scaled:
		for i, v := range in[0].x {
			y.x[i] = v.scaled(float64(op.Scale))
			if !op.NoBias {
				y.x[i] = y.x[i].plus(ps[0][i/(y.H*y.W)%y.C].scaled(float64(op.BiasScale)))
			}
		}
	case nn.LayerScale:
		for i, v := range in[0].x {
			y.x[i] = v.times(ps[0][i/(y.H*y.W)%y.C])
		}
	case nn.Windows, nn.Unfold:
		readWindows(y, in[0], op)
	case nn.GroupNorm:
		normaliseGroups(y, in[0], op, ps)
	case nn.ChannelResponse:
		respond(y, in[0], op.Eps)
	case nn.LayerNorm:
		normaliseLayers(y, in[0], op, ps)
	case nn.RMSNorm:
		normaliseSquares(y, in[0], op, ps)
	case nn.Flatten:
		copy(y.x, in[0].x)
	case nn.MaxPool:
		pool(y, in[0], op.K, op.K, orElse(op.Stride, op.K), op.Pad, func(w []hyper, at []int, _ int) hyper { return largest(w, at, sw) })
	case nn.AvgPool:
		h, w, stride := op.K, op.K, orElse(op.Stride, op.K)
		if op.K == 0 {
			h, w, stride = in[0].H, in[0].W, 1
		}
		pool(y, in[0], h, w, stride, op.Pad, func(v []hyper, _ []int, places int) hyper {
			if op.Inside {
				return mean(v)
			}
			return mean(v).scaled(float64(len(v)) / float64(places))
		})
	case nn.BatchNorm:
		x := newImages(y.n, y.Shape)
		concat(x, in)
		normalise(y, x, ps, stats)
	case nn.Residual:
		for i := range y.x {
			y.x[i] = in[0].x[i].plus(in[1].x[i])
		}
	case nn.Subsample:
		for i := range y.all() {
			for c := range in[0].C {
				for r := range y.H {
					for k := range y.W {
						*y.at(i, c, r, k) = *in[0].at(i, c, r*op.Stride, k*op.Stride)
					}
				}
			}
		}
	case nn.TokenMask:
		for at, token := range in[0].ints {
			if y.x[at] = constant(1); int(token) == op.Padding {
				y.x[at] = constant(0)
			}
		}
	case nn.Embedding:
		for at, token := range in[0].ints {
			if op.Counted {
				token = counted(in[0].ints[at-at%y.Steps():at+1], int32(op.Padding))
			}
			for c, v := range ps[0][int(token)*y.C:][:y.C] {
				if op.HasPadding && int(token) == op.Padding {
					v = constant(v.v)
				}
				y.x[at*y.C+c] = v
			}
		}
	case nn.Positions:
		for at, v := range in[0].x {
			row := at % y.Size() / y.C
			if op.At != nil {
				row = int(op.At[row])
			}
			y.x[at] = v.plus(ps[0][row*y.C+at%y.C])
		}
	case nn.Prepend:
		for at := range y.x {
			i, k := at/y.Size(), at%y.Size()
			if k < y.C {
				y.x[at] = ps[0][k]
			} else {
				y.x[at] = in[0].x[i*in[0].Size()+k-y.C]
			}
		}
	case nn.Concat:
		concat(y, in)
	case nn.Slice:
		slicePixels(y, in[0], op.From)
	case nn.Pick:
		for i := range y.all() {
			for c, from := range op.Channels {
				for p := range y.H * y.W {
					*y.at(i, c, p/y.W, p%y.W) = *in[0].at(i, int(from), p/y.W, p%y.W)
				}
			}
		}
	case nn.Rotary:
		d := len(op.Pair)
		for at, v := range in[0].x {
			j := at % d
			k := at/y.C%y.T*d + j
			y.x[at] = v.scaled(float64(op.Own[k])).plus(in[0].x[at-j+int(op.Pair[j])].scaled(float64(op.Other[k])))
		}
	case nn.PixelSteps: // images are channel by channel here
		for at := range y.x {
			i, t, c := at/y.Size(), at%y.Size()/y.C, at%y.C
			y.x[at] = in[0].x[i*y.Size()+c*y.T+t]
		}
	case nn.Raster:
		for at := range y.x {
			i, k := at/y.Size(), at%y.Size()
			if in[0].T == 0 || k < in[0].count(i)*in[0].Step().Size() {
				y.x[i*y.Size()+channelsFirst(y.Shape, k)] = in[0].x[i*y.Size()+channelsFirst(in[0].Shape, k)]
			}
		}
	case nn.MaxWindows:
		largestOf(y, in[0], op.Read, sw)
	case nn.Transpose:
		for at := range y.x {
			i, c, t := at/y.Size(), at%y.Size()/y.C, at%y.C
			if t < in[0].count(i) {
				y.x[at] = in[0].x[i*y.Size()+t*in[0].C+c]
			}
		}
	case nn.PickSteps:
		size := y.Step().Size()
		for i := range y.n {
			for t, from := range op.At {
				if int(from) < in[0].count(i) {
					copy(y.x[i*y.Size()+t*size:][:size], in[0].x[i*in[0].Size()+int(from)*size:])
				}
			}
		}
	case nn.SliceSteps:
		for i := range y.n {
			copy(y.x[i*y.Size():(i+1)*y.Size()], in[0].x[i*in[0].Size()+op.From*y.Step().Size():])
		}
	case nn.Step:
		for i := range y.n {
			t := op.At
			if t < 0 {
				t += in[0].count(i)
			}
			if t >= 0 && t < in[0].count(i) {
				copy(y.x[i*y.Size():(i+1)*y.Size()], in[0].x[i*in[0].Size()+t*y.Size():])
			}
		}
	case nn.MeanSteps:
		overSteps(y, in, func(steps []hyper, _ []int) hyper { return mean(steps) })
	case nn.SumSteps:
		overSteps(y, in, func(steps []hyper, _ []int) hyper { return mean(steps).scaled(float64(len(steps))) })
	case nn.GRU:
		gru(op, ps, y, in[0])
	case nn.Multiply:
		for i := range y.all() {
			for c := range y.C {
				for r := range y.H {
					for k := range y.W {
						*y.at(i, c, r, k) = in[0].at(i, c, r, k).times(*in[1].at(i, c, min(r, in[1].H-1), min(k, in[1].W-1)))
					}
				}
			}
		}
	case nn.MaxSteps:
		overSteps(y, in, func(steps []hyper, at []int) hyper { return largest(steps, at, sw) })
	default:
		panic(fmt.Sprintf("nntest: %T has no twin: add its value to reference.go", op))
	}
}

// overSteps sets each number of y to what f makes of it at those steps of an example that count, with their places; without any it
// is 0. The second input, if there is one, is above 0 for these.
func overSteps(y images, in []images, f func(steps []hyper, at []int) hyper) {
	for i := range y.n {
		for k := range y.Size() {
			var steps []hyper
			var at []int
			for t := range in[0].count(i) {
				if len(in) == 1 || in[1].x[i*in[1].Size()+t].v > 0 {
					steps, at = append(steps, in[0].x[i*in[0].Size()+t*y.Size()+k]), append(at, t)
				}
			}
			if len(steps) > 0 {
				y.x[i*y.Size()+k] = f(steps, at)
			}
		}
	}
}

// drop is dropout with the masks of the trial: number k of example i is kept if 16 bits of the
// field "dropout/NAME" are at least the rate in 65536ths. A place of the field has eight
// numbers of 16 bits, lowest first, and each example begins with a new place.
func drop(y, x images, name string, op nn.Dropout, first int) {
	f, size := rng.NewField(maskSeed, "dropout/"+name), x.Size()
	places := (size + 7) / 8
	for i := range x.n {
		for k := range size {
			a, b := f.At(maskStep, uint64((first+i)*places+k/8))
			bits := [2]uint64{a, b}[k%8/4] >> (k % 4 * 16) & 0xffff
			if float64(bits) >= math.Round(op.Rate*65536) {
				// Numbers are counted with channels last; here channels are first.
				at := channelsFirst(x.Shape, k)
				y.x[i*size+at] = x.x[i*size+at].scaled(1 / (1 - op.Rate))
			}
		}
	}
}

// channelsFirst returns the place in PyTorch's layout of number k of an example with channels
// last.
func channelsFirst(s nn.Shape, k int) int {
	step := s.Step().Size()
	pixel, c := k%step/s.C, k%s.C
	return k/step*step + c*s.H*s.W + pixel
}

// concat joins channels, which in PyTorch's layout is joining images.
func concat(y images, in []images) {
	for i := range y.all() {
		first := 0
		for _, x := range in {
			for c := range x.C {
				for r := range y.H {
					for k := range y.W {
						*y.at(i, first+c, r, k) = *x.at(i, c, r, k)
					}
				}
			}
			first += x.C
		}
	}
}

func slicePixels(y, x images, first int) {
	for i := range y.all() {
		for c := range y.C {
			for r := range y.H {
				for k := range y.W {
					*y.at(i, c, r, k) = *x.at(i, first+c, r, k)
				}
			}
		}
	}
}

// counted returns the row that the last of integers picks: as many rows after padding as there are integers that are no padding.
func counted(ints []int32, padding int32) int32 {
	others := slices.DeleteFunc(slices.Clone(ints), func(i int32) bool { return i == padding })
	if ints[len(ints)-1] == padding {
		return padding
	}
	return padding + int32(len(others))
}

func orElse(x, zero int) int {
	if x == 0 {
		return zero
	}
	return x
}

func each(y, x images, f func(hyper) hyper) {
	for i, v := range x.x {
		y.x[i] = f(v)
	}
}

// convolve is cross-correlation with zero padding. A dense layer is the case of one pixel.
func convolve(y, x images, ps [][]hyper, stride, h, k, pad int) {
	w := ps[0]
	for i := range y.all() {
		for o := range y.C {
			for r := range y.H {
				for c := range y.W {
					var sum hyper
					if len(ps) > 1 {
						sum = ps[1][o]
					}
					for ch := range x.C {
						for t := range h * k {
							u, v := r*stride+t/k-pad, c*stride+t%k-pad
							if u >= 0 && u < x.H && v >= 0 && v < x.W {
								sum = sum.plus(x.at(i, ch, u, v).times(w[(o*x.C+ch)*h*k+t]))
							}
						}
					}
					*y.at(i, o, r, c) = sum
				}
			}
		}
	}
}

// convolveDepthwise convolves each channel by itself.
func convolveDepthwise(y, x images, ps [][]hyper, stride, h, k, pad int) {
	for o := range y.C {
		one, of := newImages(y.n, nn.Shape{C: 1, H: y.H, W: y.W, T: y.T}), newImages(x.n, nn.Shape{C: 1, H: x.H, W: x.W, T: x.T})
		for i := range x.all() {
			copy(of.x[i*x.H*x.W:(i+1)*x.H*x.W], x.x[(i*x.C+o)*x.H*x.W:])
		}
		own := [][]hyper{ps[0][o*h*k : (o+1)*h*k]}
		if len(ps) > 1 {
			own = append(own, ps[1][o:o+1])
		}
		convolve(one, of, own, stride, h, k, pad)
		for i := range y.all() {
			copy(y.x[(i*y.C+o)*y.H*y.W:(i*y.C+o+1)*y.H*y.W], one.x[i*y.H*y.W:])
		}
	}
}

// pool applies f to those pixels of each h×w window that are in the image, row by row, and to
// their places in the window.
func pool(y, x images, h, w, stride, pad int, f func(pixels []hyper, at []int, places int) hyper) {
	for i := range y.all() {
		for ch := range y.C {
			for r := range y.H {
				for c := range y.W {
					var window []hyper
					var at []int
					places := 0 // in the image and its padding
					for t := range h * w {
						if r*stride+t/w < x.H+2*pad && c*stride+t%w < x.W+2*pad {
							places++
						}
						if u, v := r*stride+t/w-pad, c*stride+t%w-pad; u >= 0 && u < x.H && v >= 0 && v < x.W {
							window, at = append(window, *x.at(i, ch, u, v)), append(at, t)
						}
					}
					*y.at(i, ch, r, c) = f(window, at, places)
				}
			}
		}
	}
}

// largest returns the first maximum. at are the places of the pixels in their window.
func largest(w []hyper, at []int, sw *switches) hyper {
	best, second := 0, math.Inf(-1)
	for t := 1; t < len(w); t++ {
		if w[t].v > w[best].v {
			best, second = t, w[best].v
		} else {
			second = max(second, w[t].v)
		}
	}
	margin := w[best].v - second
	if margin == 0 {
		margin = math.Inf(1) // zeros of a ReLU, equal in any precision
	}
	sw.take(uint8(at[best]), margin)
	return w[best]
}

func mean(w []hyper) hyper {
	var sum hyper
	for _, v := range w {
		sum = sum.plus(v)
	}
	return sum.scaled(1 / float64(len(w)))
}

// normalise is batch norm with the biased variance of the batch, or with the
// running statistics.
func normalise(y, x images, ps [][]hyper, stats []float32) {
	pixels := x.H * x.W
	for c := range x.C {
		var channel []hyper
		for i := range x.n {
			channel = append(channel, x.x[(i*x.C+c)*pixels:][:pixels]...)
		}
		mu := mean(channel)
		var deviations []hyper
		for _, v := range channel {
			d := v.minus(mu)
			deviations = append(deviations, d.times(d))
		}
		variance := mean(deviations)
		if stats != nil {
			mu, variance = constant(float64(stats[c])), constant(float64(stats[x.C+c]))
		}
		inv := variance.plus(constant(1e-5)).rsqrt()
		for i := range x.n {
			for p := range pixels {
				k := (i*x.C+c)*pixels + p
				y.x[k] = x.x[k].minus(mu).times(inv).times(ps[0][c]).plus(ps[1][c])
			}
		}
	}
}

// lossOf is the loss of one row of outputs z.
func lossOf(l nn.Loss, z []hyper, w goal) hyper {
	twin, ok := lossTwin(l, z, w)
	if !ok {
		panic(fmt.Sprintf("nntest: %T has no twin: add its value to reference.go", l))
	}
	return twin
}

// lossTwin reports false for a loss of another package.
func lossTwin(l nn.Loss, z []hyper, w goal) (twin hyper, ok bool) {
	switch l := l.(type) {
	case nil, nn.CrossEntropy:
		var sum hyper
		for _, v := range z {
			sum = sum.plus(v.minus(constant(z[0].v)).exp())
		}
		top := sum.log().plus(constant(z[0].v))
		if w.vector == nil {
			return top.minus(z[w.label]), true
		}
		var loss hyper
		for c, y := range w.vector {
			loss = loss.plus(top.minus(z[c]).scaled(float64(y)))
		}
		return loss, true
	case nn.MSE:
		var sum hyper
		for c, v := range z {
			v = v.minus(constant(w.at(c)))
			sum = sum.plus(v.times(v))
		}
		return sum.scaled(1 / float64(len(z))), true
	case nn.BinaryCrossEntropy:
		if len(z) == 1 && w.vector == nil { // the label is the target
			w.vector = []float32{float32(w.label)}
		}
		var sum hyper
		for c, v := range z {
			sum = sum.plus(constant(1).plus(v.exp()).log()).minus(v.scaled(w.at(c)))
		}
		return sum.scaled(1 / float64(len(z))), true
	case nn.MixtureDensity:
		return mixture(l, z, w), true
	}
	return twin, false
}
