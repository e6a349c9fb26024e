package model_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"breakeven/data/table"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/run"
)

// The sizes of a released flight: states of 99 steps, and a plan of up to 16 points.
var (
	stateInput = nn.Input{Name: model.StateInput, Shape: nn.Seq(99, 6)}
	planInput  = nn.Input{Name: model.PlanInput, Shape: nn.Seq(16, 2)}
	cubeInput  = nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: 99, C: 4, H: 20, W: 20}}
	mixture    = nn.MixtureDensity{Components: 3, Blocks: []int{3, 2}}
)

func deepTP(t *testing.T, s run.Spec, in nn.Input, outputs int, more ...nn.Input) *nn.Network {
	t.Helper()
	s.Model = "deeptp"
	net, err := model.Of(s, in, outputs, more...)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func TestDeepTPSizes(t *testing.T) {
	for _, c := range []struct {
		more []nn.Input
		want int
	}{
		{[]nn.Input{planInput, cubeInput}, 478509},
		{[]nn.Input{planInput}, 478509 - (6*6*4*16 + 16) - (9*16*16 + 16) - (9*16*32 + 32) - (512*32 + 32) - 32*64},
		{nil, (6*64 + 64) + (64+128)*512 + 512 + 256*512 + 512 + 128*45 + 45},
	} {
		if net := deepTP(t, run.Spec{}, stateInput, 45, c.more...); net.Dim() != c.want {
			t.Errorf("%d parameters with %v, want %d", net.Dim(), c.more, c.want)
		}
	}
	if _, err := model.Of(run.Spec{Model: "mlp"}, nn.Input{Shape: nn.Vec(3)}, 2, planInput); err == nil {
		t.Error("mlp reads two inputs")
	}
}

// The contract of package nn holds.
func TestDeepTPContract(t *testing.T) {
	small := run.Spec{More: map[string]string{"units": "3"}}
	state, plan := nn.Input{Name: model.StateInput, Shape: nn.Seq(3, 2)}, nn.Input{Name: model.PlanInput, Shape: nn.Seq(2, 2)}
	cube := nn.Input{Name: model.CubeInput, Shape: nn.Shape{T: 3, C: 2, H: 14, W: 14}}
	for name, more := range map[string][]nn.Input{"whole": {plan, cube}, "plan": {plan}, "cube": {cube}, "alone": nil} {
		t.Run(name, func(t *testing.T) { nntest.TestNetwork(t, deepTP(t, small, state, 4, more...)) })
	}
}

// The initial biases of forget gates are 1. With a deviation all weights but those of LSTMs
// have it.
func TestDeepTPInitial(t *testing.T) {
	m, _ := model.Lookup("deeptp")
	s := run.Default()
	net := deepTP(t, s, stateInput, 45, planInput, cubeInput)
	theta := m.Initial(s, net, 1)
	s.More = map[string]string{"init_deviation": "0.01"}
	small := m.Initial(s, net, 1)
	for _, p := range net.Params() {
		x, y := theta[p.Offset:p.Offset+p.Size()], small[p.Offset:p.Offset+p.Size()]
		switch p.Name {
		case "encoder.bias_ih_l1", "decoder0.bias_ih_l0":
			if want := slices.Concat(make([]float32, 128), slices.Repeat([]float32{1}, 128), make([]float32, 256)); !slices.Equal(x, want) || !slices.Equal(y, want) {
				t.Errorf("%s begins with %v and %v", p.Name, x, y)
			}
		case "decoder0.weight_ih_l0":
			if !slices.Equal(x, y) {
				t.Errorf("%s depends on the deviation", p.Name)
			}
		case "output.bias", "weather.conv1.weight":
			if d := deviation(y); d < 0.007 || d > 0.013 {
				t.Errorf("%s has the deviation %v", p.Name, d)
			}
			if most := float64(max(slices.Max(y), -slices.Min(y))); p.Name == "weather.conv1.weight" && most > 0.02 {
				t.Errorf("%s reaches %v", p.Name, most)
			}
		}
	}
}

func deviation(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}

// A golden is what another program computed of the released network in float64.
type golden struct {
	Plan  [][2]float64 `json:"plan_latlon"`
	Track [][6]float64 `json:"track_lat_lon_fl_cumdt_latspd_lonspd"`
	Norm  struct {
		Dep, Arr  [2]float64
		Mean      [6]float64 `json:"track_mean"`
		Deviation [6]float64 `json:"track_std"`
		PlanMean  [2]float64 `json:"fp_mean"`
		PlanStd   [2]float64 `json:"fp_std"`
	}
	Encoder []struct{ C, H []float64 } `json:"encoder_final"`
	Output  map[string][]float64       `json:"raw_output_45_at_step"`
	NLL     float64                    `json:"teacher_forced_nll_mean_incl_arrival_target"`
}

const released = "../../shared/data/deeptp/"

// flight returns the golden flight as the network reads it, without cubes.
func (g *golden) flight() nn.Batch {
	scaled := func(x, origin, mean, std float64) float32 { return float32((x - origin - mean) / std) }
	b := nn.Batch{N: 1, In: make([]nn.Values, 2), Target: make([]nn.Target, 1)}
	origin, n := append(g.Norm.Dep[:], 0, 0, 0, 0), len(g.Track)
	for t, x := range g.Track {
		next := [6]float64{g.Norm.Arr[0], g.Norm.Arr[1]}
		if t+1 < n {
			next = g.Track[t+1]
		}
		for j := range x {
			b.In[0].F = append(b.In[0].F, scaled(x[j], origin[j], g.Norm.Mean[j], g.Norm.Deviation[j]))
			if j != 3 {
				b.Target[0].Vector = append(b.Target[0].Vector, scaled(next[j], origin[j], g.Norm.Mean[j], g.Norm.Deviation[j]))
			}
		}
	}
	b.In[1] = nn.Values{F: make([]float32, planInput.Shape.Size()), Steps: []int32{int32(len(g.Plan))}}
	for i := range g.Plan {
		for j, x := range g.Plan[len(g.Plan)-1-i] {
			b.In[1].F[2*i+j] = scaled(x, g.Norm.Dep[j], g.Norm.PlanMean[j], g.Norm.PlanStd[j])
		}
	}
	return b
}

// readReleased returns the golden numbers and the released tensors.
func readReleased(t *testing.T) (g golden, tensor func(name string) ([]float32, bool)) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(released, "golden.json"))
	if err != nil {
		t.Skipf("the released network is not here: %v", err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	f, err := table.Open(filepath.Join(released, "deeptp_weights_1799.npz"), nil)
	if err != nil {
		t.Skipf("the released network is not here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return g, func(name string) ([]float32, bool) {
		var x table.Array[float32]
		err := f.Read(table.Field{Names: []string{name}, Into: &x})
		return x.Data, err == nil
	}
}

func nearGolden(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	worst := 0.0
	for i, x := range want {
		worst = max(worst, math.Abs(float64(got[i])-x))
	}
	if !(worst < 1e-4) {
		t.Errorf("%s is off by up to %v", what, worst)
	}
}

// The released network computes here what it computes elsewhere: as a whole, and step by
// step from the states of the encoder.
func TestDeepTPReleased(t *testing.T) {
	g, tensor := readReleased(t)
	b := g.flight()
	b.In = append(b.In, nn.Values{F: make([]float32, cubeInput.Shape.Size())})
	net := deepTP(t, run.Spec{}, stateInput, 45, planInput, cubeInput)
	run1 := func(net *nn.Network, b nn.Batch) *nn.Plan {
		theta, err := model.ReleasedDeepTP(net, tensor)
		if err != nil {
			t.Fatal(err)
		}
		p := net.Compile(nn.Settings{Batch: 1, Loss: mixture, Evaluate: true})
		p.SetParams(theta)
		p.Forward(b)
		return p
	}
	p := run1(net, b)
	for step, want := range map[int]string{0: "0", 1: "1", 19: "19"} {
		nearGolden(t, "output at step "+want, p.Output(0)[45*step:45*(step+1)], g.Output[want])
	}
	if loss := p.Losses()[0] / 99; math.Abs(loss-g.NLL) > 1e-4 {
		t.Errorf("loss %v, want %v", loss, g.NLL)
	}

	encoder := run1(model.DeepTPEncoder(run.Spec{}, planInput), nn.Batch{N: 1, In: b.In[1:2]})
	states := make([]nn.Values, 4)
	for k := range g.Encoder {
		states[2*k].F, states[2*k+1].F = slices.Clone(encoder.Output(2*k)), slices.Clone(encoder.Output(2*k+1))
		nearGolden(t, "h of the encoder", states[2*k].F, g.Encoder[k].H)
		nearGolden(t, "c of the encoder", states[2*k+1].F, g.Encoder[k].C)
	}
	one := []nn.Input{{Name: model.StateInput, Shape: nn.Seq(1, 6)}, {Name: model.CubeInput, Shape: nn.Shape{T: 1, C: 4, H: 20, W: 20}}}
	step := model.DeepTPStep(run.Spec{}, one, 45)
	for k := range 20 {
		in := append([]nn.Values{{F: b.In[0].F[6*k : 6*k+6]}, {F: b.In[2].F[:1600]}}, states...)
		p := run1(step, nn.Batch{N: 1, In: in})
		if want, ok := g.Output[map[int]string{0: "0", 1: "1", 19: "19"}[k]]; ok {
			nearGolden(t, "output of one step", p.Output(0), want)
		}
		for n := range states {
			states[n].F = slices.Clone(p.Output(1 + n))
		}
	}
}

// Tensors that are missing or of another size are named.
func TestDeepTPNotReleased(t *testing.T) {
	net := deepTP(t, run.Spec{}, stateInput, 45, planInput)
	for _, data := range [][]float32{nil, make([]float32, 7)} {
		if _, err := model.ReleasedDeepTP(net, func(string) ([]float32, bool) { return data, data != nil }); err == nil {
			t.Errorf("no error for tensors of %d numbers", len(data))
		}
	}
}
