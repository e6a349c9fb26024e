package ntk_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"breakeven/ntk"
	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// A twin holds the covariances of all pixels of two examples with all: those of
// the first, of both, and of the second, and tangent kernels of both. It knows
// nothing of displacements, strips or stages: each layer is its definition.
type twin struct {
	h, w, c  int
	k        [3][][]float64
	t        [][]float64
	standard bool
}

// square returns an n×n matrix.
func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// newTwin returns the twin of the inputs of two examples.
func newTwin(n ntk.Network, x, y []float64) *twin {
	s := n.Input
	p := s.H * s.W
	tw := &twin{h: s.H, w: s.W, c: s.C, t: square(p), standard: n.Parameters == ntk.Standard}
	for i, pair := range [3][2][]float64{{x, x}, {x, y}, {y, y}} {
		tw.k[i] = square(p)
		for a := range p {
			for b := range p {
				for c := range s.C {
					tw.k[i][a][b] += pair[0][c*p+a] * pair[1][c*p+b] / float64(s.C)
				}
			}
		}
	}
	return tw
}

// twinKernels returns both kernels of two examples.
func twinKernels(n ntk.Network, x, y []float64) (nngp, theta float64) {
	tw := newTwin(n, x, y)
	tw.apply(n.Layers)
	return tw.k[1][0][0], tw.t[0][0]
}

func (tw *twin) clone() *twin {
	c := *tw
	for i, k := range tw.k {
		c.k[i] = nil
		for _, row := range k {
			c.k[i] = append(c.k[i], slices.Clone(row))
		}
	}
	c.t = nil
	for _, row := range tw.t {
		c.t = append(c.t, slices.Clone(row))
	}
	return &c
}

func (tw *twin) apply(l ntk.Layer) {
	switch l := l.(type) {
	case ntk.Serial:
		for _, l := range l {
			tw.apply(l)
		}
	case ntk.Sum:
		var sum *twin
		for _, l := range l {
			branch := tw.clone()
			branch.apply(l)
			if sum == nil {
				sum = branch
				continue
			}
			for i := range sum.k {
				addMatrix(sum.k[i], branch.k[i])
			}
			addMatrix(sum.t, branch.t)
		}
		*tw = *sum
	case ntk.Dense:
		tw.weights(ntk.Size{1, 1}, ntk.Size{1, 1}, ntk.Valid, l.Width, l.SigmaW, l.SigmaB, l.Law, l.ZeroBias)
	case ntk.Conv:
		tw.weights(l.Window, l.Stride, l.Pad, l.Width, l.SigmaW, l.SigmaB, l.Law, l.ZeroBias)
	case ntk.Activation:
		k := tw.clone().k
		for i := range k {
			one, two := k[i/2*2], k[(i+1)/2*2] // variances: of xx for 0 and 1, of yy for 1 and 2
			for a := range k[i] {
				for b := range k[i][a] {
					value, slope := l.Dual(one[a][a], k[i][a][b], two[b][b])
					tw.k[i][a][b] = value
					if i == 1 {
						tw.t[a][b] *= slope
					}
				}
			}
		}
	case ntk.LayerNorm:
		tw.norm(l)
	case ntk.AvgPool:
		tw.pool(l)
	case ntk.GlobalAvgPool:
		tw.pool(ntk.AvgPool{Window: ntk.Size{tw.h, tw.w}, Sum: l.Sum})
	case ntk.Flatten:
		tw.each(1, 1, func(m [][]float64, _, _ int) float64 {
			sum := 0.0
			for a := range m {
				sum += m[a][a]
			}
			return sum / float64(len(m))
		})
		tw.c *= tw.h * tw.w
		tw.h, tw.w = 1, 1
	default:
		panic(fmt.Sprintf("no twin of %v", l))
	}
}

func addMatrix(dst, x [][]float64) {
	for i, row := range x {
		for j, v := range row {
			dst[i][j] += v
		}
	}
}

// each replaces all matrices by f of them and a pair of outputs.
func (tw *twin) each(h, w int, f func(m [][]float64, p, q int) float64) {
	replace := func(m [][]float64) [][]float64 {
		out := square(h * w)
		for p := range out {
			for q := range out {
				out[p][q] = f(m, p, q)
			}
		}
		return out
	}
	for i, m := range tw.k {
		tw.k[i] = replace(m)
	}
	tw.t = replace(tw.t)
}

// A geometry is a window on an image: the pixels that taps of outputs read.
type geometry struct {
	h, w, outH, outW int
	size, stride     ntk.Size
	low              [2]int
	circular         bool
}

