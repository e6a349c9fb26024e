package model

import (
	"fmt"

	"breakeven/nn"
	"breakeven/run"
)

// The fields of the networks on graphs.
var (
	width = run.Field{Name: "width", Default: 64, Unit: "features", Check: run.Between(1, 1<<16),
		Doc: "features of a node in the hidden layers of networks on graphs"}
	convolutions = run.Field{Name: "convolutions", Default: 2, Unit: "layers", Check: run.Between(1, 64),
		Doc: "layers of gcn and sage"}
	dropout = run.Field{Name: "dropout", Default: 0.5, Check: checkDropout,
		Doc: "part of the hidden features that networks on graphs, and deeptp, drop while they are trained"}
	heads = run.Field{Name: "heads", Default: 8, Check: run.Between(1, 64),
		Doc: "attentions of gat in the hidden layer, which share its --width"}
	hops = run.Field{Name: "hops", Default: 10, Unit: "steps", Check: run.Between(1, 256),
		Doc: "steps of appnp along the edges"}
	restart = run.Field{Name: "restart", Default: 0.1, Check: checkRestart,
		Doc: "α of appnp: the part that each step keeps of the prediction without edges"}
)

func checkDropout(f run.Field, s run.Spec, _ run.Known) string {
	if p := f.Float(s); p >= 0 && p < 1 {
		return ""
	}
	return fmt.Sprintf("must be at least 0 and below 1, not %v", f.Float(s))
}

func checkRestart(f run.Field, s run.Spec, _ run.Known) string {
	if p := f.Float(s); p > 0 && p < 1 {
		return ""
	}
	return fmt.Sprintf("must be above 0 and below 1, not %v", f.Float(s))
}

// onGraph returns a network for the features of nodes: layers of which all but the last are
// followed by ReLU and dropout. Layer k, from 1, is made by layer for its number of outputs.
func onGraph(in nn.Input, s run.Spec, layers, outputs int, layer func(net *nn.Network, k, units int, x nn.Node) nn.Node) (*nn.Network, nn.Node) {
	net := new(nn.Network)
	x := net.AddInput(in)
	for k := 1; k < layers; k++ {
		x = layer(net, k, width.Int(s), x)
		x = net.Add(fmt.Sprintf("relu%d", k), nn.ReLU{}, x)
		x = net.Add(fmt.Sprintf("dropout%d", k), nn.Dropout{Rate: dropout.Float(s)}, x)
	}
	return net, layer(net, layers, outputs, x)
}

// gcn is the graph convolution network of Kipf and Welling 2017: each layer is Â X W + b.
func gcn(s run.Spec, in nn.Input, outputs int) *nn.Network {
	net, _ := onGraph(in, s, convolutions.Int(s), outputs, func(net *nn.Network, k, units int, x nn.Node) nn.Node {
		name := fmt.Sprintf("conv%d", k)
		x = net.Add(name+".lin", nn.Linear{Units: units, NoBias: true}, x)
		return net.Add(name, nn.Propagate{By: nn.Symmetric, Bias: "bias"}, x)
	})
	return net
}

// sage is GraphSAGE of Hamilton et al. 2017 with the mean over all neighbours: each layer is
// D⁻¹A X W + X V + b.
func sage(s run.Spec, in nn.Input, outputs int) *nn.Network {
	net, _ := onGraph(in, s, convolutions.Int(s), outputs, func(net *nn.Network, k, units int, x nn.Node) nn.Node {
		name := fmt.Sprintf("conv%d", k)
		far := net.Add(name+".lin_l", nn.Linear{Units: units, NoBias: true}, x)
		far = net.Add(name, nn.Propagate{By: nn.Mean, Bias: "lin_l.bias"}, far)
		return net.Add(name+".sum", nn.Residual{}, far, net.Add(name+".lin_r", nn.Linear{Units: units, NoBias: true}, x))
	})
	return net
}

// gat is the graph attention network of Veličković et al. 2018: in the hidden layer several
// heads, one after the other, and ELU; in the last one their mean.
func gat(s run.Spec, in nn.Input, outputs int) *nn.Network {
	net, n := new(nn.Network), heads.Int(s)
	size := max(1, width.Int(s)/n)
	x := net.AddInput(in)
	x = net.Add("conv1.lin", nn.Linear{Units: n * size, NoBias: true}, x)
	x = net.Add("elu1", nn.ELU{}, net.Add("conv1", nn.Attend{Heads: n, Bias: "bias"}, x))
	x = net.Add("dropout1", nn.Dropout{Rate: dropout.Float(s)}, x)
	x = net.Add("conv2.lin", nn.Linear{Units: n * outputs, NoBias: true}, x)
	net.Add("conv2", nn.Attend{Heads: n, Average: true, Bias: "bias"}, x)
	return net
}

// appnp predicts from each node's own features, and then spreads the predictions by
// personalised PageRank (Gasteiger et al. 2019).
func appnp(s run.Spec, in nn.Input, outputs int) *nn.Network {
	net, own := onGraph(in, s, 2, outputs, func(net *nn.Network, k, units int, x nn.Node) nn.Node {
		return net.Add(fmt.Sprintf("lin%d", k), nn.Linear{Units: units}, x)
	})
	x := own
	for k := range hops.Int(s) {
		x = net.Add(fmt.Sprintf("hop%d", k+1), nn.Propagate{By: nn.Symmetric, Restart: restart.Float(s)}, x, own)
	}
	return net
}
