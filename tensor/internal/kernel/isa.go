package kernel

import (
	"fmt"
	"os"
	"strings"
)

// A level is an instruction set, the lowest first.
type level int

const (
	generic level = iota
	avx2
	avx512
)

// Environment is the variable that chooses a lower instruction set.
const Environment = "BREAKEVEN_ISA"

var (
	names = [...]string{generic: "generic", avx2: "avx2", avx512: "avx512"}
	tiles = [...]struct{ mr, nr int }{generic: {4, 8}, avx2: {6, 16}, avx512: {12, 32}}

	// active is the instruction set in use, set once when the program starts
	// (tests change it); choiceErr says why a choice by the environment was
	// not followed.
	active, choiceErr = choose(os.Getenv(Environment), supported())
)

// ISA returns the name of the instruction set in use: "avx512", "avx2" or
// "generic".
func ISA() string { return names[active] }

// MR returns the number of rows of a full tile, which is also the stride of
// Gather's offset table.
func MR() int { return tiles[active].mr }

// NR returns the number of columns of a full tile.
func NR() int { return tiles[active].nr }

// Err returns an error if BREAKEVEN_ISA names an unknown instruction set, or one that
// this machine or build does not have. The best available one is in use then.
func Err() error { return choiceErr }

// choose returns the level that want names, or best if want is empty. It never returns a
// level above best.
func choose(want string, best level) (level, error) {
	if want == "" {
		return best, nil
	}
	for l, name := range names {
		if name != want {
			continue
		}
		if level(l) > best {
			return best, fmt.Errorf("kernel: %s=%s: this machine or build has at most %s", Environment, want, names[best])
		}
		return level(l), nil
	}
	return best, fmt.Errorf("kernel: %s=%q is none of %s", Environment, want, strings.Join(names[:], ", "))
}
