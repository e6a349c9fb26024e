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

// readReleased reads a file of the released code: its tensors and, of a file of PyTorch, which sets of
// batch norm are whose.
func readReleased(file string) (trojan.ReleasedFile, error) {
	f := trojan.ReleasedFile{Tensors: map[string][]float32{}, Sets: map[string]map[string]string{}}
	all, err := weights.ReadFile(file)
	if err != nil {
		return f, err
	}
	for _, t := range all.Tensors {
		if len(t.Shape) > 1 {
			return f, fmt.Errorf("weights: %s: tensor %s has the shape %v, and the released code keeps all weights flat: the file is of another program", file, t.Name, t.Shape)
		}
		f.Tensors[strings.TrimPrefix(t.Name, "net.")] = t.Data
	}
	r, size, err := regular.Open(file)
	if err != nil {
		return f, fmt.Errorf("weights: %w", err)
	}
	defer r.Close()
	if head, err := foreign.Head(r); err != nil || !strings.HasPrefix(string(head), "PK") {
		return f, err // safetensors, which hold tensors only
	}
	v, _, err := pickle.Torch(r, size)
	if err != nil {
		return f, fmt.Errorf("weights: %s: %w", file, err)
	}
	d, ok := v.(*pickle.Dict)
	if ok {
		if net, nested := d.Get("net"); nested {
			d, _ = net.(*pickle.Dict)
		}
	}
	return f, setsOf(&f, d)
}

// setsOf reads which seed each set of batch norm belongs to.
func setsOf(f *trojan.ReleasedFile, d *pickle.Dict) error {
	if d == nil {
		return nil
	}
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
