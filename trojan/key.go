package trojan

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// Version is the number of the algorithm that makes permutations of keys.
const Version = 1

// A Key decides the permutations of a secret network. Its formatted form says nothing of it.
type Key struct{ master [32]byte }

// Format writes a placeholder, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }

// The salt of passwords is the same for all: one that differed would have to be stored, and would
// show that a network is hidden. The costs are the second recommended choice of RFC 9106, with one
// lane.
const (
	passwordSalt   = "breakeven/trojan/1"
	passwordTime   = 3
	passwordMemory = 64 << 10 // KiB
)

// errEmpty is the error for a key of no bytes.
var errEmpty = errors.New("trojan: the key is empty: give at least one character, and better a long random one")

// Password returns the key of a password, by argon2id. It takes about a fifth of a second and 64 MiB,
// and so does each guess of somebody who looks for it.
func Password(text string) (Key, error) {
	if text == "" {
		return Key{}, errEmpty
	}
	var k Key
	copy(k.master[:], argon2.IDKey([]byte(text), []byte(passwordSalt), passwordTime, passwordMemory, 1, 32))
	return k, nil
}

// Bytes returns the key of random bytes, by HKDF-SHA256. They should be 32 or more, and nothing that
// can be guessed: they are not stretched as passwords are.
func Bytes(secret []byte) (Key, error) {
	if len(secret) == 0 {
		return Key{}, errEmpty
	}
	k := Key{}
	return k, k.derive(k.master[:], secret, "master")
}

// derive fills dst from a secret, for one use.
func (Key) derive(dst, secret []byte, use string) error {
	b, err := hkdf.Key(sha256.New, secret, nil, fmt.Sprintf("breakeven/trojan/%d/%s", Version, use), len(dst))
	if err != nil {
		return fmt.Errorf("trojan: %w", err)
	}
	copy(dst, b)
	return nil
}
