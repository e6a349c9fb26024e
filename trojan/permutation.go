package trojan

import (
	"encoding/binary"
	"fmt"
	"math"

	"golang.org/x/crypto/chacha20"
)

// Permutation returns the permutation of the n numbers of a weight tensor for secret network
// number task, counted from 1: number i of the secret network's tensor is number π[i] of the
// carrier's.
//
// It is the shuffle of Fisher and Yates, from the last place to the second, over a stream of numbers
// below 2³², the keystream of ChaCha20 (RFC 8439, nonce 0) in little-endian words. A number below m is
// the upper word of x·m; x is drawn again if the lower word is below 2³² mod m (Lemire 2019), so that
// all permutations are equally likely. The stream's key is HKDF-SHA256 of the master key, with
// version, task, name and n as the info.
func (k Key) Permutation(task int, layer string, n int) []int32 {
	if n < 0 || n > math.MaxInt32 {
		panic(fmt.Sprintf("trojan: permutation of %d numbers", n))
	}
	s := k.stream(fmt.Sprintf("permutation/%d/%d/%s", task, n, layer))
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		j := s.below(uint32(i) + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// Inverse returns the permutation that undoes p.
func Inverse(p []int32) []int32 {
	q := make([]int32, len(p))
	for i, j := range p {
		q[j] = int32(i)
	}
	return q
}

// A stream is a keystream of 32-bit words.
type stream struct {
	cipher *chacha20.Cipher
	block  [4096]byte
	at     int // in block
}

func (k Key) stream(use string) *stream {
	var key [chacha20.KeySize]byte
	if err := k.derive(key[:], k.master[:], use); err != nil {
		panic(err) // only of a length that HKDF cannot make
	}
	c, err := chacha20.NewUnauthenticatedCipher(key[:], make([]byte, chacha20.NonceSize))
	if err != nil {
		panic("trojan: " + err.Error()) // only of keys of another length
	}
	s := &stream{cipher: c}
	s.at = len(s.block)
	return s
}

func (s *stream) next() uint32 {
	if s.at == len(s.block) {
		clear(s.block[:])
		s.cipher.XORKeyStream(s.block[:], s.block[:])
		s.at = 0
	}
	x := binary.LittleEndian.Uint32(s.block[s.at:])
	s.at += 4
	return x
}

// below returns a number from 0 to m-1, each equally likely.
func (s *stream) below(m uint32) uint32 {
	product := uint64(s.next()) * uint64(m)
	if uint32(product) < m {
		for least := -m % m; uint32(product) < least; {
			product = uint64(s.next()) * uint64(m)
		}
	}
	return uint32(product >> 32)
}
