package ntk

import (
	"fmt"
	"strings"
)

// A Shape is that of an example: C channels of H×W positions. An example lies in
// memory as in nn, channel by channel, row by row.
type Shape struct{ C, H, W int }

// Vec is the shape of a vector.
func Vec(n int) Shape { return Shape{n, 1, 1} }

// Size returns how many numbers an example has.
func (s Shape) Size() int { return s.C * s.H * s.W }

// String returns C×H×W, or C for a vector.
func (s Shape) String() string {
	if s.H == 1 && s.W == 1 {
		return fmt.Sprint(s.C)
	}
	return fmt.Sprintf("%d×%d×%d", s.C, s.H, s.W)
}

// A Network is an architecture: what its input is, its layers, and how its
// parameters enter. It is a value and holds no parameters.
type Network struct {
	Input      Shape
	Parameters Parameterization
	Layers     Layer
}

// String returns the layers in one line.
func (n Network) String() string {
	return fmt.Sprintf("%v → %v, %v parameters", n.Input, n.Layers, n.Parameters)
}

// A Parameterization says how the scales of a layer's weights and biases enter,
// for n inputs of k taps each.
type Parameterization int

const (
	// NTK: z = σ_w/√(kn) ω·h + σ_b β, with ω and β of variance 1.
	NTK Parameterization = iota
	// Standard: z = W·h + b, with W of variance σ_w²/(kn) and b of σ_b², as in
	// nn. Its tangent kernel grows with the width: it is that of networks of the
	// given widths, to first order in them, and needs all of these.
	Standard
)

// String returns NTK or standard.
func (p Parameterization) String() string {
	if p == Standard {
		return "standard"
	}
	return "NTK"
}

// A Law is the distribution of weights. Biases are normal.
type Law int

const (
	// Gaussian: independent normal weights.
	Gaussian Law = iota
	// Orthogonal: each tap is √max(in, out) times a Haar semi-orthogonal matrix,
	// and taps are independent (nn.TapOrthogonal). The kernels are those of
	// Gaussian.
	Orthogonal
	// DeltaOrthogonal: only the central tap is not 0 at the start, and it is
	// orthogonal (nn.DeltaOrthogonal). All taps are trained. The kernels differ
	// from those of Gaussian where a window has more than one tap.
	DeltaOrthogonal
)

// String returns gaussian, orthogonal or delta-orthogonal.
func (l Law) String() string {
	switch l {
	case Orthogonal:
		return "orthogonal"
	case DeltaOrthogonal:
		return "delta-orthogonal"
	}
	return "gaussian"
}

// A Layer is a part of a network: one of the types of this package.
type Layer interface {
	String() string
	// add adds the layer to a program.
	add(b *builder) error
	// finite adds the layer to a network of finite width.
	finite(f *finiteBuilder, x point) (point, error)
}

// Dense is a dense layer. Its input is a vector; Flatten or GlobalAvgPool make
// one of an image.
type Dense struct {
	Width          int // outputs; the kernels of the NTK parameterisation need none
	SigmaW, SigmaB float64
	Law            Law
	// ZeroBias trains biases that begin at 0, for a SigmaB of 0 in the standard
	// parameterisation. Without it a SigmaB of 0 means that there are no biases.
	ZeroBias bool
}

// Conv is a convolution. For signals of one dimension H is 1.
type Conv struct {
	Width          int // channels; the kernels of the NTK parameterisation need none
	Window, Stride Size
	Pad            Padding
	SigmaW, SigmaB float64
	Law            Law
	ZeroBias       bool // see Dense
}

// A Size is a number of rows and of columns. A stride of 0, 0 means 1, 1.
type Size [2]int

// A Padding is the number of zeros on each side of an image, or one of the values
// below.
type Padding int

const (
	Valid Padding = 0 // no padding
	// Same: as many zeros as make ⌈size/stride⌉ outputs, of an odd number one
	// more at the lower right, as in TensorFlow and JAX.
	Same Padding = -1
	// Circular: as Same, with what lies on the opposite side in place of zeros.
	Circular Padding = -2
)

// String returns valid, same, circular or the number of zeros.
func (p Padding) String() string {
	switch p {
	case Valid:
		return "valid"
	case Same:
		return "same"
	case Circular:
		return "circular"
	}
	return fmt.Sprintf("pad %d", int(p))
}

