package nn_test

import (
	"math"
	"strings"
	"testing"

	"breakeven/nn"
)

// Rows past the end of a sequence count if the target says so. After an LSTM their output is the
// bias of the dense layer, to which alone they add a gradient.
func TestPadded(t *testing.T) {
	net, x := nn.NewNetwork(nn.Seq(4, 3))
	net.Add("fc", nn.Linear{Units: 2}, net.Add("lstm", nn.LSTM{Hidden: 3}, x))
	theta := net.InitialParams(nn.Glorot, 1)
	var bias []float32
	first := 0
	for _, p := range net.Params() {
		if strings.HasSuffix(p.Name, "fc.bias") {
			first = p.Offset
			bias = theta[first : first+2]
			copy(bias, []float32{0.5, -2})
		}
	}
	b := nn.Batch{N: 2, In: []nn.Values{{F: numbers(-3, 24), Steps: []int32{4, 1}}}, Target: []nn.Target{{Vector: numbers(1, 16)}}}
	p := net.Compile(nn.Settings{Batch: 2, Loss: nn.MSE{}})
	p.SetParams(theta)
	run := func(b nn.Batch) (loss float64, g []float32) {
		loss, g = p.Forward(b).Loss, make([]float32, net.Dim())
		p.Gradient(g, 1, false)
		return loss, g
	}
	loss, g := run(b)
	if w := net.Weight(b); w != 5 {
		t.Errorf("weight %v", w)
	}
	b.Target[0].Padded = true
	if w := net.Weight(b.Slice(1, 2)); w != 4 {
		t.Errorf("weight %v of a padded sequence", w)
	}
	padded, gPadded := run(b.Reversed())
	want := append([]float32(nil), g...)
	for row := 5; row < 8; row++ { // of the second sequence
		for c, z := range bias {
			off := z - b.Target[0].Vector[2*row+c]
			loss += float64(off*off) / 2
			want[first+c] += off
		}
	}
	if math.Abs(padded-loss) > 1e-5*loss {
		t.Errorf("loss %v, want %v", padded, loss)
	}
	for i, v := range gPadded {
		if math.Abs(float64(v-want[i])) > 1e-4 {
			t.Errorf("gradient %d: %v, want %v", i, v, want[i])
		}
	}
}
