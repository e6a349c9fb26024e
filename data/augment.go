package data

import (
	"fmt"

	"breakeven/rng"
)

// Augment says how training images vary from epoch to epoch. The zero Augment leaves them as
// they are.
//
// After preprocessing an image is shifted, then perhaps mirrored. Pixels that a shift brings
// in from outside repeat the nearest pixel of the border. This is the predecessor paper's
// convention (Keras's ImageDataGenerator with a range of 0.125 and its default fill, "nearest",
// on preprocessed images), except that shifts are whole pixels, all equally likely, while Keras
// draws a real number.
type Augment struct {
	Flip  bool // mirror left to right, half of the time
	Shift int  // shift by -Shift..Shift pixels down and to the right
}

// StandardAugment returns the break-even paper's augmentation of CIFAR-10:
// mirroring, and shifts of up to 4 pixels.
func StandardAugment() Augment { return Augment{Flip: true, Shift: 4} }

// Augment returns the augmentation of the set: StandardAugment, without mirroring where images
// are Upright.
func (in *Info) Augment() Augment {
	a := StandardAugment()
	a.Flip = !in.Upright
	return a
}

// A move is the augmentation of one image.
type move struct {
	flip     bool
	down, to int8 // pixels down, to the right
}

// moves fills dst with the moves of the examples at positions 0, 1, … of an epoch. Every move
// takes three draws, whatever the settings.
func (a Augment) moves(s *rng.Stream, dst []move) {
	for i := range dst {
		flip := s.IntN(2) == 1
		down, to := s.IntN(2*a.Shift+1)-a.Shift, s.IntN(2*a.Shift+1)-a.Shift
		dst[i] = move{flip && a.Flip, int8(down), int8(to)}
	}
}

// A Mover writes single images, each moved by the next draws of its stream.
type Mover struct {
	transform *Transform
	augment   Augment
	stream    *rng.Stream
	cols      []int
}

// NewMover returns a Mover for the images of a set. The seed decides the moves.
func NewMover(t *Transform, a Augment, s *Set, seed uint64) *Mover {
	a.check(s.Shape)
	return &Mover{t, a, rng.New(seed, "augment/single"), make([]int, s.Shape[2])}
}

// To writes the inputs for example i of s to dst, moved.
func (m *Mover) To(dst []float32, s *Set, i int) {
	var next [1]move
	m.augment.moves(m.stream, next[:])
	m.transform.moved(dst, s, i, next[0], m.cols)
}

func (a Augment) check(shape [3]int) {
	if a.Shift < 0 || a.Shift > 127 || a.Shift >= shape[1] || a.Shift >= shape[2] {
		panic(fmt.Sprintf("data: shift by %d pixels of images of %d×%d", a.Shift, shape[1], shape[2]))
	}
}

// moved writes the inputs for example i of s to dst, moved by m. cols is scratch of the length
// of a row.
func (t *Transform) moved(dst []float32, s *Set, i int, m move, cols []int) {
	t.check(len(dst), s)
	h, w := t.shape[1], t.shape[2]
	for x := range cols[:w] {
		from := x
		if m.flip {
			from = w - 1 - x
		}
		cols[x] = min(max(from-int(m.to), 0), w-1)
	}
	img := s.image(i)
	for c := range t.shape[0] {
		for y := range h {
			row := (c*h + min(max(y-int(m.down), 0), h-1)) * w
			at := (c*h + y) * w
			t.row(dst[at:at+w], img[row:row+w], c, row, cols)
		}
	}
}

// row writes the inputs for the pixels cols of one row of an image. The row belongs to channel
// c and begins at pixel at of the image.
func (t *Transform) row(dst []float32, row []byte, c, at int, cols []int) {
	if t.lut != nil {
		l := &t.lut[c]
		for x := range dst {
			dst[x] = l[row[cols[x]]]
		}
		return
	}
	mean := t.mean[at : at+len(row)]
	for x := range dst {
		j := cols[x]
		dst[x] = float32((float64(row[j]) - mean[j]) / t.std)
	}
}
