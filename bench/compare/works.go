package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"breakeven/curvature"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/spectrum"
	"breakeven/tensor"
)

// A work is something that both sides can do. Its run returns numbers to hold
// against the peer's.
type work struct {
	name    string
	prepare func(*inputs) (run func() []float64)
}

var works = []work{
	{"sgemm 256", gemm(256)}, {"sgemm 512", gemm(512)}, {"sgemm 1024", gemm(1024)}, {"sgemm 2048", gemm(2048)},
	{"step simplecnn", step("simplecnn")},
	{"step resnet32", step("resnet32")},
	{"hessian-vector product", hessVec},
	{"covariance K", covariance},
	{"per-example Gram", examples},
	{"top Hessian eigenvalue", topHessian},
}

// inputs are random data shared with the peer.
type inputs struct {
	set   curvature.Set // 3,200 images of 3×32×32
	nets  map[string]*nn.Network
	theta map[string][]float32
	v     []float32 // a direction in simplecnn's parameters
	a, b  []float32 // matrices
}

var image = nn.Shape{C: 3, H: 32, W: 32}

func newInputs() *inputs {
	const n = 3200
	in := &inputs{nets: map[string]*nn.Network{}, theta: map[string][]float32{}}
	normal := func(name string, size int) []float32 {
		s, x := rng.New(1, name), make([]float32, size)
		for i := range x {
			x[i] = float32(s.NormFloat64())
		}
		return x
	}
	in.set = curvature.Set{X: normal("x", n*image.Size()), Y: make([]int32, n)}
	s := rng.New(1, "y")
	for i := range in.set.Y {
		in.set.Y[i] = int32(s.IntN(10))
	}
	for _, name := range []string{"simplecnn", "resnet32"} {
		net, err := model.New(name, image, 10)
		if err != nil {
			panic(err)
		}
		in.nets[name], in.theta[name] = net, net.InitialParams(nn.Glorot, 1)
	}
	in.v = normal("v", in.nets["simplecnn"].Dim())
	in.a, in.b = normal("a", 2048*2048), normal("b", 2048*2048)
	return in
}

// write puts the inputs where the peer reads them.
func (in *inputs) write(dir string) error {
	n := in.set.Len()
	floats := map[string][]float32{"v": in.v, "a": in.a, "b": in.b, "simplecnn": in.theta["simplecnn"], "resnet32": in.theta["resnet32"]}
	for name, data := range floats {
		if err := save(filepath.Join(dir, name+".npy"), "<f4", data, len(data)); err != nil {
			return err
		}
	}
	if err := save(filepath.Join(dir, "y.npy"), "<i4", in.set.Y, n); err != nil {
		return err
	}
	return save(filepath.Join(dir, "x.npy"), "<f4", in.set.X, n, image.C, image.H, image.W)
}

// save writes an array in npy format 1.0.
func save(file, kind string, data any, shape ...int) error {
	dims := ""
	for _, d := range shape {
		dims += fmt.Sprintf("%d, ", d)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, dims)
	header += strings.Repeat(" ", 63-(len(header)+10)%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	b.Write([]byte{byte(len(header)), byte(len(header) >> 8)})
	b.WriteString(header)
	if err := binary.Write(&b, binary.LittleEndian, data); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o666)
}

func gemm(n int) func(*inputs) func() []float64 {
	return func(in *inputs) func() []float64 {
		a, b, c := in.a[:n*n], in.b[:n*n], make([]float32, n*n)
		panels, product := tensor.NewPanels(n, n), tensor.NewProduct(n)
		block := 8 * tensor.RowBlock()
		rows := (n + block - 1) / block
		repeat := max(1, (1024/n)*(1024/n)*(1024/n))
		return func() []float64 {
			for range repeat {
				tensor.Parallel(panels.Count(), func(i, _ int) { panels.SetPanel(i, b, n, 1) })
				tensor.Parallel(rows*panels.Count(), func(task, _ int) {
					lo := task % rows * block
					product.Mul(c[lo*n:], n, a[lo*n:], min(block, n-lo), panels, task/rows, false)
				})
			}
			return []float64{tensor.Norm(c)}
		}
	}
}

func step(name string) func(*inputs) func() []float64 {
	return func(in *inputs) func() []float64 {
		net := in.nets[name]
		plan := net.Compile(nn.Settings{Batch: 128})
		batch, g := in.set.Slice(0, 128), make([]float32, net.Dim())
		start, theta := in.theta[name], make([]float32, net.Dim())
		return func() []float64 {
			copy(theta, start)
			plan.SetParams(theta)
			e := plan.Forward(batch.X, batch.Y)
			plan.Gradient(g, 1./128, false)
			plan.UpdateState(0.1)
			tensor.Axpy(theta, -0.01, g)
			return []float64{e.Loss / 128, tensor.Norm(g)}
		}
	}
}

func hessVec(in *inputs) func() []float64 {
	net := in.nets["simplecnn"]
	plan := net.Compile(nn.Settings{Batch: 128, Tangents: true})
	batch, g, hv := in.set.Slice(0, 128), make([]float32, net.Dim()), make([]float32, net.Dim())
	plan.SetParams(in.theta["simplecnn"])
	plan.Forward(batch.X, batch.Y)
	plan.Gradient(g, 1./128, false)
	return func() []float64 {
		plan.SetTangent(in.v)
		plan.HessVec(hv, 1./128, false)
		return []float64{tensor.Norm(hv)}
	}
}

func covariance(in *inputs) func() []float64 {
	net := in.nets["simplecnn"]
	p := curvature.New(net, in.set.Slice(0, 128), curvature.Settings{})
	p.At(in.theta["simplecnn"])
	parts := curvature.Parts(in.set, 25)
	return func() []float64 {
		k, err := p.Covariance(parts)
		if err != nil {
			panic(err)
		}
		return []float64{k.Max(), k.Trace()}
	}
}

func examples(in *inputs) func() []float64 {
	net, set := in.nets["simplecnn"], in.set.Slice(0, 256)
	plan := net.Compile(nn.Settings{Batch: 256})
	gram, g := make([]float64, 256*256), make([]float32, net.Dim())
	plan.SetParams(in.theta["simplecnn"])
	return func() []float64 {
		plan.Forward(set.X, set.Y)
		plan.Gradient(g, 1, false)
		clear(gram)
		plan.ExampleGram(gram)
		trace, sum := 0.0, 0.0
		for i, v := range gram {
			sum += v
			if i%257 == 0 {
				trace += v
			}
		}
		return []float64{trace, sum}
	}
}

func topHessian(in *inputs) func() []float64 {
	p := curvature.New(in.nets["simplecnn"], in.set.Slice(0, 2250), curvature.Settings{Keep: 3 << 30})
	return func() []float64 {
		p.At(in.theta["simplecnn"])
		r, err := spectrum.Lanczos(p.Hessian(), &spectrum.Settings{Tol: 1e-2})
		if err != nil {
			panic(err)
		}
		return []float64{r.Values[0]}
	}
}
