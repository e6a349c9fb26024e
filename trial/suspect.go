package trial

import (
	"fmt"
	"slices"
	"strings"

	"breakeven/internal/weights"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trojan"
)

// ReadSuspect reads a file that may hold the secret networks of a spec, and may be that of an
// ordinary network. Its last layer is as large as it is in the file, and a secret network without
// a batch norm of its own there gets the carrier's. It is an error if a secret network has more
// outputs than the file: it is not in it then.
func ReadSuspect(s run.Spec, file string) (*Carrier, error) {
	store, nets, err := task.HiddenNetworks(s)
	if err != nil {
		return nil, err
	}
	shapes, err := shapesIn(file, store)
	if err != nil {
		return nil, err
	}
	if outputs := outputsIn(s, store, shapes); outputs > 0 {
		for k, net := range nets[1:] {
			if need := net.Output().Size(); nets[0].Output().Size() <= outputs && outputs < need {
				return nil, fmt.Errorf("weights: %s has %d outputs, and the secret network for %s needs %d: it is not in this file. Name a part of its classes, at most %d",
					file, outputs, task.Secrets(s)[k], need, outputs)
			}
		}
		if outputs > store.Output().Size() {
			if store, err = task.HiddenStore(s, outputs); err != nil {
				return nil, err
			}
		}
	}
	c, err := newCarrier(store, nets)
	if err != nil {
		return nil, err
	}
	return c, c.read(file, c.withoutNorm(shapes))
}

// shapesIn returns the shapes of the tensors in a file that may hold a network.
func shapesIn(file string, net *nn.Network) (map[string][]int, error) {
	return weights.Shapes(file, places(net.Params(), make([]float32, net.Dim())))
}

// withoutNorm returns the secret networks of whose batch norm a file holds nothing, although it holds the
// carrier's.
func (c *Carrier) withoutNorm(shapes map[string][]int) (list []int) {
	for k := 1; k < len(c.nets); k++ {
		own, carriers := false, false
		for _, t := range c.tensors() {
			if name, ok := strings.CutPrefix(t.Name, trojan.Prefix(k)); ok {
				own, carriers = own || shapes[t.Name] != nil, carriers || shapes[name] != nil
			}
		}
		if carriers && !own {
			list = append(list, k)
		}
	}
	return list
}

// outputsIn returns how many outputs the last layer has in a file; 0 if it is not there.
func outputsIn(s run.Spec, store *nn.Network, shapes map[string][]int) int {
	larger, err := task.HiddenStore(s, store.Output().Size()+1)
	if err != nil {
		return 0
	}
	for k, p := range store.Params() {
		if slices.Equal(p.Shape, larger.Params()[k].Shape) {
			continue
		}
		if found := shapes[p.Name]; len(found) == len(p.Shape) && slices.Equal(found[1:], p.Shape[1:]) {
			return found[0]
		}
		return 0
	}
	return 0
}