func (tw *twin) geometry(size, stride ntk.Size, pad ntk.Padding) geometry {
	g := geometry{h: tw.h, w: tw.w, size: size, stride: stride, circular: pad == ntk.Circular}
	var out [2]int
	for i, n := range []int{tw.h, tw.w} {
		if pad >= 0 {
			g.low[i] = int(pad)
			out[i] = (n+2*int(pad)-size[i])/stride[i] + 1
			continue
		}
		out[i] = int(math.Ceil(float64(n) / float64(stride[i])))
		g.low[i] = max(0, (out[i]-1)*stride[i]+size[i]-n) / 2
	}
	g.outH, g.outW = out[0], out[1]
	return g
}

// pixel returns what tap (i, j) of an output reads, or −1 for a zero.
func (g geometry) pixel(output, i, j int) int {
	y, x := output/g.outW*g.stride[0]+i-g.low[0], output%g.outW*g.stride[1]+j-g.low[1]
	if g.circular {
		y, x = (y+10*g.h)%g.h, (x+10*g.w)%g.w
	}
	if y < 0 || y >= g.h || x < 0 || x >= g.w {
		return -1
	}
	return y*g.w + x
}

// read returns the covariance of two pixels, 0 for a zero.
func read(m [][]float64, a, b int) float64 {
	if a < 0 || b < 0 {
		return 0
	}
	return m[a][b]
}

func (tw *twin) weights(size, stride ntk.Size, pad ntk.Padding, width int, sw, sb float64, law ntk.Law, zeroBias bool) {
	if stride == (ntk.Size{}) {
		stride = ntk.Size{1, 1}
	}
	g := tw.geometry(size, stride, pad)
	taps := float64(size[0] * size[1])
	mean := func(m [][]float64, p, q int) float64 {
		sum := 0.0
		for i := range size[0] {
			for j := range size[1] {
				sum += read(m, g.pixel(p, i, j), g.pixel(q, i, j)) / taps
			}
		}
		return sum
	}
	forward := mean
	if law == ntk.DeltaOrthogonal {
		i, j := (size[0]-1)/2, (size[1]-1)/2
		forward = func(m [][]float64, p, q int) float64 { return read(m, g.pixel(p, i, j), g.pixel(q, i, j)) }
	}
	value, slopes := tw.k[1], tw.clone()
	tw.each(g.outH, g.outW, func(m [][]float64, p, q int) float64 { return sw*sw*forward(m, p, q) + sb*sb })
	tw.t = square(g.outH * g.outW)
	for p := range tw.t {
		for q := range tw.t[p] {
			own := sw*sw*mean(value, p, q) + sb*sb
			if tw.standard {
				own = float64(tw.c) * taps * mean(value, p, q)
				if sb > 0 || zeroBias {
					own++
				}
			}
			tw.t[p][q] = own + sw*sw*forward(slopes.t, p, q)
		}
	}
	tw.h, tw.w, tw.c = g.outH, g.outW, width
}

func (tw *twin) pool(l ntk.AvgPool) {
	if l.Stride == (ntk.Size{}) {
		l.Stride = l.Window
	}
	g := tw.geometry(l.Window, l.Stride, l.Pad)
	var taps [][2]int
	for i := range l.Window[0] {
		for j := range l.Window[1] {
			taps = append(taps, [2]int{i, j})
		}
	}
	divisor := func(p int) float64 {
		n := 0
		for _, t := range taps {
			if !l.Inside || g.pixel(p, t[0], t[1]) >= 0 {
				n++
			}
		}
		if l.Sum {
			return 1
		}
		return float64(n)
	}
	tw.each(g.outH, g.outW, func(m [][]float64, p, q int) float64 {
		sum := 0.0
		for _, a := range taps {
			for _, b := range taps {
				sum += read(m, g.pixel(p, a[0], a[1]), g.pixel(q, b[0], b[1]))
			}
		}
		return sum / divisor(p) / divisor(q)
	})
	tw.h, tw.w = g.outH, g.outW
}

func (tw *twin) norm(l ntk.LayerNorm) {
	factor := func(m [][]float64) []float64 {
		f := make([]float64, len(m))
		for a := range m {
			v := m[a][a]
			if l.Whole {
				v = 0
				for b := range m {
					v += m[b][b] / float64(len(m))
				}
			}
			f[a] = 1 / math.Sqrt(v+l.Eps)
		}
		return f
	}
	x, y := factor(tw.k[0]), factor(tw.k[2])
	scale := func(m [][]float64, one, two []float64) {
		for a := range m {
			for b := range m[a] {
				m[a][b] *= one[a] * two[b]
			}
		}
	}
	scale(tw.k[0], x, x)
	scale(tw.k[1], x, y)
	scale(tw.t, x, y)
	scale(tw.k[2], y, y)
}

