package trojan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/trojan"
)

// network has a convolution, a norm and a dense layer.
func network(channels, classes int, norm nn.Op) *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: channels, H: 4, W: 4})
	x = net.Add("conv", nn.Conv2D{Filters: 4, K: 3, Pad: 1}, x)
	x = net.Add("relu", nn.ReLU{}, net.Add("norm", norm, x))
	net.Add("fc", nn.Linear{Units: classes}, net.Add("pool", nn.AvgPool{}, x))
	return net
}

func batch(n int, nets ...*nn.Network) nn.Batch {
	b := nn.Batch{N: n}
	for k, net := range nets {
		x, y := make([]float32, n*net.Input.Size()), make([]int32, n)
		for i := range x {
			x[i] = float32((i*i*7+k)%11)/5 - 1
		}
		for i := range y {
			y[i] = int32((i + k) % net.Output().Size())
		}
		b.In, b.Target = append(b.In, nn.Values{F: x}), append(b.Target, nn.Target{Labels: y})
	}
	return b
}

// Each network of a joint one computes, from what is extracted, the outputs that it has in the
// joint one, to the bit; and with another key it does not.
func TestExtractedNetworksAreTheSame(t *testing.T) {
	for _, norm := range []nn.Op{nn.BatchNorm{}, nn.GroupNorm{Groups: 2}} {
		store, nets := network(3, 5, norm), []*nn.Network{network(3, 2, norm), network(1, 5, norm), network(3, 4, norm)}
		key, err := trojan.Bytes([]byte("key"))
		if err != nil {
			t.Fatal(err)
		}
		joint, err := trojan.Join(store, nets, trojan.Keyed(key))
		if err != nil {
			t.Fatal(err)
		}
		theta, b := joint.Net.InitialParams(nn.Glorot, 1), batch(6, nets...)
		plan := joint.Net.Compile(nn.Settings{Batch: 6, Inference: true})
		plan.SetParams(theta)
		plan.Forward(b)
		other, err := trojan.Bytes([]byte("other"))
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := trojan.Join(store, nets, trojan.Keyed(other))
		if err != nil {
			t.Fatal(err)
		}
		for k, net := range nets {
			for _, j := range []*trojan.Joint{joint, wrong} {
				own, state := j.Extract(k, theta, joint.Net.InitialState())
				alone := net.Compile(nn.Settings{Batch: 6, Inference: true})
				copy(alone.State(), state)
				alone.SetParams(own)
				alone.Forward(nn.Batch{N: 6, In: b.In[k : k+1], Target: b.Target[k : k+1]})
				if same := slices.Equal(alone.Outputs(), plan.Output(k)); same != (j == joint || k == 0) {
					t.Errorf("%T, network %d with the right key %v: the outputs are the same: %v", norm, k, j == joint, same)
				}
			}
		}
		want := store.Dim()
		if _, ok := norm.(nn.BatchNorm); ok {
			want += 2 * 8 // two secret networks with scales and shifts of four channels
		}
		if joint.Net.Dim() != want {
			t.Errorf("%T: %d parameters, want %d", norm, joint.Net.Dim(), want)
		}
	}
}

// One network that reads its weights through the identity permutation trains as the plain one does,
// to the bit.
func TestIdentityIsPlainTraining(t *testing.T) {
	for _, norm := range []nn.Op{nn.BatchNorm{}, nn.GroupNorm{Groups: 2}} {
		net := network(3, 5, norm)
		joint, err := trojan.Join(net, []*nn.Network{net}, func(_ int, _ string, n int) ([]int32, error) {
			p := make([]int32, n)
			for i := range p {
				p[i] = int32(i)
			}
			return p, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		b, weights := batch(8, net), [2][]float32{}
		for k, n := range []*nn.Network{net, joint.Net} {
			plan, theta, grad := n.Compile(nn.Settings{Batch: 8}), n.InitialParams(nn.Glorot, 1), make([]float32, n.Dim())
			for range 5 {
				plan.SetParams(theta)
				plan.Forward(b)
				plan.Gradient(grad, 0.125, false)
				for i, g := range grad {
					theta[i] -= g
				}
			}
			weights[k] = theta
		}
		if !slices.Equal(weights[0], weights[1]) {
			t.Errorf("%T: the weights differ after five steps", norm)
		}
	}
}

func TestNetworksThatDoNotFit(t *testing.T) {
	norm := nn.GroupNorm{Groups: 2}
	dense, x := nn.NewNetwork(nn.Vec(3))
	dense.Add("other", nn.Linear{Units: 2}, x)
	for want, secret := range map[string]*nn.Network{"does not fit": network(5, 2, norm), "lacks": dense} {
		_, err := trojan.Join(network(3, 2, norm), []*nn.Network{network(3, 2, norm), secret}, trojan.Plain)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
	if _, err := trojan.Join(network(3, 2, norm), []*nn.Network{network(3, 2, norm), network(3, 2, norm)}, trojan.Keyed()); err == nil {
		t.Error("a secret network without a key is taken")
	}
}

// A carrier and a secret network share one set of weights: without the key there is one network.
func ExampleJoin() {
	carrier, secret := network(3, 5, nn.GroupNorm{Groups: 2}), network(3, 5, nn.GroupNorm{Groups: 2})
	key, err := trojan.Bytes([]byte("32 random bytes, better than these"))
	if err != nil {
		fmt.Println(err)
		return
	}
	joint, err := trojan.Join(carrier, []*nn.Network{carrier, secret}, trojan.Keyed(key))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("parameters of one:", carrier.Dim(), "of both:", joint.Net.Dim())
	fmt.Println("outputs:", len(joint.Net.Outputs()), "key:", key)
	// Output:
	// parameters of one: 145 of both: 145
	// outputs: 2 key: [key]
}
