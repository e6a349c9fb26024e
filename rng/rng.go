// Package rng gives the program its random numbers.
//
// Its promise: a stream is decided by a seed and a name, and by nothing else. Two streams of
// the same seed and name give the same values, in any process, on any machine, in any order of
// creation; streams whose seeds or names differ are independent for every practical purpose.
// Drawing from one stream never changes another, so a new user of randomness changes no
// existing number.
//
// Its laws:
//
//   - Nothing else in the tree seeds anything: no other package calls a
//     generator's constructor or the global functions of math/rand.
//   - The generator is ChaCha8 (math/rand/v2), keyed by
//     SHA-256("breakeven/rng/1\x00" || seed as 8 bytes, little-endian || name).
//   - A [Field], and each place in it, is decided in the same way. Its key is 8 bytes of
//     SHA-256("breakeven/rng/field/1\x00" || seed || name).
//   - The values are pinned by tests. Changing any of them changes every result that the
//     program has published.
//   - The state can be saved and restored at any point; the restored stream
//     continues with the same bits.
package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
)

// domain separates the keys of this package from any other use of SHA-256 over the same bytes;
// its last digit is the version of the derivation.
const domain = "breakeven/rng/1\x00"

// Stream is a source of random numbers. It is not safe for concurrent use: concurrent tasks
// take a stream each, named after the task. It must not be copied. The zero Stream cannot be
// drawn from: make one by New, or restore one by UnmarshalBinary.
type Stream struct {
	src  rand.ChaCha8
	rand *rand.Rand // over src; keeps no state of its own
}

// New returns the stream that seed and name decide. Names are paths by
// convention: "order/3", "init/conv1/kernel".
func New(seed uint64, name string) *Stream {
	s := &Stream{}
	s.Reset(seed, name)
	return s
}

// Reset makes s the stream New(seed, name) would return.
func (s *Stream) Reset(seed uint64, name string) {
	key := make([]byte, 0, 96)
	key = append(key, domain...)
	key = binary.LittleEndian.AppendUint64(key, seed)
	key = append(key, name...)
	s.src.Seed(sha256.Sum256(key))
	if s.rand == nil {
		s.rand = rand.New(&s.src)
	}
}

// Uint64 returns a value uniform over all 64-bit values.
func (s *Stream) Uint64() uint64 { return s.rand.Uint64() }

// IntN returns a value uniform over [0, n). It panics if n is not positive.
func (s *Stream) IntN(n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("rng: IntN of %d, not positive", n))
	}
	return s.rand.IntN(n)
}

// Float64 returns a value uniform over [0, 1), a multiple of 2⁻⁵³.
func (s *Stream) Float64() float64 { return s.rand.Float64() }

// NormFloat64 returns a value of the standard normal distribution.
func (s *Stream) NormFloat64() float64 { return s.rand.NormFloat64() }

// Perm fills dst with a uniform random permutation of 0..len(dst)-1.
func (s *Stream) Perm(dst []int) {
	for i := range dst {
		dst[i] = i
	}
	s.Shuffle(len(dst), func(i, j int) { dst[i], dst[j] = dst[j], dst[i] })
}

// Shuffle permutes n elements uniformly (Fisher and Yates) by calls of swap.
func (s *Stream) Shuffle(n int, swap func(i, j int)) {
	if n < 0 {
		panic(fmt.Sprintf("rng: Shuffle of %d elements", n))
	}
	s.rand.Shuffle(n, swap)
}

// MarshalBinary returns the state of the stream, for a checkpoint.
func (s *Stream) MarshalBinary() ([]byte, error) {
	if s.rand == nil {
		return nil, errors.New("rng: state of a stream that was never made; take one from New")
	}
	return s.src.MarshalBinary()
}

// UnmarshalBinary makes s continue where the stream with the given state was. If the state is
// invalid, s does not change.
func (s *Stream) UnmarshalBinary(state []byte) error {
	var src rand.ChaCha8
	if err := src.UnmarshalBinary(state); err != nil {
		return fmt.Errorf("rng: state of %d bytes is not that of a stream (%w); the checkpoint is damaged", len(state), err)
	}
	s.src = src
	if s.rand == nil {
		s.rand = rand.New(&s.src)
	}
	return nil
}