// Networks that use everything, by themselves and together.
var zoo = []ntk.Network{
	image(5, 1, 1, ntk.Serial{dense, ntk.ReLU, dense, ntk.Erf, dense}),
	image(3, 5, 4, ntk.Serial{conv(3, 3, ntk.Same), ntk.ReLU, ntk.Flatten{}, dense}),
	image(2, 2, 2, ntk.Serial{conv(2, 2, ntk.Same), ntk.Tanh, conv(2, 2, ntk.Same), ntk.Polynomial(0.1, 1, 0.3), ntk.GlobalAvgPool{}, dense}),
	image(2, 5, 5, ntk.Serial{conv(3, 3, ntk.Valid), ntk.ReLU, conv(2, 1, ntk.Same), ntk.Erf, ntk.GlobalAvgPool{}, dense}),
	image(2, 6, 7, ntk.Serial{strided(3, 2, ntk.Same), ntk.ReLU, strided(2, 2, ntk.Valid), ntk.Abs, ntk.GlobalAvgPool{Sum: true}, dense}),
	image(2, 7, 5, ntk.Serial{strided(3, 2, 1), ntk.ReLU, conv(3, 3, 2), ntk.ReLU, ntk.Flatten{}, dense}),
	image(2, 6, 6, ntk.Serial{conv(3, 3, ntk.Same), ntk.ReLU, ntk.AvgPool{Window: ntk.Size{2, 2}}, conv(3, 3, ntk.Same), ntk.ReLU, ntk.Flatten{}, dense}),
	image(2, 7, 6, ntk.Serial{conv(3, 3, ntk.Same), ntk.Sin(1, 1, 0.3), ntk.AvgPool{Window: ntk.Size{3, 2}, Stride: ntk.Size{2, 1}, Pad: ntk.Same, Inside: true},
		conv(3, 2, ntk.Same), ntk.ReLU, ntk.AvgPool{Window: ntk.Size{2, 2}, Sum: true}, ntk.Flatten{}, dense, ntk.ReLU, dense}),
	image(1, 6, 5, ntk.Serial{conv(3, 3, ntk.Same), ntk.AvgPool{Window: ntk.Size{3, 3}, Stride: ntk.Size{2, 2}, Pad: 1}, ntk.GELU, conv(1, 1, ntk.Valid), ntk.ReLU, ntk.GlobalAvgPool{}, dense}),
	image(2, 5, 4, ntk.Serial{conv(3, 3, ntk.Circular), ntk.ReLU, conv(2, 3, ntk.Circular), ntk.ReLU, ntk.GlobalAvgPool{}, dense}),
	image(2, 5, 6, ntk.Serial{strided(3, 2, ntk.Circular), ntk.ReLU, ntk.AvgPool{Window: ntk.Size{2, 2}, Stride: ntk.Size{1, 1}, Pad: ntk.Circular}, conv(3, 3, ntk.Same), ntk.ReLU, ntk.Flatten{}, dense}),
	image(2, 4, 5, ntk.Serial{conv(3, 3, ntk.Same), ntk.Residual(ntk.ReLU, conv(3, 3, ntk.Same), ntk.ReLU, delta(3, ntk.Same)), ntk.ReLU, ntk.Flatten{}, dense}),
	image(2, 6, 6, ntk.Serial{conv(3, 3, ntk.Same), ntk.Sum{strided(1, 2, ntk.Same), ntk.Serial{ntk.ReLU, strided(3, 2, ntk.Same), ntk.ReLU, conv(3, 3, ntk.Same)}}, ntk.ReLU, ntk.GlobalAvgPool{}, dense}),
	image(2, 6, 6, ntk.Serial{conv(3, 3, ntk.Same), ntk.ReLU, ntk.Sum{ntk.AvgPool{Window: ntk.Size{2, 2}}, strided(2, 2, ntk.Same)}, conv(1, 1, ntk.Valid), ntk.ReLU, ntk.Flatten{}, dense}),
	image(2, 6, 6, ntk.Serial{conv(3, 3, ntk.Same), ntk.Sum{ntk.Serial{conv(3, 3, ntk.Same), ntk.AvgPool{Window: ntk.Size{2, 2}}}, strided(2, 2, ntk.Same),
		ntk.Serial{ntk.ReLU, ntk.AvgPool{Window: ntk.Size{2, 2}}, conv(3, 3, ntk.Same)}}, ntk.ReLU, ntk.GlobalAvgPool{}, dense}),
	image(1, 1, 9, ntk.Serial{ntk.Conv{Window: ntk.Size{1, 4}, Stride: ntk.Size{1, 2}, Pad: ntk.Same, SigmaW: 1.1, SigmaB: 0.2, Law: ntk.DeltaOrthogonal}, ntk.ReLU, ntk.GlobalAvgPool{}, dense}),
	image(2, 4, 4, ntk.Serial{conv(3, 3, ntk.Same), ntk.LayerNorm{Eps: 1e-3}, ntk.ReLU, conv(3, 3, ntk.Same), ntk.LayerNorm{Whole: true}, ntk.ReLU, ntk.GlobalAvgPool{}, dense, ntk.LayerNorm{}, ntk.ReLU, dense}),
	image(2, 3, 3, ntk.Serial{delta(3, ntk.Circular), ntk.ReLU, delta(3, ntk.Valid), ntk.Identity, dense}),
	image(2, 3, 3, ntk.Serial{ntk.Flatten{}, dense, ntk.Sum{ntk.Serial{ntk.ReLU, dense}, dense}, ntk.ReLU, dense}),
	{Input: ntk.Shape{C: 2, H: 5, W: 5}, Parameters: ntk.Standard, Layers: ntk.Serial{conv(3, 3, ntk.Same), ntk.ReLU, ntk.AvgPool{Window: ntk.Size{2, 2}},
		ntk.Conv{Width: 6, Window: ntk.Size{2, 2}, SigmaW: 1.2, ZeroBias: true, Law: ntk.DeltaOrthogonal}, ntk.ReLU, ntk.Flatten{}, dense, ntk.ReLU, ntk.Dense{Width: 1, SigmaW: 1.1}}},
}

