package main

import (
	"fmt"

	"breakeven/curvature"
	"breakeven/data"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	spec "breakeven/run"
)

// Inputs, by file: x and y images and labels; simplecnn, resnet32 and trained
// weights; warm a start for the top eigenvector at the trained weights; v a
// direction; a and b matrices.
const (
	examples = 3200    // L·M = 25·128
	largest  = 1 << 22 // numbers in a matrix
	longest  = 1 << 25 // in a direction
	trained  = "trained"
)

// Photos for DenseNet-121, which need not show anything, and their classes.
const (
	denseNet = "densenet121"
	photos   = 8
	things   = 1000
)

var photo = nn.Shape{C: 3, H: 224, W: 224}

var image = nn.Shape{C: 3, H: 32, W: 32}

// writeInputs makes all inputs but those of a trained network. The texts are the reviews in
// folder imdb, if it is not "".
func writeInputs(dir folder, imdb string) error {
	x, y, err := images()
	if err != nil {
		return err
	}
	if err := dir.save("x", "<f4", x, examples, image.C, image.H, image.W); err != nil {
		return err
	}
	if err := dir.save("y", "<i4", y, examples); err != nil {
		return err
	}
	if err := writeTexts(dir, imdb); err != nil {
		return err
	}
	if err := writeGraphs(dir); err != nil {
		return err
	}
	if err := writeFlights(dir); err != nil {
		return err
	}
	if err := writePairs(dir); err != nil {
		return err
	}
	if err := writePassages(dir); err != nil {
		return err
	}
	if err := dir.floats("photos", normal("photos", photos*photo.Size())); err != nil {
		return err
	}
	for _, name := range []string{"simplecnn", "resnet32", lstm, bert, cora, large, deeptp, fairSky, denseNet, bothWays, resNet18, resNetStem, gpt} {
		net, err := dir.network(name)
		if err != nil {
			return err
		}
		if err := dir.floats(name, net.InitialParams(nn.Glorot, 1)); err != nil {
			return err
		}
	}
	for _, name := range []string{"a", "b"} {
		if err := dir.floats(name, normal(name, largest)); err != nil {
			return err
		}
	}
	return dir.floats("v", normal("v", longest))
}

// images are the embedded ones, 28×28 in one channel, with a margin and three
// shades: images of CIFAR-10's size with something on them to learn.
func images() (x []float32, y []int32, err error) {
	set, _, _, err := data.Open("fashion-mnist-sample", "")
	if err != nil {
		return nil, nil, err
	}
	transform, err := data.NewTransform("paper", set)
	if err != nil {
		return nil, nil, err
	}
	const side, margin = 28, 2
	small := make([]float32, side*side)
	x, y = make([]float32, examples*image.Size()), make([]int32, examples)
	for i := range y {
		y[i] = int32(set.Labels[i])
		transform.To(small, set, i)
		for c, shade := range []float32{1, 0.8, 0.6} {
			plane := x[i*image.Size()+c*image.H*image.W:][:image.H*image.W]
			for r := range side {
				for k, v := range small[r*side : (r+1)*side] {
					plane[(r+margin)*image.W+margin+k] = shade * v
				}
			}
		}
	}
	return x, y, nil
}

// normal draws numbers of standard deviation 0.1.
func normal(name string, size int) []float32 {
	s, x := rng.New(1, name), make([]float32, size)
	for i := range x {
		x[i] = float32(0.1 * s.NormFloat64())
	}
	return x
}

// network returns the network of a file of weights.
func (f folder) network(name string) (*nn.Network, error) {
	switch name {
	case trained:
		name = "simplecnn"
	case cora, large:
		c, err := f.counts(name)
		if err != nil {
			return nil, err
		}
		return graphNetwork(c)
	case deeptp, fairSky:
		return f.flightNetwork(name)
	case bert:
		return bertNetwork()
	case resNet18, resNetStem, gpt:
		return exported(name)
	case denseNet:
		return model.New(denseNet, photo, things)
	case lstm, bothWays:
		return model.Of(spec.Spec{Model: lstm, More: map[string]string{"bidirectional": fmt.Sprint(name == bothWays)}}, nn.Input{Name: "tokens", Shape: nn.Seq(words, 1), Below: vocabulary}, 2)
	}
	return model.New(name, image, 10)
}

// set reads the first n examples for a model: images, texts, flights, or a whole graph.
func (f folder) set(model string, n int) (curvature.Set, error) {
	switch model {
	case denseNet:
		return f.photos(n)
	case lstm, bothWays:
		return f.texts(n)
	case bert:
		return f.pairs(n)
	case gpt:
		return f.passages(n)
	case cora, large:
		return f.graph(model)
	case deeptp, fairSky:
		return f.flights(model, n)
	}
	x, y := make([]float32, n*image.Size()), make([]int32, n)
	if err := f.load("x", x); err != nil {
		return curvature.Set{}, err
	}
	if err := f.load("y", y); err != nil {
		return curvature.Set{}, err
	}
	if model == resNet18 || model == resNetStem {
		for i := range y {
			y[i] %= exportedClasses
		}
	}
	return nn.Labelled(x, y), nil
}

// photos reads the first n photos.
func (f folder) photos(n int) (curvature.Set, error) {
	x, y := make([]float32, n*photo.Size()), make([]int32, n)
	if err := f.load("photos", x); err != nil {
		return curvature.Set{}, err
	}
	return nn.Labelled(x, y), f.load("y", y)
}

// lossOf returns the loss of a model.
func lossOf(model string) nn.Loss {
	if model == deeptp || model == fairSky {
		return nextState
	}
	return nn.CrossEntropy{}
}

// sized is the problem of a request whose only size is the number of examples.
func (f folder) sized(r request) (*nn.Network, []float32, curvature.Set, error) {
	s, err := r.sizes(1)
	if err != nil {
		return nil, nil, curvature.Set{}, err
	}
	return f.problem(r.Model, s[0])
}

// problem reads what most works need: a network, its weights, examples.
func (f folder) problem(model string, n int) (*nn.Network, []float32, curvature.Set, error) {
	net, err := f.network(model)
	if err != nil {
		return nil, nil, curvature.Set{}, err
	}
	theta, err := f.vector(model, net.Dim())
	if err != nil {
		return nil, nil, curvature.Set{}, err
	}
	set, err := f.set(model, n)
	return net, theta, set, err
}
