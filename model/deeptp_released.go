package model

import (
	"fmt"
	"strings"

	"breakeven/nn"
)

// ReleasedDeepTP returns the parameters of deeptp, as net has them, from the tensors of the
// authors' program for TensorFlow, under their names with | in place of /. Names that begin
// with "decoder" or "encoder" are of LSTMs, whose matrix [inputs+units, 4·units] reads x and h
// and has the gates i, g, f and o, with 1 added to f.
func ReleasedDeepTP(net *nn.Network, tensor func(name string) (data []float32, ok bool)) ([]float32, error) {
	theta := make([]float32, net.Dim())
	for _, p := range net.Params() {
		name, ok := releasedName(p.Name)
		if !ok {
			return nil, fmt.Errorf("model: the released network has no %s", p.Name)
		}
		src, ok := tensor(name)
		if !ok {
			return nil, fmt.Errorf("model: no tensor is called %q, which %s is", name, p.Name)
		}
		dst := theta[p.Offset : p.Offset+p.Size()]
		if want := releasedSize(net, p); len(src) != want {
			return nil, fmt.Errorf("model: tensor %q has %d numbers, and %s would need %d", name, len(src), p.Name, want)
		}
		fromReleased(dst, src, p)
	}
	return theta, nil
}

// releasedNames are the parts of the released network's names, by ours.
var releasedNames = map[string][2]string{ // weight and bias
	"encoder.embedding": {"h1", "b1"}, "embedding": {"h2", "b2"}, "output": {"h_out", "b_out"},
	"weather.conv1": {"wc1", "bc1"}, "weather.conv2": {"wc2", "bc2"}, "weather.conv3": {"wc3", "bc3"}, "weather.fc": {"wcd", "bcd"},
}

func releasedName(name string) (string, bool) {
	at := strings.LastIndex(name, ".")
	op, kind := name[:at], name[at+1:]
	if pair, ok := releasedNames[op]; ok {
		return pair[map[string]int{"weight": 0, "bias": 1}[kind]], true
	}
	layer := name[len(name)-1:]
	coder := "encoder"
	if strings.HasPrefix(op, "decoder") {
		coder, layer = "decoder", op[len("decoder"):]
	}
	if !strings.HasPrefix(op, coder) {
		return "", false
	}
	what := "kernel"
	if strings.HasPrefix(kind, "bias") {
		what = "bias"
	}
	return coder + "|rnn|multi_rnn_cell|cell_" + layer + "|basic_lstm_cell|" + what, true
}

// releasedSize returns how many numbers the tensor has of which p is a part.
func releasedSize(net *nn.Network, p nn.Param) int {
	n := p.Size()
	if strings.Contains(p.Name, ".weight_") { // the other matrix is in it, too
		other := strings.NewReplacer("_ih_", "_hh_", "_hh_", "_ih_").Replace(p.Name)
		for _, q := range net.Params() {
			if q.Name == other {
				n += q.Size()
			}
		}
	}
	return n
}

func fromReleased(dst, src []float32, p nn.Param) {
	switch {
	case strings.Contains(p.Name, ".weight_"), strings.Contains(p.Name, ".bias_"):
		gatesFromReleased(dst, src, p)
	case len(p.Shape) == 4: // [kh, kw, in, out]
		out, in, area := p.Shape[0], p.Shape[1], p.Shape[2]*p.Shape[3]
		for i := range dst {
			o, c, tap := i/(in*area), i/area%in, i%area
			dst[i] = src[(tap*in+c)*out+o]
		}
	case p.Name == "weather.fc.weight": // its inputs are rows, columns and channels, of which there are as many as units
		out, in := p.Shape[0], p.Shape[1]
		pixels := in / out
		for i := range dst {
			o, c, pixel := i/in, i%in/pixels, i%pixels
			dst[i] = src[(pixel*out+c)*out+o]
		}
	case len(p.Shape) == 2:
		out, in := p.Shape[0], p.Shape[1]
		for i := range dst {
			dst[i] = src[i%in*out+i/in]
		}
	default:
		copy(dst, src)
	}
}

// gatesFromReleased reads a matrix or the bias of an LSTM.
func gatesFromReleased(dst, src []float32, p nn.Param) {
	gates, first := p.Shape[0], 0
	units, columns := gates/4, len(dst)/gates
	if strings.Contains(p.Name, "_hh_") {
		first = len(src)/gates - columns
	}
	for row := range gates {
		from := [4]int{0, 2, 1, 3}[row/units]*units + row%units // i, f, g, o among i, g, f, o
		for c := range columns {
			dst[row*columns+c] = src[(first+c)*gates+from]
		}
	}
	if strings.Contains(p.Name, ".bias_") {
		for i := units; i < 2*units; i++ {
			dst[i]++
		}
	}
}
