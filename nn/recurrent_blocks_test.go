package nn_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"breakeven/nn"
)

// However many blocks of an LSTM go through the steps together, which the number of workers decides,
// gradient and Hessian-vector product have the same bits.
func TestLSTMBits(t *testing.T) {
	const steps, inputs, classes = 6, 3, 4
	for _, op := range []nn.LSTM{{Hidden: 20, Layers: 2}, {Hidden: 7, Bidirectional: true}} {
		net, x := nn.NewNetwork(nn.Seq(steps, inputs))
		net.Add("fc", nn.Linear{Units: classes}, net.Add("lstm", op, x))
		theta := net.InitialParams(nn.Glorot, 1)
		for _, n := range []int{1, 7, 8, 16, 33} {
			b := nn.Batch{N: n, In: []nn.Values{{F: numbers(0, n*steps*inputs), Steps: make([]int32, n)}}, Target: []nn.Target{{Labels: make([]int32, n*steps)}}}
			for i, v := range b.In[0].F {
				b.In[0].F[i] = float32(math.Sin(float64(v)))
			}
			for i := range n {
				b.In[0].Steps[i] = int32(i * 5 % (steps + 1))
			}
			var want []float32
			for _, workers := range []int{1, 2, 3, 8} {
				t.Run(fmt.Sprintf("%+v/%d/%d", op, n, workers), func(t *testing.T) {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
					p := net.Compile(nn.Settings{Batch: n, Tangents: true})
					p.SetParams(theta)
					p.Forward(b)
					g, hv := make([]float32, net.Dim()), make([]float32, net.Dim())
					p.Gradient(g, 1, false)
					p.Adjoints(nil, 1, false)
					p.SetTangent(theta)
					p.HessVec(hv, 1, false)
					got := slices.Concat(g, hv)
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Error("other bits")
					}
				})
			}
		}
	}
}
