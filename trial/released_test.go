package trial

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/nn"
)

// releasedNet is a network with the released code's layers: a stem and one bottleneck, on 4×4 pixels.
func releasedNet(classes int, group bool) *nn.Network {
	net, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	norm := func(name string, channels int, x nn.Node) nn.Node {
		if group {
			return net.Add(name, nn.GroupNorm{Groups: channels / 2}, x)
		}
		return net.Add(name, nn.BatchNorm{}, x)
	}
	conv := func(name string, filters, k int, x nn.Node) nn.Node {
		return net.Add(name, nn.Conv2D{Filters: filters, K: k, Pad: k / 2, NoBias: true}, x)
	}
	x = net.Add("relu", nn.ReLU{}, norm("bn1", 2, conv("conv1", 2, 3, x)))
	y := net.Add("relu1", nn.ReLU{}, norm("layer1.0.bn1", 2, conv("layer1.0.conv1", 2, 1, x)))
	y = net.Add("relu2", nn.ReLU{}, norm("layer1.0.bn2", 2, conv("layer1.0.conv2", 2, 3, y)))
	y = norm("layer1.0.bn3", 8, conv("layer1.0.conv3", 8, 1, y))
	y = net.Add("add", nn.Residual{}, y, norm("layer1.0.shortcut.1", 8, conv("layer1.0.shortcut.0", 8, 1, x)))
	y = net.Add("pool", nn.AvgPool{}, net.Add("relu3", nn.ReLU{}, y))
	net.Add("linear", nn.Linear{Units: classes}, y)
	return net
}

// What PyTorch computes with the weights of a checkpoint in the released code's form, with --seed 7 and
// tasks of 3 and 5 classes: the outputs for two images. Batch norm has a set for the seed 0, too.
func TestReleasedFile(t *testing.T) {
	images := nn.Batch{N: 2, In: []nn.Values{{F: make([]float32, 2*16)}}}
	for i := range images.In[0].F {
		images.In[0].F[i] = float32(math.Sin(float64(i * i)))
	}
	batch := [][]float64{{-1.080576, 0.133157, -2.273925, -1.037352, 0.005392, -2.214221},
		{-0.85651, -0.206675, -2.234339, -0.203609, -0.594923, -0.818226, -0.092918, -2.28864, -0.167596, -0.545147}}
	group := [][]float64{{-0.938137, 0.35069, -2.008916, -0.895588, 0.322986, -1.94655},
		{-1.342189, -0.101015, -3.597162, 0.189506, -1.423563, -1.347744, -0.059193, -3.769224, 0.335402, -1.509583}}
	for name, golden := range map[string][][]float64{"batch.pth": batch, "batch.safetensors": batch, "group.pth": group} {
		f, err := readReleased(filepath.Join("testdata", "released_"+name))
		if err != nil {
			t.Fatal(err)
		}
		for task, want := range golden {
			net := releasedNet([]int{3, 5}[task], strings.HasPrefix(name, "group"))
			theta, state, err := f.Network(net, 7, task)
			if err != nil {
				t.Fatal(name, err)
			}
			plan := net.Compile(nn.Settings{Batch: 2, Inference: true, Evaluate: true})
			copy(plan.State(), state)
			plan.SetParams(theta)
			plan.Forward(images)
			for i, y := range plan.Outputs() {
				if math.Abs(float64(y)-want[i]) > 1e-5 {
					t.Errorf("%s, task %d: output %d is %v, PyTorch's %v", name, task, i, y, want[i])
				}
			}
		}
	}
}

// A file that does not hold what is asked for says so.
func TestOtherReleasedFiles(t *testing.T) {
	f, err := readReleased("testdata/released_batch.pth")
	if err != nil {
		t.Fatal(err)
	}
	other, x := nn.NewNetwork(nn.Shape{C: 1, H: 4, W: 4})
	other.Add("linear", nn.Linear{Units: 3}, other.Add("flatten", nn.Flatten{}, x))
	for name, c := range map[string]struct {
		net  *nn.Network
		seed uint32
		task int
		what string
	}{
		"a third task":    {releasedNet(3, false), 7, 2, "no batch norm of task 2 with seed 7"},
		"another seed":    {releasedNet(3, false), 8, 0, "no batch norm of task 0 with seed 8"},
		"too many":        {releasedNet(6, false), 7, 0, "has 5 outputs, and task 0 needs 6"},
		"group norm":      {releasedNet(3, true), 7, 0, "bn1 is batch norm in the file, and group norm in the network"},
		"another network": {other, 7, 0, "tensor linear.weight has 40 numbers, wanted 48"},
	} {
		_, _, err := f.Network(c.net, c.seed, c.task)
		if err == nil || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for file, want := range map[string]string{
		"testdata/none.pth": "no such file", "testdata/numerics.txt": "not a safetensors file",
		"../internal/pickle/testdata/old.pt": "before version 1.6", "../internal/pickle/testdata/whole.pt": "", "../internal/pickle/testdata/net.pt": "keeps all weights flat",
	} {
		if _, err := readReleased(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