var dense = ntk.Dense{Width: 8, SigmaW: 1.3, SigmaB: 0.2}

func image(c, h, w int, l ntk.Layer) ntk.Network {
	return ntk.Network{Input: ntk.Shape{C: c, H: h, W: w}, Layers: l}
}

func conv(h, w int, pad ntk.Padding) ntk.Conv {
	return ntk.Conv{Width: 7, Window: ntk.Size{h, w}, Pad: pad, SigmaW: 1.4, SigmaB: 0.3}
}

func strided(size, stride int, pad ntk.Padding) ntk.Conv {
	c := conv(size, size, pad)
	c.Stride = ntk.Size{stride, stride}
	return c
}

func delta(size int, pad ntk.Padding) ntk.Conv {
	c := conv(size, size, pad)
	c.Law = ntk.DeltaOrthogonal
	return c
}

// examples returns n random examples.
func examples(n ntk.Network, count int, seed uint64) *mat.Dense {
	s := rng.New(seed, "ntk/examples")
	x := mat.NewDense(count, n.Input.Size(), nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = s.NormFloat64()
	}
	return x
}

// Every network of the zoo has the kernels of its twin, computed whole and by blocks,
// symmetric and not.
func TestTwins(t *testing.T) {
	for i, n := range zoo {
		x, y := examples(n, 3, uint64(2*i)), examples(n, 2, uint64(2*i+1))
		k := compile(t, n, &ntk.Settings{Block: 2})
		nngp, theta := symmetric(t, k, x)
		cross, crossTheta, err := k.Cross(x, y)
		if err != nil {
			t.Fatal(err)
		}
		for a := range 3 {
			for b := range 3 {
				one, two := twinKernels(n, x.RawRowView(a), x.RawRowView(b))
				near(t, fmt.Sprintf("%v, NNGP %d %d", n, a, b), nngp.At(a, b), one, 1e-12)
				near(t, fmt.Sprintf("%v, NTK %d %d", n, a, b), theta.At(a, b), two, 1e-12)
			}
			for b := range 2 {
				one, two := twinKernels(n, x.RawRowView(a), y.RawRowView(b))
				near(t, fmt.Sprintf("%v, NNGP %d, %d of y", n, a, b), cross.At(a, b), one, 1e-12)
				near(t, fmt.Sprintf("%v, NTK %d, %d of y", n, a, b), crossTheta.At(a, b), two, 1e-12)
			}
		}
	}
}

