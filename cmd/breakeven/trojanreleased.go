package main

import (
	"breakeven/internal/weights"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
)

// extractReleased writes a network of a file of the paper's code.
func (k *carried) extractReleased(seed uint32, output string) error {
	spec, err := k.flags.apply(run.Default())
	if err != nil {
		return err
	}
	secrets := len(task.Secrets(spec))
	switch {
	case k.weights == "":
		return usagef("--weights: name the file")
	case spec.Model != "resnet50":
		return usagef("--released: of the networks of that code only ResNet-50 is a model here; give --model resnet50")
	case k.network < 0 || k.network > secrets:
		return usagef("--number: %d of the networks 0 to %d; --secrets names the data of those after the first", k.network, secrets)
	}
	tensors, err := trial.ReleasedNetwork(spec, k.weights, seed, k.network)
	if err != nil {
		return err
	}
	return weights.WriteFile(output, tensors, nil)
}
