package nn_test

import (
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

func TestOutputShapes(t *testing.T) {
	image := nn.Shape{C: 3, H: 32, W: 30}
	for _, c := range []struct {
		op   nn.Op
		want nn.Shape
	}{
		{nn.Conv2D{Filters: 8, K: 3, Pad: 1}, nn.Shape{C: 8, H: 32, W: 30}},
		{nn.Conv2D{Filters: 8, K: 3, Stride: 2, Pad: 1}, nn.Shape{C: 8, H: 16, W: 15}},
		{nn.Conv2D{Filters: 8, K: 5, Stride: 3}, nn.Shape{C: 8, H: 10, W: 9}},
		{nn.MaxPool{K: 2}, nn.Shape{C: 3, H: 16, W: 15}},
		{nn.MaxPool{K: 3, Stride: 2}, nn.Shape{C: 3, H: 15, W: 14}},
		{nn.AvgPool{K: 4}, nn.Shape{C: 3, H: 8, W: 7}},
		{nn.AvgPool{}, nn.Vec(3)},
		{nn.Flatten{}, nn.Vec(2880)},
		{nn.Subsample{Stride: 2, Channels: 16}, nn.Shape{C: 16, H: 16, W: 15}},
		{nn.BatchNorm{}, image},
		{nn.Concat{}, image},
		{nn.Slice{From: 1, To: 3}, nn.Shape{C: 2, H: 32, W: 30}},
	} {
		if got := c.op.Out(image); got != c.want {
			t.Errorf("%T%+v gives %v, want %v", c.op, c.op, got, c.want)
		}
	}
	if s := image.String(); s != "3×32×30" {
		t.Errorf("image is printed as %s", s)
	}
	for s, want := range map[nn.Shape]string{nn.Vec(7): "7", nn.Seq(4, 7): "4×7", {C: 3, H: 2, W: 1, T: 5}: "5×3×2×1"} {
		if got := s.String(); got != want {
			t.Errorf("%#v is printed as %s, want %s", s, got, want)
		}
	}
	two := nn.Shape{C: 3, H: 8, W: 6, T: 2}
	for _, c := range []struct{ got, want nn.Shape }{
		{nn.Embedding{Vocabulary: 9, Width: 5}.Out(nn.Seq(7, 1)), nn.Seq(7, 5)},
		{nn.Embedding{Vocabulary: 9, Width: 5}.Out(nn.Vec(1)), nn.Vec(5)},
		{nn.Linear{Units: 4}.Out(nn.Seq(7, 5)), nn.Seq(7, 4)},
		{nn.Conv2D{Filters: 4, K: 3}.Out(two), nn.Shape{C: 4, H: 6, W: 4, T: 2}},
		{nn.MaxPool{K: 2}.Out(two), nn.Shape{C: 3, H: 4, W: 3, T: 2}},
		{nn.Flatten{}.Out(two), nn.Seq(2, 144)},
		{nn.AvgPool{}.Out(two), nn.Seq(2, 3)},
		{nn.Step{At: 1}.Out(two), nn.Shape{C: 3, H: 8, W: 6}},
		{nn.MeanSteps{}.Out(nn.Seq(7, 5)), nn.Vec(5)},
		{nn.SumSteps{}.Out(nn.Seq(7, 5), nn.Seq(7, 1)), nn.Vec(5)},
		{nn.SliceSteps{From: 2, To: 6}.Out(nn.Seq(7, 5)), nn.Seq(4, 5)},
		{nn.Concat{}.Out(nn.Seq(7, 5), nn.Seq(7, 2)), nn.Seq(7, 7)},
	} {
		if c.got != c.want {
			t.Errorf("output of %v, want %v", c.got, c.want)
		}
	}
}

// Names, shapes and places of parameters and running statistics are PyTorch's.
func TestParams(t *testing.T) {
	net, x := nn.NewNetwork(nn.Shape{C: 3, H: 4, W: 4})
	x = net.Add("conv1", nn.Conv2D{Filters: 5, K: 3, Pad: 1}, x)
	x = net.Add("layer1.0.bn1", nn.BatchNorm{}, x)
	x = net.Add("flatten", nn.Flatten{}, x)
	net.Add("fc", nn.Linear{Units: 2, NoBias: true}, x)
	want := []nn.Param{
		{Name: "conv1.weight", Shape: []int{5, 3, 3, 3}, Offset: 0, FanIn: 27, FanOut: 45},
		{Name: "conv1.bias", Shape: []int{5}, Offset: 135},
		{Name: "layer1.0.bn1.weight", Shape: []int{5}, Offset: 140, Fill: 1},
		{Name: "layer1.0.bn1.bias", Shape: []int{5}, Offset: 145},
		{Name: "fc.weight", Shape: []int{2, 80}, Offset: 150, FanIn: 80, FanOut: 2},
	}
	same := func(a, b nn.Param) bool {
		return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && a.Offset == b.Offset && a.FanIn == b.FanIn && a.FanOut == b.FanOut && a.Fill == b.Fill
	}
	if got := net.Params(); !slices.EqualFunc(got, want, same) {
		t.Errorf("parameters %+v, want %+v", got, want)
	}
	buffers := []nn.Param{
		{Name: "layer1.0.bn1.running_mean", Shape: []int{5}},
		{Name: "layer1.0.bn1.running_var", Shape: []int{5}, Offset: 5, Fill: 1},
	}
	if got := net.Buffers(); !slices.EqualFunc(got, buffers, same) {
		t.Errorf("buffers %+v, want %+v", got, buffers)
	}
	if net.Dim() != 310 || net.StateDim() != 10 || net.Output() != nn.Vec(2) || !net.Couples() {
		t.Errorf("%d parameters, %d statistics, output %v", net.Dim(), net.StateDim(), net.Output())
	}
	if p, ok := net.LastNormScale(); !ok || p.Name != "layer1.0.bn1.weight" {
		t.Errorf("last scale of a batch norm is %+v, %v", p, ok)
	}
}

// Wrong shapes and a wrong order of calls are bugs, and panic with the reason.
func TestPanics(t *testing.T) {
	image, vec := nn.Shape{C: 3, H: 4, W: 4}, nn.Vec(5)
	small := func(s nn.Settings) (*nn.Network, *nn.Plan) {
		net, x := nn.NewNetwork(vec)
		net.Add("fc", nn.Linear{Units: 2}, net.Add("bn", nn.BatchNorm{}, x))
		return net, net.Compile(s)
	}
	net, p := small(nn.Settings{Batch: 3, Tangents: true})
	theta, dst := make([]float32, net.Dim()), make([]float32, net.Dim())
	_, fresh := small(nn.Settings{Batch: 3, Tangents: true})
	_, plain := small(nn.Settings{Batch: 3})
	_, inference := small(nn.Settings{Batch: 3, Inference: true, Adjoints: true})
	_, blind := small(nn.Settings{Batch: 3, Evaluate: true})
	_, line := small(nn.Settings{Batch: 3, Inference: true, Tangents: true})
	for _, q := range []*nn.Plan{p, plain, blind, inference, line} {
		q.SetParams(theta)
	}
	empty := net.Compile(nn.Settings{Batch: 3, Tangents: true})
	empty.SetParams(theta)
	empty.SetTangent(theta)
	p.SetTangent(theta)
	line.SetTangent(theta)
	for _, q := range []*nn.Plan{p, plain, blind, inference, line} {
		q.Forward(nn.Labelled(make([]float32, 15), make([]int32, 3)))
	}
	bare, x := nn.NewNetwork(vec)
	bare.Add("tanh", nn.Tanh{}, x)
	none := bare.Compile(nn.Settings{Batch: 1})
	none.Forward(nn.Labelled(make([]float32, 5), []int32{0}))

	for what, f := range map[string]func(){
		"conv: window larger than image": func() { nn.Conv2D{Filters: 1, K: 5}.Out(image) },
		"conv: larger, with stride":      func() { nn.Conv2D{Filters: 1, K: 5, Stride: 2}.Out(image) },
		"conv: no filters":               func() { nn.Conv2D{K: 3}.Out(image) },
		"conv: no window":                func() { nn.Conv2D{Filters: 3}.Out(image) },
		"conv: negative padding":         func() { nn.Conv2D{Filters: 3, K: 1, Pad: -1}.Out(image) },
		"conv: negative stride":          func() { nn.Conv2D{Filters: 3, K: 1, Stride: -1}.Out(image) },
		"conv: two inputs":               func() { nn.Conv2D{Filters: 3, K: 1}.Out(image, image) },
		"linear: image":                  func() { nn.Linear{Units: 3}.Out(image) },
		"linear: no units":               func() { nn.Linear{}.Out(vec) },
		"linear: no input":               func() { nn.Linear{Units: 3}.Out() },
		"relu: two inputs":               func() { nn.ReLU{}.Out(vec, vec) },
		"tanh: no input":                 func() { nn.Tanh{}.Out() },
		"erf: no input":                  func() { nn.Erf{}.Out() },
		"flatten: two inputs":            func() { nn.Flatten{}.Out(vec, vec) },
		"batchnorm: no input":            func() { nn.BatchNorm{}.Out() },
		"maxpool: no window":             func() { nn.MaxPool{}.Out(image) },
		"maxpool: window too large":      func() { nn.MaxPool{K: 5}.Out(image) },
		"maxpool: negative stride":       func() { nn.MaxPool{K: 2, Stride: -1}.Out(image) },
		"avgpool: window too large":      func() { nn.AvgPool{K: 5}.Out(image) },
		"avgpool: negative window":       func() { nn.AvgPool{K: -1}.Out(image) },
		"avgpool: two inputs":            func() { nn.AvgPool{}.Out(image, image) },
		"residual: different shapes":     func() { nn.Residual{}.Out(image, vec) },
		"residual: one input":            func() { nn.Residual{}.Out(image) },
		"subsample: fewer channels":      func() { nn.Subsample{Stride: 2, Channels: 2}.Out(image) },
		"subsample: no stride":           func() { nn.Subsample{Channels: 3}.Out(image) },
		"embedding: no vocabulary":       func() { nn.Embedding{Width: 3}.Out(nn.Seq(4, 1)) },
		"embedding: several integers":    func() { nn.Embedding{Vocabulary: 3, Width: 3}.Out(nn.Seq(4, 2)) },
		"embedding: padding too large":   func() { nn.Embedding{Vocabulary: 3, Width: 3, HasPadding: true, Padding: 3}.Out(nn.Vec(1)) },
		"embedding: no row for a place":  func() { nn.Embedding{Vocabulary: 6, Width: 3, Counted: true, Padding: 2}.Out(nn.Seq(4, 1)) },
		"mask of tokens: of vectors":     func() { nn.TokenMask{}.Out(nn.Seq(4, 2)) },
		"mask of tokens: no sequence":    func() { nn.TokenMask{}.Out(nn.Vec(1)) },
		"embedding: of numbers":          func() { n, x := nn.NewNetwork(nn.Vec(1)); n.Add("e", nn.Embedding{Vocabulary: 3, Width: 3}, x) },
		"embedding: input with larger integers": func() {
			n := new(nn.Network)
			n.Add("e", nn.Embedding{Vocabulary: 3, Width: 3}, n.AddInput(nn.Input{Name: "i", Shape: nn.Vec(1), Below: 4}))
		},
		"dropout: everything":              func() { nn.Dropout{Rate: 1}.Out(vec) },
		"dropout: negative":                func() { nn.Dropout{Rate: -0.1}.Out(vec) },
		"concat: nothing":                  func() { nn.Concat{}.Out() },
		"concat: other steps":              func() { nn.Concat{}.Out(nn.Seq(3, 2), nn.Seq(4, 2)) },
		"slice: too far":                   func() { nn.Slice{From: 1, To: 6}.Out(vec) },
		"slice: empty":                     func() { nn.Slice{From: 1, To: 1}.Out(vec) },
		"slicesteps: no steps":             func() { nn.SliceSteps{To: 1}.Out(vec) },
		"slicesteps: negative":             func() { nn.SliceSteps{From: -1, To: 1}.Out(nn.Seq(3, 2)) },
		"step: past the end":               func() { nn.Step{At: 3}.Out(nn.Seq(3, 2)) },
		"step: before the beginning":       func() { nn.Step{At: -4}.Out(nn.Seq(3, 2)) },
		"step: no steps":                   func() { nn.Step{}.Out(vec) },
		"meansteps: no steps":              func() { nn.MeanSteps{}.Out(vec) },
		"product of other channels":        func() { nn.Multiply{}.Out(vec, nn.Vec(vec.C+1)) },
		"maxsteps: no steps":               func() { nn.MaxSteps{}.Out(vec) },
		"sumsteps: mask of fewer steps":    func() { nn.SumSteps{}.Out(nn.Seq(3, 2), nn.Seq(2, 1)) },
		"meansteps: mask of vectors":       func() { nn.MeanSteps{}.Out(nn.Seq(3, 2), nn.Seq(3, 2)) },
		"batchnorm: a sequence":            func() { nn.BatchNorm{}.Out(nn.Seq(3, 2)) },
		"add: another network's node":      func() { n, _ := nn.NewNetwork(vec); n.Add("relu", nn.ReLU{}, x) },
		"add: shapes do not fit":           func() { n, x := nn.NewNetwork(image); n.Add("fc", nn.Linear{Units: 1}, x) },
		"compile: empty network":           func() { n, _ := nn.NewNetwork(vec); n.Compile(nn.Settings{Batch: 1}) },
		"compile: output is an image":      func() { n, x := nn.NewNetwork(image); n.Add("relu", nn.ReLU{}, x); n.Compile(nn.Settings{Batch: 1}) },
		"compile: contradiction":           func() { net.Compile(nn.Settings{Batch: 1, Evaluate: true, Tangents: true}) },
		"Adjoints: not kept":               func() { plain.Adjoints(nil, 1, false) },
		"ExampleGram: not kept":            func() { line.ExampleGram(make([]float64, 9)) },
		"compile: no batch":                func() { net.Compile(nn.Settings{}) },
		"memory: negative batch":           func() { net.Memory(nn.Settings{Batch: -1}) },
		"SetParams: too short":             func() { p.SetParams(theta[1:]) },
		"SetTangent: too short":            func() { p.SetTangent(theta[1:]) },
		"SetTangent: no tangents":          func() { plain.SetTangent(theta) },
		"Use: no such tape":                func() { p.Use(1) },
		"Use: negative tape":               func() { p.Use(-1) },
		"Forward: no parameters":           func() { fresh.Forward(nn.Labelled(make([]float32, 15), make([]int32, 3))) },
		"Forward: no examples":             func() { p.Forward(nn.Labelled(nil, nil)) },
		"Forward: too many examples":       func() { p.Forward(nn.Labelled(make([]float32, 20), make([]int32, 4))) },
		"Forward: inputs too short":        func() { p.Forward(nn.Labelled(make([]float32, 14), make([]int32, 3))) },
		"Forward: label too large":         func() { p.Forward(nn.Labelled(make([]float32, 15), []int32{0, 1, 2})) },
		"Forward: negative label":          func() { p.Forward(nn.Labelled(make([]float32, 15), []int32{0, -1, 1})) },
		"Gradient: too short":              func() { p.Gradient(dst[1:], 1, false) },
		"Gradient: for evaluation":         func() { blind.Gradient(dst, 1, false) },
		"Gradient: before Forward":         func() { empty.Gradient(dst, 1, false) },
		"Gradient: no parameters":          func() { none.Gradient(nil, 1, false) },
		"WeightedGradient: too few":        func() { p.WeightedGradient(dst, []float64{1, 2}) },
		"JacTVec: too short":               func() { p.JacTVec(dst, make([]float32, 5), false) },
		"JacTVec: before Forward":          func() { empty.JacTVec(dst, nil, false) },
		"JacVec: before Forward":           func() { empty.JacVec() },
		"JacVec: no tangents":              func() { plain.JacVec() },
		"HessVec: no tangents":             func() { plain.HessVec(dst, 1, false) },
		"HessVec: too long":                func() { p.HessVec(make([]float32, net.Dim()+1), 1, false) },
		"HessVec: before Forward":          func() { empty.HessVec(dst, 1, false) },
		"GaussNewtonVec: no tangents":      func() { plain.GaussNewtonVec(dst, 1, false) },
		"UpdateState: inference":           func() { inference.UpdateState(0.1) },
		"ExampleGradient: batch norm":      func() { p.ExampleGradient(dst, 0) },
		"ExampleSlopes: results too few":   func() { line.ExampleSlopes(make([]float64, 2), 1) },
		"ExampleSlopes: batch norm":        func() { p.ExampleSlopes(make([]float64, 3), 1) },
		"Adjoints: before Forward":         func() { empty.Adjoints(nil, 1, false) },
		"OutputGram: batch norm":           func() { p.OutputGram(make([]float64, 36)) },
		"OutputGram: matrix too small":     func() { inference.OutputGram(make([]float64, 35)) },
		"OutputGram: before Forward":       func() { bare.Compile(nn.Settings{Batch: 1}).OutputGram(nil) },
		"ExampleGram: matrix too small":    func() { inference.ExampleGram(make([]float64, 8)) },
		"ExampleCurvatures: no tangents":   func() { inference.ExampleCurvatures(make([]float64, 3), 1) },
		"ExampleGradient: no such example": func() { inference.ExampleGradient(dst, 3) },
	} {
		func() {
			defer func() {
				text, ok := recover().(string)
				if !ok || !strings.HasPrefix(text, "nn: ") {
					t.Errorf("%s: panics with %q, want nn: …", what, text)
				}
			}()
			f()
		}()
	}
}
