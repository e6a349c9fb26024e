package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A level is an instruction set; of two that one processor has, the higher is the greater.
type level int

const (
	generic level = iota
	neon
	avx2
	avx512
)

// Environment is the variable that chooses a lower instruction set.
const Environment = "BREAKEVEN_ISA"

var (
	names = [...]string{generic: "generic", neon: "neon", avx2: "avx2", avx512: "avx512"}
	tiles = [...]struct{ mr, nr int }{generic: {4, 8}, neon: {12, 8}, avx2: {6, 16}, avx512: {12, 32}}

	// active is the instruction set in use, set once when the program starts
	// (tests change it); choiceErr says why a choice by the environment was
	// not followed.
	active, choiceErr = choose(os.Getenv(Environment), supported())
)

// ISA returns the name of the instruction set in use: "avx512", "avx2", "neon" or
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

// choose returns the level of have, the lowest first, that want names, or the best if want is
// empty or none of them.
func choose(want string, have []level) (level, error) {
	best := have[len(have)-1]
	switch l := level(slices.Index(names[:], want)); {
	case want == "":
		return best, nil
	case l < 0:
		return best, fmt.Errorf("kernel: %s=%q is none of %s", Environment, want, strings.Join(names[:], ", "))
	case !slices.Contains(have, l):
		return best, fmt.Errorf("kernel: %s=%s: this machine or build has at most %s", Environment, want, names[best])
	default:
		return l, nil
	}
}