// The same for random networks.
func TestRandomTwins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t)
		k, err := n.Kernel(nil)
		if err != nil {
			t.Fatalf("%v: %v", n, err)
		}
		x := examples(n, 2, rapid.Uint64().Draw(t, "seed"))
		nngp, theta, err := k.Symmetric(x)
		if err != nil {
			t.Fatalf("%v: %v", n, err)
		}
		for a := range 2 {
			for b := range 2 {
				one, two := twinKernels(n, x.RawRowView(a), x.RawRowView(b))
				// Padding and pooling of one pixel make pixels whose correlation is 1
				// up to rounding, whose square root appears in Θ.
				for name, k := range map[string]struct {
					*mat.SymDense
					want, relative float64
				}{"NNGP": {nngp, one, 1e-12}, "NTK": {theta, two, 5e-8}} {
					scale := math.Sqrt(k.At(0, 0)) * math.Sqrt(k.At(1, 1))
					if !(math.Abs(k.At(a, b)-k.want) <= k.relative*scale) {
						t.Errorf("%v, %s %d %d: %v, want %v", n, name, a, b, k.At(a, b), k.want)
					}
				}
			}
		}
	})
}

// randomNetwork draws a network on a small image.
func randomNetwork(t *rapid.T) ntk.Network {
	size := func(name string, from, to int) int { return rapid.IntRange(from, to).Draw(t, name) }
	s := ntk.Shape{C: size("C", 3, 4), H: size("H", 1, 5), W: size("W", 1, 5)}
	h, w := s.H, s.W
	// next returns a padding and windows that fit, and sets the size of the output.
	next := func() (ntk.Size, ntk.Size, ntk.Padding) {
		pad := ntk.Padding(size("pad", -2, 1))
		k := ntk.Size{size("kh", 1, min(3, h+2*max(0, int(pad)))), size("kw", 1, min(3, w+2*max(0, int(pad))))}
		st := ntk.Size{size("sh", 1, 2), size("sw", 1, 2)}
		for i, n := range []*int{&h, &w} {
			if pad >= 0 {
				*n = (*n+2*int(pad)-k[i])/st[i] + 1
			} else {
				*n = (*n + st[i] - 1) / st[i]
			}
		}
		return k, st, pad
	}
	sigma := func() (float64, float64) {
		return rapid.Float64Range(0.5, 1.5).Draw(t, "σ_w"), rapid.Float64Range(0, 0.5).Draw(t, "σ_b")
	}
	var layers ntk.Serial
	for range size("layers", 1, 3) {
		k, st, pad := next()
		sw, sb := sigma()
		c := ntk.Conv{Width: size("width", 1, 9), Window: k, Stride: st, Pad: pad, SigmaW: sw, SigmaB: sb, Law: ntk.Law(size("law", 0, 2))}
		layers = append(layers, c)
		switch size("then", 0, 4) {
		case 0:
			layers = append(layers, ntk.LayerNorm{Eps: 0.1, Whole: rapid.Bool().Draw(t, "whole")})
		case 1:
			one := ntk.Conv{Width: c.Width, Window: ntk.Size{3, 3}, Pad: ntk.Same, SigmaW: sw}
			layers = append(layers, ntk.Residual(ntk.ReLU, one))
		case 2:
			layers = append(layers, ntk.Sum{ntk.Serial{ntk.GlobalAvgPool{}}, ntk.Serial{ntk.ReLU, ntk.GlobalAvgPool{}, ntk.Dense{Width: c.Width, SigmaW: sw}}})
			h, w = 1, 1
		}
		if rapid.Bool().Draw(t, "activation") {
			layers = append(layers, ntk.ReLU)
		}
		if rapid.Bool().Draw(t, "pool") {
			// Not circular: outputs that are the same mean in another order have
			// a correlation of 1 but for rounding.
			st := ntk.Size{size("qh", 1, 2), size("qw", 1, 2)}
			p := ntk.AvgPool{Window: ntk.Size{size("ph", 1, 3), size("pw", 1, 3)}, Stride: st, Pad: ntk.Same}
			p.Sum = rapid.Bool().Draw(t, "sum")
			p.Inside = !p.Sum && rapid.Bool().Draw(t, "inside")
			layers = append(layers, p)
			h, w = (h+st[0]-1)/st[0], (w+st[1]-1)/st[1]
		}
	}
	end := []ntk.Layer{ntk.Flatten{}, ntk.GlobalAvgPool{}}[size("end", 0, 1)]
	sw, sb := sigma()
	layers = append(layers, end, ntk.Dense{Width: 1, SigmaW: sw, SigmaB: sb})
	return ntk.Network{Input: s, Layers: layers, Parameters: ntk.Parameterization(size("parameters", 0, 1))}
}
