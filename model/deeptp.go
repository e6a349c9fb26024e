package model

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
)

// The names of the inputs of deeptp: states (T, numbers), the plan (points, 2) from its end to
// its beginning, and cubes of features around each state (T, channels, 20, 20). The network
// has an encoder only with a plan, and convolutions only with cubes.
const (
	StateInput = "state"
	PlanInput  = "plan"
	CubeInput  = "cube"
)

var initDeviation = run.Field{Name: "init_deviation", Default: 0.0, Check: checkVariance,
	Doc: "of the initial weights of deeptp, but those of its LSTMs; 0: as --init says. The paper's 0.01 keeps the weather from having any effect"}

// deepTP predicts the next state of a flight as a mixture of normal distributions (Liu and
// Hansen 2018). With 128 units, plans, cubes of 4 channels and 45 outputs it has 478,509
// parameters.
var deepTP = Model{
	Name: "deeptp", Doc: "next states of flights: plan encoder, convolutions over the weather ahead, LSTM decoder (Liu and Hansen 2018)",
	Fields: []run.Field{units, dropout, initDeviation}, Reads: Tracks,
	New: func(s run.Spec, in nn.Input, outputs int) *nn.Network {
		return joinDeepTP(s, []nn.Input{in}, outputs)
	},
	Join:    joinDeepTP,
	Initial: initialDeepTP,
}

func joinDeepTP(s run.Spec, in []nn.Input, outputs int) *nn.Network {
	b, inputs := newBuilder(s, in)
	var states [][]nn.Node
	if plan, ok := inputs[PlanInput]; ok {
		states = b.encode(plan)
	}
	b.decode(inputs, states, outputs)
	return b.net
}

// DeepTPEncoder returns the part of deeptp that reads the plan. Its outputs are h and c of the
// first layer, then of the second, with which the decoder begins. Its parameters have the
// names that they have in the whole network.
func DeepTPEncoder(s run.Spec, plan nn.Input) *nn.Network {
	b, inputs := newBuilder(s, []nn.Input{plan})
	b.name(b.encode(inputs[plan.Name]))
	return b.net
}

// DeepTPStep returns the part of deeptp that reads one state, and the cube around it if one is
// among the inputs, which are those of the whole network with one step each. Further inputs
// are h and c of both layers before; its outputs are those of the whole network, and h and c
// after. Its parameters have the names that they have in the whole network.
func DeepTPStep(s run.Spec, in []nn.Input, outputs int) *nn.Network {
	b, inputs := newBuilder(s, in)
	states := make([][]nn.Node, 2)
	for k := range states {
		for _, name := range stateNames[k] {
			states[k] = append(states[k], b.net.AddInput(nn.Input{Name: name, Shape: nn.Vec(b.units)}))
		}
	}
	y, after := b.decode(inputs, states, outputs)
	b.net.AddOutput("output", y)
	for k, layer := range after {
		after[k] = b.last("decoder", k, layer[0], layer[1])
	}
	b.name(after)
	return b.net
}

// stateNames are those of h and c, by layer.
var stateNames = [2][2]string{{"h0", "c0"}, {"h1", "c1"}}

// A builder adds the parts of deeptp.
type builder struct {
	net   *nn.Network
	units int
	rate  float64 // of dropout
}

// size returns a part of the units, 1 at least.
func (b builder) size(part int) int { return max(1, b.units/part) }

func newBuilder(s run.Spec, in []nn.Input) (b builder, inputs map[string]nn.Node) {
	b, inputs = builder{new(nn.Network), units.Int(s), dropout.Float(s)}, map[string]nn.Node{}
	for _, i := range in {
		inputs[i.Name] = b.net.AddInput(i)
	}
	return b, inputs
}

// name makes outputs of h and c.
func (b builder) name(states [][]nn.Node) {
	for k, layer := range states {
		for n, x := range layer {
			b.net.AddOutput(stateNames[k][n], x)
		}
	}
}

func (b builder) drop(name string, x nn.Node) nn.Node {
	return b.net.Add(name+".dropout", nn.Dropout{Rate: b.rate}, x)
}

func (b builder) elu(name string, op nn.Op, x nn.Node) nn.Node {
	return b.net.Add(name+".elu", nn.ELU{}, b.net.Add(name, op, x))
}

