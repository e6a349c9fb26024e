package task

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/trojan"
)

// A Joint is what a task with secret networks knows of them.
type Joint struct {
	*trojan.Joint
	// Rekeyed returns the network with which somebody reads the weights who has another key: number
	// r of a sequence of public ones. Its parameters are those of the task's network.
	Rekeyed func(r int) (*nn.Network, error)
}

// openJoint opens images whose network carries others: example i holds an example of each task.
func openJoint(s run.Spec, dir string, keys []trojan.Key) (*Task, error) {
	order, commitment, err := order(s, keys)
	if err != nil {
		return nil, err
	}
	store, nets, err := HiddenNetworks(s)
	if err != nil {
		return nil, err
	}
	tasks, err := OpenHidden(s, dir)
	if err != nil {
		return nil, err
	}
	joint, err := trojan.Join(store, nets, order)
	if err != nil {
		return nil, err
	}
	t := join(tasks)
	t.Net, t.Joint = joint.Net, &Joint{Joint: joint, Rekeyed: func(r int) (*nn.Network, error) {
		k, err := publicKey(s.Seed, fmt.Sprintf("other %d", r))
		if err != nil {
			return nil, err
		}
		other, err := trojan.Join(store, nets, trojan.Keyed(k))
		if err != nil {
			return nil, err
		}
		return other.Net, nil
	}}
	t.Complete = func(s *run.Spec) { keyCommitment.Set(s, string(commitment)) }
	return t, nil
}

// partsOf returns the data of a carrier and of its secret networks.
func partsOf(s run.Spec) ([]dataPart, error) {
	if len(s.Freeze) > 0 {
		return nil, errors.New("freeze: a network that carries secret ones has no frozen parameters; leave it out")
	}
	carrier, err := parsePart(s.Data, classes.Word(s))
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	parts := []dataPart{carrier}
	for _, word := range Secrets(s) {
		p, err := parseWord(word)
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// HiddenNetworks returns the networks of a spec with secrets, the carrier first, without their data;
// and the store, the carrier with as many outputs as the largest of them has, whose tensors are those
// of the file.
func HiddenNetworks(s run.Spec) (store *nn.Network, nets []*nn.Network, err error) {
	parts, err := partsOf(s)
	if err != nil {
		return nil, nil, err
	}
	most := 0
	for _, p := range parts {
		net, err := model.Of(s, p.shape(), p.classes())
		if err != nil {
			return nil, nil, err
		}
		nets, most = append(nets, net), max(most, p.classes())
	}
	store, err = HiddenStore(s, most)
	return store, nets, err
}

// HiddenStore returns the carrier of a spec with so many outputs.
func HiddenStore(s run.Spec, outputs int) (*nn.Network, error) {
	parts, err := partsOf(s)
	if err != nil {
		return nil, err
	}
	return model.Of(s, parts[0].shape(), outputs)
}

// OpenHidden opens the images of a carrier and of its secret networks, each as a task of its own.
func OpenHidden(s run.Spec, dir string) ([]*Task, error) {
	parts, err := partsOf(s)
	if err != nil {
		return nil, err
	}
	var tasks []*Task
	for k, p := range parts {
		t, err := openPart(s, dir, p)
		if err != nil {
			return nil, err
		}
		if batches := t.Batches; k > 0 { // their order is not the carrier's
			t.Batches = func(seed uint64, size int) (Batches, error) {
				return batches(rng.New(seed, fmt.Sprintf("secret/%d", k)).Uint64(), size)
			}
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}

// join returns the task whose examples have one of each task, without its network.
func join(tasks []*Task) *Task {
	j := *tasks[0]
	j.Metrics = []Metric{accuracy}
	var train, valid, test []Examples
	digests, known := sha256.New(), true
	for k, t := range tasks {
		train, valid, test = append(train, t.Train), append(valid, t.Valid), append(test, t.Test)
		digests.Write([]byte(t.Digest + "\n"))
		known = known && t.Digest == ""
		if k > 0 {
			j.Each += t.Each
			j.Bytes += t.Bytes
			j.Warnings = append(j.Warnings, t.Warnings...)
		}
	}
	for k, t := range tasks {
		j.Metrics = append(j.Metrics, Metric{Name: "task_loss", Of: t.Loss.Value, Output: k}, Metric{Name: "task_accuracy", Of: nn.Correct, Output: k})
	}
	if !known {
		j.Digest = hex.EncodeToString(digests.Sum(nil))
	}
	j.Train, j.Valid, j.Test = shortest(train), longest(valid), longest(test)
	j.Batches = func(seed uint64, size int) (Batches, error) {
		b := &jointBatches{}
		for _, t := range tasks {
			own, err := t.Batches(seed, size)
			if err != nil {
				return nil, err
			}
			b.parts = append(b.parts, own)
		}
		return b, nil
	}
	return &j
}

// shortest are examples of several tasks together, as many as the task has that has fewest; of the
// others they are spread over all.
type shortest []Examples

func (e shortest) Len() int {
	n := e[0].Len()
	for _, part := range e {
		n = min(n, part.Len())
	}
	return n
}

func (e shortest) Read(index []int, stop func() error) (nn.Batch, error) {
	all, n := nn.Batch{N: len(index)}, e.Len()
	for _, part := range e {
		own := make([]int, len(index))
		for k, i := range index {
			own[k] = i * part.Len() / n
		}
		b, err := part.Read(own, stop)
		if err != nil {
			return nn.Batch{}, err
		}
		all.In, all.Target = append(all.In, b.In...), append(all.Target, b.Target...)
	}
	return all, nil
}

// longest are examples of several tasks together, as many as the task has that has most. Past the
// end of the others their first one stands, with the weight 0; the weights of a task have the same
// sum for all, so that the mean over all is the mean over its own examples.
type longest []Examples

func (e longest) Len() int {
	n := 0
	for _, part := range e {
		n = max(n, part.Len())
	}
	return n
}

func (e longest) Read(index []int, stop func() error) (nn.Batch, error) {
	all, n := nn.Batch{N: len(index)}, e.Len()
	for _, part := range e {
		own, weight := make([]int, len(index)), make([]float32, len(index))
		for k, i := range index {
			if i < part.Len() {
				own[k], weight[k] = i, float32(float64(n)/float64(part.Len()))
			}
		}
		b, err := part.Read(own, stop)
		if err != nil {
			return nn.Batch{}, err
		}
		if part.Len() < n {
			b.Target[0].Weight = weight
		}
		all.In, all.Target = append(all.In, b.In...), append(all.Target, b.Target...)
	}
	return all, nil
}

// jointBatches are the training batches of several tasks. An epoch is as long as that of the task
// with the fewest batches; the others go on where they were.
type jointBatches struct {
	parts []Batches
	batch nn.Batch // the last one
}

func (b *jointBatches) Steps() int {
	n := b.parts[0].Steps()
	for _, part := range b.parts {
		n = min(n, part.Steps())
	}
	return n
}

func (b *jointBatches) Bytes() (sum int64) {
	for _, part := range b.parts {
		sum += part.Bytes()
	}
	return sum
}

func (b *jointBatches) Batch(step int) nn.Batch {
	in, target := b.batch.In[:0], b.batch.Target[:0]
	for _, part := range b.parts {
		own := part.Batch(step)
		b.batch.N = own.N
		in, target = append(in, own.In...), append(target, own.Target...)
	}
	b.batch.In, b.batch.Target = in, target
	return b.batch
}
