package ntk_test

import (
	"math"
	"testing"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/rng"

	"gonum.org/v1/gonum/mat"
)

// wideInputs are three examples of a shape, in both precisions.
func wideInputs(s ntk.Shape) (nn.Batch, *mat.Dense) {
	const n = 3
	x, stream := make([]float32, n*s.Size()), rng.New(1, "wide")
	dense := mat.NewDense(n, s.Size(), nil)
	for i := range x {
		x[i] = float32(stream.NormFloat64())
		dense.RawMatrix().Data[i] = float64(x[i])
	}
	return nn.Batch{N: n, In: []nn.Values{{F: x}}}, dense
}

// wideNetworks has one network for each type of layer, law and parameterisation.
func wideNetworks() map[string]func(width int) ntk.Network {
	vector, picture, signal := ntk.Vec(5), ntk.Shape{C: 2, H: 4, W: 5}, ntk.Shape{C: 3, H: 1, W: 6}
	of := func(in ntk.Shape, p ntk.Parameterization, law ntk.Law, text string) func(int) ntk.Network {
		return func(width int) ntk.Network {
			layers, err := ntk.Parse(text, ntk.Style{SigmaW: 1.3, SigmaB: 0.4, Law: law, Width: width, Outputs: 2, Repeats: 2})
			if err != nil {
				panic(err)
			}
			return ntk.Network{Input: in, Parameters: p, Layers: layers}
		}
	}
	return map[string]func(int) ntk.Network{
		"dense, gaussian":       of(vector, ntk.NTK, ntk.Gaussian, "n*(dense; relu); dense"),
		"dense, orthogonal":     of(vector, ntk.NTK, ntk.Orthogonal, "n*(dense; tanh); dense"),
		"dense, standard":       of(vector, ntk.Standard, ntk.Gaussian, "dense; erf; dense"),
		"orthogonal, standard":  of(vector, ntk.Standard, ntk.Orthogonal, "dense; erf; dense"),
		"gelu, no bias":         of(vector, ntk.NTK, ntk.Gaussian, "dense bias 0; gelu; dense bias 0"),
		"sine":                  of(vector, ntk.NTK, ntk.Orthogonal, "dense; sin 1 0.7 0.3; dense"),
		"leaky":                 of(vector, ntk.NTK, ntk.Gaussian, "dense; leaky 0.2; dense"),
		"monomial":              of(vector, ntk.NTK, ntk.Gaussian, "dense; monomial 2; dense"),
		"conv, flatten":         of(picture, ntk.NTK, ntk.Gaussian, "conv 3x3 same; relu; flatten; dense"),
		"conv, taps":            of(picture, ntk.NTK, ntk.Orthogonal, "conv 3x3 circular; relu; conv 2x2 valid; relu; flatten; dense"),
		"conv, delta":           of(picture, ntk.NTK, ntk.DeltaOrthogonal, "conv 3x3 same; relu; conv 3x3 same; relu; flatten; dense"),
		"conv, standard":        of(picture, ntk.Standard, ntk.Gaussian, "conv 3x3/2 pad 1; relu; flatten; dense"),
		"signal, strided":       of(signal, ntk.NTK, ntk.Orthogonal, "conv 1x3/1x2 same; tanh; flatten; dense"),
		"even window":           of(picture, ntk.NTK, ntk.Gaussian, "conv 2x3/2 same; relu; flatten; dense"),
		"global avgpool":        of(picture, ntk.NTK, ntk.Gaussian, "conv 3x3 same; relu; global avgpool; dense"),
		"global sumpool":        of(picture, ntk.NTK, ntk.Orthogonal, "conv 3x3 same; relu; global sumpool; dense"),
		"avgpool":               of(picture, ntk.NTK, ntk.Gaussian, "conv 3x3 same; relu; avgpool 2x2; flatten; dense"),
		"avgpool, inside":       of(picture, ntk.NTK, ntk.Gaussian, "conv 1x1; relu; avgpool 3x3/2 same inside; flatten; dense"),
		"sumpool, padded":       of(picture, ntk.NTK, ntk.Orthogonal, "conv 1x1; relu; sumpool 2x2 circular; flatten; dense"),
		"residual":              of(picture, ntk.NTK, ntk.Gaussian, "conv 3x3 same; residual(relu; conv 3x3 same); relu; flatten; dense"),
		"sum of branches":       of(vector, ntk.NTK, ntk.Orthogonal, "dense; sum(relu; dense | erf; dense); tanh; dense"),
		"layer norm":            of(vector, ntk.NTK, ntk.Gaussian, "dense; layernorm eps 0.01; relu; dense"),
		"layer norm of pixels":  of(picture, ntk.NTK, ntk.Gaussian, "conv 3x3 same; layernorm; tanh; flatten; dense"),
		"layer norm of images":  of(picture, ntk.NTK, ntk.Orthogonal, "conv 3x3 same; layernorm whole; relu; flatten; dense"),
		"dense of flat image":   of(picture, ntk.NTK, ntk.Orthogonal, "flatten; dense; relu; dense"),
		"identity and deep sum": of(vector, ntk.NTK, ntk.Gaussian, "dense; n*(residual(erf; dense)); identity; dense"),
	}
}

// Networks of the same description have, for every type of layer, the kernel of infinite
// width in the mean, and one network is off by an error that falls as the root of the width.
func TestFiniteConverges(t *testing.T) {
	const nets, narrow, wide = 30, 16, 256
	for name, of := range wideNetworks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errors [2]float64
			for at, width := range []int{narrow, wide} {
				n := of(width)
				batch, x := wideInputs(n.Input)
				_, theta := symmetric(t, compile(t, n, nil), x)
				f, err := n.Finite()
				if err != nil {
					t.Fatal(err)
				}
				sum, squares := mat.NewSymDense(3, nil), mat.NewSymDense(3, nil)
				for seed := range uint64(nets) {
					all, err := curvature.TangentKernel(f.Net, batch, f.Initial(seed), nil)
					if err != nil {
						t.Fatal(err)
					}
					k := curvature.Traced(all, 2)
					errors[at] += math.Pow(curvature.Change(k, theta), 2) / nets
					for i := range 3 {
						for j := range i + 1 {
							sum.SetSym(i, j, sum.At(i, j)+k.At(i, j)/nets)
							squares.SetSym(i, j, squares.At(i, j)+k.At(i, j)*k.At(i, j)/nets)
						}
					}
				}
				for i := range 3 {
					for j := range i + 1 {
						mean, want, scale := sum.At(i, j), theta.At(i, j), math.Sqrt(theta.At(i, i)*theta.At(j, j))
						e := math.Sqrt((squares.At(i, j) - mean*mean) / (nets - 1))
						if width == wide && math.Abs(mean-want) > 4.5*e+4*scale/wide {
							t.Errorf("element %d, %d: %v ± %v, at infinite width %v", i, j, mean, e, want)
						}
					}
				}
			}
			if ratio := math.Sqrt(errors[1] / errors[0]); ratio < 0.12 || ratio > 0.45 {
				t.Errorf("the error falls to %.3f, from %.4f to %.4f; want 1/4", ratio, math.Sqrt(errors[0]), math.Sqrt(errors[1]))
			}
		})
	}
}
