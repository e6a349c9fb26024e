package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// A Field is a table of random numbers: those at a place are decided by seed, name, step and
// place, and by nothing else, so that they can be asked for in any order and by several
// goroutines. It is Philox2x64-10 (Salmon, Moraes, Dror & Shaw 2011) with step and place as
// counter. The zero Field is that of no seed and name.
type Field struct{ key uint64 }

// NewField returns the field that seed and name decide.
func NewField(seed uint64, name string) Field {
	key := make([]byte, 0, 96)
	key = append(key, fieldDomain...)
	key = binary.LittleEndian.AppendUint64(key, seed)
	key = append(key, name...)
	sum := sha256.Sum256(key)
	return Field{binary.LittleEndian.Uint64(sum[:])}
}

// fieldDomain separates the keys of fields from those of streams.
const fieldDomain = "breakeven/rng/field/1\x00"

// At returns 128 random bits.
func (f Field) At(step, place uint64) (a, b uint64) { return philox(place, step, f.key) }

// philox encrypts a counter in ten rounds.
func philox(a, b, key uint64) (x, y uint64) {
	const multiplier, weyl = 0xd2b74407b1ce6e93, 0x9e3779b97f4a7c15
	for range 10 {
		hi, lo := bits.Mul64(multiplier, a)
		a, b = hi^key^b, lo
		key += weyl
	}
	return a, b
}
