package hierarchy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Points are the inputs x of the kernels. The n training points stand in every
// slot of K^(r), the test points in the first alone.
type Points struct {
	Train [][]float64
	Test  [][]float64 // may be empty, and may repeat training points
}

// check returns an error if the points do not suit a network of d inputs.
// Training points must differ: two that are the same make K^(2) singular, and
// Assumption 2.2 of the paper fails.
func (p Points) check(d int) error {
	if len(p.Train) == 0 {
		return errors.New("no training points: give at least one")
	}
	for _, part := range []struct {
		name string
		x    [][]float64
	}{{"training", p.Train}, {"test", p.Test}} {
		for i, x := range part.x {
			if len(x) != d {
				return fmt.Errorf("%s point %d has %d coordinates, and the network %d inputs", part.name, i, len(x), d)
			}
			for j, v := range x {
				if !finite(v) {
					return fmt.Errorf("coordinate %d of %s point %d is %v", j, part.name, i, v)
				}
			}
		}
	}
	seen := map[string]int{}
	for i, x := range p.Train {
		var key []byte
		for _, v := range x {
			key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v+0)) // −0 is 0
		}
		if first, ok := seen[string(key)]; ok {
			return fmt.Errorf("training points %d and %d are the same, so that K^(2) is singular (Assumption 2.2 of the paper); drop one", first, i)
		}
		seen[string(key)] = i
	}
	return nil
}

// all returns training and test points in one list.
func (p Points) all() [][]float64 {
	return append(append([][]float64(nil), p.Train...), p.Test...)
}
