package golden

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"breakeven/curvature"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// A denseReference is densenet121.json.
type denseReference struct {
	Parameters    [][2]any
	Buffers       []string
	Logits        []float64
	Loss          float64
	GradientNorms []float64 `json:"gradient_norms"`
	VG            float64   `json:"v_g"`
	HvNorm        float64   `json:"hv_norm"`
	VHV           float64   `json:"v_hv"`
	HvFirst       []float64 `json:"hv_first"`
	Max           float64   `json:"h_max"`
}

// doubled are the first n images with each pixel four times.
func doubled(t *testing.T, n int) curvature.Set {
	t.Helper()
	set, err := images()
	if err != nil {
		t.Fatal(err)
	}
	mean, std := []float64{0.4914, 0.4822, 0.4465}, []float64{0.2470, 0.2435, 0.2616}
	x, y := make([]float32, n*3*64*64), make([]int32, n)
	for at := range x {
		i, c, row, col := at/(3*64*64), at/(64*64)%3, at/64%64, at%64
		pixel := float64(set.Pixels[3072*i+1024*c+row/2*32+col/2])
		x[at] = float32((pixel/255 - mean[c]) / std[c])
		y[i] = int32(set.Labels[i])
	}
	return nn.Labelled(x, y)
}

// DenseNet-121 has torchvision's parameters and statistics, and the outputs, gradient and
// Hessian of torchvision's at the same weights.
func TestDenseNet(t *testing.T) {
	var want denseReference
	text, err := os.ReadFile("testdata/densenet121.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	set := doubled(t, 8)
	net := model.DenseNet121(nn.Shape{C: 3, H: 64, W: 64}, 10)
	theta := glorot(net)
	if len(net.Params()) != len(want.Parameters) || len(net.Buffers()) != len(want.Buffers) {
		t.Fatalf("%d parameters and %d statistics, want %d and %d", len(net.Params()), len(net.Buffers()), len(want.Parameters), len(want.Buffers))
	}
	for i, p := range net.Params() {
		shape := make([]int, 0, 4)
		for _, d := range want.Parameters[i][1].([]any) {
			shape = append(shape, int(d.(float64)))
		}
		if p.Name != want.Parameters[i][0] || !slices.Equal(p.Shape, shape) {
			t.Errorf("parameter %d is %s %v, want %v %v", i, p.Name, p.Shape, want.Parameters[i][0], shape)
		}
	}
	for i, b := range net.Buffers() {
		if b.Name != want.Buffers[i] {
			t.Errorf("statistic %d is %s, want %s", i, b.Name, want.Buffers[i])
		}
	}

	// Some inputs of ReLU are near zero, so that float32 has an error of its own: PyTorch's is 9e-5 of
	// the gradient and 2e-3 of Hv.
	near := func(what string, got, want, scale, limit float64) {
		t.Helper()
		d := math.Abs(got-want) / math.Abs(scale)
		t.Logf("%-30s %8.1e of %.0e", what, d, limit)
		if !(d <= limit) {
			t.Errorf("%s is %.9g, want %.9g", what, got, want)
		}
	}
	plan, g, hv := net.Compile(nn.Settings{Batch: set.N, Tangents: true}), make([]float32, net.Dim()), make([]float32, net.Dim())
	plan.SetParams(theta)
	scale := 1 / float64(set.N)
	near("loss", plan.Forward(set).Loss*scale, want.Loss, want.Loss, 1e-6)
	worst := 0.0
	for i, z := range want.Logits {
		worst = max(worst, math.Abs(float64(plan.Outputs()[i])-z))
	}
	near("outputs, to the largest", worst, 0, largest(want.Logits...), 1e-5)
	plan.Adjoints(g, scale, false)
	total := norm(want.GradientNorms)
	near("gradient norm", tensor.Norm(g), total, total, 1e-3)
	worst = 0
	for i, p := range net.Params() {
		worst = max(worst, math.Abs(tensor.Norm(g[p.Offset:p.Offset+p.Size()])-want.GradientNorms[i]))
	}
	near("gradient of a tensor", worst, 0, total, 1e-3)
	v := cosines(net.Dim())
	near("v·g", tensor.Dot(v, g), want.VG, total, 1e-5)
	plan.SetTangent(v)
	plan.HessVec(hv, scale, false)
	near("Hv norm", tensor.Norm(hv), want.HvNorm, want.HvNorm, 1e-3)
	near("v·Hv", tensor.Dot(v, hv), want.VHV, want.HvNorm, 1e-3)
	worst = 0
	for i, x := range want.HvFirst {
		worst = max(worst, math.Abs(float64(hv[i])-x))
	}
	near("Hv, first entries", worst, 0, want.HvNorm, 1e-3)
	if everything() {
		h := curvature.New(net, set, curvature.Settings{Chunk: set.N})
		if err := h.At(theta); err != nil {
			t.Fatal(err)
		}
		r, err := spectrum.Lanczos(h.Hessian(), &spectrum.Settings{Largest: 1, Tol: 1e-4})
		if err != nil {
			t.Fatal(err)
		}
		near("λ_H¹", r.Values[0], want.Max, want.Max, 2e-3)
	}
}

// norm returns the Euclidean norm of norms.
func norm(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}
