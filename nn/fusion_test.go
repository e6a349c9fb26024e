package nn

import "testing"

// The table for a network with every kind of fusion.
func TestFusions(t *testing.T) {
	net, x := NewNetwork(Shape{C: 3, H: 8, W: 8})
	x = net.Add("conv1", Conv2D{Filters: 8, K: 3, Pad: 1}, x) // 1
	x = net.Add("relu1", ReLU{}, x)                           // 2, fused; conv2 masks
	x = net.Add("conv2", Conv2D{Filters: 8, K: 3, Pad: 1}, x) // 3
	x = net.Add("relu2", ReLU{}, x)                           // 4, fused; the pool masks, tangents too
	x = net.Add("pool", MaxPool{K: 2}, x)                     // 5
	y := net.Add("bn", BatchNorm{}, x)                        // 6, cotangents in the pool's
	y = net.Add("relu3", ReLU{}, y)                           // 7, fused; two readers
	x = net.Add("conv3", Conv2D{Filters: 8, K: 1}, y)         // 8
	x = net.Add("sum", Residual{}, x, y)                      // 9, in place of conv3
	x = net.Add("tanh", Tanh{}, x)                            // 10
	x = net.Add("relu4", ReLU{}, x)                           // 11, a pass of its own
	x = net.Add("flatten", Flatten{}, x)                      // 12
	x = net.Add("fc", Linear{Units: 4}, x)                    // 13
	x = net.Add("relu5", ReLU{}, x)                           // 14, in place, not fused
	net.Add("out", Linear{Units: 2}, x)                       // 15

	alone := func(id, reader int) fusion {
		return fusion{root: [4]int{id, id, id, id}, lastReader: reader}
	}
	want := make([]fusion, 16)
	for id, reader := range []int{1, 2, 3, 4, 5, 6, 7, 9, 9, 10, 11, 12, 13, 14, 15, 0} {
		want[id] = alone(id, reader)
	}
	at := func(root int, ids ...int) {
		for _, id := range ids {
			want[id].root = [4]int{root, root, root, root}
		}
	}
	at(1, 2)
	at(3, 4)
	at(6, 7)
	at(8, 9)
	at(13, 14)
	want[6].root[cotangents], want[7].root[cotangents] = 5, 5
	want[1].relu, want[2].fused, want[3].masksInput, want[1].masksTangents = true, true, true, true
	want[3].relu, want[4].fused, want[5].masksInput = true, true, true
	want[6].relu, want[7].fused, want[6].masksAdjoints, want[6].masksTangents = true, true, true, true
	for id, f := range net.fusions(Settings{Batch: 1}) {
		if f != want[id] {
			t.Errorf("node %d, %s: %+v, want %+v", id, net.nodes[id].name, f, want[id])
		}
	}
	at(6, 6, 7) // batch norm with running statistics reads ȳ again
	for id, f := range net.fusions(Settings{Batch: 1, Inference: true}) {
		if f != want[id] {
			t.Errorf("for inference, node %d, %s: %+v, want %+v", id, net.nodes[id].name, f, want[id])
		}
	}
}
