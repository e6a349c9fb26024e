package model

import (
	"fmt"
	"math"
	"strings"

	"breakeven/nn"
	"breakeven/ntk"
	"breakeven/run"
)

// The fields of the model wide.
var (
	network = run.Field{Name: "network", Default: "n*(dense; relu); dense", Check: checkNetwork,
		Doc: "layers of wide, with ; between, such as conv 3x3 same; relu; flatten; dense"}
	wideWidth = run.Field{Name: "width", Default: 512, Unit: "units", Check: run.Between(1, 1<<20),
		Doc: "of the layers of wide that name none, except the last"}
	repeats = run.Field{Name: "repeats", Default: 3, Check: run.Between(0, 10000),
		Doc: "what n stands for in --network"}
	law = run.Field{Name: "law", Default: "gaussian", Choices: []string{"gaussian", "orthogonal", "delta-orthogonal"},
		Doc: "of the initial weights of wide: gaussian, orthogonal (each tap by itself) or delta-orthogonal"}
	parameters = run.Field{Name: "parameters", Default: "ntk", Choices: []string{"ntk", "standard"},
		Doc: "of wide: ntk (of variance 1, times constants) or standard"}
	weightVariance = run.Field{Name: "weight_variance", Default: 2.0, Check: checkVariance,
		Doc: "σ_w² of wide: of the weights, times the inputs of a unit"}
	biasVariance = run.Field{Name: "bias_variance", Default: 0.0, Check: checkVariance,
		Doc: "σ_b² of wide; 0: no biases"}
)

// WideName is the name of the model whose kernels at infinite width are known.
const WideName = "wide"

// WidthOf returns the width of the layers of the model wide that name none.
func WidthOf(s run.Spec) int { return wideWidth.Int(s) }

// wide are the networks whose kernels at infinite width are known.
var wide = Model{
	Name: WideName, Doc: "layers that --network names, with a kernel at infinite width; normal or orthogonal weights (Huang et al. 2021)",
	Fields: []run.Field{network, wideWidth, repeats, law, parameters, weightVariance, biasVariance}, Lacks: []string{"init"}, MinSide: 1,
	Fits: func(s run.Spec, in nn.Input, outputs int) error {
		n, err := Wide(s, in.Shape, outputs)
		if err == nil {
			_, err = n.Finite()
		}
		return err
	},
	New: func(s run.Spec, in nn.Input, outputs int) *nn.Network { return finite(s, in.Shape, outputs).Net },
	Initial: func(s run.Spec, net *nn.Network, seed uint64) []float32 {
		return finite(s, net.Input, net.Output().Size()).Initial(seed)
	},
}

// finite returns the network of finite width of a spec that fits.
func finite(s run.Spec, in nn.Shape, outputs int) *ntk.Finite {
	n, err := Wide(s, in, outputs)
	if err == nil {
		var f *ntk.Finite
		if f, err = n.Finite(); err == nil {
			return f
		}
	}
	panic(fmt.Sprintf("model: wide was not checked: %v", err))
}

// Wide returns the architecture that the fields of the model wide describe. A network that
// begins with a dense layer reads an image as a vector.
func Wide(s run.Spec, in nn.Shape, outputs int) (ntk.Network, error) {
	n := ntk.Network{Input: ntk.Shape{C: in.C, H: in.H, W: in.W}}
	if parameters.Word(s) == "standard" {
		n.Parameters = ntk.Standard
	}
	layers, err := parse(network.Word(s), s, outputs)
	if err != nil {
		return n, err
	}
	if n.Layers = layers; in.H*in.W > 1 && ntk.BeginsDense(layers) {
		n.Layers = ntk.Serial{ntk.Flatten{}, layers}
	}
	if last, ok := ntk.Outputs(layers); ok && last != outputs {
		return n, fmt.Errorf("network %q ends with %d outputs, and the data have %d: leave out the last width", network.Word(s), last, outputs)
	}
	return n, nil
}

// parse reads layers in the style of a spec.
func parse(text string, s run.Spec, outputs int) (ntk.Layer, error) {
	style := ntk.Style{
		SigmaW: math.Sqrt(weightVariance.Float(s)), SigmaB: math.Sqrt(biasVariance.Float(s)),
		Width: wideWidth.Int(s), Outputs: outputs, Repeats: repeats.Int(s),
		Law: map[string]ntk.Law{"gaussian": ntk.Gaussian, "orthogonal": ntk.Orthogonal, "delta-orthogonal": ntk.DeltaOrthogonal}[law.Word(s)],
	}
	return ntk.Parse(text, style)
}

func checkNetwork(f run.Field, s run.Spec, _ run.Known) string {
	if _, err := parse(f.Word(s), s, 1); err != nil {
		return strings.TrimPrefix(err.Error(), "ntk: ")
	}
	return ""
}

func checkVariance(f run.Field, s run.Spec, _ run.Known) string {
	if v := f.Float(s); !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Sprintf("must be a variance of 0 or more, not %v", v)
	}
	return ""
}
