package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"breakeven/rng"
)

// movedSlowly is the slow twin of moved: it preprocesses, then shifts, then mirrors
// whole images.
func movedSlowly(t testing.TB, tr *Transform, s *Set, i int, m move) []float32 {
	h, w := s.Shape[1], s.Shape[2]
	src := inputs(t, tr, s, i)
	shifted := make([]float32, len(src))
	mirrored := make([]float32, len(src))
	for c := range s.Shape[0] {
		for y := range h {
			for x := range w {
				fromY, fromX := y-int(m.down), x-int(m.to)
				for fromY < 0 {
					fromY++
				}
				for fromY >= h {
					fromY--
				}
				for fromX < 0 {
					fromX++
				}
				for fromX >= w {
					fromX--
				}
				shifted[(c*h+y)*w+x] = src[(c*h+fromY)*w+fromX]
			}
		}
		for y := range h {
			for x := range w {
				if m.flip {
					mirrored[(c*h+y)*w+x] = shifted[(c*h+y)*w+w-1-x]
				} else {
					mirrored[(c*h+y)*w+x] = shifted[(c*h+y)*w+x]
				}
			}
		}
	}
	return mirrored
}

func TestMovedTwin(t *testing.T) {
	for _, shape := range [][3]int{{3, 7, 6}, {1, 5, 9}} {
		s := randomSet(5, 3, shape)
		for _, kind := range []string{"unit", "channel", "paper"} {
			tr := newTransform(t, kind, s)
			cols, got := make([]int, shape[2]), make([]float32, s.size())
			for down := int8(-4); down <= 4; down++ {
				for to := int8(-4); to <= 4; to++ {
					for _, flip := range []bool{false, true} {
						m := move{flip, down, to}
						tr.moved(got, s, 1, m, cols)
						if want := movedSlowly(t, tr, s, 1, m); !slices.Equal(got, want) {
							t.Fatalf("%s %v %+v:\n got %v\nwant %v", kind, shape, m, got, want)
						}
					}
				}
			}
		}
	}
}

// A Mover moves one image after the other, by draws that the seed decides.
func TestMover(t *testing.T) {
	s := randomSet(5, 3, [3]int{1, 9, 9})
	tr, a := newTransform(t, "unit", s), StandardAugment()
	moves := make([]move, 3)
	a.moves(rng.New(8, "augment/single"), moves)
	m, got := NewMover(tr, a, s, 8), make([]float32, s.size())
	for i, next := range moves {
		if m.To(got, s, i); !slices.Equal(got, movedSlowly(t, tr, s, i, next)) {
			t.Errorf("image %d is not moved by %+v", i, next)
		}
	}
}

// A small image, worked out by hand.
func TestMovedByHand(t *testing.T) {
	s := &Set{Name: "fashion-mnist", Shape: [3]int{1, 2, 3}, Classes: 10, Pixels: []byte{
		0, 51, 102,
		153, 204, 255,
	}, Labels: []uint8{0}}
	tr := newTransform(t, "unit", s)
	for _, c := range []struct {
		m    move
		want string
	}{
		{move{false, 0, 0}, "[0 0.2 0.4 0.6 0.8 1]"},
		{move{true, 0, 0}, "[0.4 0.2 0 1 0.8 0.6]"},
		{move{false, 0, 1}, "[0 0 0.2 0.6 0.6 0.8]"},
		{move{false, 1, 0}, "[0 0.2 0.4 0 0.2 0.4]"},
		{move{true, -1, 2}, "[0.6 0.6 0.6 0.6 0.6 0.6]"},
		{move{true, 0, 1}, "[0.2 0 0 0.8 0.6 0.6]"},
	} {
		got := make([]float32, 6)
		tr.moved(got, s, 0, c.m, make([]int, 3))
		if fmt.Sprint(got) != c.want {
			t.Errorf("%+v: %v, want %s", c.m, got, c.want)
		}
	}
}

// Half of the images are mirrored and all shifts are equally frequent, within five
// standard errors. What is switched off does not happen, and does not change the rest.
func TestMovesDistribution(t *testing.T) {
	const n = 81000
	all := make([]move, n)
	StandardAugment().moves(rng.New(1, "test/moves"), all)
	flips, shifts := 0, map[[2]int8]int{}
	for _, m := range all {
		if m.flip {
			flips++
		}
		shifts[[2]int8{m.down, m.to}]++
	}
	if math.Abs(float64(flips)-n/2) > 5*math.Sqrt(n)/2 {
		t.Errorf("%d of %d mirrored", flips, n)
	}
	if len(shifts) != 81 {
		t.Errorf("%d different shifts, want 81", len(shifts))
	}
	for s, c := range shifts {
		if math.Abs(float64(c)-n/81) > 5*math.Sqrt(n/81.) {
			t.Errorf("shift %v: %d times, want about %d", s, c, n/81)
		}
	}
	flipOnly, shiftOnly := make([]move, n), make([]move, n)
	Augment{Flip: true}.moves(rng.New(1, "test/moves"), flipOnly)
	Augment{Shift: 4}.moves(rng.New(1, "test/moves"), shiftOnly)
	for i, m := range all {
		if flipOnly[i].down != 0 || flipOnly[i].to != 0 || shiftOnly[i] != (move{false, m.down, m.to}) {
			t.Fatalf("position %d: %+v, mirrored only %+v, shifted only %+v", i, m, flipOnly[i], shiftOnly[i])
		}
	}
}

func TestAugmentPanics(t *testing.T) {
	s := randomSet(1, 4, [3]int{1, 4, 9})
	tr := newTransform(t, "unit", s)
	for _, shift := range []int{-1, 4, 1000} {
		mustPanic(t, func() { _, _ = NewBatcher(s, tr, Augment{Shift: shift}, 1, 2) })
	}
}

// Signs and digits mean something else when they are mirrored.
func TestAugmentOfSets(t *testing.T) {
	for name, flip := range map[string]bool{"cifar10": true, "cifar100": true, "fashion-mnist": true, "gtsrb": false, "svhn": false} {
		in, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := in.Augment(); got != (Augment{Flip: flip, Shift: 4}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
