package folder

import (
	"cmp"
	"fmt"
	"strconv"

	"breakeven/data"
	"breakeven/rng"
	"breakeven/tensor"
)

// A Loader makes training batches. Batches are numbered through all epochs and may be asked for
// in any order; each is decided by its number and by the arguments of NewLoader. Those that
// follow the last one are decoded in the background. It is for one goroutine.
type Loader struct {
	decoder *Decoder
	images  []Image
	random  bool // crops and flips
	seed    uint64
	size    int

	orders [2]order // of this epoch and of the next one
	ring   [1 + ahead]*work
	err    error
}

// ahead is how many batches are decoded before they are asked for.
const ahead = 2

// An order is that of the images in an epoch, counted from 1; 0: none.
type order struct {
	epoch int
	index []int32
}

// A work is a batch that is being decoded, or that was.
type work struct {
	step int
	done chan struct{}
	x    []float32
	y    []int32
	err  error
}

// NewLoader returns a Loader of batches of size examples. Examples at the end of an epoch that do
// not fill a batch are left out. With random each image is a random part, perhaps mirrored,
// instead of its middle.
func NewLoader(d *Decoder, images []Image, random bool, seed uint64, size int) (*Loader, error) {
	if size < 1 || size > len(images) {
		return nil, fmt.Errorf("data: a batch of %d examples of %d that there are for training; ask for 1 to %d", size, len(images), len(images))
	}
	return &Loader{decoder: d, images: images, random: random, seed: seed, size: size}, nil
}

// Steps returns the number of batches in an epoch.
func (l *Loader) Steps() int { return len(l.images) / l.size }

// Bytes returns the memory that l holds besides the list of images, and the decoder's.
func (l *Loader) Bytes() int64 {
	batch := int64(l.size) * int64(4*l.decoder.Size()+4)
	return (1+ahead)*batch + 4*int64(len(l.orders)*len(l.images)) + l.decoder.Bytes()
}

// Err returns the error of the first image that could not be read, if there was one. Its numbers
// are then those of another image or zero.
func (l *Loader) Err() error { return l.err }

// Batch returns batch number step, counted from 0 through all epochs: the inputs, one example
// after another, and the labels. They are valid until the next call.
func (l *Loader) Batch(step int) (x []float32, y []int32) {
	w := l.begin(step)
	for k := range ahead {
		l.begin(step + 1 + k)
	}
	<-w.done
	l.err = cmp.Or(l.err, w.err)
	return w.x, w.y
}

// begin returns a batch that is being decoded, or begins it.
func (l *Loader) begin(step int) *work {
	w := l.ring[step%len(l.ring)]
	if w != nil && w.step == step {
		return w
	}
	if w == nil {
		w = &work{x: make([]float32, l.size*l.decoder.Size()), y: make([]int32, l.size)}
		l.ring[step%len(l.ring)] = w
	} else {
		<-w.done
	}
	w.step, w.done, w.err = step, make(chan struct{}), nil
	epoch, at := step/l.Steps(), step%l.Steps()*l.size
	index := l.order(epoch)[at : at+l.size]
	go func() {
		defer close(w.done)
		w.err = l.fill(w, epoch, at, index)
	}()
	return w
}

// fill decodes the images of a batch, which begins with the given place of an epoch.
func (l *Loader) fill(w *work, epoch, at int, index []int32) error {
	errs, size := make([]error, len(index)), l.decoder.Size()
	tensor.Parallel(len(index), func(k int) {
		im, dst := l.images[index[k]], w.x[k*size:(k+1)*size]
		w.y[k] = im.Label
		if !l.random {
			errs[k] = l.decoder.Middle(dst, im)
			return
		}
		s := rng.New(l.seed, "crop/"+strconv.Itoa(epoch)+"/"+strconv.Itoa(at+k))
		flip := s.IntN(2) == 1
		errs[k] = l.decoder.read(dst, im, random(s, l.decoder.Side), flip)
	})
	return cmp.Or(errs...)
}

// order returns the order of the images in an epoch.
func (l *Loader) order(epoch int) []int32 {
	o := &l.orders[epoch%len(l.orders)]
	if o.epoch != epoch+1 {
		*o = order{epoch + 1, data.Order(l.seed, epoch, len(l.images))}
	}
	return o.index
}
