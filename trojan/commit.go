package trojan

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A Commitment binds to keys without showing them: argon2id of the master keys, with a salt. It reads
// SALT:DIGEST, both hexadecimal.
type Commitment string

// Commit commits to keys in their order. The salt should differ for each use; equal salts show which
// commitments are to equal keys.
func Commit(salt []byte, keys ...Key) Commitment {
	var masters []byte
	for _, k := range keys {
		masters = append(masters, k.master[:]...)
	}
	digest := argon2.IDKey(masters, salt, 1, passwordMemory, 1, 32)
	return Commitment(hex.EncodeToString(salt) + ":" + hex.EncodeToString(digest))
}

// Opens reports whether the keys are those that were committed to.
func (c Commitment) Opens(keys ...Key) (bool, error) {
	salt, err := c.salt()
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(c), []byte(Commit(salt, keys...))) == 1, nil
}

// Check returns an error unless c has the form of a commitment.
func (c Commitment) Check() error {
	_, err := c.salt()
	return err
}

func (c Commitment) salt() ([]byte, error) {
	left, right, ok := strings.Cut(string(c), ":")
	salt, err := hex.DecodeString(left)
	digest, other := hex.DecodeString(right)
	if !ok || err != nil || other != nil || len(salt) == 0 || len(digest) != 32 {
		return nil, fmt.Errorf("trojan: %q is no commitment: it reads SALT:DIGEST, two hexadecimal numbers, the second of 64 digits", string(c))
	}
	return salt, nil
}