// AvgPool takes the mean over windows.
type AvgPool struct {
	Window, Stride Size // a stride of 0, 0 means the window's size
	Pad            Padding
	Sum            bool // take the sum
	// Inside divides by the number of positions inside the image. Without it
	// zeros count, as by default in PyTorch and neural-tangents.
	Inside bool
}

// Flatten makes a vector of an image.
type Flatten struct{}

// GlobalAvgPool takes the mean over all positions.
type GlobalAvgPool struct {
	Sum bool // take the sum
}

// LayerNorm subtracts the mean over the channels of a position and divides by
// their deviation; it has no parameters. Its input must be normal: a Dense or
// Conv, or sums of them.
type LayerNorm struct {
	Eps   float64 // added to the variance
	Whole bool    // over channels and positions
}

// Serial applies layers one after the other. An empty one is the identity.
type Serial []Layer

// Sum adds the outputs of branches that have the same input. Each but one must
// end in a Dense or Conv of its own, poolings and norms after it aside: else they
// are not independent, and the kernel of the sum is not the sum of kernels.
type Sum []Layer

// Residual is x + f(x) for layers f.
func Residual(f ...Layer) Sum { return Sum{Serial{}, Serial(f)} }

// FullyConnected is a network of hidden layers of one width, each a Dense and an
// activation, and a Dense of one output. With no hidden layer it is linear.
func FullyConnected(hidden, width int, a Activation, sigmaW, sigmaB float64) Serial {
	var s Serial
	for range hidden {
		s = append(s, Dense{Width: width, SigmaW: sigmaW, SigmaB: sigmaB}, a)
	}
	return append(s, Dense{Width: 1, SigmaW: sigmaW, SigmaB: sigmaB})
}

// String names the layer and its settings.
func (d Dense) String() string {
	return "dense(" + describe("", d.Width, d.SigmaW, d.SigmaB, d.Law, d.ZeroBias) + ")"
}

// String names the layer and its settings.
func (c Conv) String() string {
	text := fmt.Sprintf("%d×%d", c.Window[0], c.Window[1])
	if c.Stride != (Size{}) && c.Stride != (Size{1, 1}) {
		text += fmt.Sprintf("/%d×%d", c.Stride[0], c.Stride[1])
	}
	return "conv(" + describe(text+" "+c.Pad.String()+", ", c.Width, c.SigmaW, c.SigmaB, c.Law, c.ZeroBias) + ")"
}

// describe returns what Dense and Conv have in common.
func describe(text string, width int, sigmaW, sigmaB float64, law Law, zeroBias bool) string {
	if width > 0 {
		text += fmt.Sprintf("%d, ", width)
	}
	text += fmt.Sprintf("σ_w %v", sigmaW)
	if sigmaB != 0 {
		text += fmt.Sprintf(", σ_b %v", sigmaB)
	}
	if law != Gaussian {
		text += ", " + law.String()
	}
	if zeroBias {
		text += ", biases from 0"
	}
	return text
}

// String names the layer and its settings.
func (p AvgPool) String() string {
	name := "avgpool"
	if p.Sum {
		name = "sumpool"
	}
	text := fmt.Sprintf("%s(%d×%d", name, p.Window[0], p.Window[1])
	if p.Stride != (Size{}) && p.Stride != p.Window {
		text += fmt.Sprintf("/%d×%d", p.Stride[0], p.Stride[1])
	}
	if p.Pad != Valid {
		text += " " + p.Pad.String()
	}
	if p.Inside {
		text += ", of those inside"
	}
	return text + ")"
}

// String returns flatten.
func (Flatten) String() string { return "flatten" }

// String returns global avgpool or global sumpool.
func (g GlobalAvgPool) String() string {
	if g.Sum {
		return "global sumpool"
	}
	return "global avgpool"
}

// String names the layer and its settings.
func (l LayerNorm) String() string {
	if l.Whole {
		return fmt.Sprintf("layer norm(whole, ε %v)", l.Eps)
	}
	return fmt.Sprintf("layer norm(ε %v)", l.Eps)
}

// String joins the layers with arrows.
func (s Serial) String() string {
	if len(s) == 0 {
		return "identity"
	}
	return join(s, " → ")
}

// String joins the branches with plus signs.
func (s Sum) String() string { return "(" + join(s, " + ") + ")" }

// join joins the names of layers.
func join(layers []Layer, sep string) string {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = fmt.Sprint(l)
	}
	return strings.Join(names, sep)
}
