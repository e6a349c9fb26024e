package task

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"breakeven/data"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/trojan"
)

// images are the classification of images.
var images = Family{
	Name:   "images",
	Doc:    "classification of the images of a data set",
	Sets:   data.Sets(),
	Fields: imageFields,
	Reading: func(s run.Spec) int64 {
		in, err := data.Lookup(s.Data)
		if err != nil {
			return 0
		}
		sum := in.Bytes()
		for _, word := range Secrets(s) {
			if p, err := parseWord(word); err == nil {
				sum += p.info.Bytes()
			}
		}
		return sum
	},
	Shape:     imageShape,
	Train:     imageTrain,
	Open:      func(s run.Spec, dir string) (*Task, error) { return openImages(s, dir, nil) },
	OpenKeyed: openImages,
}

var imageFields = []run.Field{mean, std, classes, secrets, secretOrder, keyCommitment}

func imageShape(s run.Spec) (nn.Input, int) {
	p, err := parsePart(s.Data, classes.Word(s))
	if err != nil { // of classes, which openImages refuses
		p.info, _ = data.Lookup(s.Data) // FamilyOf has found it
	}
	return p.shape(), p.classes()
}

// imageTrain returns how many images a spec trains on, if that is known without them.
func imageTrain(s run.Spec) (n int, ok bool) {
	switch {
	case s.Train > 0:
		return s.Train, true
	case classes.Word(s) != "" || len(Secrets(s)) > 0:
		return 0, false
	}
	in, err := data.Lookup(s.Data)
	return in.Train - s.Valid, err == nil && !in.Parts
}

// openImages opens the images of a spec or, if it has secrets, those of all its networks.
func openImages(s run.Spec, dir string, keys []trojan.Key) (*Task, error) {
	if err := s.Check(imageFields); err != nil {
		return nil, err
	}
	if len(Secrets(s)) > 0 {
		return openJoint(s, dir, keys)
	}
	p, err := parsePart(s.Data, classes.Word(s))
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return openPart(s, dir, p)
}

// openPart opens some classes of a data set, with the network of a spec for them.
func openPart(s run.Spec, dir string, p dataPart) (*Task, error) {
	train, test, warnings, err := data.Open(p.info.Name, dir)
	if err != nil {
		return nil, err
	}
	if !p.whole() {
		train, test = train.Classed(p.first, p.last), test.Classed(p.first, p.last)
	}
	split, err := data.NewSplit(train, test, s.Train, s.Valid)
	if err != nil {
		return nil, err
	}
	transform, err := transform(s, split.Train)
	if err != nil {
		return nil, err
	}
	in := p.shape()
	net, err := model.Of(s, in, p.classes())
	if err != nil {
		return nil, err
	}
	loss, err := lossOf(s)
	if err != nil {
		return nil, err
	}
	augment := data.Augment{}
	if s.Augment {
		augment = p.info.Augment()
	}
	digest := ""
	if len(warnings) > 0 || p.info.ByHand != "" { // the files are others than the published ones, or cannot be compared
		digest = digestOf(train, test)
	}
	of := func(set *data.Set) Examples { return pictures{set, transform} }
	t := &Task{
		Net: net, Loss: loss, Metrics: []Metric{accuracy},
		Train: of(split.Train), Valid: of(split.Valid), Test: of(split.Test),
		Each: 4 * int64(in.Shape.Size()+1), Bytes: train.Bytes() + test.Bytes(), Digest: digest, Warnings: warnings,
		Batches: func(seed uint64, size int) (Batches, error) {
			b, err := data.NewBatcher(split.Train, transform, augment, seed, size)
			return &pictureBatches{Batcher: b, size: size, pixels: in.Shape.Size()}, err
		},
	}
	if s.Augment {
		t.Augmented = func(seed uint64) Examples {
			return pictures{split.Train, data.NewMover(transform, augment, split.Train, seed)}
		}
	}
	return t, nil
}

// digestOf returns a SHA-256 of images and labels in their order.
func digestOf(sets ...*data.Set) string {
	h := sha256.New()
	for _, s := range sets {
		h.Write(s.Pixels)
		h.Write(s.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Pictures are images and how they are preprocessed.
type pictures struct {
	set *data.Set
	by  interface {
		To(dst []float32, s *data.Set, i int)
	}
}

func (p pictures) Len() int { return p.set.Len() }

func (p pictures) Read(index []int, stop func() error) (nn.Batch, error) {
	size := p.set.Shape[0] * p.set.Shape[1] * p.set.Shape[2]
	x, y := make([]float32, len(index)*size), make([]int32, len(index))
	for k, i := range index {
		if err := stop(); err != nil {
			return nn.Batch{}, err
		}
		p.by.To(x[k*size:(k+1)*size], p.set, i)
		y[k] = int32(p.set.Labels[i])
	}
	return nn.Labelled(x, y), nil
}

// pictureBatches are the training batches of images.
type pictureBatches struct {
	*data.Batcher
	size, pixels int
	batch        nn.Batch // made for the first of them
}

func (b *pictureBatches) Batch(step int) nn.Batch {
	if b.batch.N == 0 {
		b.batch = nn.Labelled(make([]float32, b.size*b.pixels), make([]int32, b.size))
	}
	b.Batcher.Batch(step, b.batch.In[0].F, b.batch.Target[0].Labels)
	return b.batch
}
