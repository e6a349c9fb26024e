package trojan

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"breakeven/nn"
)

// A ReleasedFile is a checkpoint of the paper's released code. Its weights are flat, and no task
// reads them as they are.
type ReleasedFile struct {
	Tensors map[string][]float32
	// Sets are the names of the sets of a batch norm by the SHA-256 of the decimal seed that they
	// belong to. A norm that is not there has its sets in the order of the tasks.
	Sets map[string]map[string]string
}

// Network returns the parameters and the running statistics of a network as the released code reads
// them from the file for task number task, 0 being the first, where its --seed was seed. The network
// has that code's layers, and no more outputs than the file: a task with fewer classes has the first
// of them.
func (f ReleasedFile) Network(net *nn.Network, seed uint32, task int) (theta, state []float32, err error) {
	r := releasedReader{ReleasedFile: f, seed: seed, task: task, batch: net.StateDim() > 0}
	for _, p := range net.Params() {
		r.bottleneck = r.bottleneck || strings.HasSuffix(p.Name, ".conv3.weight")
	}
	theta, state = make([]float32, net.Dim()), make([]float32, net.StateDim())
	for _, p := range net.Params() {
		if err := r.fill(theta[p.Offset:p.Offset+p.Size()], p, net.Output().Size()); err != nil {
			return nil, nil, err
		}
	}
	for _, b := range net.Buffers() {
		if err := r.fill(state[b.Offset:b.Offset+b.Size()], b, net.Output().Size()); err != nil {
			return nil, nil, err
		}
	}
	return theta, state, nil
}

// A releasedReader reads a file for one task.
type releasedReader struct {
	ReleasedFile
	seed       uint32
	task       int
	bottleneck bool // the blocks have three convolutions
	batch      bool // the network has batch norm
}

// fill reads a tensor of a network with so many outputs.
func (r releasedReader) fill(dst []float32, p nn.Param, outputs int) error {
	layer, leaf := p.Name[:strings.LastIndex(p.Name, ".")], p.Name[strings.LastIndex(p.Name, ".")+1:]
	name := p.Name
	if conv, ok := normalised(layer); ok {
		set, err := r.set(layer, conv)
		if err != nil {
			return err
		}
		name = layer + set + "." + leaf
	}
	src, ok := r.Tensors[name]
	if block, short := strings.CutSuffix(layer, "shortcut.0"); short && !ok { // it stands there under two names
		src, ok = r.Tensors[block+map[bool]string{true: "conv4", false: "conv3"}[r.bottleneck]+"."+leaf]
	}
	rows := len(src) * p.Shape[0] / max(1, p.Size()) // outputs in the file, of the last layer
	switch last := layer == "linear"; {
	case !ok:
		return fmt.Errorf("trojan: the file has no tensor %s, which the released code has for such a network: is it another one, or with another norm?", name)
	case len(src)*p.Shape[0]%p.Size() != 0 || !last && len(src) != len(dst):
		return fmt.Errorf("trojan: tensor %s has %d numbers, wanted %d: it is of another network", name, len(src), len(dst))
	case last && rows < outputs:
		return fmt.Errorf("trojan: the file has %d outputs, and task %d needs %d", rows, r.task, outputs)
	}
	if len(p.Shape) == 1 {
		copy(dst, src)
		return nil
	}
	seed, err := ReleasedSeed(r.seed, r.task, layer, r.bottleneck)
	if err != nil {
		return err
	}
	order, err := Released(seed, len(src))
	if err != nil {
		return err
	}
	for i := range dst {
		dst[i] = src[order[i]]
	}
	return nil
}

// normalised returns the convolution before a norm.
func normalised(layer string) (conv string, ok bool) {
	if block, ok := strings.CutSuffix(layer, "shortcut.1"); ok {
		return block + "shortcut.0", true
	}
	at := strings.LastIndex(layer, "bn")
	if at < 0 {
		return "", false
	}
	return layer[:at] + "conv" + layer[at+len("bn"):], true
}

// set returns what stands between the name of a norm and those of its tensors: "" for group norm,
// else the set of the task, such as ".bn_1". Where another seed than 0 was given the first set
// belongs to no task.
func (r releasedReader) set(norm, conv string) (string, error) {
	_, group := r.Tensors[norm+".weight"]
	switch {
	case group && !r.batch:
		return "", nil
	case group || !r.batch:
		return "", fmt.Errorf("trojan: %s is %s norm in the file, and %s norm in the network", norm, kind(group), kind(!r.batch))
	}
	sets, ok := r.Sets[norm]
	if !ok {
		first := 0
		if r.seed != 0 {
			first = 1
		}
		return fmt.Sprintf(".bn_%d", r.task+first), nil
	}
	seed, err := ReleasedSeed(r.seed, r.task, conv, r.bottleneck)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(strconv.FormatUint(uint64(seed), 10)))
	set, ok := sets[string(digest[:])]
	if !ok {
		return "", fmt.Errorf("trojan: %s has no batch norm of task %d with seed %d: there are fewer tasks in the file, or the seed is another", norm, r.task, r.seed)
	}
	return "." + set, nil
}

// kind names a norm.
func kind(group bool) string {
	if group {
		return "group"
	}
	return "batch"
}