func (b builder) dense(name string, size int, x nn.Node) nn.Node {
	return b.elu(name, nn.Linear{Units: size}, x)
}

// weather makes a vector of each cube.
func (b builder) weather(x nn.Node) nn.Node {
	x = b.elu("weather.conv1", nn.Conv2D{Filters: b.size(8), K: 6, Stride: 2}, x)
	x = b.elu("weather.conv2", nn.Conv2D{Filters: b.size(8), K: 3}, x)
	x = b.elu("weather.conv3", nn.Conv2D{Filters: b.size(4), K: 3}, x)
	x = b.net.Add("weather.flatten", nn.Flatten{}, x)
	return b.drop("weather", b.dense("weather.fc", b.size(4), x))
}

// encode returns the last h and c of both layers over the plan.
func (b builder) encode(plan nn.Node) (states [][]nn.Node) {
	op := nn.LSTM{Hidden: b.units, Layers: 2, OneBias: true}
	y := b.net.Add("encoder", op, b.dense("encoder.embedding", b.size(4), plan))
	for k := range 2 {
		h, c := op.States(y, k)
		states = append(states, b.last("encoder", k, h, c))
	}
	return states
}

// last returns the last h and c of a layer.
func (b builder) last(coder string, layer int, h, c nn.Node) []nn.Node {
	return []nn.Node{
		b.net.Add(fmt.Sprintf("%s.h%d", coder, layer), nn.Step{At: -1}, h),
		b.net.Add(fmt.Sprintf("%s.c%d", coder, layer), nn.Step{At: -1}, c),
	}
}

// decode adds the decoder, which begins with the states given, if any. It returns the output
// and the last states.
func (b builder) decode(inputs map[string]nn.Node, states [][]nn.Node, outputs int) (y nn.Node, after [][]nn.Node) {
	x := inputs[StateInput]
	if cube, ok := inputs[CubeInput]; ok {
		x = b.net.Add("joined", nn.Concat{}, x, b.weather(cube))
	}
	x = b.drop("embedding", b.dense("embedding", b.size(2), x))
	op := nn.LSTM{Hidden: b.units, OneBias: true}
	for k := range 2 {
		from := []nn.Node{x}
		if states != nil {
			from = append(from, states[k]...)
		}
		name := fmt.Sprintf("decoder%d", k)
		x = b.net.Add(name, op, from...)
		h, c := op.States(x, 0)
		after = append(after, []nn.Node{h, c})
		x = b.drop(name, x)
	}
	return b.net.Add("output", nn.Linear{Units: outputs}, x), after
}

// initialDeepTP draws weights as every network's, or normal with a deviation, and sets the
// biases of forget gates to 1. With a deviation the matrices of LSTMs are Glorot's, other
// biases are drawn, too, and weights of the weather's part are drawn again beyond two
// deviations, as the released program does.
func initialDeepTP(s run.Spec, net *nn.Network, seed uint64) []float32 {
	init, err := nn.InitByName(s.Init)
	deviation := initDeviation.Float(s)
	if deviation > 0 {
		init, err = nn.Glorot, nil
	}
	if err != nil {
		panic("model: " + err.Error()) // the field has choices
	}
	theta := net.InitialParams(init, seed)
	for _, p := range net.Params() {
		dst := theta[p.Offset : p.Offset+p.Size()]
		if kind := p.Name[strings.LastIndex(p.Name, ".")+1:]; slices.Contains([]string{"weight", "bias"}, kind) {
			if deviation > 0 {
				normal(dst, deviation, strings.HasPrefix(p.Name, "weather.") && kind == "weight", rng.New(seed, "init/"+p.Name))
			}
			continue
		}
		if strings.Contains(p.Name, ".bias_") { // gates i, f, g and o
			for i := range len(dst) / 4 {
				dst[len(dst)/4+i] = 1
			}
		}
	}
	return theta
}

// normal draws from a normal distribution of mean 0, again beyond two deviations if it is cut.
func normal(dst []float32, deviation float64, cut bool, s *rng.Stream) {
	for i := range dst {
		x := s.NormFloat64()
		for cut && (x < -2 || x > 2) {
			x = s.NormFloat64()
		}
		dst[i] = float32(deviation * x)
	}
}
