package nn_test

import (
	"fmt"
	"slices"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/tensor"
)

// A groupCase is a convolution in groups.
type groupCase struct {
	conv   nn.Conv2D
	groups int
	in     nn.Shape
}

var groupCases = []groupCase{
	{nn.Conv2D{Filters: 6, K: 3, Pad: 1}, 2, nn.Shape{C: 4, H: 4, W: 3}},
	{nn.Conv2D{Filters: 3, K: 3, Stride: 2, Pad: 1, NoBias: true}, 3, nn.Shape{C: 6, H: 4, W: 5}},
	{nn.Conv2D{Filters: 8, K: 1}, 4, nn.Shape{C: 4, H: 2, W: 3}},
	{nn.Conv2D{Filters: 2, K: 2}, 1, nn.Shape{C: 3, H: 3, W: 3}},
}

// network is tanh(conv(tanh(conv(x)))) and a dense layer, whose second convolution is in groups or, if it is whole, has
// zeros between the groups.
func (c groupCase) network(whole bool) *nn.Network {
	net, x := nn.NewNetwork(c.in)
	x = net.Add("tanh0", nn.Tanh{}, net.Add("conv0", nn.Conv2D{Filters: c.in.C, K: 3, Pad: 1}, x))
	if whole {
		x = net.Add("conv1", c.conv, x)
	} else {
		net.AddParam(nn.Param{Name: "conv1.weight", Shape: []int{c.conv.Filters, c.in.C / c.groups, c.conv.K, c.conv.K}})
		if !c.conv.NoBias {
			net.AddParam(nn.Param{Name: "conv1.bias", Shape: []int{c.conv.Filters}})
		}
		x = net.AddGroups("conv1", c.conv, c.groups, "conv1.weight", "conv1.bias", x)
	}
	net.Add("fc", nn.Linear{Units: 3}, net.Add("flatten", nn.Flatten{}, net.Add("tanh1", nn.Tanh{}, x)))
	return net
}

// places returns where the numbers of the network in groups are among those of the whole one.
func (c groupCase) places(net, whole *nn.Network) []int {
	var at []int
	each, area := c.in.C/c.groups, c.conv.K*c.conv.K
	for k, p := range net.Params() {
		first := whole.Params()[k].Offset
		for i := range p.Size() {
			if p.Name != "conv1.weight" {
				at = append(at, first+i)
				continue
			}
			filter, channel, tap := i/area/each, i/area%each, i%area
			channel += filter / (c.conv.Filters / c.groups) * each
			at = append(at, first+(filter*c.in.C+channel)*area+tap)
		}
	}
	return at
}

// A convolution in groups is one with zeros between the groups: loss, gradient, both products and, of single examples,
// gradients and curvatures are its.
func TestGroupsAreZerosBetween(t *testing.T) {
	const n = 19
	for _, c := range groupCases {
		t.Run(fmt.Sprintf("%+v in %d on %v", c.conv, c.groups, c.in), func(t *testing.T) {
			net, whole := c.network(false), c.network(true)
			at := c.places(net, whole)
			if want := (c.conv.Filters * c.in.C * c.conv.K * c.conv.K) / c.groups; net.Params()[2].Size() != want {
				t.Fatalf("the weight has %d numbers, want %d", net.Params()[2].Size(), want)
			}
			labels := make([]int32, n)
			for i := range labels {
				labels[i] = int32(i % 3)
			}
			batch := nn.Labelled(normal(n*c.in.Size(), "x"), labels)
			theta, v := normal(net.Dim(), "theta"), normal(net.Dim(), "v")
			tensor.Scale(theta, 0.5)
			spread := func(v []float32) []float32 {
				w := make([]float32, whole.Dim())
				for i, k := range at {
					w[k] = v[i]
				}
				return w
			}
			s := nn.Settings{Batch: n, Adjoints: true, Tangents: true}
			plan, twin := net.Compile(s), whole.Compile(s)
			plan.SetParams(theta)
			twin.SetParams(spread(theta))
			near(t, "loss", []float32{float32(plan.Forward(batch).Loss)}, []float32{float32(twin.Forward(batch).Loss)})
			plan.SetTangent(v)
			twin.SetTangent(spread(v))
			compare := func(what string, of func(p *nn.Plan, dst []float32)) {
				t.Helper()
				got, full, want := make([]float32, net.Dim()), make([]float32, whole.Dim()), make([]float32, net.Dim())
				of(plan, got)
				of(twin, full)
				for i, k := range at {
					want[i] = full[k]
				}
				near(t, what, got, want)
			}
			compare("gradient", func(p *nn.Plan, dst []float32) { p.Gradient(dst, 1, false) })
			compare("adjoints", func(p *nn.Plan, dst []float32) { p.Adjoints(dst, 1, false) })
			compare("Hessian product", func(p *nn.Plan, dst []float32) { p.HessVec(dst, 1, false) })
			compare("Gauss-Newton product", func(p *nn.Plan, dst []float32) { p.GaussNewtonVec(dst, 1, false) })
			compare("gradient of an example", func(p *nn.Plan, dst []float32) {
				p.Adjoints(nil, 1, false)
				p.ExampleGradient(dst, n-1)
			})
			along := func(p *nn.Plan) []float32 {
				slopes, curvatures, all := make([]float64, n), make([]float64, n), []float32(nil)
				p.ExampleSlopes(slopes, 1)
				p.ExampleCurvatures(curvatures, 1)
				for _, x := range slices.Concat(slopes, curvatures) {
					all = append(all, float32(x))
				}
				return all
			}
			near(t, "slopes and curvatures", along(plan), along(twin))
		})
	}
}

// Networks with convolutions in groups have the laws of package nn.
func TestGroups(t *testing.T) {
	for _, c := range groupCases {
		t.Run(fmt.Sprintf("%+v in %d on %v", c.conv, c.groups, c.in), func(t *testing.T) { nntest.TestNetwork(t, c.network(false)) })
	}
}
