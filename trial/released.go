package trial

import (
	"fmt"
	"strings"

	"breakeven/internal/foreign"
	"breakeven/internal/pickle"
	"breakeven/internal/regular"
	"breakeven/internal/weights"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trojan"
)

// ReleasedNetwork returns the weights of network number k, 0 being that of the spec's own data, as the
// paper's released code reads them from its file with --seed seed: a file of PyTorch, or its
// tensors as safetensors.
func ReleasedNetwork(s run.Spec, file string, seed uint32, k int) ([]run.Tensor, error) {
	_, nets, err := task.HiddenNetworks(s)
	if err != nil {
		return nil, err
	}
	f, err := readReleased(file)
	if err != nil {
		return nil, err
	}
	theta, state, err := f.Network(nets[k], seed, k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all := append(places(nets[k].Params(), theta), places(nets[k].Buffers(), state)...)
	if err := allFinite(all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

// readReleased reads a file of the released code.
func readReleased(file string) (trojan.ReleasedFile, error) {
	f := trojan.ReleasedFile{Tensors: map[string][]float32{}, Sets: map[string]map[string]string{}}
	size, torch, err := ofTorch(file)
	switch {
	case err != nil:
		return f, err
	case torch:
		return f, fromTorch(&f, file, size)
	}
	all, err := weights.ReadFile(file)
	if err != nil {
		return f, err
	}
	for _, t := range all.Tensors {
		if err := flat(file, t.Name, t.Shape); err != nil {
			return f, err
		}
		f.Tensors[strings.TrimPrefix(t.Name, "net.")] = t.Data
	}
	return f, nil
}

// ofTorch reports whether a file begins as those of PyTorch do, in their form of today or the old one.
func ofTorch(file string) (size int64, torch bool, err error) {
	f, size, err := regular.Open(file)
	if err != nil {
		return 0, false, fmt.Errorf("weights: %w", err)
	}
	defer f.Close()
	head, err := foreign.Head(f)
	return size, strings.HasPrefix(string(head), "PK") || strings.HasPrefix(string(head), "\x80"), err
}

// fromTorch reads a checkpoint: the state dict under net, or one by itself.
func fromTorch(f *trojan.ReleasedFile, file string, size int64) error {
	v, err := pickle.TorchFile(file)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if whole, ok := v.(*pickle.Dict); ok {
		if net, ok := whole.Get("net"); ok {
			v = net
		}
	}
	tensors, err := pickle.Tensors(v)
	if err != nil {
		return fmt.Errorf("weights: %s: %w", file, err)
	}
	numbers := int64(0)
	for _, t := range tensors {
		if err := flat(file, t.Name, t.Shape); err != nil {
			return err
		}
		// Views can be larger than what they are views of.
		if numbers += int64(t.Len()); numbers > size {
			return fmt.Errorf("weights: %s: its tensors have more numbers than the file has bytes", file)
		}
		if f.Tensors[t.Name], err = t.Float32s(); err != nil {
			return fmt.Errorf("weights: %s: tensor %s: %w", file, t.Name, err)
		}
	}
	return setsOf(f, v.(*pickle.Dict))
}

// setsOf reads which seed each set of batch norm belongs to.
func setsOf(f *trojan.ReleasedFile, d *pickle.Dict) error {
	for i, key := range d.Keys {
		name, _ := pickle.Text(key)
		norm, ok := strings.CutSuffix(name, ".hashed_seed")
		sets, isDict := d.Values[i].(*pickle.Dict)
		if !ok || !isDict {
			continue
		}
		f.Sets[norm] = map[string]string{}
		for k, digest := range sets.Keys {
			hash, isBytes := digest.(pickle.Bytes)
			set, isText := pickle.Text(sets.Values[k])
			if !isBytes || !isText {
				return fmt.Errorf("weights: %s holds %s for %s, where names of sets by digests are wanted", name, pickle.Describe(sets.Values[k]), pickle.Describe(digest))
			}
			f.Sets[norm][string(hash)] = set
		}
	}
	return nil
}

// flat returns an error if a tensor has more than one dimension.
func flat(file, name string, shape []int) error {
	if len(shape) > 1 {
		return fmt.Errorf("weights: %s: tensor %s has the shape %v, and the released code keeps all weights flat: the file is of another program", file, name, shape)
	}
	return nil
}
