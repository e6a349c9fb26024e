package rng

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPinned(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		name string
		want string
	}{
		{0, "", "deb1afea8d2746fa d47fd5dabf25dcbe 913 0.3071640820133339 -1.0067618771705178 [4 1 0 2 3]"},
		{1, "order/0", "f27ca8aa7372349a 65d0f6a02c1fc060 292 0.004690897307825903 -1.0855939043756764 [0 2 4 3 1]"},
		{1, "order/1", "5e3dd6be368e606c 99a76fb7059407bd 558 0.03396520995737318 -0.06500724275242509 [4 2 0 1 3]"},
		{math.MaxUint64, "init/conv1/kernel", "ba68246ed6d0fa6c 139ceb22eecfd8b2 968 0.5884455737592789 1.385262538362565 [4 1 2 3 0]"},
	} {
		s := New(c.seed, c.name)
		perm := make([]int, 5)
		got := fmt.Sprintf("%016x %016x %d %v %v ", s.Uint64(), s.Uint64(), s.IntN(1000), s.Float64(), s.NormFloat64())
		s.Perm(perm)
		got += fmt.Sprint(perm)
		if got != c.want {
			t.Errorf("New(%d, %q):\n got %s\nwant %s", c.seed, c.name, got, c.want)
		}
	}
}

// The derivation written out a second time, from the package's doc.
func TestDerivation(t *testing.T) {
	key := []byte("breakeven/rng/1\x00\xef\xcd\xab\x89\x67\x45\x23\x01order/3")
	twin := rand.New(rand.NewChaCha8(sha256.Sum256(key)))
	s := New(0x0123456789abcdef, "order/3")
	for i := range 1000 {
		if a, b := s.Uint64(), twin.Uint64(); a != b {
			t.Fatalf("value %d: %x, twin %x", i, a, b)
		}
		if a, b := s.NormFloat64(), twin.NormFloat64(); a != b {
			t.Fatalf("normal value %d: %v, twin %v", i, a, b)
		}
	}
}

func TestSeedAndNameDecide(t *testing.T) {
	seen := map[uint64]string{}
	for _, seed := range []uint64{0, 1, 2, 256, 1 << 63} {
		for _, name := range []string{"", "a", "b", "ab", "\x00", "a\x00"} {
			id := fmt.Sprintf("%d/%q", seed, name)
			v := New(seed, name).Uint64()
			if v != New(seed, name).Uint64() {
				t.Errorf("%s: two streams differ", id)
			}
			if other, ok := seen[v]; ok {
				t.Errorf("%s and %s begin alike", id, other)
			}
			seen[v] = id
		}
	}
}

func TestReset(t *testing.T) {
	s := New(3, "x")
	for range 7 {
		s.Uint64()
	}
	s.Reset(4, "y")
	if a, b := s.Uint64(), New(4, "y").Uint64(); a != b {
		t.Errorf("after Reset %x, fresh %x", a, b)
	}
}

func TestStateContinues(t *testing.T) {
	for _, before := range []int{0, 1, 2, 31, 32, 33, 1000} {
		s := New(9, "state")
		for range before {
			s.Uint64()
		}
		state, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var r Stream
		if err := r.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		for i := range 200 {
			if a, b := s.NormFloat64(), r.NormFloat64(); a != b {
				t.Fatalf("%d values in, then %d: %v, restored %v", before, i, a, b)
			}
		}
	}
}

func TestBadState(t *testing.T) {
	s := New(9, "state")
	want := New(9, "state").Uint64()
	good, _ := New(1, "other").MarshalBinary()
	for _, state := range [][]byte{nil, {}, []byte("chacha8:"), good[:len(good)-1], []byte("garbage that is no state")} {
		if err := s.UnmarshalBinary(state); err == nil {
			t.Errorf("state %q accepted", state)
		}
	}
	if got := s.Uint64(); got != want {
		t.Errorf("a bad state moved the stream: %x, want %x", got, want)
	}
	var zero Stream
	if _, err := zero.MarshalBinary(); err == nil {
		t.Error("state of the zero stream saved")
	}
}

func TestPermIsAPermutation(t *testing.T) {
	s := New(5, "perm")
	for n := range 50 {
		dst := make([]int, n)
		s.Perm(dst)
		slices.Sort(dst)
		for i, v := range dst {
			if i != v {
				t.Fatalf("Perm of %d misses %d", n, i)
			}
		}
	}
}

// Every one of the 24 orders of four elements, every value of IntN(24), and the
// moments of Float64 and NormFloat64, within five standard errors.
func TestDistributions(t *testing.T) {
	s := New(6, "distributions")
	const n = 240000
	orders, ints := map[[4]int]int{}, [24]int{}
	var u, g, g2 float64
	for range n {
		var p [4]int
		s.Perm(p[:])
		orders[p]++
		ints[s.IntN(24)]++
		u += s.Float64()
		x := s.NormFloat64()
		g += x
		g2 += x * x
	}
	near := func(what string, got, want, sd float64) {
		if math.Abs(got-want) > 5*sd {
			t.Errorf("%s: %v, want %v ± %v", what, got, want, sd)
		}
	}
	if len(orders) != 24 {
		t.Errorf("%d orders of four, want 24", len(orders))
	}
	for p, c := range orders {
		near(fmt.Sprint("order ", p), float64(c), n/24, 98)
	}
	for i, c := range ints {
		near(fmt.Sprint("IntN ", i), float64(c), n/24, 98)
	}
	near("mean of Float64", u/n, 0.5, 0.289/math.Sqrt(n))
	near("mean of NormFloat64", g/n, 0, 1/math.Sqrt(n))
	near("variance of NormFloat64", g2/n, 1, math.Sqrt(2.0/n))
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(s *Stream){
		"IntN(0)":     func(s *Stream) { s.IntN(0) },
		"IntN(-1)":    func(s *Stream) { s.IntN(-1) },
		"Shuffle(-1)": func(s *Stream) { s.Shuffle(-1, func(i, j int) {}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f(New(0, ""))
		}()
	}
}
